"""What several pages share."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui import Chip, Crumb
from chengdan.kernel.ui.parts import State
from chengdan.modules.shipping.models import DeliveryNote, StockDocument
from chengdan.modules.shipping.vocabulary import StockStatus

GET_POST = ("GET", "POST")
ZERO = Decimal(0)
_STOCK: dict[str, State] = {
    StockStatus.DRAFT: "idle",
    StockStatus.POSTED: "done",
    StockStatus.REVERSED: "late",
}


def show_url(note_id: int) -> str:
    """Return the address of a note's page."""
    return reverse("shipping:show", args=[note_id])


def crumbs_of(note: DeliveryNote | None = None) -> list[Crumb]:
    """Return the way to a note's page."""
    crumbs = [Crumb(_("Deliveries"), reverse("shipping:list"))]
    return crumbs if note is None else [*crumbs, Crumb(note.number, show_url(note.pk))]


def stock_chip(document: StockDocument) -> Chip:
    """Return the state of a stock document as a chip."""
    return Chip(document.get_status_display(), _STOCK[document.status])
