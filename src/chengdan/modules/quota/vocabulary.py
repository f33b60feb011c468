"""Words of the quota room: measures, entry kinds, rights, audit codes, parameters, errors."""

from __future__ import annotations

from http import HTTPStatus

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare
from chengdan.kernel.errors import RuleError
from chengdan.kernel.parameters import parameter_declare
from chengdan.kernel.permissions import permission_declare


class Measure(models.TextChoices):
    """What a cell counts."""

    QUANTITY = "quantity", _("Quantity in the base unit")
    AMOUNT = "amount", _("Amount, gross")


class EntryKind(models.TextChoices):
    """What an entry of the ledger was made for."""

    RESERVE = "reserve", _("Reserved")
    CONSUME = "consume", _("Consumed by shipment")
    RETURN = "return", _("Shipment reversed")
    FREE = "free", _("Freed")
    LIMIT = "limit", _("Limit set")
    GIVEN = "given", _("Given to another cell")
    RECEIVED = "received", _("Received from another cell")
    ENDED = "ended", _("Ended")


OVER_DELIVERY = "quota.over_delivery"
# Reasons that the ledger gives itself; all others are somebody's words.
ENTRY_REASONS = {
    OVER_DELIVERY: _("Over-delivery"),
    "over-delivery": _("Over-delivery"),  # as entries said it before there were codes
}

_MODEL = "quota.cell"
VIEW = permission_declare("quota.cell:view", _("See quotas"), model=_MODEL)
EDIT = permission_declare("quota.cell:edit", _("Set quotas"), model=_MODEL)
TRANSFER = permission_declare("quota.cell:transfer", _("Transfer quota"), model=_MODEL)

CELL_CREATED = audit_declare("quota.cell.created", _("Quota set up"))
CELL_CHANGED = audit_declare("quota.cell.changed", _("Quota changed"))
CELL_ENDED = audit_declare("quota.cell.ended", _("Quota ended"))
TRANSFERRED = audit_declare("quota.cell.transferred", _("Quota transferred"))
OVER_RELEASED = audit_declare("quota.cell.over_released", _("Order above quota released"))

OVER_SIGNATURES = parameter_declare(
    "quota.over_signatures",
    kind=int,
    default=3,
    minimum=1,
    maximum=9,
    title=_("Signatures of the SLT that an order above quota needs"),
    requirement="QTA-07",
)


class QuotaShortError(RuleError):
    """A cell holds less than what is asked."""

    default_code = "quota_short"
    default_message = _("The quota does not suffice: wanted %(wanted)s, left %(left)s.")


class OverReleaseError(RuleError):
    """Too few different persons signed for an order above quota."""

    default_code = "quota_signatures"
    default_message = _("An order above quota needs %(needed)s signatures; there are %(found)s.")


class LimitBelowUseError(RuleError):
    """The limit would fall below what is already reserved and consumed."""

    status = HTTPStatus.CONFLICT
    default_code = "quota_below_use"
    default_message = _("%(used)s are reserved or consumed already; the quota cannot be %(limit)s.")


class CellEndedError(RuleError):
    """The cell was ended; nothing about it can be changed."""

    status = HTTPStatus.CONFLICT
    default_code = "quota_ended"
    default_message = _("This quota was ended; it cannot be changed any more.")


class TransferError(RuleError):
    """These two cells cannot exchange quota."""

    default_code = "quota_transfer"
    default_message = _("Quota moves between cells of the same goods, period and measure only.")


class ConsentError(RuleError):
    """The giving region's manager has not agreed."""

    default_code = "quota_consent"
    default_message = _("The manager of the giving region has to agree to the transfer.")


class HoldError(RuleError):
    """More would be consumed, returned or freed than the source holds."""

    status = HTTPStatus.CONFLICT
    default_code = "quota_hold"
    default_message = _("The line holds %(found)s, %(wanted)s were to be moved.")
