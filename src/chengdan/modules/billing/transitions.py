"""Which verb leads an invoice or a receipt from where to where."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.transitions import TransitionTable, transition
from chengdan.modules.billing.vocabulary import InvoiceStatus, ReceiptStatus, rights

INVOICE_TRANSITIONS = TransitionTable(
    [
        transition(InvoiceStatus.DRAFT, "request", InvoiceStatus.DRAFT, rights.REQUEST),
        transition(InvoiceStatus.DRAFT, "cancel", InvoiceStatus.CANCELLED, rights.EDIT),
        transition(InvoiceStatus.DRAFT, "post", InvoiceStatus.POSTED, rights.ISSUE),
        transition(InvoiceStatus.POSTED, "deliver", InvoiceStatus.POSTED, rights.DELIVER),
        transition(InvoiceStatus.SETTLED, "deliver", InvoiceStatus.SETTLED, rights.DELIVER),
        transition(InvoiceStatus.POSTED, "settle", InvoiceStatus.SETTLED),
        transition(InvoiceStatus.SETTLED, "reopen", InvoiceStatus.POSTED),
        transition(
            [InvoiceStatus.POSTED, InvoiceStatus.SETTLED],
            "reverse",
            InvoiceStatus.REVERSED,
            rights.REVERSE,
        ),
    ],
    {
        "request": _("Request"),
        "cancel": _("Cancel"),
        "post": _("Issue"),
        "deliver": _("Deliver"),
        "settle": _("Settle"),
        "reopen": _("Reopen"),
        "reverse": _("Reverse"),
    },
)

RECEIPT_TRANSITIONS = TransitionTable(
    [
        transition(ReceiptStatus.REGISTERED, "correct", ReceiptStatus.REGISTERED, rights.REGISTER),
        transition(ReceiptStatus.REGISTERED, "confirm", ReceiptStatus.CONFIRMED, rights.CONFIRM),
        transition(
            [ReceiptStatus.REGISTERED, ReceiptStatus.CONFIRMED],
            "reverse",
            ReceiptStatus.REVERSED,
            rights.RECEIPT_REVERSE,
        ),
        transition(ReceiptStatus.CONFIRMED, "allocate", ReceiptStatus.CONFIRMED, rights.ALLOCATE),
        transition(ReceiptStatus.CONFIRMED, "earmark", ReceiptStatus.CONFIRMED, rights.EARMARK),
    ],
    {
        "correct": _("Correct"),
        "confirm": _("Confirm"),
        "reverse": _("Reverse"),
        "allocate": _("Allocate"),
        "earmark": _("Set aside for an order"),
    },
)
