"""The promises of SP, measured: shipped within the promised time, and shipped accurately."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.ui import Gauge
from chengdan.kernel.workcalendar import Limit, WorkingTime, calendar_of, limit_parse
from chengdan.kernel.workcalendar.limits import Elapsed
from chengdan.modules.orders.vocabulary import GAUGE_DAYS
from chengdan.modules.people.selectors import unit_calendar
from chengdan.modules.process.errors import NotPublishedError
from chengdan.modules.process.selectors import process_current
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import notes_visible
from chengdan.modules.shipping.models import DeliveryNote

PROCESS = "sp"


def promised_limit() -> Limit | None:
    """Return the time limit of the step that SP promises, counted from the note's receipt."""
    try:
        steps = process_current(PROCESS).steps
    except NotPublishedError:
        return None
    found = next((step.limit for step in steps if step.is_promise and step.limit), None)
    return None if found is None else replace(limit_parse(found), after="")


def shipped_gauge(actor: Actor) -> Gauge:
    """Notes that left within the promised time of their receipt by storage/transport (SHP-01).

    The unit of the warehouse may leave non-working days out (SHP-38).
    """
    limit = promised_limit()
    if limit is None:
        return _gauge(actor, _("Shipped in time"), 0, 0, words.IN_TIME_PERCENT)
    kept, total = _kept_of(_recent(actor, "received_at"), limit)
    title = _("Shipped %(limit)s") % {"limit": limit.describe()}
    return _gauge(actor, title, kept, total, words.IN_TIME_PERCENT)


def accuracy_gauge(actor: Actor) -> Gauge:
    """Notes shipped without a deviation that the customer reported (SHP-02)."""
    rows = _recent(actor, "dispatched_at")
    right = rows.filter(deviation="").count()
    title = _("Shipped accurately")
    return _gauge(actor, title, right, rows.count(), words.ACCURACY_PERCENT)


def _recent(actor: Actor, field: str) -> QuerySet[DeliveryNote]:
    days = parameter_value(actor.company_id, GAUGE_DAYS)
    since = clock.now() - timedelta(days=days)
    return notes_visible(actor).filter(**{f"{field}__gte": since}).exclude(status__in=words.GONE)


def _kept_of(rows: QuerySet[DeliveryNote], limit: Limit) -> tuple[int, int]:
    """Return how many notes left in time, of how many whose time is over or that have left.

    A calendar only ever lengthens elapsed time, so what left sooner needs no calendar.
    """
    sure = timedelta(minutes=limit.minutes) if isinstance(limit, Elapsed) else timedelta()
    soon = Q(dispatched_at__isnull=False, dispatched_at__lte=F("received_at") + sure)
    kept = total = rows.filter(soon).count()
    calendars: dict[int, WorkingTime] = {}
    now = clock.now()
    columns = ("received_at", "dispatched_at", "warehouse__unit_id", "company_id")
    for received, left, unit_id, company_id in rows.exclude(soon).values_list(*columns).iterator():
        if unit_id not in calendars:
            calendars[unit_id] = calendar_of(unit_calendar(unit_id), company_id)
        due: datetime = limit.due(calendars[unit_id], received).at
        if left is not None or due < now:
            total += 1
            kept += left is not None and left <= due
    return kept, total


def _gauge(actor: Actor, title: str, kept: int, total: int, goal: str) -> Gauge:
    values = {"kept": kept, "total": total, "days": parameter_value(actor.company_id, GAUGE_DAYS)}
    return Gauge.share(
        title,
        kept,
        total,
        parameter_value(actor.company_id, goal),
        basis=_("%(kept)s of %(total)s notes, %(days)s days") % values,
        url=reverse("shipping:list"),
    )
