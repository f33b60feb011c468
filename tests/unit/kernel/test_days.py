"""Days as doors take them."""

from datetime import date

import pytest

from chengdan.kernel.days import DAY_FIRST, DAY_LAST, day_is_usual, day_read


def test_a_day_is_read_from_its_iso_form_alone() -> None:
    assert day_read("2026-11-26") == date(2026, 11, 26)
    assert day_read(DAY_FIRST.isoformat()) == DAY_FIRST
    assert day_read(DAY_LAST.isoformat()) == DAY_LAST


@pytest.mark.parametrize(
    "text",
    ["", "0", "20261126", "2026-11-26T00:00", "2026-02-30", "2026-W48-4", "２０２６-11-26",
     "1899-12-31", "2200-01-01", "0001-01-01", "9999-12-31"],
)  # fmt: skip
def test_anything_else_is_no_day(text: str) -> None:
    assert day_read(text) is None


def test_years_in_which_terms_can_be_counted_are_usual() -> None:
    assert day_is_usual(DAY_FIRST)
    assert day_is_usual(DAY_LAST)
    assert not day_is_usual(date.min)
    assert not day_is_usual(date.max)
