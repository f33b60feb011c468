"""Aging as of any day, statement, collection rate, opening balances and history in bulk."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.errors import InvalidError
from chengdan.modules.billing.models import Receipt
from chengdan.modules.billing.selectors import (
    aging,
    collection,
    day_view,
    ledger_total,
    receivable_of,
    statement_of,
)
from chengdan.modules.billing.services import (
    HistoryInvoice,
    HistoryLine,
    OpeningRow,
    Part,
    ReceiptDraft,
    invoice_reverse,
    invoices_import,
    receipt_allocate,
    receipt_earmark,
    receipt_register,
    receipt_unallocate,
    receivables_open,
)
from chengdan.modules.credit.selectors import totals_of
from tests.fixtures.billing import BillingHouse, differences

pytestmark = pytest.mark.django_db
D = Decimal


def opening(billing: BillingHouse, number: str, amount: int, due: date) -> OpeningRow:
    return OpeningRow(billing.customer_id, number, due - timedelta(days=30), due, D(amount))


def test_opening_receivables_age_and_are_paid(billing: BillingHouse) -> None:
    today = clock.today()
    rows = [opening(billing, f"OLD-{days}", 100 + days, today - timedelta(days=days))
            for days in (-5, 10, 45, 75, 120)]  # fmt: skip
    invoices = receivables_open(actor=billing.house.system, rows=rows)
    actor = billing.actor("finance_clerk")
    found = aging(actor, today)
    assert found.amounts == [D(95), D(110), D(145), D(175), D(220)]
    assert found.total == ledger_total(actor, today) == D(745)
    assert totals_of(billing.customer_id).receivable == 745
    receipt = billing.money(110)
    parts = [Part(invoices[1].pk, D(110))]
    receipt_allocate(actor=actor, receipt_id=receipt.pk, parts=parts)
    assert differences() == []
    with pytest.raises(InvalidError) as refused:
        receivables_open(actor=billing.house.system, rows=[rows[0], rows[0]])
    assert [item.row for item in refused.value.items] == [1, 2]
    manager = billing.actor("finance_manager")
    invoice_reverse(actor=manager, invoice_id=invoices[2].pk, reason="booked twice")
    assert differences() == []


def test_aging_of_a_past_day_is_repeated(billing: BillingHouse) -> None:
    invoice, actor = billing.posted(billing.order(10)), billing.actor("finance_clerk")
    start = clock.today()
    with clock.at(clock.now() + timedelta(days=40)):
        receipt = billing.money(100)
        receipt_allocate(actor=actor, receipt_id=receipt.pk, parts=[Part(invoice.pk, D(100))])
        before = aging(actor, start + timedelta(days=39))
        assert (before.total, before.amounts[1]) == (D(100), D(100))
        assert aging(actor, start + timedelta(days=40)).total == 0
    with clock.at(clock.now() + timedelta(days=50)):
        receipt_unallocate(
            actor=actor, receipt_id=receipt.pk, invoice_id=invoice.pk, reason="wrong"
        )
        assert aging(actor, start + timedelta(days=45)).total == 0
        assert aging(actor, start + timedelta(days=50)).total == 100
        assert receivable_of(billing.customer_id, start + timedelta(days=50)) == 100


def test_unused_money_of_who_owes_nothing_counts_and_opens_its_receipts(
    billing: BillingHouse,
) -> None:
    """Who paid before the invoice stands in the aging; each figure opens receipts that add up."""
    free, aside, today = billing.money(130), billing.money(70), clock.today()
    order = billing.order(10)
    receipt_earmark(
        actor=billing.actor("finance_clerk"), receipt_id=aside.pk, order_id=order.pk, amount=D(50)
    )
    receipt_register(  # counts when finance has confirmed it
        actor=billing.actor("finance_clerk"),
        draft=ReceiptDraft(billing.customer_id, D(40), received_on=today),
    )
    viewer = billing.actor("finance_manager")
    found = aging(viewer, today)
    assert (found.total, found.unapplied) == (D(0), D(200))
    client = Client()
    client.force_login(get_user_model().objects.get(pk=viewer.user_id))
    shown = client.get(reverse("billing:aging"))
    (row,) = shown.context["rows"]
    for url in (shown.context["money_url"], row["money_url"]):
        ids = [row.pk for row in client.get(url).context["rows"]]
        assert set(ids) == {free.pk, aside.pk}
        listed = Receipt.objects.filter(pk__in=ids)
        assert sum(receipt.unapplied + receipt.earmarked for receipt in listed) == D(200)
    past = client.get(reverse("billing:aging"), {"on": today - timedelta(days=1)})
    assert (past.context["rows"], past.context["money_url"]) == ([], "")


def test_statement_adds_up(billing: BillingHouse) -> None:
    invoice, actor = billing.posted(billing.order(10)), billing.actor("finance_clerk")
    receipt = billing.money(130)
    receipt_allocate(actor=actor, receipt_id=receipt.pk, parts=[Part(invoice.pk, D(100))])
    found = statement_of(billing.customer_id, clock.today(), clock.today())
    assert [line.amount for line in found.lines] == [D(100), D(-130)]
    assert (found.opening, found.closing) == (D(0), D(-30))


@pytest.mark.requirement("BIL-25", partly="early money and the owner stand in the steps of BC")
def test_collection_rate_counts_money_until_the_fifth_day(billing: BillingHouse) -> None:
    first, second = billing.posted(billing.order(10)), billing.posted(billing.order(30))
    actor, due = billing.actor("finance_clerk"), first.due_on
    assert due is not None
    with clock.at(clock.now() + timedelta(days=35)):
        early = billing.money(100, received_on=due + timedelta(days=5))
        receipt_allocate(actor=actor, receipt_id=early.pk, parts=[Part(first.pk, D(100))])
    with clock.at(clock.now() + timedelta(days=36)):
        late = billing.money(300, received_on=due + timedelta(days=6))
        receipt_allocate(actor=actor, receipt_id=late.pk, parts=[Part(second.pk, D(300))])
        found = collection(actor, due, due)
    assert (found.rate.due, found.rate.collected, found.rate.percent) == (D(400), D(100), D(25))
    assert found.rate.is_below(found.goal)
    (row,) = found.rows
    assert [(item.invoice.pk, item.collected) for item in row.items] == [
        (first.pk, D(100)), (second.pk, D(0)),
    ]  # fmt: skip


def test_day_view_shows_what_is_left_to_do(billing: BillingHouse) -> None:
    receipt = billing.money(100)
    found = day_view(billing.actor("finance_clerk"), clock.today())
    assert [row.pk for row in found.received.rows] == [receipt.pk]
    assert [row.pk for row in found.unapplied.rows] == [receipt.pk]
    assert found.to_confirm.rows == []


def test_the_sums_of_a_day_are_those_of_all_rows(
    billing: BillingHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(day_view.__globals__, "DAY_SHOWN", 2)
    for amount in (10, 20, 30):
        billing.money(amount)
    billing.money(500, received_on=clock.today() - timedelta(days=1))
    group = day_view(billing.actor("finance_clerk"), clock.today()).received
    assert (len(group.rows), group.count, group.total) == (2, 3, D(60))


def test_history_comes_with_its_payments_in_few_statements(billing: BillingHouse) -> None:
    day = date(2026, 1, 5)
    drafts = [
        HistoryInvoice(
            billing.customer_id, f"H-{number}", day, day + timedelta(days=30),
            [HistoryLine(None, 0, billing.house.products["JY-1205"], D(2), D(113), D(13))],
            paid=(f"HR-{number}", day + timedelta(days=20)) if number % 2 else None,
        )
        for number in range(600)
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        invoices_import(actor=billing.house.system, drafts=drafts)
    assert len(queries) < len(drafts) / 3
    assert Receipt.objects.count() == 300
    assert totals_of(billing.customer_id).receivable == 300 * 113
    assert differences() == []
