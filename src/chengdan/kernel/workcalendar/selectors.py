"""Which calendar counts; its arithmetic is kept per process, by the stamp of the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext

from chengdan.kernel.reference import remembered
from chengdan.kernel.workcalendar.limits import Due, Limit
from chengdan.kernel.workcalendar.models import CalendarDay, WorkCalendar
from chengdan.kernel.workcalendar.parsing import limit_parse
from chengdan.kernel.workcalendar.shipped import shipped_days, shipped_years
from chengdan.kernel.workcalendar.vocabulary import DayKind
from chengdan.kernel.workcalendar.worktime import DayRule, Shift, WorkingTime

DEFAULT_CALENDAR = "cn"
_cache: dict[str, WorkingTime] = {}
_CACHE_MAX = 64


def calendar_row(code: str, company_id: int | None) -> WorkCalendar | None:
    """Return the company's own calendar, else the shared one, else None."""
    rows = WorkCalendar.objects.filter(Q(company_id=company_id) | Q(company_id=None), code=code)
    return max(rows, key=lambda row: row.company_id is not None, default=None)


def calendar_choices(company_id: int | None) -> dict[str, str]:
    """Return code → title of the calendars that people of the company may work by."""
    rows = WorkCalendar.objects.filter(Q(company_id=company_id) | Q(company_id=None))
    titles = {row.code: row.title for row in rows.order_by("title", "code")}
    first = {DEFAULT_CALENDAR: titles.pop(DEFAULT_CALENDAR, "") or gettext("Mainland China")}
    return first | {code: title or code for code, title in titles.items()}


def calendar_of(code: str = DEFAULT_CALENDAR, company_id: int | None = None) -> WorkingTime:
    """Return the working time of a calendar; without a row, that of mainland China."""
    return _load(_row_remembered(code, company_id))


@remembered("figures")
def _row_remembered(code: str, company_id: int | None) -> WorkCalendar | None:
    return calendar_row(code, company_id)


def _load(row: WorkCalendar | None) -> WorkingTime:
    key = "" if row is None else row.stamp
    known = _cache.get(key)
    if known is None:
        known = working_time(row if row is not None else WorkCalendar(code=DEFAULT_CALENDAR))
        if len(_cache) >= _CACHE_MAX:
            _cache.clear()
        _cache[key] = known
    return known


def shift_parse(text: str) -> Shift:
    """Return the spans of "08:30-12:00,13:00-17:30".

    Raises:
        ValueError: not that form, or spans that are empty, overlap or run backwards.
    """
    spans = []
    for part in text.split(","):
        start, end = (time.fromisoformat(piece.strip()) for piece in part.split("-"))
        spans.append((start, end))
    edges = [edge for span in spans for edge in span]
    minutes = [edge.hour * 60 + edge.minute for edge in edges]
    if minutes[-1] == 0:
        minutes[-1] = 24 * 60
    if any(later <= earlier for earlier, later in pairwise(minutes)):
        raise ValueError(text)
    return tuple(spans)


def shift_of_row(row: WorkCalendar) -> Shift:
    """Return the usual working hours of a calendar."""
    if row.break_starts_at is None or row.break_ends_at is None:
        return ((row.opens_at, row.closes_at),)
    return ((row.opens_at, row.break_starts_at), (row.break_ends_at, row.closes_at))


def working_time(row: WorkCalendar) -> WorkingTime:
    """Build the arithmetic of one calendar from its row, its days and the shipped days."""
    settled = set(row.settled_years)
    days: dict[date, DayRule] = {}
    years: dict[int, bool] = {}
    if row.starts_from_shipped:
        years = {year: flag for year, flag in shipped_years().items() if year not in settled}
        days = {
            day: DayRule(item.is_working)
            for day, item in shipped_days().items()
            if day.year in years
        }
    years.update(dict.fromkeys(settled, False))
    if row.pk is not None:
        for own in CalendarDay.objects.filter(calendar_id=row.pk):
            shift = shift_parse(own.shift) if own.shift else ()
            days[own.day] = DayRule(own.kind != DayKind.HOLIDAY, shift)
    return WorkingTime(
        zone=ZoneInfo(row.time_zone),
        shift=shift_of_row(row),
        weekdays=row.weekdays,
        days=days,
        known_until=max(years, default=None) if row.starts_from_shipped else None,
        provisional=frozenset(year for year, flag in years.items() if flag),
        skips_non_working_hours=row.skips_non_working_hours,
    )


def due_at(
    limit: Limit | Mapping[str, Any],
    start: datetime,
    calendar_code: str = DEFAULT_CALENDAR,
    company_id: int | None = None,
    dates: Mapping[str, date | datetime | None] | None = None,
) -> Due:
    """Return when something that starts at `start` is due.

    Args:
        limit: a Limit or what `limit_parse` reads.
        start: aware instant.
        dates: values for limits that count from a named date (`after`); a missing or empty one
            leaves `start` in force.
    """
    found = limit if isinstance(limit, Limit) else limit_parse(limit)
    calendar = calendar_of(calendar_code, company_id)
    named = (dates or {}).get(found.after) if found.after else None
    if isinstance(named, datetime):
        start = named
    elif named is not None:
        start = calendar.at(named, time(0))
    return found.due(calendar, start.astimezone(UTC))


def working_minutes_between(
    start: datetime,
    end: datetime,
    calendar_code: str = DEFAULT_CALENDAR,
    company_id: int | None = None,
) -> int:
    """Return whole working minutes from `start` to `end`; negative when `end` is earlier."""
    span = calendar_of(calendar_code, company_id).between(start, end)
    minutes = abs(span) // timedelta(minutes=1)
    return minutes if span >= timedelta(0) else -minutes


def add_working_minutes(
    start: datetime,
    minutes: int,
    calendar_code: str = DEFAULT_CALENDAR,
    company_id: int | None = None,
) -> datetime:
    """Return the first instant with so many working minutes since `start` (before, if negative)."""
    return calendar_of(calendar_code, company_id).add(start, timedelta(minutes=minutes))


def is_working_day(
    day: date, calendar_code: str = DEFAULT_CALENDAR, company_id: int | None = None
) -> bool:
    """True when people work on that date."""
    return calendar_of(calendar_code, company_id).is_working_day(day)


def next_opening(
    at: datetime, calendar_code: str = DEFAULT_CALENDAR, company_id: int | None = None
) -> datetime:
    """Return `at` inside working time, else the next opening."""
    return calendar_of(calendar_code, company_id).next_opening(at)
