"""Arithmetic on working time; plain Python on plain values, exact to the microsecond."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chengdan.kernel.durations import DAY_MINUTES, Duration

Span = tuple[datetime, datetime]
Shift = tuple[tuple[time, time], ...]  # an end of 00:00 means 24:00

DEFAULT_SHIFT: Shift = ((time(8, 30), time(12, 0)), (time(13, 0), time(17, 30)))
MICROSECOND = timedelta(microseconds=1)
ONE_DAY = timedelta(days=1)
ONE_MINUTE = timedelta(minutes=1)
# More than any holiday; a calendar that closes longer counts every day.
CLOSED_DAYS_MAX = 400


class Pace(StrEnum):
    """Which time counts while a limit runs."""

    WORKING = "working"
    CLOCK = "clock"
    OPEN_DAYS = "open_days"  # every hour of working days


@dataclass(frozen=True, slots=True)
class DayRule:
    """How one date differs from its weekday."""

    is_working: bool
    shift: Shift = ()


def instant(day: date, clock_time: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a local clock time; inside a DST gap, the instant of the change."""
    local = datetime.combine(day, clock_time, zone)
    early = local.astimezone(UTC)
    late = local.replace(fold=1).astimezone(UTC)
    if early <= late:
        return early
    low, high, offset = late, early, late.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


@dataclass(slots=True)
class WorkingTime:
    """One calendar, ready for arithmetic.

    Attributes:
        days: dates that differ from the weekly pattern.
        known_until: last year whose public holidays are known; None when none are needed.
        provisional: years whose plan is not published yet.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    shift: Shift = DEFAULT_SHIFT
    weekdays: str = "1111100"
    days: Mapping[date, DayRule] = field(default_factory=dict)
    known_until: int | None = None
    provisional: frozenset[int] = frozenset()
    skips_non_working_hours: bool = False
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, repr=False)

    def local_day(self, at: datetime) -> date:
        """Return the date at `at` where the calendar is."""
        return at.astimezone(self.zone).date()

    def is_working_day(self, day: date) -> bool:
        """True when people work on that date."""
        rule = self.days.get(day)
        return self.weekdays[day.weekday()] == "1" if rule is None else rule.is_working

    def shift_of(self, day: date) -> Shift:
        """Return the working hours of a date, () on a day off."""
        if not self.is_working_day(day):
            return ()
        rule = self.days.get(day)
        return rule.shift if rule is not None and rule.shift else self.shift

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return the working spans of a date in UTC."""
        known = self._spans.get(day)
        if known is None:
            known = tuple(
                (instant(day, start, self.zone), self._end(day, end))
                for start, end in self.shift_of(day)
            )
            self._spans[day] = known
        return known

    def _end(self, day: date, end: time) -> datetime:
        if end == time(0):
            return instant(day + ONE_DAY, end, self.zone)
        return instant(day, end, self.zone)

    def day_end(self, day: date) -> datetime:
        """Return the last microsecond of a date, so that it still shows as that date."""
        return instant(day + ONE_DAY, time(0), self.zone) - MICROSECOND

    def at(self, day: date, clock_time: time) -> datetime:
        """Return the instant of a local clock time."""
        return instant(day, clock_time, self.zone)

    def opening(self, day: date) -> datetime:
        """Return when a date opens; its midnight on a day off."""
        spans = self.spans(day)
        return spans[0][0] if spans else self.at(day, time(0))

    def closing(self, day: date) -> datetime:
        """Return when a date closes; its last microsecond on a day off."""
        spans = self.spans(day)
        return spans[-1][1] if spans else self.day_end(day)

    def working_day_from(self, day: date, step: int = 1) -> date:
        """Return `day` if it is a working day, else the nearest one after (step −1: before) it."""
        for _closed in range(CLOSED_DAYS_MAX):
            if self.is_working_day(day):
                return day
            day += step * ONE_DAY
        return day

    def working_day_plus(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day` (before it when negative)."""
        step = 1 if count >= 0 else -1
        for _day in range(abs(count)):
            day = self.working_day_from(day + step * ONE_DAY, step)
        return day

    def next_opening(self, at: datetime) -> datetime:
        """Return `at` if it lies inside working time, else the start of the next span."""
        day = self.local_day(at)
        for _closed in range(CLOSED_DAYS_MAX):
            for start, end in self.spans(day):
                if at < end:
                    return max(at, start)
            day += ONE_DAY
        return at

    def arrival(self, at: datetime) -> datetime:
        """Return when something that came at `at` counts as come: a day off is the next opening."""
        day = self.local_day(at)
        if self.is_working_day(day):
            return at
        return self.opening(self.working_day_from(day))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from `start` to `end`; negative when `end` is earlier."""
        if end < start:
            return -self.between(end, start)
        total, day, last = timedelta(0), self.local_day(start), self.local_day(end)
        while day <= last:
            for opened, closed in self.spans(day):
                low, high = max(opened, start), min(closed, end)
                if low < high:
                    total += high - low
            day += ONE_DAY
        return total

    @property
    def day_minutes(self) -> int:
        """The minutes of a usual working day."""
        return sum((_minute(end) or DAY_MINUTES) - _minute(start) for start, end in self.shift)

    def taken(self, start: datetime, end: datetime) -> Duration:
        """Return the whole minutes of working time from `start` to `end`."""
        return Duration(int(self.between(start, end) / ONE_MINUTE), self.day_minutes)

    def left(self, now: datetime, due: datetime, pace: Pace) -> Duration:
        """Return what is left until `due`; negative from the moment it is over."""
        if pace == Pace.WORKING:
            found = self.taken(now, due)
        elif pace == Pace.OPEN_DAYS:
            found = Duration(int(self._hours_between(now, due) / ONE_MINUTE))
        else:
            found = Duration(int((due - now) / ONE_MINUTE))
        return replace(found, minutes=min(found.minutes, -1)) if due < now else found

    def _hours_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the hours from `start` to `end` in which whole non-working days do not count."""
        if end < start:
            return -self._hours_between(end, start)
        total, day, last = timedelta(0), self.local_day(start), self.local_day(end)
        while day <= last:
            if self.is_working_day(day):
                begin, over = self.at(day, time(0)), self.at(day + ONE_DAY, time(0))
                total += min(over, end) - max(begin, start)
            day += ONE_DAY
        return total

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """Return the first instant with `duration` of working time since `start`.

        A negative duration goes back to the last instant with that much working time before it.
        """
        if duration < timedelta(0):
            return self._subtract(start, -duration)
        if not duration:
            return start
        left, day, closed_days = duration, self.local_day(start), 0
        while closed_days < CLOSED_DAYS_MAX:
            closed_days += 1
            for opened, closed in self.spans(day):
                low = max(opened, start)
                if low >= closed:
                    continue
                if closed - low >= left:
                    return low + left
                left -= closed - low
                closed_days = 0
            day += ONE_DAY
        return start + duration

    def _subtract(self, start: datetime, duration: timedelta) -> datetime:
        left, day, closed_days = duration, self.local_day(start), 0
        while closed_days < CLOSED_DAYS_MAX:
            closed_days += 1
            for opened, closed in reversed(self.spans(day)):
                high = min(closed, start)
                if high <= opened:
                    continue
                if high - opened >= left:
                    return high - left
                left -= high - opened
                closed_days = 0
            day -= ONE_DAY
        return start - duration

    def add_hours_skipping(self, start: datetime, duration: timedelta) -> datetime:
        """Return `start` plus elapsed time in which whole non-working days do not count."""
        left, at = duration, self._next_day_begin(start)
        for _day in range(CLOSED_DAYS_MAX + duration.days * CLOSED_DAYS_MAX):
            day_end = self.day_end(self.local_day(at)) + MICROSECOND
            if day_end - at >= left:
                return at + left
            left -= day_end - at
            at = self._next_day_begin(day_end)
        return at + left

    def _next_day_begin(self, at: datetime) -> datetime:
        day = self.local_day(at)
        working = self.working_day_from(day)
        return at if working == day else self.at(working, time(0))
