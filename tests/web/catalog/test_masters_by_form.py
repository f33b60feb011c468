"""Categories and units of measure, kept by form."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from chengdan.modules.catalog.models import Category, UnitOfMeasure
from tests.fixtures.catalog import Shelf
from tests.fixtures.pages import sends
from tests.fixtures.people import People

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(people: People, shelf: Shelf) -> Client:
    client = Client()
    client.cookies["chengdan_language"] = "en"
    client.force_login(people.users["market_department"])
    return client


def test_a_category_is_added_renamed_and_moved_with_what_lies_below(
    keeper: Client, shelf: Shelf
) -> None:
    new = {"code": "S", "name": "调味品", "parent_id": "", "sort": "10"}
    assert sends(keeper, reverse("catalog:category_new"), **new) == 302
    assert sends(keeper, reverse("catalog:category_new"), **new) == 422, "the code is taken"
    spices = Category.objects.get(code="S")
    below = {"name": "饮料与酒", "parent_id": spices.pk, "sort": "20"}
    assert sends(keeper, reverse("catalog:category_edit", args=[shelf.drinks.pk]), **below) == 302
    wines = Category.objects.get(pk=shelf.wines.pk)
    assert wines.path == f"/{spices.pk}/{shelf.drinks.pk}/{wines.pk}/"
    assert "饮料与酒" in keeper.get(reverse("catalog:categories")).content.decode()
    loop = {"name": "调味品", "parent_id": wines.pk, "sort": "10"}
    assert sends(keeper, reverse("catalog:category_edit", args=[spices.pk]), **loop) == 422
    old = {**below, "expected_version": shelf.drinks.version}
    url = reverse("catalog:category_edit", args=[shelf.drinks.pk])
    assert keeper.post(url, old).status_code == 409, "somebody changed it meanwhile"
    assert keeper.get(reverse("catalog:category_edit", args=[10**6])).status_code == 404


def test_a_unit_of_measure_is_added_once(keeper: Client, shelf: Shelf) -> None:
    unit = {"code": "KG", "name": "千克", "decimals": "3"}
    assert sends(keeper, reverse("catalog:unit_new"), **{**unit, "decimals": "7"}) == 422
    assert sends(keeper, reverse("catalog:unit_new"), **unit) == 302
    assert sends(keeper, reverse("catalog:unit_new"), **unit) == 422
    assert UnitOfMeasure.objects.get(code="KG").decimals == Decimal(3)
    assert "千克" in keeper.get(reverse("catalog:units")).content.decode()
