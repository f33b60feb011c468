"""Reading limits from YAML or JSON, with errors that name the field.

Forms: `{working_minutes: 30}`, `{minutes: 90}`, `{hours: 24, skip_non_working: true}`,
`{same_day: true}`, `{end_of: working_day, plus: 1}`, `{working_days: 2, at: "17:30"}`,
`{days: 5, after: due_date}`, `{before_day: 5, of: month}`, `{before: 06-30}`,
`{weekday: saturday, at: "17:30"}`, `{weekday: monday, half: afternoon}`,
`{end_of: month}` (quarter, half_year, year), `{around_day: 25, tolerance: 2}`,
`{before_leaving: true, or_at: "09:00"}`. Every form may have `from: 03-01` (or a day of the month)
and `after: <name of a date>`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.workcalendar import limits as kinds
from chengdan.kernel.workcalendar.limits import Limit

MINUTES_MAX = 1_000_000
DAYS_MAX = 3660
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_MONTH_DAY = re.compile(r"(\d{1,2})-(\d{1,2})")
_COMMON = {"from", "after"}


class _Reader:
    """Takes values out of one mapping and remembers what is wrong with them."""

    def __init__(self, data: Mapping[str, Any], path: str) -> None:
        self.data = data
        self.path = path
        self.issues: list[FieldIssue] = []
        self.used = set(_COMMON)

    def wrong(self, name: str, code: str, message: Any) -> None:
        """Note one problem."""
        field = f"{self.path}.{name}" if name else self.path
        self.issues.append(FieldIssue(field, code, message))

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number between `low` and `high`."""
        self.used.add(name)
        value = self.data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            text = _("This must be a whole number from %(low)s to %(high)s.")
            self.wrong(name, "whole_number", text % {"low": low, "high": high})
            return low
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """Return one of the choices."""
        self.used.add(name)
        value = self.data.get(name, default)
        if not isinstance(value, str) or value not in choices:
            text = _("This must be one of: %(choices)s.") % {"choices": ", ".join(choices)}
            self.wrong(name, "choice", text)
            return choices[0]
        return value

    def clock(self, name: str) -> time | None:
        """Return a clock time such as 09:00, or None when it is absent."""
        self.used.add(name)
        value = self.data.get(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            # YAML 1.1 reads an unquoted 17:30 as the sexagesimal number 1050.
            value = f"{value // 60:02}:{value % 60:02}"
        match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            self.wrong(name, "clock_time", _("This must be a clock time such as 09:00."))
            return None
        return time(int(match[1]), int(match[2]))

    def truth(self, name: str) -> bool | None:
        """Return yes, no or None when it is absent."""
        self.used.add(name)
        value = self.data.get(name)
        if value is not None and not isinstance(value, bool):
            self.wrong(name, "yes_no", _("This must be true or false."))
            return None
        return value

    def month_day(self, name: str) -> tuple[int, int] | None:
        """Return (month, day), or (0, day) for a day of every month."""
        self.used.add(name)
        value = self.data.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 31:
            return 0, value
        match = _MONTH_DAY.fullmatch(value) if isinstance(value, str) else None
        if match is not None:
            month, day = int(match[1]), int(match[2])
            # 2000 is a leap year, so 02-29 is a date.
            if 1 <= month <= 12 and 1 <= day <= kinds.month_day(2000, month, 31).day:
                return month, day
        self.wrong(name, "month_day", _("This must be a month and day such as 06-30."))
        return None


def _working_minutes(read: _Reader) -> Limit:
    return kinds.WorkingMinutes(minutes=read.whole("working_minutes", 0, MINUTES_MAX))


def _minutes(read: _Reader) -> Limit:
    minutes = read.whole("minutes", 0, MINUTES_MAX)
    return kinds.Elapsed(minutes=minutes, skip_non_working=read.truth("skip_non_working"))


def _hours(read: _Reader) -> Limit:
    minutes = read.whole("hours", 0, MINUTES_MAX // 60) * 60
    return kinds.Elapsed(minutes=minutes, skip_non_working=read.truth("skip_non_working"))


def _same_day(read: _Reader) -> Limit:
    if read.truth("same_day") is not True:
        read.wrong("same_day", "yes_no", _("This must be true."))
    return kinds.WorkingDays(count=0)


def _end_of(read: _Reader) -> Limit:
    period = read.choice("end_of", ("working_day", *kinds.PERIOD_MONTHS))
    plus = read.whole("plus", 0, DAYS_MAX, 0)
    if period == "working_day":
        return kinds.WorkingDays(count=plus)
    return kinds.PeriodEnd(period=period, plus=plus)


def _working_days(read: _Reader) -> Limit:
    return kinds.WorkingDays(count=read.whole("working_days", 0, DAYS_MAX), at=read.clock("at"))


def _days(read: _Reader) -> Limit:
    return kinds.CalendarDays(count=read.whole("days", 0, DAYS_MAX))


def _before_day(read: _Reader) -> Limit:
    read.choice("of", ("month",), "month")
    return kinds.BeforeDay(month=0, day=read.whole("before_day", 1, 31))


def _before(read: _Reader) -> Limit:
    value = read.data.get("before")
    read.used.add("before")
    if isinstance(value, date):
        return kinds.BeforeDate(on=value)
    if isinstance(value, str) and len(value) == 10:
        try:
            return kinds.BeforeDate(on=date.fromisoformat(value))
        except ValueError:
            read.wrong("before", "date", _("This must be a date such as 2026-06-30."))
            return kinds.BeforeDate()
    month, day = read.month_day("before") or (1, 1)
    if not month:
        read.wrong("before", "month_day", _("This must be a month and day such as 06-30."))
    return kinds.BeforeDay(month=month, day=day)


def _weekday(read: _Reader) -> Limit:
    weekday = WEEKDAYS.index(read.choice("weekday", WEEKDAYS))
    half = read.choice("half", ("", "morning", "afternoon"), "")
    at = read.clock("at")
    if half and at is not None:
        read.wrong("at", "either", _("Give half or at, not both."))
    return kinds.Weekday(weekday=weekday, half=half, at=at)


def _around_day(read: _Reader) -> Limit:
    read.choice("of", ("month",), "month")
    day = read.whole("around_day", 1, 31)
    return kinds.AroundDay(day=day, tolerance=read.whole("tolerance", 0, 14, 2))


def _before_leaving(read: _Reader) -> Limit:
    if read.truth("before_leaving") is not True:
        read.wrong("before_leaving", "yes_no", _("This must be true."))
    return kinds.BeforeLeaving(latest=read.clock("or_at") or time(9))


FORMS: dict[str, Callable[[_Reader], Limit]] = {
    "working_minutes": _working_minutes,
    "minutes": _minutes,
    "hours": _hours,
    "same_day": _same_day,
    "end_of": _end_of,
    "working_days": _working_days,
    "days": _days,
    "before_day": _before_day,
    "before": _before,
    "weekday": _weekday,
    "around_day": _around_day,
    "before_leaving": _before_leaving,
}


def limit_parse(data: object, path: str = "limit") -> Limit:
    """Return the limit that a mapping describes.

    Args:
        path: how the definition calls the place; begins the field names in errors.

    Raises:
        InvalidError: no mapping, no or two kinds, unknown names, or wrong values.
    """
    if not isinstance(data, Mapping):
        message = _("A limit is a mapping such as {working_days: 2}.")
        raise InvalidError(FieldIssue(path, "mapping", message))
    named = [name for name in FORMS if name in data]
    if len(named) != 1:
        text = _("A limit has exactly one of: %(kinds)s.") % {"kinds": ", ".join(FORMS)}
        raise InvalidError(FieldIssue(path, "kind", text))
    read = _Reader(data, path)
    limit = FORMS[named[0]](read)
    after = data.get("after", "")
    if not isinstance(after, str):
        read.wrong("after", "name", _("This must be the name of a date."))
        after = ""
    starts = read.month_day("from") if "from" in data else None
    for name in data:
        if name not in read.used:
            read.wrong(str(name)[:40], "unknown", _("This does not belong here."))
    if read.issues:
        raise InvalidError(read.issues)
    return replace(limit, starts=starts, after=after)


def describe(limit: Limit | Mapping[str, Any], language: str | None = None) -> str:
    """Return a limit as people write it, in the given or the active language (PRL-06)."""
    found = limit if isinstance(limit, Limit) else limit_parse(limit)
    return found.describe(language)
