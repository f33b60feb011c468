"""Every list answers each of its views, filters, sorts and parts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.ui.listing import ListPage
from chengdan.modules.orders.services import order_hold
from tests.contract.addresses import Address, addresses
from tests.fixtures.busy import Busy, make_full
from tests.worlds import world

# Together they may open every list.
READERS = (
    "general_manager", "finance_manager", "shipping_coordinator", "ssg_leader",
    "market_department", "administrator", "auditor",
)  # fmt: skip
CHOICES_MAX = 6
PARTS = ("table", "totals", "counts")


def lists() -> list[Address]:
    found = [item for item in addresses() if hasattr(item.view, "view_class")]
    return [item for item in found if issubclass(item.view.view_class, ListPage)]


def questions(page: type[ListPage[Any]], actor: Any) -> Iterator[dict[str, str]]:
    """Yield what the list may be asked, one filter at a time."""
    yield from ({"view": view.code} for view in page.views)
    yield from ({"sort": sign + code} for code in page.sorts for sign in ("", "-"))
    yield from ({"q": text} for text in ("和", "SO26", "13800000001", "%_'\"", "x" * 200))
    for item in page.filters:
        if item.widget == "dates":
            yield {item.name: "month"}
            yield {f"{item.name}_from": "2026-11-01", f"{item.name}_to": "2026-11-30"}
            yield {f"{item.name}_from": "2026-02-30"}
            yield {f"{item.name}_from": "0001-01-01", f"{item.name}_to": "9999-12-31"}
        elif item.widget == "choice":
            choices = item.choices(actor) if callable(item.choices) else item.choices
            yield from ({item.name: str(value)} for value, _title in list(choices)[:CHOICES_MAX])
            yield {item.name: "no such choice"}
        else:
            yield {item.name: "1"}
            yield {item.name: "x"}


def reader_of(busy: Busy, client: Client, url: str) -> str:
    for role in READERS:
        client.force_login(busy.user(role))
        if client.get(url).status_code == 200:
            return role
    return ""


@pytest.mark.long
@pytest.mark.django_db
def test_every_list_answers_whatever_it_offers(frozen_clock: Any, client: Client) -> None:
    busy = world(make_full)
    asked, wrong = 0, []
    for item in lists():
        customers = [busy.house.customers["和兴"]] if item.arguments else []
        url, page = reverse(item.name, args=customers), item.view.view_class
        role = reader_of(busy, client, url)
        assert role, item.name
        for part in PARTS:
            wrong += [(item.name, part)] * (client.get(url, {"_part": part}).status_code != 200)
        for query in questions(page, busy.house.actor(role)):
            asked += 1
            for part in ("", "totals"):
                answer = client.get(url, {**query, **({"_part": part} if part else {})})
                wrong += [(item.name, part, str(query))] * (answer.status_code != 200)
    assert wrong == []
    assert asked > 300


@pytest.mark.django_db
def test_a_day_of_instants_is_a_whole_day_of_the_company(frozen_clock: Any, client: Client) -> None:
    """Nine in the morning lies within the sixteenth, and one in the morning in the next day."""
    busy = world(make_full)
    client.force_login(busy.user("auditor"))

    def found(first: str, last: str) -> int:
        asked = {"at_from": first, "at_to": last, "_part": "totals"}
        return int(client.get(reverse("audit:list"), asked).context["count"].replace(",", ""))

    assert found("2026-11-16", "2026-11-16") == found("", "") > 0
    with clock.at(datetime(2026, 11, 16, 17, 0, tzinfo=UTC)):
        order_hold(
            actor=busy.house.actor("csr"), order_id=busy.orders["within"], reason="客户要求暂缓"
        )
    assert found("2026-11-17", "2026-11-17") > 0
