"""Arithmetic on working time, without a database."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chengdan.kernel.workcalendar.shipped import shipped_days, shipped_years
from chengdan.kernel.workcalendar.worktime import DayRule, WorkingTime, instant

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = WorkingTime(
    days={day: DayRule(item.is_working) for day, item in shipped_days().items()},
    known_until=2027,
)
NIGHTS = WorkingTime(shift=((time(0), time(6)), (time(20), time(0))), weekdays="1111111")
CALENDARS = (CHINA, NIGHTS)

instants = st.datetimes(
    datetime(1986, 1, 1),
    datetime(2030, 1, 1),
    timezones=st.just(UTC),
)
minutes = st.integers(0, 60 * 24 * 10)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc]


def test_a_clock_time_that_a_change_of_clocks_leaves_out_is_the_change_itself() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    change = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert instant(date(2026, 3, 29), time(2, 30), berlin) == change
    assert instant(date(2026, 3, 29), time(1, 59), berlin) == change - timedelta(minutes=1)
    assert instant(date(2026, 3, 29), time(3, 0), berlin) == change


@pytest.mark.parametrize("calendar", CALENDARS)
@given(start=instants, first=minutes, second=minutes)
@example(start=datetime(1986, 5, 3, 15, 59, tzinfo=UTC), first=600, second=600)
@example(start=datetime(1991, 9, 14, 14, 0, tzinfo=UTC), first=600, second=1)
@example(start=datetime(2028, 2, 28, 23, 0, tzinfo=UTC), first=600, second=0)
def test_adding_is_undone_by_measuring_and_is_additive(
    calendar: WorkingTime, start: datetime, first: int, second: int
) -> None:
    one, two = timedelta(minutes=first), timedelta(minutes=second)
    end = calendar.add(start, one)
    assert end >= start
    assert calendar.between(start, end) == one
    assert calendar.between(start, calendar.add(end, two)) == one + two
    assert calendar.add(end, two) == calendar.add(start, one + two) or not second


@pytest.mark.parametrize("calendar", CALENDARS)
@given(one=instants, gap=st.integers(0, 100_000), count=minutes)
def test_adding_is_monotone(calendar: WorkingTime, one: datetime, gap: int, count: int) -> None:
    later = one + timedelta(minutes=gap)
    duration = timedelta(minutes=count)
    assert calendar.add(one, duration) <= calendar.add(later, duration)
    assert calendar.add(one, duration) <= calendar.add(one, duration + timedelta(minutes=1))


@given(a=instants, gaps=st.tuples(st.integers(0, 90_000), st.integers(0, 90_000)))
def test_measuring_is_additive_and_antisymmetric(a: datetime, gaps: tuple[int, int]) -> None:
    b = a + timedelta(minutes=gaps[0])
    c = b + timedelta(minutes=gaps[1])
    assert CHINA.between(a, b) + CHINA.between(b, c) == CHINA.between(a, c)
    assert CHINA.between(c, a) == -CHINA.between(a, c)


@given(start=instants, count=st.integers(1, 5000))
def test_going_back_is_undone_by_measuring(start: datetime, count: int) -> None:
    before = CHINA.add(start, timedelta(minutes=-count))
    assert CHINA.between(before, start) == timedelta(minutes=count)


@given(start=instants)
def test_the_next_opening_is_the_first_working_instant(start: datetime) -> None:
    opening = CHINA.next_opening(start)
    assert opening >= start
    assert CHINA.between(start, opening) == timedelta(0)
    assert CHINA.between(opening, opening + timedelta(seconds=1)) == timedelta(seconds=1)


@given(day=st.dates(date(1985, 12, 31), date(1992, 1, 2)))
def test_days_with_a_clock_change_have_rising_instants(day: date) -> None:
    found = [instant(day, time(hour, 30), SHANGHAI) for hour in range(24)]
    assert found == sorted(found)
    assert instant(day, time(0), SHANGHAI) <= found[0]


def test_a_night_shift_over_the_clock_change_counts_real_minutes() -> None:
    spring, autumn = date(1986, 5, 4), date(1986, 9, 14)
    assert NIGHTS.between(NIGHTS.at(spring, time(0)), NIGHTS.at(spring, time(6))) == timedelta(
        hours=5
    )
    assert NIGHTS.between(NIGHTS.at(autumn, time(0)), NIGHTS.at(autumn, time(6))) == timedelta(
        hours=7
    )


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        (date(2026, 2, 14), True),  # a Saturday made up for
        (date(2026, 2, 28), True),
        (date(2026, 10, 10), True),
        (date(2026, 2, 16), False),
        (date(2026, 10, 1), False),
        (date(2026, 11, 21), False),
        (date(2026, 11, 23), True),
        (date(2027, 2, 8), False),  # provisional
        (date(2027, 2, 20), False),  # make-up days of 2027 are not known
        (date(2003, 10, 1), True),  # before the first year: weekends only
        (date(2031, 10, 1), True),
    ],
)
def test_days_of_mainland_china(day: date, is_working: bool) -> None:
    assert CHINA.is_working_day(day) is is_working


def test_shipped_years_say_which_are_provisional() -> None:
    years = shipped_years()
    assert min(years) == 2004
    assert set(range(2004, 2028)) == set(years)
    assert [year for year, provisional in years.items() if provisional] in ([2027], [])
    moved = shipped_days()[date(2004, 1, 27)]
    assert moved.is_moved
    assert not moved.is_provisional


def test_a_calendar_that_never_opens_counts_by_the_clock() -> None:
    closed = WorkingTime(weekdays="0000000")
    start = local(2026, 11, 16, 9)
    assert closed.add(start, timedelta(hours=1)) == start + timedelta(hours=1)
    assert closed.next_opening(start) == start
    assert closed.add(start, timedelta(hours=-1)) == start - timedelta(hours=1)


def test_one_day_may_have_its_own_shift() -> None:
    short = WorkingTime(days={date(2026, 11, 16): DayRule(True, ((time(9), time(10)),))})
    assert short.add(local(2026, 11, 16, 8), timedelta(minutes=61)) == local(2026, 11, 17, 8, 31)
    assert short.closing(date(2026, 11, 16)) == local(2026, 11, 16, 10)


@given(start=instants, hours=st.integers(0, 200))
def test_skipping_hours_only_ever_runs_on_working_days(start: datetime, hours: int) -> None:
    end = CHINA.add_hours_skipping(start, timedelta(hours=hours))
    assert end >= start + timedelta(hours=hours)
    if hours:
        assert CHINA.is_working_day(CHINA.local_day(end - timedelta(microseconds=1)))
