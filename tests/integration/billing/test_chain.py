"""From a delivered order to a settled invoice."""

from decimal import Decimal

import pytest

from chengdan.modules.billing.services import Part, receipt_allocate
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
