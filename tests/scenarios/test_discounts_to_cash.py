"""Orders with discount lines, freight and gifts on their way from entry to closed receivable."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.services import (
    InvoiceDraft,
    Part,
    ReceiptDraft,
    invoice_issue,
    invoice_request,
    items_of_orders,
    receipt_allocate,
    receipt_confirm,
    receipt_register,
)
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services import LineDraft
from chengdan.modules.orders.vocabulary import LineKind
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.process.services import task_decide
from tests.fixtures.billing import differences

INVOICE = "billing.invoice"
BOX = Decimal(118)


def given(depot: Any) -> tuple[LineDraft, ...]:
    """A discount, freight, and a gift that the market manager may give together."""
    gift = LineDraft(
        product_id=depot.house.products["CU-1205"], quantity=Decimal(1), kind=LineKind.GIFT
    )
    return (
        LineDraft(kind=LineKind.DISCOUNT, description="年度折让", price=Decimal(200)),
        LineDraft(kind=LineKind.CHARGE, description="运费", price=Decimal(60)),
        gift,
    )


def invoiced(house: Any, order_id: int) -> Invoice:
    return issued(house, items_of_orders([order_id]))


def issued(house: Any, items: Any) -> Invoice:
    invoice = invoice_request(actor=house.actor("ssg_leader"), draft=InvoiceDraft(items))
    manager = house.actor("finance_manager")
    task = open_task_for(INVOICE, invoice.pk, "IA", manager)
    assert task is not None
    task_decide(actor=manager, task_id=task.pk, decision="approve")
    return invoice_issue(actor=house.actor("finance_clerk"), invoice_id=invoice.pk)


def paid(house: Any, invoice: Invoice) -> None:
    clerk = house.actor("finance_clerk")
    draft = ReceiptDraft(house.customers["和兴"], invoice.gross, clock.today())
    receipt = receipt_confirm(actor=clerk, receipt_id=receipt_register(actor=clerk, draft=draft).pk)
    part = Part(invoice.pk, invoice.gross)
    receipt_allocate(actor=clerk, receipt_id=receipt.pk, parts=[part])


@pytest.mark.requirement("CRD-09")
def test_a_discount_counts_in_every_bucket_until_the_order_is_paid(depot: Any) -> None:
    house, whole = depot.house, 40 * BOX - 200 + 60
    customer = house.customers["和兴"]
    depot.stock("HY-0712", 100)
    depot.stock("CU-1205", 10)
    order_id = depot.order("和兴", {"HY-0712": 40}, more=given(depot))
    assert exposure(customer) == whole
    depot.release(order_id)
    depot.dispatched(depot.note_of(order_id).pk)
    assert exposure(customer) == whole
    invoice = invoiced(house, order_id)
    assert invoice.gross == whole
    assert exposure(customer) == whole
    paid(house, invoice)
    order = Order.objects.get(pk=order_id)
    assert (order.status, exposure(customer), invoice.gross) == ("closed", 0, order.gross)
    assert order.settled_at is not None
    assert differences() == []


def test_discounts_and_freight_go_with_the_first_invoice_of_the_goods(depot: Any) -> None:
    house, customer = depot.house, depot.house.customers["和兴"]
    depot.stock("HY-0712", 100)
    depot.stock("CU-1205", 10)
    order_id = depot.released("和兴", {"HY-0712": 40}, more=given(depot))
    depot.dispatched(depot.note_of(order_id).pk)
    goods = [item for item in items_of_orders([order_id]) if item.line == 1]
    first = issued(house, goods)
    assert exposure(customer) == first.gross == 40 * BOX - 200 + 60
    assert differences() == []


def test_an_order_of_gifts_alone_is_delivered_invoiced_and_over(depot: Any) -> None:
    """Nothing is owed, so its invoice is settled the moment it is issued."""
    house, customer = depot.house, depot.house.customers["和兴"]
    depot.stock("CU-1205", 10)
    order_id = depot.released("和兴", {}, more=given(depot)[2:])
    depot.dispatched(depot.note_of(order_id).pk)
    invoice = invoiced(house, order_id)
    order = Order.objects.get(pk=order_id)
    assert (invoice.gross, invoice.status, order.status) == (0, "settled", "closed")
    assert exposure(customer) == 0
    assert differences() == []
