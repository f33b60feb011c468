"""Pages of products and prices: what they show and what they refuse."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.fixtures.catalog import Shelf
from tests.fixtures.customers import Buyers
from tests.fixtures.people import People

pytestmark = pytest.mark.django_db


def _door(people: People, role: str = "market_department") -> Client:
    client = Client()
    client.cookies["chengdan_language"] = "en"
    client.force_login(people.users[role])
    return client


@pytest.fixture
def door(people: People, shelf: Shelf) -> Client:
    """A browser of the market department, which keeps products and prices."""
    return _door(people)


LISTS = ["list", "price_lists", "restrictions", "categories", "units", "authorities", "explain"]
FORMS = [
    "create", "price_list_new", "restriction_new", "category_new", "unit_new", "authority_new",
]  # fmt: skip


@pytest.mark.parametrize("name", [*LISTS, *FORMS])
def test_every_page_opens_for_its_keeper(door: Client, name: str) -> None:
    assert door.get(reverse(f"catalog:{name}")).status_code == 200


@pytest.mark.parametrize("name", FORMS)
def test_forms_are_closed_to_others(people: People, shelf: Shelf, name: str) -> None:
    assert _door(people, "sales_rep").get(reverse(f"catalog:{name}")).status_code == 403


def test_the_product_page_shows_units_prices_and_restrictions(door: Client, shelf: Shelf) -> None:
    page = door.get(reverse("catalog:show", args=[shelf.wine.pk])).content.decode()
    for text in ("葱姜料酒", "瓶", "箱", "标准价", "60.00"):
        assert text in page
    assert door.get(reverse("catalog:show", args=[999999])).status_code == 404


def test_a_product_is_created_and_changed_by_form(door: Client, shelf: Shelf) -> None:
    from chengdan.modules.catalog.models import Product

    units = [{"unit_id": str(shelf.box.pk), "factor": "6", "is_sales_default": True}]
    data: dict[str, Any] = {
        "code": "SC-1", "name": "生抽", "base_unit_id": shelf.bottle.pk, "tax_rate": "9",
        "over_delivery_percent": "2.5", "units": json.dumps(units),
    }  # fmt: skip
    made = door.post(reverse("catalog:create"), data)
    assert made.status_code == 302, made.content.decode()[:3000]
    product = Product.objects.get(code="SC-1")
    assert product.units.get().factor == 6
    edit = reverse("catalog:edit", args=[product.pk])
    assert product.tax_rate == Decimal("0.09")
    form = door.get(edit).content.decode()
    assert re.search(r'name="tax_rate" value="9 %"', form)
    assert "In percent: 13 or 13%." in form
    refused = door.post(edit, data | {"tax_rate": "0.13", "expected_version": "1"})
    assert "This can mean 13 % or 0.13 %" in refused.content.decode()
    changed = door.post(edit, data | {"name": "老抽", "tax_rate": "13%", "expected_version": "1"})
    assert changed.status_code == 302
    assert door.post(edit, data | {"expected_version": "1"}).status_code == 409
    wrong = door.post(reverse("catalog:create"), data)
    assert wrong.status_code == 422
    assert "Another product has the code SC-1." in wrong.content.decode()
    history = door.get(reverse("catalog:show", args=[product.pk])).context["document"].history
    remarks = " ".join(entry.remark for entry in history)
    assert "name: 生抽 → 老抽" in remarks
    assert "over-delivery" in remarks
    assert "9 % → 13 %" in remarks
    shown = door.get(reverse("catalog:show", args=[product.pk])).content.decode()
    assert ">13 %<" in re.sub(r">\s+|\s+<", lambda found: found[0].strip(), shown)
    listed = door.get(reverse("catalog:list"), {"_part": "export", "format": "csv"})
    assert "13 %" in b"".join(listed).decode()
    assert not re.search(r"[a-z]+_[a-z_]+: ", remarks)


def test_prices_are_edited_as_a_spreadsheet(door: Client, shelf: Shelf) -> None:
    from chengdan.modules.catalog.selectors import prices_of_list

    url = reverse("catalog:prices", args=[shelf.prices.pk])
    assert "LJ-0512" in door.get(url).content.decode()
    line = {"product_id": {"id": shelf.wine.pk, "code": "LJ-0512"}, "unit_id": str(shelf.box.pk),
            "price": "62", "floor_price": "55"}  # fmt: skip
    more = line | {"min_quantity": "100", "price": "58"}
    saved = door.post(url, {"prices": json.dumps([line, more]), "expected_version": "2"})
    assert saved.status_code == 302
    assert [row.price for row in prices_of_list(shelf.prices.pk)] == [62, 58]
    wrong = door.post(url, {"prices": json.dumps([line | {"floor_price": "63"}])})
    assert wrong.status_code == 422
    assert "The floor price lies above the price." in wrong.content.decode()


def test_a_price_list_for_a_customer_is_made_by_form(
    door: Client, shelf: Shelf, buyers: Buyers
) -> None:
    from chengdan.modules.catalog.models import PriceList

    buyer = buyers("和兴食品")
    data = {"code": "HX", "name": "和兴专价", "scope": "customer", "priority": "0",
            "valid_from": "2026-01-01", "is_active": "on", "is_tax_inclusive": "on"}  # fmt: skip
    assert door.post(reverse("catalog:price_list_new"), data).status_code == 422
    reach = json.dumps([{"customer": {"id": buyer.pk, "code": buyer.code}}])
    made = door.post(reverse("catalog:price_list_new"), data | {"reach": reach})
    assert made.status_code == 302
    row = PriceList.objects.get(code="HX")
    assert "和兴食品" in door.get(reverse("catalog:price_list", args=[row.pk])).content.decode()
    assert door.get(reverse("catalog:price_list_edit", args=[row.pk])).status_code == 200


def test_a_price_is_explained_step_by_step(people: People, shelf: Shelf, buyers: Buyers) -> None:
    buyer = buyers("和兴食品")
    door = _door(people, "key_account_manager")
    asked = {"customer": buyer.pk, "product": shelf.wine.pk, "quantity": "10",
             "on": "2026-11-16"}  # fmt: skip
    page = door.get(reverse("catalog:explain"), asked)
    assert page.status_code == 200
    text = page.content.decode()
    assert "This price counts." in text
    assert "60.00" in text
    hidden = _door(people, "sales_rep").get(reverse("catalog:explain"), asked)
    assert hidden.status_code == 422
    assert "60.00" not in hidden.content.decode()


def test_a_product_is_discontinued_with_a_reason_and_resumed(door: Client, shelf: Shelf) -> None:
    url = reverse("catalog:discontinue", args=[shelf.wine.pk])
    assert door.get(url).status_code == 200
    assert door.post(url, {"reason": "停产", "expected_version": "1"}).status_code == 302
    answer = json.loads(door.get(reverse("catalog:pick"), {"q": "LJ"}).content)
    assert answer["rows"] == []
    door.post(reverse("catalog:resume", args=[shelf.wine.pk]))
    answer = json.loads(door.get(reverse("catalog:pick"), {"q": "cjlj"}).content)
    assert [row["code"] for row in answer["rows"]] == ["LJ-0512"]


def test_restriction_and_authority_by_form(people: People, door: Client, shelf: Shelf) -> None:
    from chengdan.modules.catalog.models import FloatAuthority, SaleRestriction

    ban = {"kind": "forbidden", "product_id": shelf.wine.pk, "valid_from": "2026-01-01",
           "territory_id": people.territories["E"].pk, "reason": "专供"}  # fmt: skip
    assert door.post(reverse("catalog:restriction_new"), ban).status_code == 302
    row = SaleRestriction.objects.get()
    end = reverse("catalog:restriction_end", args=[row.pk])
    assert door.get(end).status_code == 200
    assert door.post(end, {"last_day": "2026-12-31"}).status_code == 302
    grant = {"role_code": "sales_rep", "below_list_percent": "5", "below_floor_percent": "0"}
    assert door.post(reverse("catalog:authority_new"), grant).status_code == 302
    made = FloatAuthority.objects.get()
    assert made.below_list_percent == 5
    again = door.post(reverse("catalog:authority_new"), grant | {"below_list_percent": "0"})
    assert again.status_code == 422, "an authority is not overwritten by a form for new ones"
    edit = reverse("catalog:authority_edit", args=[made.pk])
    page = door.get(edit).content.decode()
    assert 'value="5"' in page
    change = {"below_list_percent": "7", "below_floor_percent": "0", "expected_version": "1"}
    assert door.post(edit, change).status_code == 302
    assert door.post(edit, change).status_code == 409
    made.refresh_from_db()
    assert (made.role_code, made.below_list_percent) == ("sales_rep", 7)
    remove = reverse("catalog:authority_remove", args=[made.pk])
    assert door.post(remove).status_code == 302
    assert not FloatAuthority.objects.exists()
