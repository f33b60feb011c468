"""How orders are found: by number, the customer's own number, and customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import models
from django.urls import reverse

from chengdan.kernel.search.services import SearchFields, search_put_many
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order


def index_orders(orders: Sequence[Order], names: Mapping[int, str] | None = None) -> None:
    """Let the search find orders.

    Args:
        names: customer id → name, for many orders at once; None reads each order's customer.
    """
    rows: list[tuple[models.Model, SearchFields]] = []
    for order in orders:
        party = names[order.customer_id] if names is not None else order.customer.name
        rows.append((order, order_fields(order, party)))
    search_put_many(words.ORDER, rows)


def order_fields(order: Order, customer_name: str) -> SearchFields:
    """Return what finds an order."""
    return SearchFields(
        title=customer_name,
        url=reverse("orders:show", args=[order.pk]),
        code=order.number,
        codes=(order.customer_order_number,) if order.customer_order_number else (),
    )
