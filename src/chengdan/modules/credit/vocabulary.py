"""Words of the credit room: buckets, states, rights, audit codes, parameters, events, errors."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare
from chengdan.kernel.errors import RuleError
from chengdan.kernel.notices import notice_kind_declare
from chengdan.kernel.outbox import Event
from chengdan.kernel.parameters import parameter_declare
from chengdan.kernel.permissions import permission_declare


class Bucket(models.TextChoices):
    """Where an amount stands. COVERED is computed, nothing is posted to it."""

    OPEN = "open", _("Open orders")
    TO_INVOICE = "to_invoice", _("Delivered, not invoiced")
    RECEIVABLE = "receivable", _("Receivable")
    UNAPPLIED = "unapplied", _("Unapplied receipts")
    EARMARKED = "earmarked", _("Set aside for orders")
    PROMISED = "promised", _("To be paid before shipment")
    COVERED = "covered", _("Orders paid first")


POSTABLE = tuple(bucket for bucket in Bucket if bucket != Bucket.COVERED)


class Band(models.TextChoices):
    """Result of the credit check; the first one that holds counts (decisions §3)."""

    PREPAID = "prepaid", _("Paid first")
    WITHIN = "within", _("Within the limit")
    OVER_SMALL = "over_small", _("Slightly over the limit")
    STOP = "stop", _("Pay first or special treatment")


class LimitStatus(models.TextChoices):
    """State of a proposed limit."""

    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class LimitOrigin(models.TextChoices):
    """Where a limit comes from."""

    MANUAL = "manual", _("By hand")
    LOADED = "loaded", _("Opening data")


# What an entry of the ledger was made for. Other rooms use codes of their own.
ENTRY_TITLES = {
    "reserve": _("Reserved"),
    "release": _("Release recorded"),
    "free": _("Freed"),
    "earmark": _("Receipt set aside"),
    "unearmark": _("Receipt no longer set aside"),
    "shortfall": _("Shortfall released"),
    "opening": _("Opening balance"),
    "orders.progress": _("Delivered or invoiced"),
}

_MODEL = "credit.account"
# What deputies are named for; see `people` on signing.
LIMIT_CHANGE = "credit.limitchange"
VIEW = permission_declare("credit.account:view", _("See credit accounts"), model=_MODEL)
PROPOSE = permission_declare("credit.limit:propose", _("Propose credit limits"), model=_MODEL)
APPROVE = permission_declare(
    "credit.limit:approve", _("Approve or refuse credit limits"), model=_MODEL
)
LOAD = permission_declare("credit.limit:load", _("Load opening credit limits"), model=_MODEL)
SHORTFALL = permission_declare(
    "credit.shortfall:release", _("Release a shortfall of a prepayment"), model=_MODEL
)

LIMIT_PROPOSED = audit_declare("credit.limit.proposed", _("Credit limit proposed"))
LIMIT_APPROVED = audit_declare("credit.limit.approved", _("Credit limit approved"))
LIMIT_REFUSED = audit_declare("credit.limit.refused", _("Credit limit refused"))
LIMIT_WITHDRAWN = audit_declare("credit.limit.withdrawn", _("Proposed limit withdrawn"))
LIMIT_LOADED = audit_declare("credit.limit.loaded", _("Opening credit limit loaded"))
SHORTFALL_RELEASED = audit_declare(
    "credit.shortfall.released", _("Shortfall of a prepayment released")
)
RELEASE_RECORDED = audit_declare("credit.release.recorded", _("Release above the limit recorded"))

OVER_PERCENT = parameter_declare(
    "credit.over_limit_percent",
    kind=Decimal,
    default=Decimal(20),
    minimum=0,
    maximum=1000,
    title=_("Overrun of the credit limit that the SLT member may decide, in percent"),
    requirement="CRD-05",
)
SHORTFALL_AMOUNT = parameter_declare(
    "credit.shortfall_amount",
    kind=Decimal,
    default=Decimal(10000),
    minimum=0,
    title=_("Shortfall of a prepayment that the SLT member may release"),
    requirement="CRD-08",
)
PROMISE_DAYS_MAX = parameter_declare(
    "credit.promise_days_max",
    kind=int,
    default=366,
    minimum=1,
    maximum=3660,
    title=_("Days ahead for which a payment can be promised at most"),
    requirement="CRD-08",
)
NOTICE_ROLES = parameter_declare(
    "credit.notice_limit_roles",
    kind=list,
    default=["sales_director", "deputy_sales_director", "finance_manager"],
    title=_("Roles told of a proposed credit limit, as far as they may decide on it"),
    requirement="CRD-01",
    choices="people.roles",
)

NOTICE_PROPOSED = notice_kind_declare(
    "credit.limit_proposed",
    _("%(who)s proposes a credit limit of %(limit)s for %(customer)s; you may decide on it"),
)
NOTICE_PAYS_FIRST = notice_kind_declare(
    "credit.limit_proposed_none",
    _("%(who)s proposes that %(customer)s pays first; you may decide on it"),
)
NOTICE_APPROVED = notice_kind_declare(
    "credit.limit_approved", _("%(who)s approved the credit limit you proposed for %(customer)s")
)
NOTICE_REFUSED = notice_kind_declare(
    "credit.limit_refused",
    _("%(who)s refused the credit limit you proposed for %(customer)s: %(comment)s"),
)
NOTICE_SIGNED = notice_kind_declare(
    "credit.limit_signed",
    _("%(who)s decided in your name on the credit limit proposed for %(customer)s"),
)


@dataclass(frozen=True, slots=True)
class LimitChanged(Event):
    """A customer's limit changed; waiting checks may look again."""

    code: ClassVar[str] = "credit.LimitChanged"
    customer_id: int


@dataclass(frozen=True, slots=True)
class PrepaymentChanged(Event):
    """Money was set aside for a source, taken away, or its shortfall released."""

    code: ClassVar[str] = "credit.PrepaymentChanged"
    customer_id: int
    source_type: str
    source_id: int


class OverLimitError(RuleError):
    """The reservation would lift the exposure above the limit and nobody released it."""

    default_code = "credit_over_limit"
    default_message = _(
        "The credit limit does not suffice: this needs %(amount)s, available are %(available)s."
    )


class LedgerError(RuleError):
    """More would leave a bucket than stands there for the document."""

    status = HTTPStatus.CONFLICT
    default_code = "credit_ledger"
    default_message = _("Only %(found)s stand in “%(bucket)s”, %(wanted)s were to be moved.")


class SameApproverError(RuleError):
    """The author may not approve the own proposal."""

    default_code = "credit_same_approver"
    default_message = _("Somebody other than the author decides on a limit.")


class ProposalError(RuleError):
    """The proposal cannot be made or decided now."""

    status = HTTPStatus.CONFLICT
    default_code = "credit_proposal"
    default_message = _("Another proposal for this customer waits for a decision.")


class ShortfallError(RuleError):
    """The missing money may not be released."""

    default_code = "credit_shortfall"
    default_message = _("Missing are %(missing)s; at most %(most)s can be released.")
