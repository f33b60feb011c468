"""Month-end figures of an account, added up from its entries."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max, Sum
from django.db.models.functions import TruncMonth

from chengdan.kernel import clock
from chengdan.kernel.numbers import ZERO
from chengdan.modules.credit.drawing import MonthEnd
from chengdan.modules.credit.models import Account, CreditEntry, LimitChange
from chengdan.modules.credit.vocabulary import Bucket, LimitStatus

MONTHS = 12
_BUCKETS = (Bucket.RECEIVABLE, Bucket.TO_INVOICE, Bucket.OPEN)
Month = tuple[int, int]


def last_months(on: date, count: int = MONTHS) -> list[Month]:
    """Return (year, month) of the last months, the current one last."""
    number = on.year * 12 + on.month - 1
    return [(index // 12, index % 12 + 1) for index in range(number - count + 1, number + 1)]


def month_ends(account: Account, on: date) -> list[MonthEnd]:
    """Return what stood at the end of each month, the current one as it is now: three queries."""
    rows = list(
        CreditEntry.objects.filter(account_id=account.pk)
        .annotate(month=TruncMonth("at", tzinfo=clock.local_zone()))
        .order_by()
        .values_list("month", "bucket")
        .annotate(total=Sum("delta"), last=Max("id"))
    )
    last_ids: dict[Month, int] = {}
    for month, _bucket, _total, last in rows:
        last_ids[_key(month)] = max(last, last_ids.get(_key(month), 0))
    exposures = dict(
        CreditEntry.objects.filter(pk__in=last_ids.values()).values_list("pk", "exposure_after")
    )
    limits = [
        (_key(at.astimezone(clock.local_zone())), limit)
        for at, limit in LimitChange.objects.filter(
            account_id=account.pk, status=LimitStatus.APPROVED, decided_at__isnull=False
        )
        .order_by("decided_at", "id")
        .values_list("decided_at", "limit")
        if at is not None
    ]
    found = []
    for month in last_months(on):
        sums = {
            bucket: sum((r[2] for r in rows if r[1] == bucket and _key(r[0]) <= month), ZERO)
            for bucket in _BUCKETS
        }
        earlier = [key for key in last_ids if key <= month]
        exposure = exposures[last_ids[max(earlier)]] if earlier else ZERO
        known = [limit for key, limit in limits if key <= month]
        parts = (sums[_BUCKETS[0]], sums[_BUCKETS[1]], sums[_BUCKETS[2]])
        limit: Decimal | None = known[-1] if known else None
        found.append(MonthEnd(f"{month[1]:02d}", parts, exposure, limit))
    return found


def _key(at: datetime) -> Month:
    return at.year, at.month
