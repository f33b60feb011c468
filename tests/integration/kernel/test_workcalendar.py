"""Calendars in the database: services, caches, the page's reading of a pasted plan."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.transactions import write
from chengdan.kernel.ui import hooks
from chengdan.kernel.workcalendar import (
    add_working_minutes,
    calendar_of,
    due_at,
    is_working_day,
    next_opening,
    working_minutes_between,
)
from chengdan.kernel.workcalendar.models import WorkCalendar
from chengdan.kernel.workcalendar.services import (
    PlannedDay,
    calendar_day_remove,
    calendar_day_set,
    calendar_save,
    calendar_year_import,
    year_parse,
)
from chengdan.kernel.workcalendar.vocabulary import DayKind

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests", 1)
MONDAY = date(2026, 11, 16)
MONDAY_NINE = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


def made(code: str = "cn", company_id: int | None = 1, **values: object) -> WorkCalendar:
    return calendar_save(actor=ACTOR, code=code, company_id=company_id, values=values)


def test_without_rows_the_shipped_calendar_counts() -> None:
    assert not is_working_day(date(2026, 10, 1))
    assert is_working_day(date(2026, 10, 10))
    assert add_working_minutes(MONDAY_NINE, 30) == datetime(2026, 11, 16, 1, 30, tzinfo=UTC)
    assert working_minutes_between(MONDAY_NINE, datetime(2026, 11, 17, 1, 0, tzinfo=UTC)) == 480
    assert working_minutes_between(datetime(2026, 11, 17, 1, 0, tzinfo=UTC), MONDAY_NINE) == -480
    saturday = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    assert next_opening(saturday) == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


def test_a_day_set_counts_at_once_and_is_in_the_history() -> None:
    row = made()
    assert is_working_day(MONDAY, "cn", 1)
    calendar_day_set(
        actor=ACTOR, calendar_id=row.pk, planned=PlannedDay(MONDAY, DayKind.HOLIDAY, "Move")
    )
    assert not is_working_day(MONDAY, "cn", 1)
    assert is_working_day(MONDAY, "cn", 2)
    assert [entry.code for entry in audit_history(row)] == [
        "kernel.calendar.day_set",
        "kernel.calendar.saved",
    ]
    calendar_day_remove(actor=ACTOR, calendar_id=row.pk, day=MONDAY)
    assert is_working_day(MONDAY, "cn", 1)
    with pytest.raises(NotFoundError):
        calendar_day_remove(actor=ACTOR, calendar_id=row.pk, day=MONDAY)


def test_a_rolled_back_change_leaves_nothing_in_the_cache() -> None:
    row = made()

    def set_day(day: date) -> None:
        planned = PlannedDay(day, DayKind.HOLIDAY)
        calendar_day_set(actor=ACTOR, calendar_id=row.pk, planned=planned)

    with pytest.raises(RuntimeError), write():  # noqa: PT012
        set_day(MONDAY)
        assert not is_working_day(MONDAY, "cn", 1)
        raise RuntimeError
    WorkCalendar.objects.get(pk=row.pk)
    set_day(date(2026, 11, 17))
    assert not is_working_day(date(2026, 11, 17), "cn", 1)


def test_one_query_for_many_due_dates_of_one_act(django_assert_num_queries: Any) -> None:
    made(company_id=1)
    calendar_of("cn", 1)
    with write(), django_assert_num_queries(1):
        for days in range(20):
            due_at({"working_days": days}, MONDAY_NINE, "cn", 1)


def test_a_company_calendar_goes_before_the_shared_one() -> None:
    made(company_id=None, opens_at=time(7))
    assert next_opening(datetime(2026, 11, 15, 20, 0, tzinfo=UTC), "cn", 1).hour == 23
    made(company_id=1, opens_at=time(9))
    assert next_opening(datetime(2026, 11, 15, 20, 0, tzinfo=UTC), "cn", 1).hour == 1
    assert next_opening(datetime(2026, 11, 15, 20, 0, tzinfo=UTC), "cn", 2).hour == 23


@pytest.mark.requirement("SHP-38", partly="the clock; shipping starts it")
def test_a_switch_of_the_calendar_leaves_out_non_working_days() -> None:
    friday = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    assert due_at({"hours": 24}, friday, "cn", 1).at == datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    made(skips_non_working_hours=True)
    assert due_at({"hours": 24}, friday, "cn", 1).at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_a_limit_may_count_from_a_named_date() -> None:
    limit = {"days": 5, "after": "due_date"}
    found = due_at(limit, MONDAY_NINE, dates={"due_date": date(2026, 12, 1)})
    assert found.at.astimezone(clock.local_zone()).date() == date(2026, 12, 6)
    found = due_at(limit, MONDAY_NINE, dates={"due_date": None})
    assert found.at.astimezone(clock.local_zone()).date() == date(2026, 11, 21)


def test_an_imported_year_is_no_longer_provisional() -> None:
    row = made()
    assert due_at({"same_day": True}, datetime(2027, 2, 4, 1, tzinfo=UTC), "cn", 1).warning
    plan = "2027-02-05 ~ 2027-02-11 放假 春节\n2027-02-20\t上班\n\n2027-01-01,holiday,New Year"
    days = year_parse(plan, 2027)
    assert len(days) == 9
    calendar_year_import(actor=ACTOR, calendar_id=row.pk, year=2027, days=days)
    assert not is_working_day(date(2027, 2, 11), "cn", 1)
    assert is_working_day(date(2027, 2, 20), "cn", 1)
    assert is_working_day(date(2027, 4, 5), "cn", 1)  # the plan replaces the whole year
    assert not is_working_day(date(2026, 10, 1), "cn", 1)
    due = due_at({"same_day": True}, datetime(2027, 2, 4, 1, tzinfo=UTC), "cn", 1)
    assert due.warning is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tomorrow holiday", "line"),
        ("2027-02-30 holiday", "line"),
        ("2027-02-05 party", "line"),
        ("2026-02-05 holiday", "year"),
        ("2027-02-05 holiday\n2027-02-05 上班", "twice"),
        ("2027-01-01~2027-03-01 holiday", "long"),
        ("2027-03-01~2027-01-01 holiday", "long"),
        ("", "empty"),
    ],
)
def test_a_pasted_plan_names_the_line_that_is_wrong(text: str, code: str) -> None:
    with pytest.raises(InvalidError) as caught:
        year_parse(text, 2027)
    assert caught.value.items[0].code == code


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"opens_at": time(18)}, "break_starts_at"),
        ({"break_starts_at": None}, "break_starts_at"),
        ({"weekdays": "0000000"}, "weekdays"),
        ({"weekdays": "abc"}, "weekdays"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
def test_hours_that_make_no_sense_are_refused(values: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        made(**values)
    assert caught.value.items[0].field == field


def test_shifts_are_checked() -> None:
    row = made()
    planned = PlannedDay(MONDAY, DayKind.WORKING)
    for shift in ("9-5", "09:00-08:00", "09:00-12:00,11:00-13:00"):
        with pytest.raises(InvalidError):
            calendar_day_set(actor=ACTOR, calendar_id=row.pk, planned=planned, shift=shift)
    calendar_day_set(actor=ACTOR, calendar_id=row.pk, planned=planned, shift="09:00-10:00")
    assert calendar_of("cn", 1).closing(MONDAY) == datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


def test_an_old_version_and_a_person_without_the_right_are_refused(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    made()
    with pytest.raises(ConflictError):
        calendar_save(actor=ACTOR, code="cn", company_id=1, values={}, expected_version=9)
    monkeypatch.setattr(hooks, "allowed", lambda actor, permission: False)
    with pytest.raises(ForbiddenError):
        calendar_save(actor=Actor(7, "Clerk"), code="cn", company_id=1, values={})
