"""Structured time limits: each kind knows when it is due and how it reads.

A day-based limit ends at 24:00 of its day, kept as that day's last microsecond so that it still
shows as that day. An arrival on a non-working day counts as the next opening. "Before day 5" and
"before 30 June" include the named day.

Source: PRL-06, PRL-57, decisions §14.
"""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override, pgettext

from chengdan.kernel.workcalendar.worktime import ONE_DAY, Pace, WorkingTime

FAR = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Warn:
    """Something a reader of a due date should know; never a reason to stop.

    Attributes:
        code: `unknown_year`, `provisional_year` or `out_of_range`.
    """

    code: str
    year: int

    @property
    def message(self) -> str:
        """The warning in the reader's language."""
        texts = {
            "unknown_year": gettext_lazy(
                "The holidays of %(year)s are not known yet; only weekends count."
            ),
            "provisional_year": gettext_lazy(
                "The holidays of %(year)s are provisional: make-up working days are not known yet."
            ),
            "out_of_range": gettext_lazy("The due date lies beyond the calendar."),
        }
        return str(texts[self.code]) % {"year": self.year}


@dataclass(frozen=True, slots=True)
class Due:
    """When something must be done.

    Attributes:
        at: the last moment, UTC.
        opens_at: when it may begin, for limits that are a window.
        aim_at: an earlier moment that people should aim at.
    """

    at: datetime
    warning: Warn | None = None
    opens_at: datetime | None = None
    aim_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit; subclasses say which kind.

    Attributes:
        starts: month and day (month 0: every month) before which the time does not run.
        after: name of the date it counts from, "" for the start given by the caller.
    """

    starts: tuple[int, int] | None = None
    after: str = ""

    def due(self, calendar: WorkingTime, start: datetime) -> Due:
        """Return when it is due for something that starts at `start`, with a warning if any."""
        try:
            found = self._due(calendar, self._begin(calendar, start))
        except OverflowError:
            return Due(FAR, Warn("out_of_range", FAR.year))
        return replace(found, warning=_warning(calendar, calendar.local_day(found.at).year))

    def pace(self, calendar: WorkingTime) -> Pace:
        """Return which time counts while the limit runs."""
        return Pace.CLOCK

    def describe(self, language: str | None = None) -> str:
        """Return the limit as people write it: a duration or a date (PRL-06)."""
        if language is not None:
            with override(language):
                return self.describe()
        text = self._text()
        if self.after:
            text = _("%(limit)s, counted from %(event)s") % {"limit": text, "event": self.after}
        if self.starts:
            text = _("%(limit)s, starting %(date)s") % {
                "limit": text,
                "date": _date_text(*self.starts),
            }
        return text

    def _begin(self, calendar: WorkingTime, start: datetime) -> datetime:
        if self.starts is None:
            return start
        today = calendar.local_day(start)
        return max(start, calendar.at(_next_date(today, *self.starts), time(0)))

    def _due(self, calendar: WorkingTime, start: datetime) -> Due:
        raise NotImplementedError

    def _text(self) -> str:
        raise NotImplementedError


def _warning(calendar: WorkingTime, year: int) -> Warn | None:
    if year in calendar.provisional:
        return Warn("provisional_year", year)
    if calendar.known_until is not None and year > calendar.known_until:
        return Warn("unknown_year", year)
    return None


def month_day(year: int, month: int, day: int) -> date:
    """Return the date, or the month's last one where the month is shorter."""
    return date(year, month, min(day, months.monthrange(year, month)[1]))


def month_plus(year: int, month: int, count: int) -> tuple[int, int]:
    """Return year and month `count` months later."""
    index = year * 12 + month - 1 + count
    if index // 12 > FAR.year:
        raise OverflowError
    return index // 12, index % 12 + 1


def _next_date(today: date, month: int, day: int) -> date:
    """Return the next such date, today included; month 0 is every month."""
    if month:
        found = month_day(today.year, month, day)
        return found if found >= today else month_day(today.year + 1, month, day)
    found = month_day(today.year, today.month, day)
    if found >= today:
        return found
    return month_day(*month_plus(today.year, today.month, 1), day)


def _date_text(month: int, day: int) -> str:
    if month:
        return date_format(month_day(2000, month, day), pgettext("date format", "F j"))
    return _("day %(day)s of the month") % {"day": day}


def _minutes_text(minutes: int) -> str:
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


@dataclass(frozen=True, slots=True)
class WorkingMinutes(Limit):
    """So many minutes of working time."""

    minutes: int = 0

    def pace(self, calendar: WorkingTime) -> Pace:
        return Pace.WORKING

    def _due(self, calendar: WorkingTime, start: datetime) -> Due:
        begin = calendar.next_opening(start)
        return Due(calendar.add(begin, timedelta(minutes=self.minutes)))

    def _text(self) -> str:
        count = self.minutes
        return ngettext(
            "within %(count)s working minute", "within %(count)s working minutes", count
        ) % {"count": count}


@dataclass(frozen=True, slots=True)
class Elapsed(Limit):
    """So much time by the clock.

    Attributes:
        skip_non_working: leave out non-working days; None follows the unit's calendar (SHP-38).
    """

    minutes: int = 0
    skip_non_working: bool | None = None

    def pace(self, calendar: WorkingTime) -> Pace:
        skips = self.skip_non_working
        if skips is None:
            skips = calendar.skips_non_working_hours
        return Pace.OPEN_DAYS if skips else Pace.CLOCK

    def _due(self, calendar: WorkingTime, start: datetime) -> Due:
        duration = timedelta(minutes=self.minutes)
        if self.pace(calendar) == Pace.OPEN_DAYS:
            return Due(calendar.add_hours_skipping(start, duration))
        return Due(start + duration)

    def _text(self) -> str:
        hours, minutes = divmod(self.minutes, 60)
        if minutes:
            return _("within %(duration)s") % {"duration": _minutes_text(self.minutes)}
        text = ngettext("within %(count)s hour", "within %(count)s hours", hours)
        if self.skip_non_working:
            text = ngettext(
                "within %(count)s hour, non-working days left out",
                "within %(count)s hours, non-working days left out",
                hours,
            )
        return text % {"count": hours}


@dataclass(frozen=True, slots=True)
class WorkingDays(Limit):
    """By the end of the n-th working day after the one it came on; 0 is the same day."""

    count: int = 0
    at: time | None = None

    def pace(self, calendar: WorkingTime) -> Pace:
        return Pace.WORKING

    def _due(self, calendar: WorkingTime, start: datetime) -> Due:
        came = calendar.local_day(calendar.arrival(start))
        day = calendar.working_day_plus(came, self.count)
        return Due(calendar.day_end(day) if self.at is None else calendar.at(day, self.at))

    def _text(self) -> str:
        if self.at is not None:
            return _("by %(time)s of working day %(count)s after") % {
                "time": f"{self.at:%H:%M}",
                "count": self.count,
            }
        if self.count == 0:
            return _("on the same day")
        return ngettext(
            "within %(count)s working day", "within %(count)s working days", self.count
        ) % {"count": self.count}


@dataclass(frozen=True, slots=True)
class CalendarDays(Limit):
    """By the end of the n-th calendar day after."""

    count: int = 0

    def _due(self, calendar: WorkingTime, start: datetime) -> Due:
        return Due(calendar.day_end(calendar.local_day(start) + self.count * ONE_DAY))

    def _text(self) -> str:
        return ngettext("within %(count)s day", "within %(count)s days", self.count) % {
            "count": self.count
        }


@dataclass(frozen=True, slots=True)
class BeforeDay(Limit):
    """On or before a day of every month (month 0) or of the year."""

    month: int = 0
    day: int = 1

    def _due(self, calendar: WorkingTime, start: datetime) -> Due:
        return Due(calendar.day_end(_next_date(calendar.local_day(start), self.month, self.day)))

    def _text(self) -> str:
        if self.month:
            return _("before %(date)s") % {"date": _date_text(self.month, self.day)}
        return _("before day %(day)s of each month") % {"day": self.day}


@dataclass(frozen=True, slots=True)
class BeforeDate(Limit):
    """On or before one date."""

    on: date = date.max

    def _due(self, calendar: WorkingTime, start: datetime) -> Due:
        return Due(calendar.day_end(self.on))

    def _text(self) -> str:
        return _("before %(date)s") % {"date": self.on.isoformat()}


@dataclass(frozen=True, slots=True)
class Weekday(Limit):
    """The next such weekday: its morning, its afternoon, a clock time or its end."""

    weekday: int = 0
    half: str = ""
    at: time | None = None

    def _due(self, calendar: WorkingTime, start: datetime) -> Due:
        today = calendar.local_day(start)
        day = today + ((self.weekday - today.weekday()) % 7) * ONE_DAY
        found = self._moment(calendar, day)
        return Due(found if found >= start else self._moment(calendar, day + 7 * ONE_DAY))

    def _moment(self, calendar: WorkingTime, day: date) -> datetime:
        shift = calendar.shift_of(day) or calendar.shift
        if self.at is not None:
            return calendar.at(day, self.at)
        if self.half == "morning":
            return calendar.at(day, shift[0][1] if len(shift) > 1 else time(12))
        if self.half == "afternoon" and shift[-1][1] != time(0):
            return calendar.at(day, shift[-1][1])
        return calendar.day_end(day)

    def _text(self) -> str:
        name = str(_weekday_names()[self.weekday])
        if self.at is not None:
            return _("before %(weekday)s %(time)s") % {
                "weekday": name,
                "time": f"{self.at:%H:%M}",
            }
        if self.half == "morning":
            return _("%(weekday)s morning") % {"weekday": name}
        if self.half == "afternoon":
            return _("%(weekday)s afternoon") % {"weekday": name}
        return _("before the end of %(weekday)s") % {"weekday": name}


def _weekday_names() -> dict[int, object]:
    from django.utils.dates import WEEKDAYS

    return dict(WEEKDAYS)


PERIOD_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class PeriodEnd(Limit):
    """The end of the running month, quarter, half-year (June, December) or year, or later ones."""

    period: str = "month"
    plus: int = 0

    def _due(self, calendar: WorkingTime, start: datetime) -> Due:
        today = calendar.local_day(start)
        length = PERIOD_MONTHS[self.period]
        to_end = (length - today.month % length) % length + self.plus * length
        return Due(calendar.day_end(month_day(*month_plus(today.year, today.month, to_end), 31)))

    def _text(self) -> str:
        texts = {
            "month": _("at the end of the month"),
            "quarter": _("at the end of the quarter"),
            "half_year": _("at the end of June and of December"),
            "year": _("at the end of the year"),
        }
        text = texts[self.period]
        if self.plus:
            return _("%(limit)s, %(count)s later") % {"limit": text, "count": self.plus}
        return text


@dataclass(frozen=True, slots=True)
class AroundDay(Limit):
    """Around a day of each month, so many days before or after."""

    day: int = 1
    tolerance: int = 0

    def _due(self, calendar: WorkingTime, start: datetime) -> Due:
        width = self.tolerance * ONE_DAY
        centre = _next_date(calendar.local_day(start) - width, 0, self.day)
        return Due(calendar.day_end(centre + width), opens_at=calendar.at(centre - width, time(0)))

    def _text(self) -> str:
        return _("around day %(day)s of each month (± %(count)s days)") % {
            "day": self.day,
            "count": self.tolerance,
        }


@dataclass(frozen=True, slots=True)
class BeforeLeaving(Limit):
    """Before leaving today; at the latest at a clock time of the next working day."""

    latest: time = time(9)

    def pace(self, calendar: WorkingTime) -> Pace:
        return Pace.WORKING

    def _due(self, calendar: WorkingTime, start: datetime) -> Due:
        came = calendar.local_day(calendar.arrival(start))
        next_day = calendar.working_day_plus(came, 1)
        return Due(calendar.at(next_day, self.latest), aim_at=calendar.closing(came))

    def _text(self) -> str:
        return _("before leaving that day or before %(time)s of the next working day") % {
            "time": f"{self.latest:%H:%M}"
        }
