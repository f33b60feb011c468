"""The one clock."""

import threading
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from chengdan.kernel import clock

NEW_YEAR = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)


def test_the_clock_stands_still_inside_and_runs_outside() -> None:
    with clock.at(NEW_YEAR):
        assert clock.now() == NEW_YEAR
        with clock.at(NEW_YEAR + timedelta(days=1)):
            assert clock.now() == NEW_YEAR + timedelta(days=1)
        assert clock.now() == NEW_YEAR
    assert clock.now() != NEW_YEAR
    assert clock.now().tzinfo is UTC


def test_today_is_the_date_where_the_installation_is() -> None:
    with clock.at(NEW_YEAR):
        assert clock.today() == date(2027, 1, 1)
        assert clock.today("UTC") == date(2026, 12, 31)
        assert clock.today("America/New_York") == date(2026, 12, 31)


def test_other_zones_are_turned_into_utc_and_naive_ones_refused() -> None:
    with clock.at(NEW_YEAR.astimezone(timezone(timedelta(hours=8)))):
        assert clock.now() == NEW_YEAR
        assert clock.now().tzinfo is UTC
    with pytest.raises(ValueError, match="aware"), clock.at(NEW_YEAR.replace(tzinfo=None)):
        pass


def test_another_thread_has_its_own_clock() -> None:
    seen: list[datetime] = []
    with clock.at(NEW_YEAR):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] != NEW_YEAR


def test_the_clock_runs_again_after_an_error() -> None:
    with pytest.raises(KeyError), clock.at(NEW_YEAR):
        raise KeyError
    assert clock.now() != NEW_YEAR
