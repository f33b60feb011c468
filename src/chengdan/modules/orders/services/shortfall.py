"""Letting an order leave although a small part of its advance payment is missing (CRD-08, N2)."""

from __future__ import annotations

from datetime import date

from chengdan.kernel.actor import Actor
from chengdan.kernel.transactions import write
from chengdan.modules.credit.services import credit_shortfall_release
from chengdan.modules.orders.access import access_order_for_view
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services.fulfil import order_source


def order_shortfall_release(*, actor: Actor, order_id: int, until: date, reason: str) -> Order:
    """Turn what is missing of an order's advance payment into credit, by name and with a day.

    Args:
        until: day by which the rest is expected.

    Raises:
        NotFoundError: no such order, or not open to the actor.
        ForbiddenError, InvalidError, ShortfallError: see `credit_shortfall_release`.
    """
    with write():
        order = access_order_for_view(actor, order_id)
        credit_shortfall_release(
            actor=actor, customer_id=order.customer_id, source=order_source(order.pk),
            until=until, reason=reason,
        )  # fmt: skip
    return order
