"""Structured time limits: when they are due, how they read, what is refused."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.kernel.errors import InvalidError
from chengdan.kernel.workcalendar.limits import Due
from chengdan.kernel.workcalendar.parsing import describe, limit_parse
from chengdan.kernel.workcalendar.shipped import shipped_days
from chengdan.kernel.workcalendar.worktime import DayRule, Pace, WorkingTime

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = WorkingTime(
    days={day: DayRule(item.is_working) for day, item in shipped_days().items()},
    known_until=2027,
    provisional=frozenset({2027}),
)
MONDAY = "2026-11-16 10:00"
SATURDAY = "2026-11-21 10:00"
END = "23:59:59.999999"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(limit: dict[str, Any], start: str = MONDAY) -> Due:
    return limit_parse(limit).due(CHINA, moment(start))


CASES = [
    ({"working_minutes": 30}, MONDAY, "2026-11-16 10:30"),
    ({"working_minutes": 30}, "2026-11-16 11:45", "2026-11-16 13:15"),
    ({"working_minutes": 30}, "2026-11-20 17:20", "2026-11-23 08:50"),
    ({"working_minutes": 30}, SATURDAY, "2026-11-23 09:00"),
    ({"working_minutes": 0}, SATURDAY, "2026-11-23 08:30"),
    ({"minutes": 1}, SATURDAY, "2026-11-21 10:01"),
    ({"hours": 24}, "2026-11-20 10:00", "2026-11-21 10:00"),
    ({"hours": 24, "skip_non_working": True}, "2026-11-20 10:00", "2026-11-23 10:00"),
    ({"hours": 48, "skip_non_working": True}, SATURDAY, "2026-11-25 00:00"),
    ({"same_day": True}, MONDAY, f"2026-11-16 {END}"),
    ({"same_day": True}, "2026-11-16 22:00", f"2026-11-16 {END}"),
    ({"same_day": True}, SATURDAY, f"2026-11-23 {END}"),
    ({"end_of": "working_day", "plus": 1}, "2026-11-20 10:00", f"2026-11-23 {END}"),
    ({"end_of": "working_day", "plus": 1}, SATURDAY, f"2026-11-24 {END}"),
    ({"working_days": 2}, MONDAY, f"2026-11-18 {END}"),
    ({"working_days": 1, "at": "09:00"}, "2026-11-20 10:00", "2026-11-23 09:00"),
    ({"working_days": 3}, "2026-09-30 10:00", f"2026-10-10 {END}"),
    ({"before_day": 5, "of": "month"}, MONDAY, f"2026-12-05 {END}"),
    ({"before_day": 16}, MONDAY, f"2026-11-16 {END}"),
    ({"before_day": 31}, "2026-02-01 10:00", f"2026-02-28 {END}"),
    ({"before": "06-30"}, MONDAY, f"2027-06-30 {END}"),
    ({"before": "02-29"}, "2028-02-01 10:00", f"2028-02-29 {END}"),
    ({"before": "02-29"}, "2027-02-01 10:00", f"2027-02-28 {END}"),
    ({"before": "2026-12-31"}, MONDAY, f"2026-12-31 {END}"),
    ({"before": date(2026, 12, 31)}, MONDAY, f"2026-12-31 {END}"),
    ({"weekday": "saturday", "at": "17:30"}, MONDAY, "2026-11-21 17:30"),
    ({"weekday": "saturday", "at": 1050}, "2026-11-21 17:31", "2026-11-28 17:30"),
    ({"weekday": "saturday", "half": "morning"}, MONDAY, "2026-11-21 12:00"),
    ({"weekday": "monday", "half": "afternoon"}, MONDAY, "2026-11-16 17:30"),
    ({"weekday": "friday"}, MONDAY, f"2026-11-20 {END}"),
    ({"end_of": "month"}, MONDAY, f"2026-11-30 {END}"),
    ({"end_of": "month", "plus": 1}, "2026-01-31 10:00", f"2026-02-28 {END}"),
    ({"end_of": "quarter"}, MONDAY, f"2026-12-31 {END}"),
    ({"end_of": "half_year"}, "2026-06-30 10:00", f"2026-06-30 {END}"),
    ({"end_of": "half_year"}, "2026-07-01 10:00", f"2026-12-31 {END}"),
    ({"end_of": "year"}, MONDAY, f"2026-12-31 {END}"),
    ({"around_day": 8, "tolerance": 2}, MONDAY, f"2026-12-10 {END}"),
    ({"around_day": 15, "tolerance": 2}, MONDAY, f"2026-11-17 {END}"),
    ({"days": 5, "after": "due_date"}, MONDAY, f"2026-11-21 {END}"),
    ({"before_leaving": True, "or_at": "09:00"}, MONDAY, "2026-11-17 09:00"),
    ({"before_leaving": True}, "2026-11-20 10:00", "2026-11-23 09:00"),
    ({"working_days": 5, "from": "12-01"}, MONDAY, f"2026-12-08 {END}"),
    ({"working_days": 1, "from": 25}, MONDAY, f"2026-11-26 {END}"),
]


@pytest.mark.requirement("PRL-57", partly="steps of processes use them")
@pytest.mark.parametrize(("limit", "start", "expected"), CASES)
def test_due(limit: dict[str, Any], start: str, expected: str) -> None:
    assert due(limit, start).at == moment(expected)


LEFT = [
    ({"working_minutes": 60}, MONDAY, "2026-11-16 10:40", 20, 480),
    ({"working_minutes": 60}, "2026-11-20 17:00", "2026-11-21 12:00", 30, 480),
    ({"same_day": True}, MONDAY, "2026-11-17 09:00", -30, 480),
    ({"hours": 24}, "2026-11-20 10:00", "2026-11-21 06:00", 240, 1440),
    ({"hours": 24}, "2026-11-20 10:00", "2026-11-22 10:00", -1440, 1440),
    ({"hours": 24}, "2026-11-20 10:00", "2026-11-21 10:00:01", -1, 1440),
    ({"hours": 24, "skip_non_working": True}, "2026-11-20 10:00", "2026-11-22 12:00", 600, 1440),
    ({"hours": 24, "skip_non_working": True}, "2026-11-20 10:00", "2026-11-24 11:00", -1500, 1440),
    ({"days": 5}, MONDAY, "2026-11-20 23:59:59.999999", 1440, 1440),
    ({"before": "12-10"}, MONDAY, "2026-12-10 23:00", 59, 1440),
    ({"weekday": "saturday", "at": "17:30"}, MONDAY, "2026-11-21 17:00", 30, 1440),
]


@pytest.mark.requirement("SHP-38")
@pytest.mark.parametrize(("limit", "start", "now", "minutes", "day"), LEFT)
def test_what_is_left_is_counted_in_the_time_the_limit_runs_in(
    limit: dict[str, Any], start: str, now: str, minutes: int, day: int
) -> None:
    pace = limit_parse(limit).pace(CHINA)
    left = CHINA.left(moment(now), due(limit, start).at, pace)
    assert (left.minutes, left.day_minutes) == (minutes, day)


def test_hours_follow_the_switch_of_the_calendar() -> None:
    skipping = replace(CHINA, skips_non_working_hours=True)
    assert limit_parse({"hours": 24}).pace(CHINA) == Pace.CLOCK
    assert limit_parse({"hours": 24}).pace(skipping) == Pace.OPEN_DAYS
    limit = {"hours": 24, "skip_non_working": False}
    assert limit_parse(limit).pace(skipping) == Pace.CLOCK


@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(SHANGHAI)),
    hours=st.integers(1, 400),
)
def test_at_the_start_the_whole_time_is_left(start: datetime, hours: int) -> None:
    for skips in (True, False):
        limit = limit_parse({"hours": hours, "skip_non_working": skips})
        found = CHINA.left(start, limit.due(CHINA, start).at, limit.pace(CHINA))
        assert found.minutes == hours * 60
    limit = limit_parse({"working_minutes": hours})
    assert CHINA.left(start, limit.due(CHINA, start).at, limit.pace(CHINA)).minutes == hours


def test_a_window_says_when_it_opens_and_leaving_is_the_aim() -> None:
    assert due({"around_day": 8, "tolerance": 2}).opens_at == moment("2026-12-06 00:00")
    assert due({"before_leaving": True}).aim_at == moment("2026-11-16 17:30")


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("2026-11-16 10:00", None),
        ("2027-03-01 10:00", "provisional_year"),
        ("2029-03-01 10:00", "unknown_year"),
        ("1999-03-01 10:00", None),
    ],
)
def test_years_that_are_not_known_warn_and_never_fail(start: str, code: str | None) -> None:
    warning = due({"working_days": 2}, start).warning
    assert (warning and warning.code) == code
    if warning is not None:
        assert str(warning.year) in warning.message


def test_a_due_date_beyond_the_calendar_is_a_warning() -> None:
    found = limit_parse({"working_days": 3000}).due(CHINA, datetime(9999, 1, 1, tzinfo=SHANGHAI))
    assert found.warning is not None
    assert found.warning.code == "out_of_range"


@given(
    index=st.integers(0, len(CASES) - 1),
    start=st.datetimes(datetime(1985, 1, 1), datetime(2032, 1, 1), timezones=st.just(SHANGHAI)),
    gap=st.integers(0, 10**5),
)
def test_due_dates_are_monotone(index: int, start: datetime, gap: int) -> None:
    limit = limit_parse(CASES[index][0])
    later = start.timestamp() + gap * 60
    other = datetime.fromtimestamp(later, SHANGHAI)
    assert limit.due(CHINA, start).at <= limit.due(CHINA, other).at


@given(
    index=st.integers(0, len(CASES) - 1),
    start=st.datetimes(datetime(1985, 1, 1), datetime(2032, 1, 1), timezones=st.just(SHANGHAI)),
)
def test_nothing_is_due_before_it_starts(index: int, start: datetime) -> None:
    limit = CASES[index][0]
    if isinstance(limit.get("before"), date) or limit.get("before") == "2026-12-31":
        return
    assert limit_parse(limit).due(CHINA, start).at >= start - timedelta(0)


@pytest.mark.parametrize(
    ("limit", "field"),
    [
        ("2 days", "limit"),
        ({}, "limit"),
        ({"hours": 1, "days": 1}, "limit"),
        ({"hours": -1}, "limit.hours"),
        ({"hours": 1.5}, "limit.hours"),
        ({"hours": True}, "limit.hours"),
        ({"hours": "24"}, "limit.hours"),
        ({"hours": 10**30}, "limit.hours"),
        ({"hours": 24, "skip_non_working": "yes"}, "limit.skip_non_working"),
        ({"hours": 24, "skip": True}, "limit.skip"),
        ({"same_day": False}, "limit.same_day"),
        ({"end_of": "decade"}, "limit.end_of"),
        ({"before": "13-01"}, "limit.before"),
        ({"before": "02-30"}, "limit.before"),
        ({"before": "2026-02-30"}, "limit.before"),
        ({"before": 5}, "limit.before"),
        ({"before_day": 0}, "limit.before_day"),
        ({"before_day": 5, "of": "year"}, "limit.of"),
        ({"weekday": "sabbath"}, "limit.weekday"),
        ({"weekday": "monday", "at": "25:00"}, "limit.at"),
        ({"weekday": "monday", "at": "09:00", "half": "morning"}, "limit.at"),
        ({"working_days": 1, "from": "99-99"}, "limit.from"),
        ({"working_days": 1, "after": 3}, "limit.after"),
    ],
)
def test_errors_name_the_field(limit: Any, field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        limit_parse(limit)
    assert caught.value.items[0].field == field


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ({"working_days": 2}, "within 2 working days"),
        ({"before_day": 5}, "before day 5 of each month"),
        ({"before": "06-30"}, "before June 30"),
        ({"working_days": 5, "from": "03-01"}, "within 5 working days, starting March 1"),
        ({"hours": 24, "skip_non_working": True}, "within 24 hours, non-working days left out"),
    ],
)
def test_limits_read_in_two_forms(limit: dict[str, Any], text: str) -> None:
    assert describe(limit, "en") == text


@pytest.mark.requirement("PRL-06", partly="the process library shows them")
@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ({"working_days": 2}, "2 个工作日内"),
        ({"before_day": 5}, "每月 5 日前"),
        ({"before": "06-30"}, "6月30日前"),
        ({"weekday": "saturday", "at": "17:30"}, "星期六 17:30 前"),
        ({"same_day": True}, "当日"),
        ({"before_leaving": True}, "当日下班前或下一工作日 09:00 前"),
    ],
)
def test_limits_read_as_a_clerk_writes_them(limit: dict[str, Any], text: str) -> None:
    assert describe(limit, "zh-hans") == text


@pytest.mark.parametrize("limit", [case[0] for case in CASES])
def test_every_limit_has_words(limit: dict[str, Any]) -> None:
    assert describe(limit, "en")
