"""Bodies and answers of the room's API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chengdan.kernel.http.schemas import (
    Amount,
    Day,
    Id,
    Instant,
    Line,
    OutSchema,
    Price,
    Quantity,
    Rate,
    Reason,
    Share,
    StrictSchema,
    Text,
    Version,
    VersionIn,
    made_into,
)
from chengdan.kernel.numbers import ZERO
from chengdan.modules.orders.services import LineDraft

Kind = Literal["goods", "gift", "sample", "charge", "discount"]


class LineIn(StrictSchema):
    """A line as wanted; charges and discounts have a description and a price, no product."""

    kind: Kind = "goods"
    product_id: Id | None = None
    unit_of_measure_id: Id | None = Field(None, description="Empty takes the unit it is sold in.")
    quantity: Quantity = ZERO
    price: Price | None = Field(None, description="Empty takes the price of the price lists.")
    discount: Share = ZERO
    tax_rate: Share | None = Field(None, description="Empty takes the product's.")
    requested_on: Day | None = None
    description: Line = ""
    note: Line = ""


class OrderIn(StrictSchema):
    """An order as wanted."""

    customer_id: Id
    lines: list[Annotated[LineIn, made_into(LineDraft)]] = Field(
        default_factory=list, max_length=500
    )
    customer_order_number: Annotated[str, Field(max_length=60)] = ""
    ordered_on: Day | None = None
    requested_on: Day | None = Field(None, examples=["2026-11-30"])
    ship_to_id: Id | None = None
    bill_to_id: Id | None = None
    ship_to_text: Annotated[str, Field(max_length=400)] = ""
    pays_first: bool | None = None
    is_partial_allowed: bool = True
    quota_choice: Literal["cut", "over"] = "cut"
    quota_reason: Text = ""
    note: Text = ""
    internal_note: Text = ""


class OrderChange(OrderIn):
    """The whole order as it shall be."""

    expected_version: Version | None = None


class AmendLineIn(LineIn):
    """A line as it shall be; one without a number is new."""

    number: int | None = Field(None, ge=1, le=100_000, description="The line that it changes.")


class AmendIn(OrderIn):
    """The whole order as it shall be; lines that name no number stand for the order's in turn."""

    lines: list[Annotated[AmendLineIn, made_into(LineDraft)]] = Field(  # type: ignore[assignment]
        default_factory=list, max_length=500
    )
    reason: Text
    expected_version: Version | None = None


class ReasonIn(VersionIn):
    """An act that says why."""

    reason: Text


class AcceptIn(VersionIn):
    """The order memo, and how the customer was told."""

    memo: Text = ""
    customer_told_how: Annotated[str, Field(max_length=100)] = ""


class HandOverIn(VersionIn):
    """Who of storage and transport took the delivery note, and when."""

    received_by: Annotated[str, Field(max_length=100)]
    received_at: Instant | None = None


class SpecialIn(VersionIn):
    """An application for special treatment with the business record."""

    reason_kind: Literal["fair", "growth", "other"]
    reason: Text
    business_record: Text


class ShortfallIn(StrictSchema):
    """Why the rest of an advance payment may come later, and by when it is expected."""

    reason: Reason
    until: Day


class LineOut(OutSchema):
    """A line; quantities in its unit."""

    number: int
    kind: str
    product_id: int | None
    description: str
    unit_of_measure_id: int | None
    quantity: Quantity
    asked_quantity: Quantity
    price: Price
    discount: Rate
    tax_rate: Rate
    gross: Amount
    tax: Amount
    net: Amount
    requested_on: date | None
    delivered: Quantity
    invoiced: Quantity
    closed: Quantity


class OrderOut(OutSchema):
    """An order."""

    id: Id
    number: str
    status: str
    step: str
    customer_id: int
    customer_order_number: str
    ordered_on: date
    requested_on: date | None
    currency: str
    gross: Amount
    tax: Amount
    net: Amount
    delivered_gross: Amount
    invoiced_gross: Amount
    paid_gross: Amount
    is_held: bool
    pays_first: bool
    credit_band: str
    credit_over: Amount
    due_at: datetime | None
    version: int


class OrderFull(OrderOut):
    """An order with its lines."""

    rows: list[LineOut]


class StopOut(OutSchema):
    """One thing that stands in the way, or that somebody will have to decide."""

    kind: str
    rule: str
    title: str
    text: str
    field: str
    row: int | None
    ways: list[str]


class StopsOut(OutSchema):
    """Everything that stands in the way of an order."""

    is_blocked: bool
    stops: list[StopOut]


class AmendmentOut(OutSchema):
    """A change that was asked for."""

    id: Id
    order_id: int
    sequence: int
    status: str
    gross: Amount
    difference: Amount
    version: int
