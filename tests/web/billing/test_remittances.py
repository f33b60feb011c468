"""The order-to-remittance report: what it shows, how it is narrowed, where its figures lead."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.transactions import unguarded
from chengdan.modules.billing.models import Allocation, InvoiceLine
from chengdan.modules.billing.services import Part, receipt_allocate
from chengdan.modules.billing.web.remittances import RemittanceList
from chengdan.modules.orders.models import Order
from chengdan.modules.people.models import RolePermission, Territory
from chengdan.modules.people.services import territory_create
from chengdan.modules.shipping.models import DeliveryLine
from tests.fixtures.billing import BillingHouse

pytestmark = pytest.mark.django_db
PAGE = "/billing/remittances/"
DAY = timedelta(days=1)


def reader(billing: BillingHouse, key: str = "finance_clerk", language: str = "en") -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=billing.house.people[key]))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def collected(billing: BillingHouse, days: int, *, minutes: int = 18) -> Any:
    """Return an order that was accepted after some minutes and paid after some days."""
    now = clock.now()
    order = billing.order(10)
    with unguarded():
        Order.objects.filter(pk=order.pk).update(
            accepted_at=now + timedelta(minutes=minutes), released_at=now + DAY
        )
    invoice = billing.posted(order)
    with clock.at(now + timedelta(days=days)):
        receipt = billing.money(invoice.gross)
        receipt_allocate(
            actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
            parts=[Part(invoice.pk, invoice.gross)],
        )  # fmt: skip
    return order


def numbers(client: Client, **query: Any) -> list[str]:
    return [row.label for row in client.get(PAGE, query).context["rows"]]


def cells(row: Any) -> dict[str, str]:
    """Return what a row shows, by the names of the columns that stand there unasked."""
    names = [column.name for column in RemittanceList.columns if not column.optional]
    return dict(zip(names, str(row.cells).split("<td")[1:], strict=True))


def summary(client: Client, **query: Any) -> dict[str, Any]:
    answer = client.get(PAGE, query | {"_part": "summary"})
    return {str(part["title"]): part for part in answer.context["parts"]}


def test_every_figure_leads_to_its_document(billing: BillingHouse) -> None:
    order = collected(billing, 12)
    client = reader(billing)
    (row,) = client.get(PAGE).context["rows"]
    assert row.url == reverse("orders:show", args=[order.pk])
    drawn = cells(row)
    assert ">0:18<" in drawn["accept"]
    assert "11.0 d" in drawn["money"]
    assert "12.0 d" in drawn["total"]
    left = DeliveryLine.objects.get(order=order)
    invoiced, paid = InvoiceLine.objects.get(order=order), Allocation.objects.get(order=order)
    links = {
        "dispatch": reverse("shipping:show", args=[left.delivery_note_id]),
        "invoice": reverse("billing:invoice", args=[invoiced.invoice_id]),
        "money": reverse("billing:receipt", args=[paid.receipt_id]),
    }
    for name, link in links.items():
        assert f'href="{link}"' in drawn[name], name
        assert client.get(link).status_code == 200
    assert "href" not in drawn["accept"] + drawn["release"] + drawn["total"]


def test_documents_that_the_reader_may_not_open_are_not_linked(billing: BillingHouse) -> None:
    collected(billing, 12)
    with unguarded():
        RolePermission.objects.filter(
            role__code="finance_clerk", permission="billing.receipt:view"
        ).delete()
    (row,) = reader(billing).get(PAGE).context["rows"]
    drawn = cells(row)
    assert "href" not in drawn["money"]
    assert "href" in drawn["invoice"]


def test_average_and_median_stand_above_and_count_what_they_are_of(
    billing: BillingHouse,
) -> None:
    for days in (2, 4, 12):
        collected(billing, days)
    billing.order(5)
    client = reader(billing)
    found = summary(client)
    assert list(found) == [
        "Submission → acceptance", "Acceptance → hand-over", "Hand-over → dispatch",
        "Dispatch → invoice", "Invoice → money", "Whole way",
    ]  # fmt: skip
    total = found["Whole way"]
    assert (total["average"].days, total["median"].days, total["count"]) == ("6.0 d", "4.0 d", 3)
    assert found["Submission → acceptance"]["average"].hours == "0:18"
    for part in found.values():
        assert len(client.get(PAGE + part["url"]).context["rows"]) == part["count"]
    assert len(numbers(client)) == 4
    assert len(numbers(client, reached="open")) == 1
    assert b"_part=summary" in client.get(PAGE).content


def test_it_is_narrowed_by_period_market_and_owner(billing: BillingHouse) -> None:
    house, client = billing.house, reader(billing)
    order = str(collected(billing, 12))
    today = clock.today()
    city = Territory.objects.get(pk=house.territory_id)
    region = city.parent_id
    other = territory_create(
        actor=house.system, company_id=house.company.pk, parent_id=region, code="S-1-9",
        name="佛山", unit_id=city.unit_id,
    )  # fmt: skip
    assert numbers(client, market=region) == numbers(client, market=city.pk) == [order]
    assert numbers(client, market=other.pk) == []
    assert numbers(client, owner=house.people["key_account_manager"]) == [order]
    assert numbers(client, owner=house.people["sales_rep"]) == []
    assert numbers(client, customer=billing.customer_id, q=order) == [order]
    paid = (today + 12 * DAY).isoformat()
    assert numbers(client, paid_from=paid, paid_to=paid) == [order]
    assert numbers(client, paid_from=today.isoformat(), paid_to=today.isoformat()) == []
    # Without a period the last 90 days are asked for; a period of one's own goes before.
    with clock.at(clock.now() + 91 * DAY):
        client = reader(billing)
        assert numbers(client) == []
        assert summary(client)["Whole way"]["count"] == 0
        assert numbers(client, ordered_from=today.isoformat()) == [order]
        assert summary(client, ordered_from=today.isoformat())["Whole way"]["count"] == 1


def test_the_file_has_days_and_working_minutes_as_numbers(billing: BillingHouse) -> None:
    order = collected(billing, 12)
    waiting = billing.order(3)
    query = {"_part": "export", "format": "csv", "sort": "number"}
    answer = reader(billing).get(PAGE, query)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = {row["Order"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows[str(order)]["Money, days"] == "11"
    assert rows[str(order)]["Acceptance, working minutes"] == "18"
    assert rows[str(waiting)]["Money, days"] == ""
    assert reader(billing, "general_manager").get(PAGE, query).status_code == 403


def test_it_opens_to_readers_of_the_ledger_only(billing: BillingHouse) -> None:
    menu = f'href="{PAGE}"'.encode()
    clerk = reader(billing)
    assert menu in clerk.get(reverse("billing:invoices")).content
    keeper = reader(billing, "warehouse_keeper")
    assert menu not in keeper.get("/").content
    for part in ("", "summary", "totals", "export"):
        assert keeper.get(PAGE, {"_part": part}).status_code == 403
    year = f"first={clock.today()}&last={clock.today()}"
    assert keeper.get(f"/api/v1/billing/remittances?{year}").status_code == 403


def test_page_and_api_tell_the_same(billing: BillingHouse) -> None:
    order = collected(billing, 12)
    year = f"first={clock.today()}&last={clock.today()}"
    (told,) = reader(billing).get(f"/api/v1/billing/remittances?{year}").json()["items"]
    assert (told["order_id"], told["number"]) == (order.pk, str(order))
    assert (told["accept_seconds"], told["accept_working_minutes"]) == (18 * 60, 18)
    assert (told["money_seconds"], told["total_seconds"]) == (11 * 86400, 12 * 86400)
    assert told["total_working_minutes"] > told["money_working_minutes"] > 0


def test_rows_cost_no_queries_of_their_own(billing: BillingHouse) -> None:
    client = reader(billing)

    def asked(part: str) -> int:
        client.get(PAGE, {"_part": part})
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE, {"_part": part})
        return len(queries)

    collected(billing, 2)
    before = {part: asked(part) for part in ("", "summary", "totals")}
    for days in (3, 4, 5):
        collected(billing, days)
    assert {part: asked(part) for part in before} == before
    assert max(before.values()) <= 25


def test_it_is_sorted_by_the_whole_way_the_longest_first(
    billing: BillingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = clock.now()
    paid = {days: str(collected(billing, days)) for days in (4, 12, 2)}
    waiting = [str(billing.order(3))]
    with clock.at(start - 5 * DAY):
        waiting.insert(0, str(billing.order(3)))
    longest = [*waiting, paid[12], paid[4], paid[2]]
    client = reader(billing)
    assert numbers(client, sort="-total") == longest
    assert numbers(client, sort="total") == longest[::-1]
    assert numbers(client, sort="-total", reached="money") == longest[2:]
    heads = {head.column.name: head for head in client.get(PAGE).context["heads"]}
    assert "sort=total" in heads["total"].url
    monkeypatch.setattr("chengdan.modules.billing.web.remittances.RemittanceList.page_size", 2)
    found, url = [], "?sort=-total"
    while url:
        page = client.get(PAGE + url).context
        found += [row.label for row in page["rows"]]
        url = page["following_url"]
    assert found == longest
