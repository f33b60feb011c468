"""Delivery notes from hand-over to the customer's signature."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from chengdan.kernel.audit import audit_history
from chengdan.kernel.outbox.models import OutboxMessage
from chengdan.kernel.search import search
from chengdan.kernel.verification import verify_all
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.orders.models import Order
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import Lot
from chengdan.modules.shipping.services import (
    note_confirm,
    note_feedback,
)


def shipping_differences() -> list[str]:
    return [str(item) for item in verify_all() if item.invariant in {"I4", "I5", "I6", "I7", "I8"}]


def found(depot: Any, text: str) -> list[int]:
    """Return the delivery notes that the CSR's search finds."""
    hits = search(depot.house.actor("csr"), text, kinds=[words.NOTE])
    return [hit.object_id for hit in hits]


def test_a_released_order_leaves_and_is_signed_for(depot: Any) -> None:
    depot.stock("HY-0712", 100)
    order_id = depot.released("和兴", {"HY-0712": 40})
    note = depot.note_of(order_id)
    assert note.number.startswith("DN2611-")
    assert note.step == "CA"
    assert note.received_at == Order.objects.get(pk=order_id).released_at
    assert note.received_by == "刘志强"
    assert found(depot, note.number) == [note.pk]
    lot = Lot.objects.get()
    assert (lot.on_hand, lot.reserved) == (Decimal(1200), Decimal(480))
    note = depot.dispatched(note.pk)
    assert (note.status, note.slip_number, note.step) == ("dispatched", "CK26-000001", "FB")
    assert found(depot, "CK26-000001") == found(depot, note.number[-4:]) == [note.pk]
    lot.refresh_from_db()
    assert (lot.on_hand, lot.reserved) == (Decimal(720), Decimal(0))
    order = Order.objects.get(pk=order_id)
    assert order.delivered_gross == Decimal("4720.00")
    assert order.progress[7:14] == "dddddr-"
    assert exposure(order.customer_id) == Decimal("4720.00")
    assert OutboxMessage.objects.filter(topic="shipping.dispatched").exists()
    scr = depot.house.actor("shipping_coordinator")
    note_feedback(actor=scr, note_id=note.pk, waybill="SD2026111600123")
    note = note_confirm(
        actor=depot.house.actor("csr"), note_id=note.pk, signer="罗女士", archive="A3 / 2026-11"
    )
    assert note.status == "confirmed"
    assert note.progress == "ddddddd"
    assert {"shipping.note.made", "shipping.note.confirmed"} <= {
        entry.code for entry in audit_history(note)
    }
    assert shipping_differences() == []
