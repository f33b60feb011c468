"""Words of the room: states, kinds, permissions, audit codes, events, parameters."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare
from chengdan.kernel.numbering import series_declare
from chengdan.kernel.outbox import Event
from chengdan.kernel.parameters import parameter_declare
from chengdan.kernel.permissions import permission_declare

NOTE = "shipping.deliverynote"
STOCK_DOCUMENT = "shipping.stockdocument"
WAREHOUSE = "shipping.warehouse"


class NoteStatus(models.TextChoices):
    """The coarse state of a delivery note; the fine one is its process step."""

    OPEN = "open", _("Being prepared")
    DISPATCHED = "dispatched", _("On its way")
    CONFIRMED = "confirmed", _("Confirmed by the customer")
    CANCELLED = "cancelled", _("Cancelled")
    REVERSED = "reversed", _("Reversed")


# Notes that bring nobody anything any more.
GONE = frozenset({NoteStatus.CANCELLED, NoteStatus.REVERSED})


class StockKind(models.TextChoices):
    """Kinds of stock documents entered by hand."""

    OPENING = "opening", _("Opening stock")
    RECEIPT = "receipt", _("Goods in")
    ISSUE = "issue", _("Goods out")
    COUNT = "count", _("Stock count")


class EntryKind(models.TextChoices):
    """What moved stock."""

    OPENING = "opening", _("Opening stock")
    RECEIPT = "receipt", _("Goods in")
    ISSUE = "issue", _("Goods out")
    COUNT = "count", _("Count difference")
    DELIVERY = "delivery", _("Delivery")
    REVERSAL = "reversal", _("Reversal")


class StockStatus(models.TextChoices):
    """State of a stock document."""

    DRAFT = "draft", _("Draft")
    POSTED = "posted", _("Posted")
    REVERSED = "reversed", _("Reversed")


# permissions ─────────────────────────────────────────────────────────────────────────────
VIEW = permission_declare("shipping.note:view", _("See delivery notes"), model=NOTE)
CREATE = permission_declare("shipping.note:create", _("Make delivery notes"), model=NOTE)
CARRIER = permission_declare(
    "shipping.note:assign_carrier", _("Arrange carriers"), model=NOTE, is_step=True
)
PICK = permission_declare("shipping.note:pick", _("Pick goods"), model=NOTE, is_step=True)
CHECK = permission_declare(
    "shipping.note:check", _("Check outgoing goods"), model=NOTE, is_step=True
)
DISPATCH = permission_declare(
    "shipping.note:dispatch", _("Dispatch goods"), model=NOTE, is_step=True
)
FEEDBACK = permission_declare(
    "shipping.note:feedback", _("Report waybills back"), model=NOTE, is_step=True
)
CONFIRM = permission_declare(
    "shipping.note:confirm", _("Record customers' confirmations"), model=NOTE, is_step=True
)
CANCEL = permission_declare("shipping.note:cancel", _("Cancel delivery notes"), model=NOTE)
REVERSE = permission_declare("shipping.note:reverse", _("Reverse dispatched notes"), model=NOTE)
EXPORT = permission_declare("shipping.note:export", _("Export delivery notes"), model=NOTE)
STOCK_VIEW = permission_declare("shipping.stock:view", _("See stock"))
STOCK_RECEIVE = permission_declare("shipping.stock:receive", _("Post stock receipts"))
STOCK_ISSUE = permission_declare("shipping.stock:issue", _("Post stock issues"))
STOCK_COUNT = permission_declare("shipping.stock:count", _("Post stock counts"))
STOCK_OPENING = permission_declare("shipping.stock:opening", _("Post opening stock"))
STOCK_REVERSE = permission_declare("shipping.stock:reverse", _("Reverse stock documents"))
STOCK_EXPORT = permission_declare("shipping.stock:export", _("Export stock"))
WAREHOUSE_VIEW = permission_declare("shipping.warehouse:view", _("See warehouses"))
WAREHOUSE_EDIT = permission_declare("shipping.warehouse:edit", _("Maintain warehouses"))
STOCK_RIGHTS: dict[str, str] = {
    StockKind.OPENING: STOCK_OPENING,
    StockKind.RECEIPT: STOCK_RECEIVE,
    StockKind.ISSUE: STOCK_ISSUE,
    StockKind.COUNT: STOCK_COUNT,
}
# What the act of a step asks for.
STEP_RIGHTS = {
    "CA": CARRIER, "PK": PICK, "OQ1": CHECK, "OQ2": CHECK, "DP": DISPATCH, "FB": FEEDBACK,
    "CF": CONFIRM,
}  # fmt: skip

# audit codes ─────────────────────────────────────────────────────────────────────────────
NOTE_MADE = audit_declare("shipping.note.made", _("Delivery note made"))
NOTE_RESERVED = audit_declare("shipping.note.reserved", _("Stock reserved"))
NOTE_FREED = audit_declare("shipping.note.freed", _("Reserved stock freed"))
NOTE_CARRIER = audit_declare("shipping.note.carrier_assigned", _("Carrier arranged"))
NOTE_PICKED = audit_declare("shipping.note.picked", _("Goods picked"))
NOTE_CHECKED = audit_declare("shipping.note.checked", _("Outgoing goods checked"))
NOTE_DISPATCHED = audit_declare("shipping.note.dispatched", _("Goods dispatched"))
NOTE_FED_BACK = audit_declare("shipping.note.fed_back", _("Waybill reported back"))
NOTE_CONFIRMED = audit_declare("shipping.note.confirmed", _("Confirmed by the customer"))
NOTE_CHANGED = audit_declare("shipping.note.changed", _("Delivery note follows its order"))
NOTE_CANCELLED = audit_declare("shipping.note.cancelled", _("Delivery note cancelled"))
NOTE_REVERSED = audit_declare("shipping.note.reversed", _("Delivery reversed"))
STOCK_POSTED = audit_declare("shipping.stock.posted", _("Stock document posted"))
STOCK_DRAFTED = audit_declare("shipping.stock.drafted", _("Stock document entered"))
STOCK_REVERSED = audit_declare("shipping.stock.reversed", _("Stock document reversed"))
WAREHOUSE_CREATED = audit_declare("shipping.warehouse.created", _("Warehouse created"))
WAREHOUSE_CHANGED = audit_declare("shipping.warehouse.changed", _("Warehouse changed"))

# number series, in the order in which one act takes them ─────────────────────────────────
NOTE_SERIES = series_declare(
    NOTE, title=_("Delivery note"), pattern="DN{yy}{mm}-{n:4}", reset="monthly"
)
STOCK_SERIES = series_declare(
    STOCK_DOCUMENT, title=_("Stock document"), pattern="SD{yy}{mm}-{n:4}", reset="monthly"
)
SLIP_SERIES = series_declare(
    "shipping.slip", title=_("Outbound slip"), pattern="CK{yy}-{n:6}", reset="yearly",
    is_gapless=True,
)  # fmt: skip

# parameters ──────────────────────────────────────────────────────────────────────────────
OVER_CONTROL = parameter_declare(
    "shipping.over_delivery_control",
    kind=bool,
    default=True,
    title=_("Refuse deliveries above the order beyond the tolerance"),
    requirement="SHP-20",
)
NOTE_AUTO = parameter_declare(
    "shipping.note_on_release",
    kind=bool,
    default=True,
    title=_("Make the delivery note when an order is handed over"),
)
CONFIRM_PROOF = parameter_declare(
    "shipping.confirmation_proof",
    kind=bool,
    default=True,
    title=_("A confirmation needs the signed slip as a file, or where its paper is kept"),
    requirement="SHP-07",
)
EXPLAIN_HOURS = parameter_declare(
    "shipping.explain_hours",
    kind=int,
    default=48,
    title=_("Hours after which an unshipped note needs a written explanation"),
    requirement="SHP-03",
    minimum=1,
    maximum=1000,
)
IN_TIME_PERCENT = parameter_declare(
    "shipping.in_time_percent",
    kind=Decimal,
    default=Decimal(100),
    title=_("Goal of the notes shipped in the promised time, in percent"),
    requirement="SHP-01",
    minimum=0,
    maximum=100,
)
ACCURACY_PERCENT = parameter_declare(
    "shipping.accuracy_percent",
    kind=Decimal,
    default=Decimal(98),
    title=_("Goal of the notes shipped accurately, in percent"),
    requirement="SHP-02",
    minimum=0,
    maximum=100,
)


# events ──────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class DeliveryDispatched(Event):
    """Goods left the house; billing may invoice them."""

    code: ClassVar[str] = "shipping.dispatched"
    note_id: int


@dataclass(frozen=True, slots=True)
class DeliveryConfirmed(Event):
    """The customer signed for the goods."""

    code: ClassVar[str] = "shipping.confirmed"
    note_id: int


@dataclass(frozen=True, slots=True)
class DeliveryReversing(Event):
    """A dispatched note is about to be taken back; later rooms lock what hangs on it, or refuse."""

    code: ClassVar[str] = "shipping.reversing"
    note_id: int


@dataclass(frozen=True, slots=True)
class DeliveryReversed(Event):
    """A dispatched note was taken back before it was invoiced."""

    code: ClassVar[str] = "shipping.reversed"
    note_id: int


@dataclass(frozen=True, slots=True)
class StockArrived(Event):
    """Stock became available; orders that wait for it may get their notes."""

    code: ClassVar[str] = "shipping.stock_arrived"
    company_id: int
    product_ids: list[int]
