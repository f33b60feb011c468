"""Order to remittance, part by part: whose orders count, when each part ends, the figures."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.transactions import unguarded
from chengdan.kernel.workcalendar import working_minutes_between
from chengdan.modules.billing.models import Allocation, Invoice
from chengdan.modules.billing.selectors import (
    remittance_of,
    remittance_orders,
    remittance_summary,
)
from chengdan.modules.billing.services import (
    Part,
    invoice_reverse,
    receipt_allocate,
    receipt_unallocate,
)
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.rules import RUNNING
from chengdan.modules.orders.verification import ways_verify
from chengdan.modules.shipping.models import DeliveryNote
from tests.fixtures.billing import BillingHouse

pytestmark = pytest.mark.django_db
D, DAY = Decimal, timedelta(days=1)


def paid(billing: BillingHouse, invoice: Invoice, days: int) -> None:
    """Let the money of an invoice come some days from now."""
    with clock.at(clock.now() + timedelta(days=days)):
        receipt = billing.money(invoice.gross)
        receipt_allocate(
            actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
            parts=[Part(invoice.pk, invoice.gross)],
        )  # fmt: skip


def moved(order: Any, **moments: Any) -> None:
    """Let acts of OP have happened at other moments."""
    with unguarded():
        Order.objects.filter(pk=order.pk).update(**moments)


def noted(**values: Any) -> None:
    """Let the delivery notes have gone another way."""
    with unguarded():
        DeliveryNote.objects.update(**values)


def found(billing: BillingHouse) -> list[Any]:
    rows = remittance_orders(billing.actor("finance_clerk"))
    return [remittance_of(row) for row in rows.order_by("pk")]


def test_every_part_begins_where_the_one_before_ended(billing: BillingHouse) -> None:
    start = clock.now()
    order = billing.order(10, delivered=False)
    moved(order, accepted_at=start + timedelta(minutes=18), released_at=start + DAY)
    with clock.at(start + 2 * DAY):
        billing.note(order, 10)
    with clock.at(start + 4 * DAY):
        invoice = billing.posted(order)
        paid(billing, invoice, 30)
    (way,) = found(billing)
    elapsed = {code: span.elapsed for code, span in way.spans.items()}
    assert elapsed == {
        "accept": timedelta(minutes=18), "release": DAY - timedelta(minutes=18), "dispatch": DAY,
        "invoice": 2 * DAY, "money": 30 * DAY, "total": 34 * DAY,
    }  # fmt: skip
    assert (
        sum((elapsed[code] for code in elapsed if code != "total"), timedelta())
        == (elapsed["total"])
    )
    assert (way.order_id, way.number, way.waits_for) == (order.pk, order.number, "")
    # Monday 09:00 is in working time; all parts together are the working time of the whole way.
    assert way.spans["accept"].minutes == 18
    minutes = {code: span.minutes for code, span in way.spans.items()}
    assert minutes["total"] == working_minutes_between(start, start + 34 * DAY)
    assert sum(minutes.values()) == 2 * minutes["total"]


def test_what_has_not_ended_is_missing_and_named(billing: BillingHouse) -> None:
    order = billing.order(10)
    moved(order, accepted_at=clock.now(), released_at=clock.now())
    (way,) = found(billing)
    assert (set(way.spans), way.waits_for) == ({"accept", "release", "dispatch"}, "invoice")
    noted(status="reversed")
    (way,) = found(billing)
    assert (set(way.spans), way.waits_for) == ({"accept", "release"}, "dispatch")


def test_an_invoice_before_the_goods_takes_no_time_of_its_own(billing: BillingHouse) -> None:
    order = billing.order(10)
    moved(order, accepted_at=clock.now(), released_at=clock.now())
    invoice = billing.posted(order)
    late = clock.now() + 3 * DAY
    noted(dispatched_at=late, dispatched_on=late.date())
    paid(billing, invoice, 5)
    (way,) = found(billing)
    parts = {code: span.elapsed for code, span in way.spans.items()}
    assert (parts["dispatch"], parts["invoice"], parts["money"]) == (3 * DAY, timedelta(), 2 * DAY)


def test_the_first_invoice_that_still_stands_counts(billing: BillingHouse) -> None:
    order = billing.order(10)
    moved(order, accepted_at=clock.now(), released_at=clock.now())
    wrong = billing.posted(order)
    manager = billing.actor("finance_manager")
    with clock.at(clock.now() + 2 * DAY):
        invoice_reverse(actor=manager, invoice_id=wrong.pk, reason="抬头写错")
    assert "invoice" not in found(billing)[0].spans
    with clock.at(clock.now() + 3 * DAY):
        right = billing.posted(order)
    row = remittance_orders(manager).get()
    assert row.posted_invoice == right.pk
    assert found(billing)[0].spans["invoice"].elapsed == 3 * DAY


def test_an_invoice_of_an_earlier_day_counts_from_that_day(billing: BillingHouse) -> None:
    """History is loaded long after its invoices were issued."""
    start = clock.now()
    order = billing.order(10)
    moved(order, accepted_at=start, released_at=start)
    with clock.at(start + 40 * DAY):
        billing.posted(order, on=(start + 2 * DAY).date())
    invoiced = found(billing)[0].spans["invoice"].elapsed
    assert invoiced == 2 * DAY + timedelta(hours=3)


def test_drafts_cancelled_orders_and_those_of_before_the_system_are_not_measured(
    billing: BillingHouse,
) -> None:
    draft, cancelled, old, counted = (billing.order(1) for _one in range(4))
    moved(draft, status="draft")
    moved(cancelled, status="cancelled")
    moved(old, status="closed", submitted_at=None)
    assert [way.order_id for way in found(billing)] == [counted.pk]
    nobody = billing.actor("quality_inspector")
    assert not remittance_orders(nobody).exists()


def test_the_rank_of_a_way_follows_what_happens_to_it(billing: BillingHouse) -> None:
    start, clerk = clock.now(), billing.actor("finance_clerk")
    order = billing.order(10)
    running = RUNNING - int(start.timestamp())
    invoice = billing.posted(order)

    def rank() -> int:
        assert list(ways_verify()) == []
        return int(Order.objects.get(pk=order.pk).way_rank)

    assert rank() == running
    paid(billing, invoice, 3)
    assert rank() == 3 * 86400
    receipt = Allocation.objects.get(order=order).receipt_id
    with clock.at(start + 3 * DAY):
        receipt_unallocate(actor=clerk, receipt_id=receipt, invoice_id=invoice.pk, reason="认错")
    assert rank() == running
    moved(order, way_rank=1)
    wrong = [item.where for item in ways_verify()]
    assert wrong == [f"order {order.pk} way"]


def test_average_and_median_are_of_the_orders_in_which_a_part_has_ended(
    billing: BillingHouse,
) -> None:
    actor = billing.actor("finance_clerk")
    for days in (2, 4, 12):
        paid(billing, billing.posted(billing.order(10)), days)
    billing.order(10)
    summary = remittance_summary(remittance_orders(actor))
    figures = {item.code: item for item in summary.figures}
    assert summary.is_complete
    assert list(figures) == ["accept", "release", "dispatch", "invoice", "money", "total"]
    assert [figures[code].count for code in figures] == [0, 0, 4, 3, 3, 3]
    total = figures["total"]
    assert total.average is not None
    assert total.median is not None
    assert (total.average.elapsed, total.median.elapsed) == (6 * DAY, 4 * DAY)
    start = clock.now()
    minutes = [working_minutes_between(start, start + timedelta(days=days)) for days in (2, 4, 12)]
    assert (total.average.minutes, total.median.minutes) == (
        round(sum(minutes) / 3), minutes[1],
    )  # fmt: skip
    assert figures["accept"].average is None


def test_too_many_orders_are_not_added_up(
    billing: BillingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chengdan.modules.billing.selectors.ways.SUMMARY_MAX", 1)
    rows = remittance_orders(billing.actor("finance_clerk"))
    billing.order(10)
    assert remittance_summary(rows).is_complete
    billing.order(10)
    summary = remittance_summary(rows)
    assert not summary.is_complete
    assert {item.count for item in summary.figures} == {0}
    assert remittance_summary(rows.none()).is_complete
