"""Words of the room: states, kinds, permissions, audit codes, events, parameters."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare
from chengdan.kernel.outbox import Event
from chengdan.kernel.parameters import parameter_declare
from chengdan.kernel.permissions import permission_declare

ORDER = "orders.order"
SPECIAL = "orders.specialtreatment"
AMENDMENT = "orders.amendment"


class OrderStatus(models.TextChoices):
    """The coarse state of an order; the fine one is its process step."""

    DRAFT = "draft", _("Draft")
    PROCESSING = "processing", _("In process")
    RELEASED = "released", _("Being fulfilled")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


class LineKind(models.TextChoices):
    """What a line is."""

    GOODS = "goods", _("Goods")
    GIFT = "gift", _("Gift")
    SAMPLE = "sample", _("Sample")
    CHARGE = "charge", _("Charge")
    DISCOUNT = "discount", _("Discount")


GOODS_KINDS = frozenset({LineKind.GOODS, LineKind.GIFT, LineKind.SAMPLE})
FREE_KINDS = frozenset({LineKind.GIFT, LineKind.SAMPLE})


class QuotaChoice(models.TextChoices):
    """What shall happen when the quota does not suffice (decisions: chosen before submitting)."""

    CUT = "cut", _("Accept the cut")
    OVER = "over", _("Ask for over-quota")


class CreditBand(models.TextChoices):
    """The result of the credit check; see `credit.rules`."""

    NONE = "", _("Not checked")
    PREPAID = "prepaid", _("Paid first")
    WITHIN = "within", _("Within the limit")
    OVER_SMALL = "over_small", _("Slightly over the limit")
    STOP = "stop", _("Pay first or special treatment")


class SpecialReason(models.TextChoices):
    """Why special treatment is asked for (ORD-09)."""

    FAIR = "fair", _("Ordering fair")
    GROWTH = "growth", _("Growth above plan")
    OTHER = "other", _("Other special case")


class SpecialStatus(models.TextChoices):
    """State of an application for special treatment."""

    OPEN = "open", _("Being decided")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    VOID = "void", _("Void")


class AmendmentStatus(models.TextChoices):
    """State of a change of a released order."""

    PROCESSING = "processing", _("In process")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# permissions ─────────────────────────────────────────────────────────────────────────────
VIEW = permission_declare("orders.order:view", _("See orders"), model=ORDER)
CREATE = permission_declare("orders.order:create", _("Enter orders"), model=ORDER)
EDIT = permission_declare("orders.order:edit", _("Change draft orders"), model=ORDER)
SUBMIT = permission_declare("orders.order:submit", _("Submit orders"), model=ORDER)
ACCEPT = permission_declare("orders.order:accept", _("Accept orders"), model=ORDER, is_step=True)
HOLD = permission_declare("orders.order:hold", _("Put orders on hold and resume them"), model=ORDER)
CANCEL = permission_declare("orders.order:cancel", _("Cancel orders"), model=ORDER)
CLOSE = permission_declare("orders.order:close", _("Close and reopen orders"), model=ORDER)
AMEND = permission_declare("orders.order:amend", _("Amend released orders"), model=ORDER)
APPLY_SPECIAL = permission_declare(
    "orders.order:apply_special", _("Apply for special treatment"), model=ORDER, is_step=True
)
PRINT_BILL = permission_declare(
    "orders.order:print_bill", _("Print delivery notes"), model=ORDER, is_step=True
)
HAND_OVER = permission_declare(
    "orders.order:hand_over",
    _("Hand over delivery notes to storage and transport"),
    model=ORDER,
    is_step=True,
)
EXPORT = permission_declare("orders.order:export", _("Export orders"), model=ORDER)
IMPORT = permission_declare("orders.order:import", _("Import orders"), model=ORDER)
TOWER = permission_declare("orders.tower:view", _("See the control tower"), model=ORDER)
# What the act of a step asks for.
STEP_RIGHTS = {"OA": ACCEPT, "WAY": APPLY_SPECIAL, "BG1": PRINT_BILL, "BG2": HAND_OVER}

# audit codes ─────────────────────────────────────────────────────────────────────────────
PLACED = audit_declare("orders.order.placed", _("Order entered"))
IMPORTED = audit_declare("orders.order.imported", _("Order taken over from another system"))
CHANGED = audit_declare("orders.order.changed", _("Order changed"))
SUBMITTED = audit_declare("orders.order.submitted", _("Order submitted"))
ACCEPTED = audit_declare("orders.order.accepted", _("Order accepted"))
QUALIFIED = audit_declare("orders.order.qualified", _("Qualification check recorded"))
QUOTA_CHECKED = audit_declare("orders.order.quota_checked", _("Quota check recorded"))
CREDIT_CHECKED = audit_declare("orders.order.credit_checked", _("Credit check recorded"))
RESERVATIONS_FREED = audit_declare("orders.order.reservations_freed", _("Reservations freed"))
RETURNED = audit_declare("orders.order.returned", _("Order returned for correction"))
WITHDRAWN = audit_declare("orders.order.withdrawn", _("Order taken back by its submitter"))
APPROVED = audit_declare("orders.order.approved", _("Order approved"))
PRINTED = audit_declare("orders.order.printed", _("Delivery note printed"))
RELEASED = audit_declare("orders.order.released", _("Handed over to storage and transport"))
HELD = audit_declare("orders.order.held", _("Order put on hold"))
RESUMED = audit_declare("orders.order.resumed", _("Order resumed"))
CANCELLED = audit_declare("orders.order.cancelled", _("Order cancelled"))
CLOSED = audit_declare("orders.order.closed", _("Order closed"))
REOPENED = audit_declare("orders.order.reopened", _("Order reopened"))
AMENDED = audit_declare("orders.order.amended", _("Order amended"))
FULFILMENT = audit_declare("orders.order.fulfilment_noted", _("Delivery, invoice or payment noted"))
SPECIAL_APPLIED = audit_declare("orders.special.applied", _("Special treatment applied for"))
SPECIAL_APPROVED = audit_declare("orders.special.approved", _("Special treatment approved"))
SPECIAL_REFUSED = audit_declare("orders.special.refused", _("Special treatment refused"))
SPECIAL_VOIDED = audit_declare("orders.special.voided", _("Special treatment lapsed"))
AMENDMENT_ASKED = audit_declare("orders.amendment.asked", _("Amendment submitted"))
AMENDMENT_APPLIED = audit_declare("orders.amendment.applied", _("Amendment applied"))
AMENDMENT_REFUSED = audit_declare("orders.amendment.refused", _("Amendment refused"))
AMENDMENT_WITHDRAWN = audit_declare("orders.amendment.withdrawn", _("Amendment withdrawn"))


# events ──────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class OrderReleased(Event):
    """The delivery note was handed to storage/transport; shipping makes its note now."""

    code: ClassVar[str] = "orders.released"
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderCancelled(Event):
    """The order will not be fulfilled."""

    code: ClassVar[str] = "orders.cancelled"
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderAccepted(Event):
    """The CSR accepted the order; market department and customer are told (ORD-02)."""

    code: ClassVar[str] = "orders.accepted"
    order_id: int
    is_mailed: bool = False


@dataclass(frozen=True, slots=True)
class OrderAmended(Event):
    """An amendment took effect; open delivery notes follow it."""

    code: ClassVar[str] = "orders.amended"
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderGoesOn(Event):
    """The order is no longer on hold, or a change that stopped it was discarded."""

    code: ClassVar[str] = "orders.goes_on"
    order_id: int


@dataclass(frozen=True, slots=True)
class SpecialDecided(Event):
    """Special treatment was decided; sales manager and customer are told at once (ORD-11)."""

    code: ClassVar[str] = "orders.special_decided"
    order_id: int
    is_approved: bool


# parameters ──────────────────────────────────────────────────────────────────────────────
LINES_MAX = parameter_declare(
    "orders.lines_max",
    kind=int,
    default=500,
    title=_("Lines per order at most"),
    minimum=1,
    maximum=5000,
)
FREE_GOODS_COUNT = parameter_declare(
    "orders.free_goods_count",
    kind=bool,
    default=True,
    title=_("Gifts and samples count, at list price, towards what a person may give on the price"),
    requirement="PRI-01",
)
ORDERED_ON_DAYS_MAX = parameter_declare(
    "orders.ordered_on_days_max",
    kind=int,
    default=366,
    title=_("Days back that an order may be dated when it is entered"),
    minimum=0,
    maximum=3660,
)
SPECIAL_DAYS = parameter_declare(
    "orders.special_days",
    kind=int,
    default=90,
    title=_("Days that an approved special treatment may stand above the limit"),
    requirement="ORD-10",
    minimum=1,
    maximum=730,
)
SPECIAL_SIGNATURES = parameter_declare(
    "orders.special_signatures",
    kind=int,
    default=3,
    title=_("Signatures of the SLT that a special treatment needs"),
    requirement="ORD-10",
    minimum=1,
    maximum=9,
)
GAUGE_DAYS = parameter_declare(
    "orders.gauge_days",
    kind=int,
    default=30,
    title=_("Days over which the promises of the control tower are measured"),
    requirement="ORD-14",
    minimum=1,
    maximum=366,
)
SAME_DAY_PERCENT = parameter_declare(
    "orders.same_day_percent",
    kind=Decimal,
    default=Decimal(100),
    title=_("Goal of the orders printed and handed over the same day, in percent"),
    requirement="ORD-08",
    minimum=0,
    maximum=100,
)
NOTICE_MARKET_ROLES = parameter_declare(
    "orders.notice_market_roles",
    kind=list,
    default=["market_department", "market_manager"],
    title=_("Roles told when an order is accepted"),
    requirement="ORD-02",
    choices="people.roles",
)
