"""What the API of billing takes and answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from chengdan.kernel.http.schemas import (
    ID_MAX,
    Amount,
    Day,
    Id,
    Instant,
    Line,
    OutSchema,
    Quantity,
    Reason,
    StrictSchema,
    Text,
    VersionIn,
    made_into,
)
from chengdan.modules.billing.services import InvoiceItem, Part
from chengdan.modules.billing.vocabulary import ActKind, ActResult, ReceiptMethod

LineNumber = Annotated[int, Field(ge=0, le=100_000)]


class InvoiceLineOut(OutSchema):
    """One line of an invoice."""

    number: int
    order_id: int | None
    order_line: int
    delivery_note_id: int | None
    product_id: int | None
    quantity: Quantity
    gross: Amount
    tax: Amount
    net: Amount


class InvoiceOut(OutSchema):
    """An invoice or credit note."""

    id: int
    version: int
    number: str
    kind: str
    status: str
    customer_id: int
    invoice_on: date | None
    due_on: date | None
    currency: str
    gross: Amount
    tax: Amount
    net: Amount
    open: Amount
    e_number: str
    step: str
    reversal_of_id: int | None


class InvoiceDetail(InvoiceOut):
    """An invoice with its lines."""

    lines: list[InvoiceLineOut]


class ItemIn(StrictSchema):
    """A part of an order line to invoice."""

    order_id: Id
    line: LineNumber
    quantity: Quantity
    note_id: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    note_line: LineNumber = 0


class InvoiceIn(StrictSchema):
    """A request for an invoice."""

    items: list[Annotated[ItemIn, made_into(InvoiceItem)]] = Field(min_length=1, max_length=500)
    note: Text = ""


class IssueIn(VersionIn):
    """Date and electronic number of an invoice that is issued."""

    invoice_on: Day | None = None
    e_number: Annotated[str, Field(max_length=40)] = ""


class DeliverIn(VersionIn):
    """Who signed for an invoice."""

    signed_by: Annotated[str, Field(max_length=80)]
    delivered_on: Day | None = None
    how: Annotated[str, Field(max_length=100)] = ""


class ReverseIn(VersionIn):
    """Why a posted document is taken back, and when that counts."""

    reason: Reason
    on: Day | None = None


class ReceiptOut(OutSchema):
    """Money that came in."""

    id: int
    version: int
    number: str
    status: str
    customer_id: int
    amount: Amount
    currency: str
    received_on: date
    method: str
    account: str
    bank_reference: str
    payer: str
    memo: str
    unapplied: Amount
    earmarked: Amount
    applied: Amount


class ReceiptIn(StrictSchema):
    """A receipt to register."""

    customer_id: Id
    amount: Amount
    received_on: Day
    method: ReceiptMethod = ReceiptMethod.TRANSFER
    account: Annotated[str, Field(max_length=60)] = ""
    bank_reference: Annotated[str, Field(max_length=80)] = ""
    payer: Line = ""
    memo: Annotated[str, Field(max_length=300)] = ""


class ConfirmIn(VersionIn):
    """Posting day of a confirmed receipt."""

    on: Day | None = None


class EarmarkIn(VersionIn):
    """Money to set aside for an order."""

    order_id: Id
    amount: Amount


class PartIn(StrictSchema):
    """Part of a receipt for an invoice; `order_id` uses money set aside for that order."""

    invoice_id: Id
    amount: Amount
    order_id: Id | None = None


class AllocateIn(VersionIn):
    """What a receipt is used for."""

    parts: list[Annotated[PartIn, made_into(Part)]] = Field(min_length=1, max_length=500)
    effective_on: Day | None = None


class UnallocateIn(VersionIn):
    """An allocation to take back; without an amount all of it."""

    invoice_id: Id
    reason: Reason
    amount: Amount | None = None
    effective_on: Day | None = None


class AllocationOut(OutSchema):
    """One immutable row of an allocation."""

    id: int
    receipt_id: int
    invoice_id: int
    order_id: int | None
    amount: Amount
    effective_on: date
    reason: str


class CancelIn(VersionIn):
    """Why a request is dropped."""

    reason: Reason


class UnearmarkIn(EarmarkIn):
    """Money set aside for an order to give back, and why."""

    reason: Reason


class CollectionIn(StrictSchema):
    """That the customer was asked for the money: way, result, promise."""

    kind: ActKind
    result: ActResult
    at: Instant | None = None
    contact: Annotated[str, Field(max_length=80)] = ""
    promise_on: Day | None = None
    promise_amount: Amount | None = None
    note: Text = ""


class CollectionOut(OutSchema):
    """One attempt to collect."""

    id: int
    invoice_id: int
    kind: str
    result: str
    at: datetime
    by_name: str
    contact: str
    promise_on: date | None
    promise_amount: Amount | None
    note: str


class ProposedOut(OutSchema):
    """What a receipt would best be used for."""

    invoice_id: int
    amount: Amount


class AgingOut(OutSchema):
    """What one customer owed on a day, by how long it was due."""

    customer_id: int
    code: str
    name: str
    amounts: list[Amount]
    total: Amount
    unapplied: Amount


class RateOut(OutSchema):
    """The collection rate of one responsible sales manager."""

    owner_id: int
    owner_name: str
    due: Amount
    collected: Amount
    is_below_goal: bool


class MovementOut(OutSchema):
    """One movement of a customer's account."""

    on: date
    kind: str
    number: str
    amount: Amount
    balance: Amount


class StatementOut(OutSchema):
    """A customer's account of a period."""

    opening: Amount
    closing: Amount
    lines: list[MovementOut]


class RemittanceOut(OutSchema):
    """The way of one order to its money, part by part; null while a part lasts.

    Seconds are elapsed time, working minutes are those of the company's calendar. The parts:
    from submission to acceptance, to the hand-over to storage (release), to the first dispatch, to
    the first invoice, to the last money.
    """

    order_id: int
    number: str
    accept_seconds: int | None = None
    release_seconds: int | None = None
    dispatch_seconds: int | None = None
    invoice_seconds: int | None = None
    money_seconds: int | None = None
    total_seconds: int | None = None
    accept_working_minutes: int | None = None
    release_working_minutes: int | None = None
    dispatch_working_minutes: int | None = None
    invoice_working_minutes: int | None = None
    money_working_minutes: int | None = None
    total_working_minutes: int | None = None
