"""What a note sets aside in the warehouse: picks on lots, first expired first out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from chengdan.kernel import clock
from chengdan.kernel.locking import behind_save, rows_behind
from chengdan.kernel.prepared import prepared, rows_insert
from chengdan.modules.people.selectors import company_get
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Lot, Pick
from chengdan.modules.shipping.rules import base_of, fit_quantity, gross_share
from chengdan.modules.shipping.services.stock import (
    is_usable,
    lots_lock,
    reserved_save,
    stock_reserve,
    stock_unreserve,
)

ZERO = Decimal(0)
LINES_TOPIC = "note lines"


@dataclass(frozen=True, slots=True)
class Cut:
    """A line that was lowered because there was not enough; in the line's unit."""

    line: int
    wanted: Decimal
    kept: Decimal


def lines_of_note(note: DeliveryNote) -> list[DeliveryLine]:
    """Return the lines by number with what acts and pages need, and what is set aside now."""
    lines = note_lines(note.pk)
    picks: dict[int, list[Pick]] = {}
    for pick in _picks_of(note.pk):
        picks.setdefault(pick.line_id, []).append(pick)
    for line in lines:
        line.delivery_note = note
        line.picked = picks.get(line.pk, [])
        for pick in line.picked:
            pick.line = line
    return lines


def note_lines(note_id: int) -> list[DeliveryLine]:
    """Return the lines of a note by number, with product and unit.

    An act that holds the note gets the same lines each time, until it changes some.
    """
    return list(rows_behind(DeliveryNote, [note_id], LINES_TOPIC, _rows_of)[note_id])


def _rows_of(ids: set[int]) -> dict[int, list[DeliveryLine]]:
    return {pk: _lines_of(pk) for pk in ids}


@prepared
def _lines_of(note_id: int) -> QuerySet[DeliveryLine]:
    rows = DeliveryLine.objects.filter(delivery_note_id=note_id).order_by("number")
    return rows.select_related("product", "unit_of_measure")


@prepared
def _picks_of(note_id: int) -> QuerySet[Pick]:
    rows = Pick.objects.filter(line__delivery_note_id=note_id).order_by("pk")
    return rows.select_related("lot")


def picks_free(notes: Iterable[DeliveryNote]) -> list[tuple[int, Decimal]]:
    """Give everything back that the notes set aside; return (lot, quantity) freed."""
    picks = [pick for note in notes for pick in _picks_of(note.pk)]
    if not picks:
        return []
    parts = [(pick.lot_id, pick.quantity) for pick in picks]
    Pick.objects.filter(pk__in=[pick.pk for pick in picks]).delete()
    stock_unreserve(parts)
    return parts


def line_lower(note: DeliveryNote, line: DeliveryLine, quantity: Decimal) -> None:
    """Set the quantity of a line, with what follows from it; the caller saves."""
    exponent = company_get(note.company_id).exponent
    line.gross = gross_share(line.gross, line.quantity, quantity, exponent)
    line.quantity = quantity
    line.base_quantity = base_of(quantity, line.factor)


def lines_save(lines: Sequence[DeliveryLine]) -> None:
    """Write back quantities of lines."""
    behind_save(LINES_TOPIC, lines, ["quantity", "base_quantity", "gross"])


def note_reserve(note: DeliveryNote, lines: Sequence[DeliveryLine]) -> list[Cut]:
    """Set aside what is there for every line; lower lines that are short, and say so.

    A line of which nothing is there keeps quantity 0.
    """
    on = clock.today()
    lots = lots_lock((line.product_id for line in lines), note.warehouse_id)
    cuts: list[Cut] = []
    picks: list[Pick] = []
    touched: dict[int, Lot] = {}
    for line in lines:
        states = [lot for lot in lots.get(line.product_id, []) if is_usable(lot)]
        free = sum((lot.available for lot in states), ZERO)
        kept = fit_quantity(line.quantity, line.factor, free)
        if kept < line.quantity:
            cuts.append(Cut(line.number, line.quantity, kept))
            line_lower(note, line, kept)
        for lot, quantity in stock_reserve(lots, line.product_id, line.base_quantity, on):
            picks.append(Pick(line=line, lot=lot, quantity=quantity))
            touched[lot.pk] = lot
    if touched:
        reserved_save(touched.values())
        rows_insert(picks)
    if cuts:
        lines_save(lines)
    return cuts
