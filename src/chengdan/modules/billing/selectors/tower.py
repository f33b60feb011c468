"""The clocks RM and CL of BC as cells of the control tower, beside the wait for RC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo

from django.db.models import Count, Min, Q
from django.utils.translation import get_language

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.rules import STEP_CODES
from chengdan.modules.billing.selectors.clocks import clock_instant
from chengdan.modules.billing.selectors.strips import CLOCK_TITLES
from chengdan.modules.billing.vocabulary import BC_REOPENED, CollectionStage, InvoiceStatus
from chengdan.modules.orders.vocabulary import TOWER
from chengdan.modules.people.access import visible
from chengdan.modules.people.selectors import company_get
from chengdan.modules.process.errors import NotPublishedError
from chengdan.modules.process.selectors.tower import Standing, standing_of

# What stands at a clock: unpaid invoices at these stages of collection.
CLOCKS = {
    "RM": (CollectionStage.REMINDED,),
    "CL": (CollectionStage.COLLECTING, CollectionStage.ESCALATED),
}


def clock_filter(code: str) -> Q:
    """Return the condition of the invoices that stand at RM or CL."""
    return Q(status=InvoiceStatus.POSTED, stage__in=CLOCKS[code])


def clocks_beside(actor: Actor, cells: Sequence[Standing]) -> Sequence[Standing]:
    """Return the cells of BC with RM and CL, in the order of the seven steps.

    An invoice that is escalated counts as late, as in its strip. What was taken over unpaid, or
    owed again after an allocation was taken back, waits in a process of its own and counts here.
    """
    cells = _with_reopened(actor, cells)
    row = visible(actor, TOWER, Invoice.objects.all()).aggregate(
        RM=Count("pk", filter=clock_filter("RM")),
        RM_due=Min("due_on", filter=clock_filter("RM")),
        CL=Count("pk", filter=clock_filter("CL")),
        CL_due=Min("due_on", filter=clock_filter("CL")),
        late=Count("pk", filter=Q(status=InvoiceStatus.POSTED, stage=CollectionStage.ESCALATED)),
    )
    zone = clock.local_zone(company_get(actor.company_id or 0).timezone)
    beside = [
        Standing(
            code, str(CLOCK_TITLES[code]), (code,), row[code],
            late=row["late"] if code == "CL" else 0,
            oldest_at=_start(code, row[f"{code}_due"], zone), is_beside=True,
        )
        for code in CLOCKS
    ]  # fmt: skip
    places = {code: place for place, code in enumerate(STEP_CODES)}
    return sorted([*cells, *beside], key=lambda cell: places.get(cell.code, len(places)))


def _with_reopened(actor: Actor, cells: Sequence[Standing]) -> list[Standing]:
    try:
        again = standing_of(actor, TOWER, BC_REOPENED, get_language() or "zh-hans")
    except NotPublishedError:
        return list(cells)
    more = {cell.code: cell for cell in again}
    return [_sum(cell, more[cell.code]) if cell.code in more else cell for cell in cells]


def _sum(one: Standing, other: Standing) -> Standing:
    instants = [cell.oldest_at for cell in (one, other) if cell.oldest_at is not None]
    return replace(
        one,
        count=one.count + other.count,
        late=one.late + other.late,
        soon=one.soon + other.soon,
        oldest_at=min(instants, default=None),
    )


def _start(code: str, due_on: date | None, zone: tzinfo) -> datetime | None:
    return None if due_on is None else clock_instant(code, due_on, zone)
