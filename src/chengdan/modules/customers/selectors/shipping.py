"""Which shipping data have not been checked in the present period (SHP-05)."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.parameters import parameter_value
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.selectors.customers import customers_visible
from chengdan.modules.customers.vocabulary import CustomerStatus
from chengdan.modules.customers.vocabulary.rights import SHIPPING_CHECK_MONTHS


def period_start(on: date, interval_months: int) -> date:
    """Return the first day since which shipping data must have been checked."""
    month = on.year * 12 + on.month - 1 - (interval_months - 1)
    return date(month // 12, month % 12 + 1, 1)


def shipping_stale(actor: Actor, on: date | None = None) -> QuerySet[Customer]:
    """Return active customers that the actor may see whose shipping data are due for a check.

    Source: SHP-05 (kept and updated monthly).
    """
    months = parameter_value(actor.company_id, SHIPPING_CHECK_MONTHS)
    since = period_start(on or clock.today(), int(str(months)))
    due = Q(shipping__checked_on__isnull=True) | Q(shipping__checked_on__lt=since)
    return (
        customers_visible(actor)
        .filter(due, status=CustomerStatus.ACTIVE)
        .select_related("owner", "shipping", "shipping__checked_by")
    )


def shipping_stale_count(actor: Actor, on: date | None = None) -> int:
    """Return how many are due for a check."""
    return shipping_stale(actor, on).count()
