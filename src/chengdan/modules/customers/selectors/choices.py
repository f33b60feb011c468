"""The label of a customer that the reader of a page may choose."""

from __future__ import annotations

from chengdan.kernel.actor import Actor
from chengdan.kernel.ui.reader import reader
from chengdan.modules.customers.selectors.customers import customers_visible


def customer_label(actor: Actor | None, pk: int) -> str | None:
    """Return code and name of a customer that the actor may see, or None."""
    if actor is None:
        return None
    found = customers_visible(actor).filter(pk=pk).values_list("code", "name").first()
    return " ".join(found) if found else None


def customer_choice(pk: int) -> str | None:
    """Return code and name of a customer that the reader may see, or None."""
    return customer_label(reader(), pk)
