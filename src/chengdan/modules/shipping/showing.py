"""How a note and its lines are drawn, here and in panels on pages of earlier rooms."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.durations import Duration
from chengdan.kernel.ui import Chip, Column, Table
from chengdan.kernel.ui.parts import State
from chengdan.modules.process.selectors import left_until
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote
from chengdan.modules.shipping.rules import line_quantity
from chengdan.modules.shipping.vocabulary import NoteStatus

ZERO = Decimal(0)
_NOTES: dict[str, State] = {
    NoteStatus.OPEN: "run",
    NoteStatus.DISPATCHED: "run",
    NoteStatus.CONFIRMED: "done",
    NoteStatus.CANCELLED: "idle",
    NoteStatus.REVERSED: "idle",
}


def state_chip(note: DeliveryNote) -> Chip:
    """Return the state of a note as a chip; late while the goods have not left in time."""
    is_late = note.due_at is not None and note.due_at < clock.now()
    if note.status == NoteStatus.OPEN and is_late:
        return Chip(note.get_status_display(), "late")
    return Chip(note.get_status_display(), _NOTES[note.status])


def time_left(note: DeliveryNote) -> Duration | None:
    """Return the time until the running step is due, as its limit counts (SHP-38)."""
    return left_until(note.due_at, note.company_id, note.warehouse.unit_id, note.due_pace)


def picked_of(line: DeliveryLine) -> Decimal:
    """Return what is confirmed as picked, in the line's unit."""
    base = sum((pick.quantity for pick in line.picked if pick.is_confirmed), ZERO)
    return line.quantity if base == line.base_quantity else line_quantity(base, line.factor)


def batches_of(line: DeliveryLine) -> str:
    """Return the batches set aside for a line."""
    names = [pick.lot.batch for pick in line.picked if pick.lot.batch]
    return ", ".join(names)


def plain(value: Decimal) -> str:
    """Return a quantity without trailing zeros."""
    return f"{value.normalize():f}"


def lines_table(lines: list[DeliveryLine]) -> Table:
    """Return the lines with their batches and how far they are."""
    columns = [
        Column("number", _("Line no."), kind="number", places=0, phone=""),
        Column("product", _("Product"), value="product.code", phone="",
               link=lambda line: reverse("catalog:show", args=[line.product_id])),
        Column("name", _("Name"), value="product", clip=True, phone="title"),
        Column("unit", _("Unit"), value="unit_of_measure.name", phone=""),
        Column("quantity", _("Quantity"), kind="quantity", phone="side"),
        Column("picked", _("Picked"), kind="quantity", value=picked_of),
        Column("shipped", _("Shipped"), kind="quantity"),
        Column("batch", _("Batch"), value=batches_of, clip=True),
        Column("order", _("Order"), value=lambda line: str(line.order or ""),
               link=lambda line: reverse("orders:show", args=[line.order_id])
               if line.order_id else ""),
        Column("mark", "", kind="chip", value=_line_chip),
    ]  # fmt: skip
    return Table(_("Lines"), columns, lines, code="lines")


def _line_chip(line: DeliveryLine) -> Chip | None:
    if line.quantity < line.asked_quantity:
        return Chip(_("of %(asked)s") % {"asked": plain(line.asked_quantity)}, "soon")
    return None
