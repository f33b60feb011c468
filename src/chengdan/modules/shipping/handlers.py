"""What shipping reacts to."""

from __future__ import annotations

from typing import Any

from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox import event_handler, event_handler_sync, job_enqueue, job_handler
from chengdan.modules.credit.vocabulary import PrepaymentChanged
from chengdan.modules.orders.vocabulary import (
    ORDER,
    OrderAmended,
    OrderCancelled,
    OrderGoesOn,
    OrderReleased,
)
from chengdan.modules.shipping.services.follow import (
    order_amend_follow,
    order_cancel_follow,
    order_release_follow,
    order_waits,
    system_actor,
    waiting_orders,
    waiting_serve,
)

SERVE = "shipping.order_serve"


@event_handler_sync(OrderReleased)
def released(actor: Actor, event: OrderReleased) -> None:
    """Make the note in the transaction of the hand-over."""
    system = system_actor("shipping.release", actor.company_id, actor.name)
    order_release_follow(system, event.order_id)


@event_handler_sync(OrderCancelled)
def cancelled(actor: Actor, event: OrderCancelled) -> None:
    """Give up the order's open notes with it, or refuse."""
    system = system_actor("shipping.cancel", actor.company_id, actor.name)
    order_cancel_follow(system, event.order_id)


@event_handler_sync(OrderAmended)
def amended(actor: Actor, event: OrderAmended) -> None:
    """Let the order's open notes follow it; the worker looks at what it wants beyond them."""
    system = system_actor("shipping.amend", actor.company_id, actor.name)
    order_amend_follow(system, event.order_id)
    _serve_later(system, event.order_id)


@event_handler_sync(OrderGoesOn)
def goes_on(actor: Actor, event: OrderGoesOn) -> None:
    """Let the worker look at goods that came in while the order stood still."""
    _serve_later(system_actor("shipping.goes_on", actor.company_id, actor.name), event.order_id)


@event_handler_sync(PrepaymentChanged)
def prepayment_changed(actor: Actor, event: PrepaymentChanged) -> None:
    """Let the worker look at an order that grew and waited for its money."""
    if event.source_type == ORDER:
        _serve_later(system_actor("shipping.paid", actor.company_id, actor.name), event.source_id)


def _serve_later(system: Actor, order_id: int) -> None:
    if order_waits(system, order_id):
        job_enqueue(system, SERVE, {"order_id": order_id})


@event_handler("shipping.stock_arrived", name="shipping.waiting_serve")
def arrived(actor: Actor, payload: dict[str, Any]) -> None:
    """Let the worker look at each order that waited for what came in, oldest first."""
    company_id = payload["company_id"]
    system = system_actor("shipping.arrived", company_id)
    for order_id in waiting_orders(system, company_id, payload["product_ids"]):
        job_enqueue(system, SERVE, {"order_id": order_id})


@job_handler(SERVE)
def order_serve(actor: Actor, payload: dict[str, Any]) -> None:
    """Make the note of one order for what came in."""
    waiting_serve(system_actor("shipping.arrived", actor.company_id), payload["order_id"])
