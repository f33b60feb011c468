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
from chengdan.kernel.ui.hooks import allowed
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
# Conditions of the notes that are counted, and of those of them that missed it.
Promise = tuple[Q, Q]


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
    title = _("Shipped in time")
    if limit is not None:
        title = _("Shipped %(limit)s") % {"limit": limit.describe()}
    return _gauge(actor, title, "in_time", _in_time(actor), words.IN_TIME_PERCENT)


def accuracy_gauge(actor: Actor) -> Gauge:
    """Notes shipped without a deviation that the customer reported (SHP-02)."""
    title = _("Shipped accurately")
    return _gauge(actor, title, "accuracy", _accuracy(actor), words.ACCURACY_PERCENT)


def in_time_filter(value: str, actor: Actor) -> Q:
    """Return the condition of the notes behind the promised time: "counted", or "missed" of these.

    Counted are notes that left, and those whose time is over.
    """
    return _in_time(actor)[value == "missed"]


def accuracy_filter(value: str, actor: Actor) -> Q:
    """Return the condition of the notes behind the accuracy: "counted", or "missed" of these."""
    return _accuracy(actor)[value == "missed"]


def _in_time(actor: Actor) -> Promise:
    limit = promised_limit()
    if limit is None:
        return Q(pk__in=[]), Q(pk__in=[])
    recent = _recent(actor, "received_at")
    missed = _missed(notes_visible(actor).filter(recent), limit)
    standing = [pk for pk, has_left in missed if not has_left]
    counted = Q(dispatched_at__isnull=False) | Q(pk__in=standing)
    return recent & counted, recent & Q(pk__in=[pk for pk, _left in missed])


def _accuracy(actor: Actor) -> Promise:
    recent = _recent(actor, "dispatched_at")
    return recent, recent & ~Q(deviation="")


def _recent(actor: Actor, field: str) -> Q:
    days = parameter_value(actor.company_id, GAUGE_DAYS)
    since = clock.now() - timedelta(days=days)
    return Q(**{f"{field}__gte": since}) & ~Q(status__in=words.GONE)


def _missed(rows: QuerySet[DeliveryNote], limit: Limit) -> list[tuple[int, bool]]:
    """Return (id, whether it left at last) of the notes that did not leave in time.

    A calendar only ever lengthens elapsed time, so what left sooner needs no calendar.
    """
    sure = timedelta(minutes=limit.minutes) if isinstance(limit, Elapsed) else timedelta()
    soon = Q(dispatched_at__isnull=False, dispatched_at__lte=F("received_at") + sure)
    calendars: dict[int, WorkingTime] = {}
    found, now = [], clock.now()
    columns = ("pk", "received_at", "dispatched_at", "warehouse__unit_id", "company_id")
    slow = rows.exclude(soon).values_list(*columns)
    for pk, received, left, unit_id, company_id in slow.iterator():
        if unit_id not in calendars:
            calendars[unit_id] = calendar_of(unit_calendar(unit_id), company_id)
        due: datetime = limit.due(calendars[unit_id], received).at
        if due < (now if left is None else left):
            found.append((pk, left is not None))
    return found


def _gauge(actor: Actor, title: str, name: str, promise: Promise, goal: str) -> Gauge:
    """Return a promise; it opens the notes that it counts, by the list's filter of that name."""
    rows, (counted, missed) = notes_visible(actor), promise
    total = rows.filter(counted).count()
    kept = total - rows.filter(missed).count()
    values = {"kept": kept, "total": total, "days": parameter_value(actor.company_id, GAUGE_DAYS)}
    return Gauge.share(
        title,
        kept,
        total,
        parameter_value(actor.company_id, goal),
        basis=_("%(kept)s of %(total)s notes, %(days)s days") % values,
        url=f"{reverse('shipping:list')}?{name}=counted" if allowed(actor, words.VIEW) else "",
    )
