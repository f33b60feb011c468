"""Which verb leads a delivery note or stock document from where to where."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.transitions import TransitionTable, transition
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.vocabulary import NoteStatus, StockStatus

NOTE_TRANSITIONS = TransitionTable(
    [
        transition(NoteStatus.OPEN, "carrier", NoteStatus.OPEN, words.CARRIER),
        transition(NoteStatus.OPEN, "pick", NoteStatus.OPEN, words.PICK),
        transition(NoteStatus.OPEN, "check", NoteStatus.OPEN, words.CHECK),
        transition(NoteStatus.OPEN, "dispatch", NoteStatus.DISPATCHED, words.DISPATCH),
        transition(NoteStatus.DISPATCHED, "feedback", NoteStatus.DISPATCHED, words.FEEDBACK),
        transition(NoteStatus.DISPATCHED, "confirm", NoteStatus.CONFIRMED, words.CONFIRM),
        transition(NoteStatus.OPEN, "cancel", NoteStatus.CANCELLED, words.CANCEL),
        transition(
            [NoteStatus.DISPATCHED, NoteStatus.CONFIRMED],
            "reverse",
            NoteStatus.REVERSED,
            words.REVERSE,
        ),
    ],
    {
        "carrier": _("Arrange the carrier"),
        "pick": _("Pick"),
        "check": _("Sign the check"),
        "dispatch": _("Dispatch"),
        "feedback": _("Report the waybill"),
        "confirm": _("Record the signature"),
        "cancel": _("Cancel"),
        "reverse": _("Reverse"),
    },
)

STOCK_TRANSITIONS = TransitionTable(
    [
        transition(StockStatus.DRAFT, "edit", StockStatus.DRAFT),
        transition(StockStatus.DRAFT, "post", StockStatus.POSTED),
        transition(StockStatus.POSTED, "reverse", StockStatus.REVERSED, words.STOCK_REVERSE),
    ],
    {
        "edit": _("Edit"),
        "post": _("Post"),
        "reverse": _("Reverse"),
    },
)
