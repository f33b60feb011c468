"""A currency without decimals knows no cents."""

from __future__ import annotations

from typing import Any

from chengdan.kernel.transactions import unguarded
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.services.reserve import demands_of
from chengdan.modules.people.models import Company


def test_parts_are_rounded_to_the_smallest_amount_of_the_currency(depot: Any) -> None:
    """On a note as well as in what an order asks of a quota."""
    depot.stock("HY-0712", 1)
    order = Order.objects.get(pk=depot.order("和兴", {"HY-0712": 3}))
    with unguarded():
        Company.objects.update(exponent=0)
        OrderLine.objects.filter(order=order).update(gross=100)
    depot.release(order.pk)
    line = depot.note_of(order.pk).lines.get()
    assert (line.quantity, line.gross) == (1, 33)
    with unguarded():
        OrderLine.objects.filter(order=order).update(delivered=1)
    assert [demand.amount for demand in demands_of(order, order.lines.all())] == [67]
