"""When a step is due, reminded, escalated, and when the sweep must look at it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chengdan.kernel import clock
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.workcalendar import add_working_minutes, due_at
from chengdan.modules.people import selectors as people
from chengdan.modules.process.models import StepRun
from chengdan.modules.process.rules.definition import Step
from chengdan.modules.process.vocabulary import WAIT_POLL_MINUTES


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working calendar that counts for a document."""

    code: str
    company_id: int

    def due(
        self,
        limit: Mapping[str, Any],
        start: datetime,
        dates: Mapping[str, date | datetime | None] | None = None,
    ) -> datetime:
        """Return when a limit that starts at `start` ends."""
        return due_at(limit, start, self.code, self.company_id, dates).at

    def before(self, moment: datetime, limit: Mapping[str, Any]) -> datetime:
        """Return the instant `limit` before `moment`; limits of minutes, hours, working minutes."""
        if "working_minutes" in limit:
            minutes = -int(limit["working_minutes"])
            return add_working_minutes(moment, minutes, self.code, self.company_id)
        minutes = int(limit.get("minutes", 0)) + 60 * int(limit.get("hours", 0))
        return moment - timedelta(minutes=minutes)


def calendar_for(unit_id: int | None, company_id: int) -> Calendar:
    """Return the calendar of a unit, else of the company."""
    if unit_id is not None:
        return Calendar(people.unit_calendar(unit_id), company_id)
    return Calendar(people.company_get(company_id).calendar_code, company_id)


def timers_open(step: Step, run: StepRun, calendar: Calendar) -> list[tuple[int, datetime]]:
    """Return (index, instant) of the timers of an open step that have not fired."""
    fired = run.evidence.get("timers", [])
    return [
        (index, calendar.due(timer.after, run.started_at))
        for index, timer in enumerate(step.timers)
        if index not in fired
    ]


def wake_at(step: Step, run: StepRun, calendar: Calendar) -> datetime | None:
    """Return when the sweep must look at the open step next, or None."""
    moments = [at for _index, at in timers_open(step, run, calendar)]
    if run.due_at is not None:
        if step.remind is not None and run.reminded_at is None:
            moments.append(calendar.before(run.due_at, step.remind))
        if run.breached_at is None:
            moments.append(run.due_at)
        if step.escalate is not None and run.escalated_at is None:
            moments.append(calendar.due(step.escalate.after, run.due_at))
    if step.kind == "wait":
        minutes = parameter_value(calendar.company_id, WAIT_POLL_MINUTES)
        moments.append(clock.now() + timedelta(minutes=minutes))
    return min(moments, default=None)
