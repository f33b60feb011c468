"""What orders react to, and what follows their own events."""

from __future__ import annotations

from typing import Any

from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox import event_handler, event_handler_sync
from chengdan.kernel.transactions import write
from chengdan.modules.credit.vocabulary import PrepaymentChanged
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services.tell import market_tell, order_tell
from chengdan.modules.process.services import process_signal


@event_handler_sync(PrepaymentChanged)
def prepayment_changed(actor: Actor, event: PrepaymentChanged) -> None:
    """Let an order that waits for its money look again, in the transaction that set it aside."""
    if event.source_type != words.ORDER:
        return
    process_signal(
        actor=actor,
        subject_type=words.ORDER,
        subject_id=event.source_id,
        event="credit.prepayment_changed",
    )


@event_handler("orders.accepted", name="orders.market_tell")
def accepted_tell(actor: Actor, payload: dict[str, Any]) -> None:
    """Tell the market department (ORD-02)."""
    with write():
        order = Order.objects.select_related("customer").get(pk=payload["order_id"])
        market_tell(actor, order)


@event_handler("orders.cancelled", name="orders.cancelled_tell")
def cancelled_tell(actor: Actor, payload: dict[str, Any]) -> None:
    """Tell everybody who works on the order."""
    with write():
        order = Order.objects.select_related("customer").get(pk=payload["order_id"])
        order_tell(actor, order, "orders.cancelled", {})
