"""What the API of billing takes and answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from chengdan.kernel.http.schemas import (
    Amount,
    Id,
    Line,
    OutSchema,
    Quantity,
    StrictSchema,
    Text,
    Version,
)


def fields_of(payload: StrictSchema) -> dict[str, Any]:
    """Return the values of an input; `model_dump` would turn exact numbers into texts."""
    return {name: getattr(payload, name) for name in type(payload).model_fields}


Part = Annotated[int, Field(ge=0, le=100_000)]


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
    line: Part
    quantity: Quantity
    note_id: Annotated[int, Field(ge=0)] = 0
    note_line: Part = 0


class InvoiceIn(StrictSchema):
    """A request for an invoice."""

    items: Annotated[list[ItemIn], Field(min_length=1, max_length=500)]
    note: Text = ""
    is_ahead: bool = False


class IssueIn(StrictSchema):
    """Date and electronic number of an invoice that is issued."""

    invoice_on: date | None = None
    e_number: Line = ""
    expected_version: Version | None = None


class DeliverIn(StrictSchema):
    """Who signed for an invoice."""

    signed_by: Line
    delivered_on: date | None = None
    how: Line = ""
    expected_version: Version | None = None


class ReverseIn(StrictSchema):
    """Why a posted document is taken back, and when that counts."""

    reason: Line
    on: date | None = None
    expected_version: Version | None = None


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
    received_on: date
    method: Line = "transfer"
    account: Line = ""
    bank_reference: Line = ""
    payer: Line = ""
    memo: Line = ""


class ConfirmIn(StrictSchema):
    """Posting day of a confirmed receipt."""

    on: date | None = None
    expected_version: Version | None = None


class EarmarkIn(StrictSchema):
    """Money to set aside for an order."""

    order_id: Id
    amount: Amount
    expected_version: Version | None = None


class PartIn(StrictSchema):
    """Part of a receipt for an invoice; `order_id` uses money set aside for that order."""

    invoice_id: Id
    amount: Amount
    order_id: Id | None = None


class AllocateIn(StrictSchema):
    """What a receipt is used for."""

    parts: Annotated[list[PartIn], Field(min_length=1, max_length=500)]
    effective_on: date | None = None
    expected_version: Version | None = None


class UnallocateIn(StrictSchema):
    """An allocation to take back; without an amount all of it."""

    invoice_id: Id
    reason: Line
    amount: Amount | None = None
    effective_on: date | None = None
    expected_version: Version | None = None


class AllocationOut(OutSchema):
    """One immutable row of an allocation."""

    id: int
    receipt_id: int
    invoice_id: int
    order_id: int | None
    amount: Amount
    effective_on: date
    reason: str


class VersionIn(StrictSchema):
    """The version that the caller saw."""

    expected_version: Version | None = None


class CancelIn(StrictSchema):
    """Why a request is dropped."""

    reason: Line
    expected_version: Version | None = None


class UnearmarkIn(EarmarkIn):
    """Money set aside for an order to give back, and why."""

    reason: Line


class CollectionIn(StrictSchema):
    """That the customer was asked for the money: way, result, promise."""

    kind: Annotated[Line, Field(examples=["call"])]
    result: Annotated[Line, Field(examples=["promised"])]
    at: AwareDatetime | None = None
    contact: Annotated[Line, Field(max_length=80)] = ""
    promise_on: date | None = None
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
    """The way of one order to its money; seconds of each part, null while it lasts."""

    order_id: int
    number: str
    release_seconds: int | None
    dispatch_seconds: int | None
    invoice_seconds: int | None
    money_seconds: int | None
    total_seconds: int | None
