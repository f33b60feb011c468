"""Requests, approval by a second person, posting, delivery, reversal, notes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, InvalidError, NotFoundError
from chengdan.kernel.outbox.models import OutboxMessage
from chengdan.kernel.transactions import unguarded
from chengdan.modules.billing.models import Invoice, LedgerEntry
from chengdan.modules.billing.selectors import overdue_of, strip_steps
from chengdan.modules.billing.services import (
    InvoiceDraft,
    InvoiceItem,
    Part,
    collection_act_add,
    invoice_cancel,
    invoice_deliver,
    invoice_issue,
    invoice_request,
    invoice_reverse,
    invoice_submit,
    invoices_prepare,
    items_of_orders,
    receipt_allocate,
)
from chengdan.modules.billing.vocabulary import (
    AllocatedError,
    BillableError,
    CreditNoteError,
    LockedPeriodError,
    NothingToInvoiceError,
    RepricedError,
)
from chengdan.modules.credit.selectors import exposure, totals_of
from chengdan.modules.orders.services import Progress, order_progress
from chengdan.modules.process.selectors import open_task_for, step_open
from chengdan.modules.process.services import deadlines_sweep
from tests.fixtures.billing import BillingHouse, differences

pytestmark = pytest.mark.django_db
D = Decimal
INVOICE = "billing.invoice"


def request_of(billing: BillingHouse, order: object, quantity: int | str) -> Invoice:
    item = InvoiceItem(order.pk, 1, D(quantity))  # type: ignore[attr-defined]
    return invoice_request(actor=billing.actor("csr_billing"), draft=InvoiceDraft([item]))


def test_requester_never_approves(billing: BillingHouse) -> None:
    invoice = billing.requested(billing.order(10), actor="csr_billing")
    assert invoice.requested_by_id == billing.house.people["csr_billing"]
    assert open_task_for(INVOICE, invoice.pk, "IA", billing.actor("csr_billing")) is None
    billing.approve(invoice)
    invoice.refresh_from_db()
    assert invoice.approved_by_id == billing.house.people["finance_manager"]
    assert step_open(INVOICE, invoice.pk) == "IV1"


def test_never_more_than_delivered(billing: BillingHouse) -> None:
    order = billing.order(10, delivered=False)
    billing.note(order, 6)
    with pytest.raises(BillableError):
        request_of(billing, order, 7)
    request_of(billing, order, 4)
    with pytest.raises(BillableError):
        request_of(billing, order, 3)
    request_of(billing, order, 2)
    with pytest.raises(NothingToInvoiceError):
        billing.requested(order)


def test_a_request_of_an_older_price_is_not_posted(billing: BillingHouse) -> None:
    order = billing.order(10)
    invoice = billing.requested(order)
    billing.approve(invoice)
    clerk = billing.actor("finance_clerk")
    with unguarded():
        order.lines.update(gross=D(90))
    with pytest.raises(RepricedError):
        invoice_issue(actor=clerk, invoice_id=invoice.pk)
    invoice.refresh_from_db()
    assert (invoice.status, invoice.number) == ("draft", "")
    with unguarded():
        order.lines.update(gross=D(100))
    invoice_issue(actor=clerk, invoice_id=invoice.pk)


def test_goods_that_came_back_are_not_posted(billing: BillingHouse) -> None:
    order = billing.order(10)
    invoice = request_of(billing, order, 10)
    billing.approve(invoice)
    order_progress(
        actor=billing.house.system, order_id=order.pk, progress=[Progress(1, delivered=D(-1))]
    )
    with pytest.raises(BillableError):
        invoice_issue(actor=billing.actor("finance_clerk"), invoice_id=invoice.pk)
    assert not LedgerEntry.objects.exists()


def test_parts_add_up_to_the_line(billing: BillingHouse) -> None:
    order = billing.order(3, gross="33.3333333")
    clerk = billing.actor("finance_clerk")
    amounts = []
    for _part in range(3):
        invoice = request_of(billing, order, 1)
        billing.approve(invoice)
        amounts.append(invoice_issue(actor=clerk, invoice_id=invoice.pk).gross)
    assert amounts == [D("33.33"), D("33.34"), D("33.33")]
    assert differences() == []


def test_many_orders_of_one_customer_make_one_invoice(billing: BillingHouse) -> None:
    one, two = billing.order(10), billing.order(5, 2)
    actor = billing.actor("csr_billing")
    draft = InvoiceDraft(items_of_orders([one.pk, two.pk]))
    invoice = invoice_request(actor=actor, draft=draft)
    assert (invoice.gross, invoice.lines.count()) == (D(170), 3)
    billing.approve(invoice)
    invoice = invoice_issue(actor=billing.actor("finance_clerk"), invoice_id=invoice.pk)
    receipt = billing.money(120)
    receipt_allocate(
        actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
        parts=[Part(invoice.pk, D(120))],
    )  # fmt: skip
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.paid_gross, two.paid_gross) == (D(100), D(20))
    assert differences() == []


def test_two_customers_are_refused(billing: BillingHouse) -> None:
    one = billing.order(10)
    other = BillingHouse(billing.house, billing.house.customer("C2")).order(5)
    with pytest.raises(InvalidError):
        invoice_request(
            actor=billing.actor("csr_billing"),
            draft=InvoiceDraft(items_of_orders([one.pk, other.pk])),
        )


def test_stranger_sees_nothing(billing: BillingHouse) -> None:
    draft = InvoiceDraft(items_of_orders([billing.order(10).pk]))
    with pytest.raises(NotFoundError):
        invoice_request(actor=billing.actor("quality_inspector"), draft=draft)


def test_note_is_prepared_once_and_its_coordinator_asked(billing: BillingHouse) -> None:
    order = billing.order(10, delivered=False)
    note = billing.note(order, 8)
    (invoice,) = invoices_prepare(actor=billing.house.system, note_ids=[note.pk])
    assert invoices_prepare(actor=billing.house.system, note_ids=[note.pk]) == []
    assert (invoice.gross, step_open(INVOICE, invoice.pk)) == (D(80), "IR")
    assert invoice.lines.get().delivery_note_id == note.pk
    invoice = invoice_submit(actor=billing.actor("csr_billing"), invoice_id=invoice.pk)
    assert step_open(INVOICE, invoice.pk) == "IA"


@pytest.mark.parametrize("key", ["finance_clerk", "csr_billing"])
def test_cancelled_request_may_be_invoiced_again(billing: BillingHouse, key: str) -> None:
    order = billing.order(10)
    invoice = billing.requested(order)
    who = billing.actor(key)
    invoice = invoice_cancel(actor=who, invoice_id=invoice.pk, reason="twice")
    assert (invoice.status, invoice.number, step_open(INVOICE, invoice.pk)) == ("cancelled", "", "")
    assert billing.posted(order).number == "IV2611-0001"
    assert differences() == []


def test_posting_moves_order_credit_and_ledger_together(billing: BillingHouse) -> None:
    order = billing.order(10)
    before = exposure(billing.customer_id)
    invoice = billing.posted(order)
    sums = {entry.account: entry.amount for entry in LedgerEntry.objects.filter(invoice=invoice)}
    assert sums == {"receivable": D(100), "revenue": -invoice.net, "tax": -invoice.tax}
    assert exposure(billing.customer_id) == before
    assert totals_of(billing.customer_id).receivable == 100
    codes = [entry.code for entry in audit_history(invoice)]
    assert "billing.invoice.posted" in codes
    assert OutboxMessage.objects.filter(topic="billing.posted").count() == 1
    assert invoice.due_on == invoice.invoice_on + timedelta(days=30)


def test_reversal_gives_everything_back(billing: BillingHouse) -> None:
    order = billing.order(10)
    invoice = billing.posted(order)
    note = invoice_reverse(
        actor=billing.actor("finance_manager"), invoice_id=invoice.pk, reason="wrong title"
    )
    invoice.refresh_from_db()
    assert (note.number, note.gross, invoice.status) == ("CN2611-0001", D(-100), "reversed")
    assert step_open(INVOICE, invoice.pk) == ""
    assert totals_of(billing.customer_id).receivable == 0
    assert billing.posted(order).number == "IV2611-0002"
    assert differences() == []


def test_credit_note_stands(billing: BillingHouse) -> None:
    manager = billing.actor("finance_manager")
    invoice = billing.posted(billing.order(10))
    note = invoice_reverse(actor=manager, invoice_id=invoice.pk, reason="wrong title")
    with pytest.raises(CreditNoteError):
        invoice_reverse(actor=manager, invoice_id=note.pk, reason="it was right")
    note.refresh_from_db()
    assert (note.status, differences()) == ("settled", [])


def test_paid_invoice_is_not_reversed(billing: BillingHouse) -> None:
    invoice, receipt = billing.posted(billing.order(10)), billing.money(100)
    clerk = billing.actor("finance_clerk")
    receipt_allocate(actor=clerk, receipt_id=receipt.pk, parts=[Part(invoice.pk, D(100))])
    manager = billing.actor("finance_manager")
    with pytest.raises(AllocatedError, match=receipt.number):
        invoice_reverse(actor=manager, invoice_id=invoice.pk, reason="wrong")


def test_closed_period_and_old_version_are_refused(billing: BillingHouse) -> None:
    invoice = billing.requested(billing.order(10))
    billing.approve(invoice)
    clerk = billing.actor("finance_clerk")
    with pytest.raises(ConflictError):
        invoice_issue(actor=clerk, invoice_id=invoice.pk, expected_version=1)
    billing.lock(clock.today())
    with pytest.raises(LockedPeriodError):
        invoice_issue(actor=clerk, invoice_id=invoice.pk)
    assert Invoice.objects.get(pk=invoice.pk).number == ""


def test_clocks_remind_and_collect_beside_the_wait(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    clerk = billing.actor("finance_clerk")
    invoice_deliver(actor=clerk, invoice_id=invoice.pk, signed_by="罗先生")
    start = clock.now()
    seen = []
    for days in (22, 24, 29, 30, 31, 37):
        with clock.at(start + timedelta(days=days, hours=1)):
            deadlines_sweep()
            invoice.refresh_from_db()
            states = {node.code: node.state for node in strip_steps(invoice)}
            seen.append((days, invoice.stage, states["RM"], states["CL"], states["RC"]))
    assert seen == [
        (22, "", "todo", "todo", "wait"),
        (24, "reminded", "done", "todo", "wait"),
        (29, "reminded", "done", "todo", "wait"),
        (30, "reminded", "done", "todo", "wait"),
        (31, "collecting", "done", "run", "late"),
        (37, "escalated", "done", "late", "late"),
    ]
    assert overdue_of(billing.customer_id, clock.today() + timedelta(days=31)) == 100
    codes = [entry.code for entry in audit_history(invoice)]
    assert codes.count("billing.invoice.reminded") == 2


def test_collection_is_recorded_with_its_promise(billing: BillingHouse) -> None:
    invoice = billing.posted(billing.order(10))
    csr = billing.actor("csr_billing")
    with pytest.raises(InvalidError):
        collection_act_add(actor=csr, invoice_id=invoice.pk, kind="call", result="promised")
    with pytest.raises(InvalidError) as refused:
        collection_act_add(
            actor=csr, invoice_id=invoice.pk, kind="call", result="promised",
            promise_on=clock.today() + timedelta(days=367),
        )  # fmt: skip
    assert [(item.field, item.code) for item in refused.value.items] == [("promise_on", "far")]
    act = collection_act_add(
        actor=csr, invoice_id=invoice.pk, kind="call", result="promised",
        promise_on=clock.today() + timedelta(days=3), contact="罗先生",
    )  # fmt: skip
    invoice.refresh_from_db()
    assert (act.by_name, invoice.promise_on) == (csr.name, act.promise_on)


@pytest.mark.parametrize(
    ("wrong", "name", "code"),
    [
        ({"invoice_on": clock.today() - timedelta(days=400)}, "invoice_on", "early"),
        ({"invoice_on": clock.today() + timedelta(days=400)}, "invoice_on", "future"),
        ({"e_number": "发票😀"}, "e_number", "format"),
    ],
)
def test_an_invoice_is_not_older_than_its_goods_and_its_number_is_one(
    billing: BillingHouse, wrong: dict[str, Any], name: str, code: str
) -> None:
    order = billing.order(10, delivered=False)
    billing.note(order, 10)
    invoice = billing.requested(order)
    billing.approve(invoice)
    clerk = billing.actor("finance_clerk")
    with pytest.raises(InvalidError) as refused:
        invoice_issue(actor=clerk, invoice_id=invoice.pk, **wrong)
    assert [(item.field, item.code) for item in refused.value.items] == [(name, code)]
    with clock.at(clock.now() + timedelta(days=2)):
        posted = invoice_issue(
            actor=clerk, invoice_id=invoice.pk, e_number="26442000000012345678",
            invoice_on=clock.today() - timedelta(days=2),
        )  # fmt: skip
    assert (posted.status, posted.e_number) == ("posted", "26442000000012345678")
