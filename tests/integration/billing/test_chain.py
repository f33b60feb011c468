"""From a delivered order to a settled invoice."""

from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel.errors import InvalidError
from chengdan.kernel.outbox import outbox_drain
from chengdan.kernel.transactions import unguarded
from chengdan.kernel.verification import verify_all
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.services import (
    InvoiceDraft,
    InvoiceItem,
    Part,
    invoice_request,
    receipt_allocate,
)
from chengdan.modules.billing.verification import verify_parts
from chengdan.modules.orders.models import OrderLine
from chengdan.modules.people.models import Company
from chengdan.modules.shipping.services import note_reverse
from tests.fixtures.billing import BillingHouse, differences

pytestmark = pytest.mark.django_db


def test_order_is_invoiced_paid_and_settled(billing: BillingHouse) -> None:
    order = billing.order(100)
    invoice = billing.posted(order)
    assert (invoice.status, invoice.open, invoice.number) == (
        "posted", Decimal(1000), "IV2611-0001",
    )  # fmt: skip
    receipt = billing.money(1500)
    receipt = receipt_allocate(
        actor=billing.actor("finance_clerk"), receipt_id=receipt.pk,
        parts=[Part(invoice.pk, Decimal(1000))],
    )  # fmt: skip
    assert (receipt.unapplied, receipt.applied) == (Decimal(500), Decimal(1000))
    invoice.refresh_from_db()
    order.refresh_from_db()
    assert invoice.status == "settled"
    assert (order.status, order.paid_gross) == ("closed", Decimal(1000))
    assert order.settled_at is not None
    assert differences() == []


def test_a_note_whose_invoice_is_only_requested_can_be_taken_back(depot: Any) -> None:
    depot.stock("HY-0712", 50)
    note = depot.dispatched(depot.note_of(depot.released("和兴", {"HY-0712": 5})).pk)
    outbox_drain(500)
    request = Invoice.objects.get()
    assert (request.status, request.lines.get().delivery_note_id) == ("draft", note.pk)
    scr = depot.house.actor("shipping_coordinator")
    taken = note_reverse(actor=scr, note_id=note.pk, reason="装错车")
    request.refresh_from_db()
    assert (taken.status, request.status) == ("reversed", "cancelled")
    assert list(verify_all()) == []


def test_an_invoice_names_only_notes_that_brought_its_goods(depot: Any) -> None:
    depot.stock("HY-0712", 50)
    first, other = (depot.released("和兴", {"HY-0712": boxes}) for boxes in (5, 3))
    notes = [depot.note_of(order) for order in (first, other)]
    actor = depot.house.actor("csr_billing")

    def asked(order: int, note: int, quantity: int) -> Invoice:
        item = InvoiceItem(order, 1, Decimal(quantity), note_id=note, note_line=1)
        return invoice_request(actor=actor, draft=InvoiceDraft([item]))

    for note in notes:
        depot.dispatched(note.pk)
    for order, note, quantity in ((first, notes[1].pk, 1), (first, 999_999, 1)):
        with pytest.raises(InvalidError) as refusal:
            asked(order, note, quantity)
        assert [(item.code, item.row) for item in refusal.value.items] == [("note", 1)]
    made = [asked(first, notes[0].pk, 2), asked(first, notes[0].pk, 3)]
    assert {invoice.lines.get().delivery_note_id for invoice in made} == {notes[0].pk}
    assert list(verify_all()) == []


@pytest.mark.parametrize(
    ("exponent", "off", "is_reported"),
    [(0, "1", True), (2, "0.01", True), (3, "0.001", True), (0, "5", False), (3, "0.005", False)],
)
def test_what_the_smallest_amount_does_not_explain_is_another_price(
    billing: BillingHouse, exponent: int, off: str, is_reported: bool
) -> None:
    """A line that does not add up is reported; one of another price keeps its invoice (I15)."""
    order = billing.order(3)
    billing.posted(order)
    with unguarded():
        Company.objects.update(exponent=exponent)
        OrderLine.objects.filter(order=order).update(gross=Decimal(30) + Decimal(off))
    found = [item.where for item in verify_parts()]
    assert found == ([f"order {order.pk} line 1"] if is_reported else [])
