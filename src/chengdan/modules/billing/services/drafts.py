"""What callers fill in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from chengdan.modules.billing.vocabulary import ReceiptMethod


@dataclass(frozen=True, slots=True)
class InvoiceItem:
    """A part of an order line to be invoiced; note 0 without a delivery note.

    Attributes:
        quantity: in the order line's unit, > 0.
    """

    order_id: int
    line: int
    quantity: Decimal
    note_id: int = 0
    note_line: int = 0


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    """A request for one invoice of one customer."""

    items: Sequence[InvoiceItem]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptDraft:
    """Money that came in.

    Attributes:
        received_on: value date at the bank, not in the future.
        bank_reference: unique per account; "" when the bank gives none.
    """

    customer_id: int
    amount: Decimal
    received_on: date
    method: str = ReceiptMethod.TRANSFER
    account: str = ""
    bank_reference: str = ""
    payer: str = ""
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Part of a receipt for one invoice; `order_id` takes it from money set aside for the order."""

    invoice_id: int
    amount: Decimal
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """A receivable taken over from another system, without order.

    Attributes:
        number: its number there, unique in the company.
        open: what is still owed of it, > 0.
    """

    customer_id: int
    number: str
    invoice_on: date
    due_on: date
    open: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A line of an invoice taken over."""

    order_id: int | None
    order_line: int
    product_id: int | None
    quantity: Decimal
    gross: Decimal
    tax: Decimal = Decimal(0)
    unit_of_measure_id: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class HistoryInvoice:
    """A posted invoice taken over with its lines, and with its payment when there was one.

    Attributes:
        paid: (number of the receipt, day) of a payment in full; None while it is owed.
    """

    customer_id: int
    number: str
    invoice_on: date
    due_on: date
    lines: Sequence[HistoryLine] = field(default_factory=tuple)
    paid: tuple[str, date] | None = None
