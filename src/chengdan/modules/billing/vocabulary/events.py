"""What happened here that other rooms and integrations may react to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chengdan.kernel.outbox import Event


@dataclass(frozen=True, slots=True)
class InvoicePosted(Event):
    """An invoice was issued; it is owed from now on."""

    code: ClassVar[str] = "billing.posted"
    invoice_id: int


@dataclass(frozen=True, slots=True)
class InvoiceSettled(Event):
    """Nothing of the invoice is owed any more."""

    code: ClassVar[str] = "billing.settled"
    invoice_id: int


@dataclass(frozen=True, slots=True)
class InvoiceReversed(Event):
    """A credit note took the invoice back."""

    code: ClassVar[str] = "billing.reversed"
    invoice_id: int
    credit_note_id: int


@dataclass(frozen=True, slots=True)
class ReceiptConfirmed(Event):
    """Finance confirmed that the money is there."""

    code: ClassVar[str] = "billing.receipt_confirmed"
    receipt_id: int


@dataclass(frozen=True, slots=True)
class MoneySetAside(Event):
    """Money was set aside for an order; what is posted of it is paid from there."""

    code: ClassVar[str] = "billing.set_aside"
    order_id: int


@dataclass(frozen=True, slots=True)
class CollectionStarted(Event):
    """An invoice is past due; its coordinator and sales manager are told."""

    code: ClassVar[str] = "billing.collection_started"
    invoice_id: int
