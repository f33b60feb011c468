"""From a delivered order to a settled invoice."""

from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel.outbox import outbox_drain
from chengdan.kernel.transactions import unguarded
from chengdan.kernel.verification import verify_all
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.services import Part, receipt_allocate
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
