"""Who answers for a customer and a city, and who may look at what: by level, and by need."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.transactions import unguarded
from chengdan.modules.billing.selectors import collection
from chengdan.modules.billing.services import Part, receipt_allocate
from chengdan.modules.credit.models import Account
from chengdan.modules.credit.services import LimitRow, credit_limits_load
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.services import (
    CustomerDraft,
    customer_activate,
    customer_update,
    customers_place,
)
from chengdan.modules.customers.vocabulary import ActivationError
from chengdan.modules.people.models import OrgUnit, Position, Territory
from chengdan.modules.people.selectors import holders_of
from chengdan.modules.people.services import (
    assignment_start,
    grant_end,
    grant_give,
    user_create,
)
from tests.fixtures.billing import BillingHouse
from tests.fixtures.house import DAY, House
from tests.fixtures.play import Play


def missing(house: House, customer: int) -> set[str]:
    """Try to activate; return the codes of what is still missing."""
    try:
        customer_activate(actor=house.system, customer_id=customer)
    except ActivationError as error:
        return {item.code for item in error.missing}
    return set()


@pytest.mark.requirement("ORG-17")
def test_a_customer_without_its_four_only_ones_is_not_activated(house: House) -> None:
    system = house.system
    draft = CustomerDraft(
        name="和兴食品有限公司", code="H1", owner_id=house.people["key_account_manager"]
    )
    pk = customers_place(actor=system, drafts=[draft])[0].pk
    assert missing(house, pk) == {"payment_term", "territory", "slt_member", "credit_limit"}
    customer_update(actor=system, customer_id=pk, values={"payment_term_days": 30})
    assert missing(house, pk) == {"territory", "slt_member", "credit_limit"}
    customer_update(actor=system, customer_id=pk, values={"territory_id": house.territory_id})
    assert missing(house, pk) == {"slt_member", "credit_limit"}
    member = house.people["deputy_sales_director"]
    customer_update(actor=system, customer_id=pk, values={"slt_member_id": member})
    assert missing(house, pk) == {"credit_limit"}
    credit_limits_load(actor=system, rows=[LimitRow(pk, Decimal(5000))], reason="opening")
    owner = get_user_model().objects.filter(pk=house.people["key_account_manager"])
    with unguarded():
        owner.update(is_active=False)
    assert missing(house, pk) == {"responsible"}
    with unguarded():
        owner.update(is_active=True)
    assert missing(house, pk) == set()
    found = Customer.objects.get(pk=pk)
    assert (found.status, found.payment_term_days, found.owner_id, found.slt_member_id) == (
        "active", 30, house.people["key_account_manager"], member,
    )  # fmt: skip
    # One row holds the limit: the database knows no second account of a customer.
    with pytest.raises(IntegrityError), transaction.atomic(), unguarded():
        Account(customer=found, company=house.company, currency="CNY").save(force_insert=True)


@pytest.mark.requirement("ORG-62")
def test_a_key_account_manager_answers_for_the_city_and_is_measured_by_it(
    billing: BillingHouse,
) -> None:
    house = billing.house
    levels = []
    place = Territory.objects.get(pk=house.territory_id)
    while place is not None:
        levels.append(place.level)
        place = place.parent
    assert levels == ["city", "region", "market", "country"]
    manager, other = house.people["key_account_manager"], house.people["sales_rep"]
    company = house.company.pk
    held = holders_of("key_account_manager", company, territory_id=house.territory_id)
    assert held == [manager]
    second = BillingHouse(house, house.customer("外区", owner_id=other))
    own, foreign = billing.posted(billing.order(10)), second.posted(second.order(30))
    receipt = billing.money(100)
    receipt_allocate(
        actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
        parts=[Part(own.pk, Decimal(100))],
    )  # fmt: skip
    assert own.due_on is not None
    found = collection(billing.actor("general_manager"), own.due_on, own.due_on)
    measured = {row.owner_id: (row.rate.due, row.rate.percent) for row in found.rows}
    assert measured == {manager: (Decimal(100), 100), other: (Decimal(300), 0)}
    assert foreign.owner_id == other


def doors(play: Play, who: str, number: str) -> list[bool]:
    """Look for the order on its list, in the export, in search, on its page, over the API."""
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.get(pk=play.house.people[who]))
    cache.clear()

    def holds(url: str, **query: Any) -> bool:
        answer = client.get(url, query)
        body = b"".join(answer) if answer.streaming else answer.content
        return answer.status_code == 200 and number in body.decode(errors="replace")

    return [
        holds(reverse("orders:list")),
        holds(reverse("search"), q=number[:-1]),
        holds(reverse("orders:show", args=[play.order_id])),
        holds("/api/v1/orders/orders"),
        holds(f"/api/v1/orders/orders/{play.order_id}"),
    ]


@pytest.mark.requirement("ADM-04")
def test_queries_open_by_level_and_by_need(play: Play) -> None:
    house = play.house
    north = Position.objects.get(
        company=house.company, role__code="market_manager", unit__code="FSF-N"
    )
    stranger = user_create(
        actor=house.system, company_id=house.company.pk, username="north", display_name="北区",
        unit_id=north.unit_id,
    )  # fmt: skip
    house.people["north"] = stranger.pk
    assignment_start(actor=house.system, position_id=north.pk, user_id=stranger.pk, starts_on=DAY)
    number = play.enters("order_clerk", "和兴", 10).submits().order.number
    levels = ("key_account_manager", "region_manager", "market_manager", "deputy_sales_director",
              "sales_director", "general_manager")  # fmt: skip
    for who in levels:
        assert (who, doors(play, who, number)) == (who, [True] * 5)
    for who in ("north", "sales_rep", "quality_inspector"):
        assert (who, doors(play, who, number)) == (who, [False] * 5)
    # By need: with a reason, for the unit, for a week; taken back, or run out, it is closed.
    unit = OrgUnit.objects.get(pk=play.order.unit_id)
    grant = grant_give(
        actor=house.actor("administrator"), company_id=house.company.pk, user_id=stranger.pk,
        permission="orders.order:view", scope="unit_below", unit_id=unit.pk,
        starts_on=clock.today(), ends_on=clock.today() + timedelta(days=6), reason="联合促销核对",
    )  # fmt: skip
    assert all(doors(play, "north", number))
    with clock.at(clock.now() + timedelta(days=7)):
        assert not any(doors(play, "north", number))
    grant_end(actor=house.actor("administrator"), grant_id=grant.pk, reason="核对完成")
    assert not any(doors(play, "north", number))
