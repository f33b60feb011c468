"""How long is left: in the time that a limit runs in, by the calendar of the document's unit."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from chengdan.kernel import clock
from chengdan.kernel.durations import Duration
from chengdan.kernel.workcalendar import Pace, WorkingTime, calendar_of
from chengdan.modules.people import selectors as people
from chengdan.modules.process.models import Instance


def calendar_for(company_id: int, unit_id: int | None = None) -> WorkingTime:
    """Return the working time of a unit, else of its company."""
    if unit_id is not None:
        return calendar_of(people.unit_calendar(unit_id), company_id)
    return calendar_of(people.company_get(company_id).calendar_code, company_id)


class _Limited(Protocol):
    due_at: datetime | None
    due_pace: str


def step_left(instance: Instance, limited: _Limited) -> Duration | None:
    """Return what is left for a step of a run, or for a task of it; None without a limit."""
    unit = instance.unit_id
    return left_until(limited.due_at, instance.company_id, unit, limited.due_pace)


def left_until(
    due_at: datetime | None,
    company_id: int,
    unit_id: int | None = None,
    pace: str = Pace.WORKING,
) -> Duration | None:
    """Return what is left until `due_at`, for what keeps when it is due; None without a limit."""
    if due_at is None:
        return None
    return calendar_for(company_id, unit_id).left(clock.now(), due_at, Pace(pace))
