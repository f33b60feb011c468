"""When RM and CL of BC begin: timers beside the wait for the money, by the process in force."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from chengdan.modules.process.errors import NotPublishedError
from chengdan.modules.process.rules.definition import Timer
from chengdan.modules.process.selectors.definitions import process_current

PROCESS = "bc"
# Node of the strip -> what its timers do.
_ACTS = {"RM": "billing.bc.reminded", "CL": "billing.bc.collecting"}


def clock_day(code: str, due_on: date) -> date | None:
    """Return the day on which RM or CL of an invoice begins; None when nothing starts it."""
    first = _first(code)
    return None if first is None else due_on + timedelta(days=first.days)


def clock_instant(code: str, due_on: date, zone: tzinfo) -> datetime | None:
    """Return the instant at which RM or CL of an invoice begins."""
    first = _first(code)
    if first is None:
        return None
    day = due_on + timedelta(days=first.days)
    return datetime.combine(day, time.fromisoformat(first.at), zone)


def _first(code: str) -> Timer | None:
    try:
        process = process_current(PROCESS)
    except NotPublishedError:
        return None
    timers = [
        timer
        for step in process.steps
        for timer in step.timers
        if timer.do == _ACTS[code] and timer.date == "due_on"
    ]
    return min(timers, key=lambda timer: timer.days, default=None)
