"""When a step is due, reminded, escalated, and when the sweep must look at it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from chengdan.kernel import clock
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.workcalendar import add_working_minutes, calendar_of, due_at, limit_parse
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

    def pace(self, limit: Mapping[str, Any]) -> str:
        """Return which time counts while a limit runs, as rows keep it: see `Pace`."""
        # A plain text: for an enumeration the server would plan each statement once more.
        return limit_parse(limit).pace(calendar_of(self.code, self.company_id)).value

    def moment(self, day: date, at: str) -> datetime:
        """Return the instant of a clock time "HH:MM" on a day."""
        found = calendar_of(self.code, self.company_id).at(day, time.fromisoformat(at))
        return found.astimezone(UTC)

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


def timers_open(
    step: Step, run: StepRun, calendar: Calendar, facts: Callable[[], Mapping[str, Any]]
) -> list[tuple[int, datetime]]:
    """Return (index, instant) of the timers of an open step that have not fired.

    Args:
        facts: asked only when a timer hangs on a date of the document.
    """
    fired = run.evidence.get("timers", [])
    waiting = [(index, timer) for index, timer in enumerate(step.timers) if index not in fired]
    known = facts() if any(timer.date for _index, timer in waiting) else {}
    found = []
    for index, timer in waiting:
        if not timer.date:
            found.append((index, calendar.due(timer.after, run.started_at)))
        elif isinstance(day := known.get(timer.date), date):
            found.append((index, calendar.moment(day + timedelta(days=timer.days), timer.at)))
    return found


def wake_at(
    step: Step, run: StepRun, calendar: Calendar, facts: Callable[[], Mapping[str, Any]]
) -> datetime | None:
    """Return when the sweep must look at the open step next, or None."""
    moments = [at for _index, at in timers_open(step, run, calendar, facts)]
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
