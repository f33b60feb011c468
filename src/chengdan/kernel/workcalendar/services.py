"""Changing calendars: hours, single days and the plan of a whole year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.record import audit_record
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.locking import LockRank, lock_one
from chengdan.kernel.rights import right_require
from chengdan.kernel.transactions import write
from chengdan.kernel.workcalendar import vocabulary as words
from chengdan.kernel.workcalendar.models import CalendarDay, WorkCalendar, new_stamp
from chengdan.kernel.workcalendar.selectors import calendar_choices, shift_parse
from chengdan.kernel.workcalendar.vocabulary import DayKind

YEARS = (1949, 2200)
_FIELDS = (
    "title", "time_zone", "opens_at", "closes_at", "break_starts_at", "break_ends_at", "weekdays",
    "starts_from_shipped", "skips_non_working_hours",
)  # fmt: skip
_CODE = re.compile(r"[a-z0-9_-]{1,30}")
_LINE = re.compile(
    r"(?P<first>\d{4}-\d{1,2}-\d{1,2})(?:\s*(?:~|至|到|\.\.)\s*(?P<last>\d{4}-\d{1,2}-\d{1,2}))?"
    r"[\s,，;；\t]+(?P<kind>\S+?)(?:[\s,，;；\t]+(?P<title>.*))?"
)
_KINDS = {
    "holiday": DayKind.HOLIDAY, "off": DayKind.HOLIDAY, "休": DayKind.HOLIDAY,
    "放假": DayKind.HOLIDAY, "休息": DayKind.HOLIDAY, "make_up": DayKind.MAKE_UP,
    "makeup": DayKind.MAKE_UP, "make-up": DayKind.MAKE_UP,
    "班": DayKind.MAKE_UP, "上班": DayKind.MAKE_UP,
    "调休上班": DayKind.MAKE_UP, "补班": DayKind.MAKE_UP, "working": DayKind.WORKING,
    "工作日": DayKind.WORKING,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """One line of a year's plan."""

    day: date
    kind: DayKind
    title: str = ""


def calendar_save(
    *,
    actor: Actor,
    code: str,
    company_id: int | None,
    values: dict[str, Any],
    expected_version: int | None = None,
) -> WorkCalendar:
    """Create a calendar or change its hours.

    Args:
        values: any of title, time_zone, opens_at, closes_at, break_starts_at, break_ends_at,
            weekdays, starts_from_shipped, skips_non_working_hours.

    Raises:
        InvalidError: hours that overlap, no working weekday, an unknown time zone, a code that
            is no word.
        ConflictError: changed meanwhile.
    """
    right_require(actor, words.CALENDAR_EDIT)
    with write():
        known = WorkCalendar.objects.filter(code=code, company_id=company_id).first()
        if known is None:
            _code_check(code)
            row = WorkCalendar(code=code, company_id=company_id, version=0)
        else:
            row = _calendar_locked(known.pk, expected_version)
        before = {name: getattr(row, name) for name in _FIELDS} if known else None
        for name in _FIELDS:
            if name in values:
                setattr(row, name, values[name])
        _hours_check(row)
        row.version += 1
        row.stamp = new_stamp()
        row.save()
        after = {name: getattr(row, name) for name in _FIELDS}
        audit_record(actor, words.CALENDAR_SAVED, row, before=before, after=after)
    return row


def calendar_day_set(
    *, actor: Actor, calendar_id: int, planned: PlannedDay, shift: str = ""
) -> CalendarDay:
    """Make one date a working day, a day off or a make-up day; replaces what was set.

    Raises:
        InvalidError: a shift that cannot be read, or a year out of range.
        NotFoundError: no such calendar.
    """
    right_require(actor, words.CALENDAR_EDIT)
    if shift:
        _shift_check(shift)
    _year_check(planned.day.year)
    with write():
        row = _calendar_locked(calendar_id, None)
        known = CalendarDay.objects.filter(calendar=row, day=planned.day).first()
        before = {"kind": known.kind, "title": known.title, "shift": known.shift} if known else None
        day = known or CalendarDay(calendar=row, day=planned.day)
        day.kind, day.title, day.shift = planned.kind, planned.title, shift
        day.is_provisional = False
        day.save()
        after = {"kind": day.kind, "title": day.title, "shift": day.shift}
        params = {"day": day.day, "kind": day.get_kind_display()}
        _changed(row)
        audit_record(actor, words.DAY_SET, row, before=before, after=after, params=params)
    return day


def calendar_day_remove(*, actor: Actor, calendar_id: int, day: date) -> None:
    """Take an own entry away; the shipped day or the weekday counts again.

    Raises:
        NotFoundError: no such calendar or entry.
    """
    right_require(actor, words.CALENDAR_EDIT)
    with write():
        row = _calendar_locked(calendar_id, None)
        known = CalendarDay.objects.filter(calendar=row, day=day).first()
        if known is None:
            raise NotFoundError
        before = {"kind": known.kind, "title": known.title, "shift": known.shift}
        known.delete()
        _changed(row)
        audit_record(actor, words.DAY_REMOVED, row, before=before, params={"day": day})


def year_parse(text: str, year: int) -> list[PlannedDay]:
    """Return the days of a pasted plan: `2027-02-05~2027-02-11 holiday Spring Festival` per line.

    Kinds: holiday, make_up, working, or 放假, 休, 上班, 班, 补班, 工作日.

    Raises:
        InvalidError: names each line that cannot be read, lies in another year or comes twice.
    """
    days: dict[date, PlannedDay] = {}
    issues = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            _days_add(days, _line_parse(line.strip(), year))
        except ValueError as error:
            message = _LINE_ERRORS.get(str(error), _LINE_ERRORS[""])
            issues.append(FieldIssue("text", str(error)[:20] or "line", message, row=number))
    if issues:
        raise InvalidError(issues)
    if not days:
        raise InvalidError(FieldIssue("text", "empty", _("Paste at least one day.")))
    return sorted(days.values(), key=lambda item: item.day)


def _days_add(days: dict[date, PlannedDay], more: list[PlannedDay]) -> None:
    for planned in more:
        if planned.day in days:
            raise ValueError("twice")
        days[planned.day] = planned


_LINE_ERRORS = {
    "": _("This line cannot be read. Write: 2027-02-05 holiday Spring Festival"),
    "year": _("This date lies in another year."),
    "twice": _("This date comes twice."),
    "long": _("A range has at most 31 days."),
}


def _line_parse(line: str, year: int) -> list[PlannedDay]:
    match = _LINE.fullmatch(line)
    kind = _KINDS.get(match["kind"].lower()) if match else None
    if match is None or kind is None:
        raise ValueError("")
    first, last = _date(match["first"]), _date(match["last"] or match["first"])
    if first.year != year or last.year != year:
        raise ValueError("year")
    count = (last - first).days + 1
    if not 1 <= count <= 31:
        raise ValueError("long")
    title = (match["title"] or "").strip()[:100]
    return [PlannedDay(first + timedelta(days=i), kind, title) for i in range(count)]


def _date(text: str) -> date:
    try:
        return date(*(int(part) for part in text.split("-")))
    except ValueError:
        raise ValueError("") from None


def calendar_year_import(
    *, actor: Actor, calendar_id: int, year: int, days: Sequence[PlannedDay]
) -> WorkCalendar:
    """Replace what is known about a year by its published plan; it is then no longer provisional.

    Raises:
        InvalidError: a day of another year.
        NotFoundError: no such calendar.
    """
    right_require(actor, words.CALENDAR_EDIT)
    _year_check(year)
    if any(planned.day.year != year for planned in days):
        raise InvalidError(FieldIssue("text", "year", _LINE_ERRORS["year"]))
    with write():
        row = _calendar_locked(calendar_id, None)
        own = CalendarDay.objects.filter(calendar=row, day__year=year)
        before = {str(day): kind for day, kind in own.values_list("day", "kind")}
        own.delete()
        CalendarDay.objects.bulk_create(
            CalendarDay(calendar=row, day=item.day, kind=item.kind, title=item.title)
            for item in days
        )
        row.settled_years = sorted({*row.settled_years, year})
        row.save(update_fields=["settled_years"])
        _changed(row)
        after = {str(item.day): item.kind for item in days}
        params = {"year": year, "count": len(days)}
        audit_record(actor, words.YEAR_IMPORTED, row, before=before, after=after, params=params)
    return row


def _calendar_locked(calendar_id: int, expected_version: int | None) -> WorkCalendar:
    row = lock_one(WorkCalendar, calendar_id, LockRank.MASTER)
    if expected_version is not None and row.version != expected_version:
        raise ConflictError
    return row


def _changed(row: WorkCalendar) -> None:
    row.version += 1
    row.stamp = new_stamp()
    row.save(update_fields=["version", "stamp"])


def _year_check(year: int) -> None:
    if not YEARS[0] <= year <= YEARS[1]:
        raise InvalidError(FieldIssue("year", "range", _("This year is out of range.")))


def _shift_check(text: str) -> None:
    try:
        shift_parse(text)
    except ValueError:
        message = _("Write working hours like 08:30-12:00,13:00-17:30.")
        raise InvalidError(FieldIssue("shift", "shift", message)) from None


def _code_check(code: str) -> None:
    if not _CODE.fullmatch(code):
        message = _("Use at most 30 small letters, digits, “-” or “_”.")
        raise InvalidError(FieldIssue("code", "form", message))


def calendar_create(
    *, actor: Actor, code: str, company_id: int | None, values: dict[str, Any]
) -> WorkCalendar:
    """Add a calendar that units or companies may name; see `calendar_save`.

    Raises:
        InvalidError: the code is taken, or see `calendar_save`.
    """
    with write():
        if code in calendar_choices(company_id):
            message = _("Another calendar has this code.")
            raise InvalidError(FieldIssue("code", "taken", message))
        return calendar_save(actor=actor, code=code, company_id=company_id, values=values)


def _hours_check(row: WorkCalendar) -> None:
    issues = []
    names = ["opens_at", "closes_at"]
    if row.break_starts_at is not None or row.break_ends_at is not None:
        names[1:1] = ["break_starts_at", "break_ends_at"]
    before = -1
    for name in names:
        edge: time | None = getattr(row, name)
        if edge is None:
            message = _("A break needs both its times.")
            issues.append(FieldIssue(name, "hours", message))
            continue
        minutes = edge.hour * 60 + edge.minute
        if name == "closes_at" and minutes == 0:
            minutes = 24 * 60
        if minutes <= before:
            message = _("This must be later than the time before it.")
            issues.append(FieldIssue(name, "hours", message))
        before = max(before, minutes)
    if not re.fullmatch(r"[01]{7}", row.weekdays) or "1" not in row.weekdays:
        issues.append(FieldIssue("weekdays", "weekdays", _("Choose at least one working day.")))
    if row.time_zone not in available_timezones():
        issues.append(FieldIssue("time_zone", "time_zone", _("This time zone is not known.")))
    if issues:
        raise InvalidError(issues)
