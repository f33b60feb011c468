"""Figures and labels that several pages of the room show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.ui.parts import Chip
from chengdan.modules.credit.models import Account
from chengdan.modules.credit.rules import ZERO, CreditVerdict, over_limit
from chengdan.modules.credit.selectors import ExposureDocument, exposure_documents
from chengdan.modules.credit.vocabulary import Band, Bucket

BAND_TEXTS: dict[str, Any] = {
    Band.PREPAID: _("Paid before shipment: the check passes by itself."),
    Band.WITHIN: _("Within the limit and nothing overdue: signed the same day by"),
    Band.OVER_SMALL: _("Slightly over the limit: decided the same day by"),
    Band.STOP: _("Pay first, or apply for special treatment by all SLT members."),
}
BAND_STATES: dict[str, Any] = {
    Band.PREPAID: "done",
    Band.WITHIN: "done",
    Band.OVER_SMALL: "soon",
    Band.STOP: "late",
}
CAUSES = {
    "overdue": _("Something is overdue."),
    "no_limit": _("The limit is 0."),
    "over_limit": _("The overrun is larger than the SLT member may decide."),
}


@dataclass(frozen=True, slots=True)
class BucketGroup:
    """One bucket with its documents, as the table shows it; lowering amounts are negative."""

    title: Any
    note: Any
    total: Decimal
    rows: list[tuple[ExposureDocument, Decimal, int | None]]


_GROUPS = (
    (Bucket.RECEIVABLE, _("posted and unpaid"), 1),
    (Bucket.TO_INVOICE, _("delivered, not yet invoiced"), 1),
    (Bucket.OPEN, _("reserved since the credit check"), 1),
    (Bucket.UNAPPLIED, _("not set aside for any order"), -1),
    (Bucket.COVERED, _("money set aside, or due before shipment"), -1),
)


def bucket_groups(account: Account, on: date) -> list[BucketGroup]:
    """Return every bucket that is not empty with its documents; sums are exact."""
    groups = []
    for bucket, note, sign in _GROUPS:
        total = getattr(account, bucket) * sign
        documents = exposure_documents(account.pk, bucket)
        if not total and not documents:
            continue
        rows = [(item, item.amount * sign, days_left(item.facts.due_on, on)) for item in documents]
        title = bucket.label if sign > 0 else _("less: %(bucket)s") % {"bucket": bucket.label}
        groups.append(BucketGroup(title, note, total, rows))
    return groups


def days_left(due_on: date | None, on: date) -> int | None:
    """Return the days until a due date, negative when it has passed."""
    return None if due_on is None else (due_on - on).days


def account_chips(account: Account, overdue: Decimal) -> list[Chip]:
    """Return the state of an account: over the limit, overdue."""
    chips = []
    over = over_limit(exposure=account.exposure, limit=account.limit)
    if account.limit is None:
        chips.append(Chip(_("pays first"), icon="coin"))
    elif over:
        share = f"{over * 100 / account.limit:.1f}%" if account.limit else ""
        chips.append(Chip(_("over the limit %(share)s") % {"share": share}, "soon"))
    else:
        chips.append(Chip(_("within the limit"), "done"))
    if overdue:
        chips.append(Chip(_("overdue %(amount)s") % {"amount": f"{overdue:,.2f}"}, "late"))
    else:
        chips.append(Chip(_("nothing overdue"), "done"))
    return chips


def decider_name(account: Account, verdict: CreditVerdict) -> str:
    """Return who decides in this band: the customer's SLT member, or "" for nobody or all."""
    if verdict.band not in (Band.WITHIN, Band.OVER_SMALL):
        return ""
    member = account.customer.slt_member
    return str(member) if member is not None else ""


def used_percent(account: Account) -> Decimal | None:
    """Return how much of the limit is used, 0 and more, to a tenth; None without a limit."""
    if not account.limit:
        return None
    return (max(account.exposure, ZERO) * 100 / account.limit).quantize(Decimal("0.1"))


def today() -> date:
    """Return the reader's day."""
    return clock.today()
