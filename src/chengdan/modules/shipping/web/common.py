"""What several pages share."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.ui import Chip, Crumb
from chengdan.kernel.ui.parts import State
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, StockDocument
from chengdan.modules.shipping.rules import line_quantity
from chengdan.modules.shipping.vocabulary import NoteStatus, StockStatus

GET_POST = ("GET", "POST")
ZERO = Decimal(0)
_NOTES: dict[str, State] = {
    NoteStatus.OPEN: "run",
    NoteStatus.DISPATCHED: "run",
    NoteStatus.CONFIRMED: "done",
    NoteStatus.CANCELLED: "idle",
    NoteStatus.REVERSED: "idle",
}
_STOCK: dict[str, State] = {
    StockStatus.DRAFT: "idle",
    StockStatus.POSTED: "done",
    StockStatus.REVERSED: "late",
}


def actor_of(request: HttpRequest) -> Actor:
    """Return who asks; the page decorator made sure that there is somebody."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def version_of(request: HttpRequest) -> int | None:
    """Return the version that the person saw, when the form carries it."""
    text = request.POST.get("expected_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def show_url(note_id: int) -> str:
    """Return the address of a note's page."""
    return reverse("shipping:show", args=[note_id])


def crumbs_of(note: DeliveryNote | None = None) -> list[Crumb]:
    """Return the way to a note's page."""
    crumbs = [Crumb(_("Deliveries"), reverse("shipping:list"))]
    return crumbs if note is None else [*crumbs, Crumb(note.number, show_url(note.pk))]


def state_chip(note: DeliveryNote) -> Chip:
    """Return the state of a note as a chip; late while the goods have not left in time."""
    is_late = note.due_at is not None and note.due_at < clock.now()
    if note.status == NoteStatus.OPEN and is_late:
        return Chip(note.get_status_display(), "late")
    return Chip(note.get_status_display(), _NOTES[note.status])


def stock_chip(document: StockDocument) -> Chip:
    """Return the state of a stock document as a chip."""
    return Chip(document.get_status_display(), _STOCK[document.status])


def minutes_left(note: DeliveryNote) -> int | None:
    """Return the minutes until the running step is due."""
    if note.due_at is None:
        return None
    return int((note.due_at - clock.now()).total_seconds() // 60)


def picked_of(line: DeliveryLine) -> Decimal:
    """Return what is confirmed as picked, in the line's unit."""
    base = sum((pick.quantity for pick in line.picks.all() if pick.is_confirmed), ZERO)
    return line.quantity if base == line.base_quantity else line_quantity(base, line.factor)


def batches_of(line: DeliveryLine) -> str:
    """Return the batches set aside for a line."""
    names = [pick.lot.batch for pick in line.picks.all() if pick.lot.batch]
    return ", ".join(names)


def plain(value: Decimal) -> str:
    """Return a quantity without trailing zeros."""
    return f"{value.normalize():f}"
