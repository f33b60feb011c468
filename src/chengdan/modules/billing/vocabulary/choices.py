"""States and kinds of the room's documents."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class InvoiceStatus(models.TextChoices):
    """The coarse state of an invoice; the fine one is its process step."""

    DRAFT = "draft", _("Requested")
    POSTED = "posted", _("Unpaid")
    SETTLED = "settled", _("Settled")
    REVERSED = "reversed", _("Reversed")
    CANCELLED = "cancelled", _("Cancelled")


# Invoices that use up what may be invoiced of their order lines.
LIVE = (InvoiceStatus.DRAFT, InvoiceStatus.POSTED, InvoiceStatus.SETTLED)


class InvoiceKind(models.TextChoices):
    """What the document is."""

    INVOICE = "invoice", _("Invoice")
    CREDIT = "credit", _("Credit note")
    OPENING = "opening", _("Opening receivable")


class CollectionStage(models.TextChoices):
    """How far collection has gone."""

    NONE = "", _("Not begun")
    REMINDED = "reminded", _("Reminded before the due date")
    COLLECTING = "collecting", _("Being collected")
    ESCALATED = "escalated", _("Escalated")


class ReceiptStatus(models.TextChoices):
    """State of a receipt; only confirmed money counts."""

    REGISTERED = "registered", _("To confirm")
    CONFIRMED = "confirmed", _("Confirmed")
    REVERSED = "reversed", _("Reversed")


class ReceiptMethod(models.TextChoices):
    """How money came in."""

    TRANSFER = "transfer", _("Bank transfer")
    CHEQUE = "cheque", _("Cheque")
    BILL = "bill", _("Acceptance bill")
    WALLET = "wallet", _("Online payment")
    CASH = "cash", _("Cash")
    OTHER = "other", _("Other")


class LedgerAccount(models.TextChoices):
    """Accounts of the AR ledger; debit is positive."""

    RECEIVABLE = "receivable", _("Accounts receivable")
    REVENUE = "revenue", _("Sales revenue")
    TAX = "tax", _("Output tax payable")
    BANK = "bank", _("Bank and cash")
    UNAPPLIED = "unapplied", _("Unapplied receipts")
    EARMARKED = "earmarked", _("Receipts set aside for orders")
    OPENING = "opening", _("Opening balances")


class BatchKind(models.TextChoices):
    """What a posting was made for."""

    INVOICE = "invoice", _("Invoice posted")
    CREDIT = "credit", _("Invoice reversed")
    OPENING = "opening", _("Opening receivable")
    RECEIPT = "receipt", _("Receipt confirmed")
    RECEIPT_BACK = "receipt_back", _("Receipt reversed")
    EARMARK = "earmark", _("Receipt set aside")
    ALLOCATION = "allocation", _("Receipt allocated")
    UNALLOCATION = "unallocation", _("Allocation taken back")


class ActKind(models.TextChoices):
    """Ways of collecting (BIL-20)."""

    CALL = "call", _("Phone call")
    LETTER = "letter", _("Letter")
    MESSAGE = "message", _("Message")
    VISIT = "visit", _("Visit")


class ActResult(models.TextChoices):
    """What came of it."""

    PROMISED = "promised", _("Promised to pay")
    NO_ANSWER = "no_answer", _("Not reached")
    DISPUTED = "disputed", _("Disputed")
    REFUSED = "refused", _("Refused to pay")
    NOTED = "noted", _("Noted")


ACT_PROMISED = ActResult.PROMISED
