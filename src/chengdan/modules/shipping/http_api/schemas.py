"""Bodies and answers of the room's API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chengdan.kernel.http.schemas import (
    ID_MAX,
    Amount,
    Day,
    Id,
    OutSchema,
    Quantity,
    Reason,
    StrictSchema,
    Text,
    Version,
    VersionIn,
    made_into,
)
from chengdan.modules.shipping.services import (
    CountInput,
    DirectLine,
    PickInput,
    StockLineDraft,
)

Batch = Annotated[str, Field(max_length=60)]
Vehicle = Annotated[str, Field(max_length=60)]
LineNumber = Annotated[int, Field(ge=1, le=5000)]
IdOrNone = Annotated[int, Field(ge=0, le=ID_MAX)]


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


class MakeIn(StrictSchema):
    """Orders that go into one note."""

    order_ids: list[Id] = Field(min_length=1, max_length=200)
    warehouse_id: Id | None = None


class CarrierIn(VersionIn):
    """Who carries the goods."""

    carrier: Annotated[str, Field(max_length=120)]
    station: Annotated[str, Field(max_length=120)] | None = Field(
        None, description="Left out, it is the one designated with this carrier."
    )
    vehicle: Vehicle = ""
    reason: Reason = ""


class PickIn(StrictSchema):
    """What was taken for a line, in its unit; without lot and batch of the product's only lot."""

    line: LineNumber
    quantity: Quantity
    batch: Batch = ""
    lot_id: IdOrNone = 0


class PicksIn(VersionIn):
    """What was picked; without `picks` the proposal."""

    picks: list[Annotated[PickIn, made_into(PickInput)]] | None = Field(None, max_length=5000)
    reason: Reason = ""


class CountIn(StrictSchema):
    """What the checker found standing ready, in the line's unit."""

    line: LineNumber
    quantity: Quantity
    batch: Batch = ""


class CheckIn(VersionIn):
    """The signature of the outbound check; `counts` are compared with what was picked."""

    counts: list[Annotated[CountIn, made_into(CountInput)]] | None = Field(None, max_length=5000)
    comment: Text = ""


class ReasonIn(VersionIn):
    """Why."""

    reason: Reason


class DispatchIn(VersionIn):
    """The vehicle."""

    vehicle: Vehicle = ""


class FeedbackIn(VersionIn):
    """The waybill."""

    waybill: Annotated[str, Field(max_length=80)]
    customer_told_how: Annotated[str, Field(max_length=100)] = ""


class ConfirmIn(VersionIn):
    """The customer's signature."""

    signer: Annotated[str, Field(max_length=80)]
    confirmed_on: Day | None = None
    deviation: Text = ""
    archive: Annotated[str, Field(max_length=120)] = ""


class DirectLineIn(StrictSchema):
    """A product given away without an order; without a unit in the unit of sale."""

    product_id: Id
    quantity: Quantity
    unit_id: IdOrNone = 0


class DirectIn(StrictSchema):
    """Goods without an order, and why."""

    customer_id: Id
    lines: list[Annotated[DirectLineIn, made_into(DirectLine)]] = Field(
        min_length=1, max_length=200
    )
    reason: Reason
    warehouse_id: Id | None = None
    ship_to_id: Id | None = None
    ship_to_text: Annotated[str, Field(max_length=400)] = ""


class WarehouseIn(StrictSchema):
    """A warehouse; the unit runs it, and its calendar counts."""

    code: Annotated[str, Field(max_length=20, examples=["GZ"])]
    name: Annotated[str, Field(max_length=100, examples=["Guangzhou store"])]
    unit_id: Id
    address: Annotated[str, Field(max_length=300)] = ""
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
    batch: Batch = ""
    expires_on: Day | None = None


class StockIn(StrictSchema):
    """A stock document; for a count `quantity` is what was counted."""

    kind: Literal["opening", "receipt", "issue", "count"]
    warehouse_id: Id
    lines: list[Annotated[StockLineIn, made_into(StockLineDraft)]] = Field(
        min_length=1, max_length=2000
    )
    effective_on: Day | None = None
    reason: Reason = ""


class StockChange(StockIn):
    """New content of a stock document that is not posted."""

    expected_version: Version | None = None


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
