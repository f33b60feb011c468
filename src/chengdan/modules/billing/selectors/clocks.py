"""When RM and CL of BC begin: timers beside the wait for the money, by the process in force."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from chengdan.modules.billing.vocabulary import BC
from chengdan.modules.process.errors import NotPublishedError
from chengdan.modules.process.selectors.definitions import process_current

# Node of the strip -> what its timers do.
_ACTS = {"RM": "billing.bc.reminded", "CL": "billing.bc.collecting"}


def clock_day(code: str, due_on: date) -> date | None:
    """Return the day on which RM or CL of an invoice begins; None when nothing starts it."""
    first = _first(code)
    return None if first is None else due_on + timedelta(days=first[0])


def clock_instant(code: str, due_on: date, zone: tzinfo) -> datetime | None:
    """Return the instant at which RM or CL of an invoice begins."""
    first = _first(code)
    if first is None:
        return None
    days, at = first
    return datetime.combine(due_on + timedelta(days=days), time.fromisoformat(at), zone)


def _first(code: str) -> tuple[int, str] | None:
    """Return days after the due day, and the time, of the first timer that does it."""
    try:
        process = process_current(BC)
    except NotPublishedError:
        return None
    return min(
        (
            (timer.days, timer.at)
            for step in process.steps
            for timer in step.timers
            if timer.do == _ACTS[code] and timer.date == "due_on"
        ),
        default=None,
    )
