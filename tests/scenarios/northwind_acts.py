"""How Northwind's people take the open orders from draft to closed receivable."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.apps import apps

from chengdan.kernel import clock
from chengdan.modules.orders.models import Order, OrderLine
from tests.fixtures.northwind import Northwind


def stock_is_opened(place: Northwind) -> None:
    """17 products of the open orders lack stock; what is missing is received, with a reason."""
    from chengdan.kernel.transactions import write
    from chengdan.modules.shipping.selectors import available_of, warehouse_default
    from chengdan.modules.shipping.services import (
        StockDraft,
        StockLineDraft,
        stock_draft,
        stock_post,
    )

    wanted: dict[int, Decimal] = defaultdict(Decimal)
    for line in OrderLine.objects.filter(order__status="draft", kind="goods"):
        wanted[line.product_id or 0] += line.base_quantity
    house = warehouse_default(place.company.pk)
    assert house is not None
    there = available_of(house.pk, wanted)
    lacking = {
        pk: need - there.get(pk, 0) for pk, need in wanted.items() if need > there.get(pk, 0)
    }
    assert len(lacking) == 17
    lines = [StockLineDraft(pk, quantity) for pk, quantity in sorted(lacking.items())]
    keeper = place.actor("warehouse_keeper")
    with write():
        draft = StockDraft("receipt", house.pk, lines, reason="for the open orders")
        document = stock_draft(actor=keeper, draft=draft)
        stock_post(actor=keeper, document_id=document.pk)


def discontinued_products_pass_by_exception(place: Northwind) -> None:
    """One order loses its discontinued line; for the others the products are sold once more."""
    from dataclasses import replace

    from chengdan.modules.catalog.services import authority_set, product_resume
    from chengdan.modules.orders.services import draft_of, order_update

    authority_set(actor=place.system, role_code="market_manager", below_list_percent=Decimal(100))
    clerk = place.actor("order_clerk")
    lines = OrderLine.objects.filter(order__status="draft", product__is_discontinued=True)
    first = lines.filter(order__in=_orders_of_many_lines()).order_by("order_id").first()
    assert first is not None
    draft = draft_of(first.order)
    kept = tuple(line for line in draft.lines if line.product_id != first.product_id)
    order_update(actor=clerk, order_id=first.order_id, draft=replace(draft, lines=kept))
    for product_id in sorted(set(lines.values_list("product_id", flat=True))):
        product_resume(actor=place.system, product_id=product_id)


def _orders_of_many_lines() -> list[int]:
    drafts = Order.objects.filter(status="draft").prefetch_related("lines")
    return [order.pk for order in drafts if len([x for x in order.lines.all() if x.is_goods]) > 1]


def _decide(place: Northwind, seat: str, subject: tuple[str, int]) -> None:
    from chengdan.modules.process.selectors import open_task_for
    from chengdan.modules.process.services import task_decide

    actor = place.actor(seat)
    task = open_task_for(*subject, "", actor)
    assert task is not None, (seat, subject)
    task_decide(actor=actor, task_id=task.pk, decision="approve")


def order_to_note(place: Northwind, order: Order) -> Any:
    """OP: submitted, checked, approved, accepted, signed, printed, handed over."""
    from chengdan.modules.orders.services import (
        order_accept,
        order_hand_over,
        order_print_bill,
        order_submit,
    )

    subject = ("orders.order", order.pk)
    order_submit(actor=place.actor("order_clerk"), order_id=order.pk)
    _decide(place, "key_account_manager", subject)
    _decide(place, "market_manager", subject)
    order_accept(actor=place.actor("csr"), order_id=order.pk, customer_told_how="phone")
    _decide(place, "deputy_sales_director", subject)
    order_print_bill(actor=place.actor("finance_clerk"), order_id=order.pk)
    order_hand_over(actor=place.actor("csr"), order_id=order.pk, received_by="Keeper")
    notes = apps.get_model("shipping.DeliveryNote").objects.filter(lines__order_id=order.pk)
    note = notes.first()
    assert note is not None
    return note


def goods_leave(place: Northwind, note: Any) -> None:
    """SP: carrier, picking, both signatures, dispatch, waybill, the customer's signature."""
    from chengdan.modules.shipping import services

    scr = place.actor("shipping_coordinator")
    services.note_carrier(actor=scr, note_id=note.pk, carrier="Speedy Express")
    services.note_pick(actor=place.actor("warehouse_keeper"), note_id=note.pk)
    services.note_check(actor=place.actor("second_keeper"), note_id=note.pk)
    services.note_check(actor=place.actor("quality_inspector"), note_id=note.pk)
    services.note_dispatch(actor=scr, note_id=note.pk, vehicle="WA-1")
    services.note_feedback(actor=scr, note_id=note.pk, waybill=f"W{note.pk}")
    services.note_confirm(
        actor=place.actor("csr"), note_id=note.pk, signer="Customer", archive=f"A{note.pk}"
    )


def invoice_to_cash(place: Northwind, order: Order) -> None:
    """BC: requested, approved, issued, delivered; the money registered, confirmed, allocated."""
    from chengdan.modules.billing import services

    billing, clerk = place.actor("csr_billing"), place.actor("finance_clerk")
    items = services.items_of_orders([order.pk])
    invoice = services.invoice_request(actor=billing, draft=services.InvoiceDraft(items))
    _decide(place, "finance_manager", ("billing.invoice", invoice.pk))
    invoice = services.invoice_issue(actor=clerk, invoice_id=invoice.pk)
    services.invoice_deliver(actor=clerk, invoice_id=invoice.pk, signed_by="Customer")
    draft = services.ReceiptDraft(order.customer_id, invoice.gross, received_on=clock.today())
    receipt = services.receipt_register(actor=clerk, draft=draft)
    services.receipt_confirm(actor=clerk, receipt_id=receipt.pk)
    parts = [services.Part(invoice.pk, invoice.gross)]
    services.receipt_allocate(actor=clerk, receipt_id=receipt.pk, parts=parts)
