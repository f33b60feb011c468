"""Who answers for an order today; the order itself keeps the names of when it was submitted."""

from __future__ import annotations

from chengdan.modules.customers.selectors import sales_manager
from chengdan.modules.orders.models import Order


def managers(order: Order) -> list[int]:
    """Return the responsible sales manager, or who answers while that account is closed."""
    person = sales_manager(order.customer_id, order.owner_id)
    return [] if person is None else [person]
