"""How far orders are in SP: the place of their least advanced note, kept on the order for lists."""

from __future__ import annotations

from collections.abc import Sequence

from chengdan.kernel.pending import document_save
from chengdan.kernel.transactions import derived
from chengdan.modules.orders.services.progress import (
    NOWHERE,
    STEPS,
    Standing,
    band_set,
    bands_ask,
)
from chengdan.modules.orders.vocabulary import ORDER
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.rules import least_advanced
from chengdan.modules.shipping.selectors import notes_beside, notes_of_orders
from chengdan.modules.shipping.vocabulary import GONE, NOTE


def bands_tell(changed: DeliveryNote) -> None:
    """Keep how far a note is and tell its orders where their least advanced note stands.

    At the end of the act; copies for lists, no changes: the step has its own audit entry.
    """
    bands_ask((NOTE, changed.pk), lambda: _tell(changed))


def bands_tell_order(order_id: int) -> None:
    """Tell an order that has left a note where its other notes stand, at the end of the act."""
    bands_ask(
        (ORDER, order_id), lambda: _place(order_id, notes_of_orders([order_id]).get(order_id, []))
    )


def _tell(changed: DeliveryNote) -> None:
    with derived():
        document_save(changed, ["progress", "step", "due_at", "due_pace"])
    for order_id, notes in notes_beside(changed).items():
        _place(order_id, notes)


def _place(order_id: int, notes: Sequence[DeliveryNote]) -> None:
    note = _slowest(notes)
    letters = ((note.progress if note else "") + "-" * STEPS)[:STEPS]
    band_set([order_id], "sp", letters, _standing(note))


def _slowest(notes: Sequence[DeliveryNote]) -> DeliveryNote | None:
    standing = [note for note in notes if note.status not in GONE]
    return standing[least_advanced([item.progress for item in standing])] if standing else None


def _standing(note: DeliveryNote | None) -> Standing:
    if note is None:
        return NOWHERE
    return Standing(note.step, note.due_at, note.due_pace, note.warehouse.unit_id)


def place_of_order(order_id: int) -> Standing:
    """Return where the least advanced note of an order stands."""
    return _standing(_slowest(notes_of_orders([order_id]).get(order_id, [])))
