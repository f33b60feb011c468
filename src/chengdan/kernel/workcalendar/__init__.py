"""Working time: calendars with holidays, arithmetic on working minutes, structured time limits.

Others call `calendar_choices`, `calendar_of`, `due_at`, `limit_parse`, `add_working_minutes`,
`working_minutes_between`, `is_working_day`, `next_opening` and the services.
"""

from chengdan.kernel.workcalendar.limits import Due, Limit, Warn
from chengdan.kernel.workcalendar.parsing import describe, limit_parse
from chengdan.kernel.workcalendar.selectors import (
    DEFAULT_CALENDAR,
    add_working_minutes,
    calendar_choices,
    calendar_of,
    due_at,
    is_working_day,
    next_opening,
    working_minutes_between,
)
from chengdan.kernel.workcalendar.worktime import Pace, WorkingTime

__all__ = [
    "DEFAULT_CALENDAR",
    "Due",
    "Limit",
    "Pace",
    "Warn",
    "WorkingTime",
    "add_working_minutes",
    "calendar_choices",
    "calendar_of",
    "describe",
    "due_at",
    "is_working_day",
    "limit_parse",
    "next_opening",
    "working_minutes_between",
]
