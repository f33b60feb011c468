"""Bodies and answers of the room's API."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

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


class LineOut(OutSchema):
    """A line of a note; quantities in its unit."""

    number: int
    order_id: int | None
    order_line: int
    product_id: int
    unit_of_measure_id: int
    quantity: Quantity
    asked_quantity: Quantity
    shipped: Quantity


class NoteOut(OutSchema):
    """A delivery note."""

    id: Id
    number: str
    status: str
    step: str
    customer_id: int
    warehouse_id: int
    carrier: str
    station: str
    vehicle: str
    received_at: datetime
    due_at: datetime | None
    slip_number: str
    dispatched_at: datetime | None
    waybill: str
    confirmed_on: date | None
    signer: str
    deviation: str
    is_direct: bool
    gross: Amount
    version: int


class NoteFull(NoteOut):
    """A delivery note with its lines."""

    rows: list[LineOut]


class LotOut(OutSchema):
    """A lot; quantities in base units."""

    id: Id
    warehouse_id: int
    product_id: int
    batch: str
    expires_on: date | None
    received_on: date
    on_hand: Quantity
    reserved: Quantity
    available: Quantity


class VersionIn(StrictSchema):
    """The version that the caller saw."""

    expected_version: Version | None = None


class MakeIn(StrictSchema):
    """Orders that go into one note."""

    order_ids: list[Id] = Field(min_length=1, max_length=200)
    warehouse_id: Id | None = None


class CarrierIn(VersionIn):
    """Who carries the goods."""

    carrier: Line
    station: Line = ""
    vehicle: Line = ""
    reason: Text = ""


class PickIn(StrictSchema):
    """What was taken for a line, in its unit."""

    line: int = Field(ge=1, le=5000)
    quantity: Quantity
    batch: Line = ""
    lot_id: int = Field(default=0, ge=0)


class PicksIn(VersionIn):
    """What was picked; without `picks` the proposal."""

    picks: list[PickIn] | None = Field(default=None, max_length=5000)
    reason: Text = ""


class CountIn(StrictSchema):
    """What the checker found standing ready, in the line's unit."""

    line: int = Field(ge=1, le=5000)
    quantity: Quantity
    batch: Line = ""


class CheckIn(VersionIn):
    """The signature of the outbound check; `counts` are compared with what was picked."""

    counts: list[CountIn] | None = Field(default=None, max_length=5000)
    comment: Text = ""


class ReasonIn(VersionIn):
    """Why."""

    reason: Text


class DispatchIn(VersionIn):
    """The vehicle."""

    vehicle: Line = ""


class FeedbackIn(VersionIn):
    """The waybill."""

    waybill: Line
    customer_told_how: Line = ""


class ConfirmIn(VersionIn):
    """The customer's signature."""

    signer: Line
    confirmed_on: date | None = None
    deviation: Text = ""
    archive: Line = ""


class DirectLineIn(StrictSchema):
    """A product given away without an order; without a unit in the unit of sale."""

    product_id: Id
    quantity: Quantity
    unit_id: int = Field(default=0, ge=0)


class DirectIn(StrictSchema):
    """Goods without an order, and why."""

    customer_id: Id
    lines: list[DirectLineIn] = Field(min_length=1, max_length=200)
    reason: Text
    warehouse_id: Id | None = None
    ship_to_text: Line = ""


class WarehouseIn(StrictSchema):
    """A warehouse; the unit runs it, and its calendar counts."""

    code: Line = Field(max_length=40, examples=["GZ"])
    name: Line = Field(max_length=80, examples=["Guangzhou store"])
    unit_id: Id
    address: Line = ""
    is_default: bool = False
    is_active: bool = True


class WarehouseChange(WarehouseIn):
    """New values of a warehouse."""

    expected_version: Version | None = None


class WarehouseOut(OutSchema):
    """A warehouse."""

    id: Id
    code: str
    name: str
    unit_id: int
    address: str
    is_default: bool
    is_active: bool
    version: int


class StockLineIn(StrictSchema):
    """A product and batch, in base units."""

    product_id: Id
    quantity: Quantity
    batch: Line = ""
    expires_on: date | None = None


class StockIn(StrictSchema):
    """A stock document, entered and posted at once."""

    kind: str = Field(pattern="^(opening|receipt|issue|count)$")
    warehouse_id: Id
    lines: list[StockLineIn] = Field(min_length=1, max_length=2000)
    effective_on: date | None = None
    reason: Text = ""


class StockOut(OutSchema):
    """A stock document."""

    id: Id
    number: str
    kind: str
    status: str
    warehouse_id: int
    effective_on: date
    version: int


class StockLineOut(OutSchema):
    """A line of a stock document, in base units."""

    number: int
    product_id: int
    quantity: Quantity
    delta: Quantity
    batch: str


class StockFull(StockOut):
    """A stock document with its lines."""

    rows: list[StockLineOut]


class StockChange(StockIn):
    """New content of a stock document that is not posted."""

    expected_version: Version | None = None
