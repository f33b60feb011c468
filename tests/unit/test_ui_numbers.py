"""Numbers as people type and paste them (reliability B5), and how figures read."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from chengdan.kernel import clock
from chengdan.kernel.durations import Duration
from chengdan.kernel.ui import formats
from chengdan.kernel.ui.numberparse import NumberError, parse_number, parse_percent
from tests.conftest import START


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", "1234.50"),
        ("1,234.50", "1234.50"),
        ("１，２３４．５", "1234.50"),
        (" -12 ", "-12.00"),
        ("−12", "-12.00"),
        ("0", "0.00"),
        ("007", "7.00"),
        ("1.500", "1.50"),
    ],
)
def test_accepted_numbers(text: str, value: str) -> None:
    assert parse_number(text, places=2) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        *("", "NaN", "Infinity", "-0", "1E+9", "3E9", "1_000", "1,5", "1.234,56", "12,34,567"),
        *("¥5", "$5", "1 000", "--1", "1.", ".5", "+1", "٣", "१", "0x10", "1.2.3", "1\x00"),
        *("999999999999999999", "1.005", "(5)", "=1+1"),
    ],
)
def test_refused_numbers(text: str) -> None:
    with pytest.raises(NumberError):
        parse_number(text, places=2)


def test_limits_are_inclusive_and_say_which() -> None:
    assert parse_number("100", places=2, maximum=Decimal(100)) == 100
    with pytest.raises(NumberError) as raised:
        parse_number("100.01", places=2, maximum=Decimal(100))
    assert raised.value.code == "maximum"
    with pytest.raises(NumberError) as raised:
        parse_number("-1", places=2, minimum=Decimal(0))
    assert raised.value.code == "minimum"


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False))
def test_what_we_print_can_be_typed_again(value: Decimal) -> None:
    text = formats.number_text(value, 2, zero="0")
    assert parse_number(text, places=2) == value


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_refusal(text: str) -> None:
    try:
        value = parse_number(text, places=4)
    except NumberError as error:
        words = str(error.message)
    else:
        words = "fine" if value.is_finite() else ""
    assert words


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("13", "0.13"), ("13%", "0.13"), (" 13.5 % ", "0.135"), ("１３％", "0.13"), ("1", "0.01"),
        ("0.5%", "0.005"), ("0", "0"), ("0.00", "0"), ("100", "1"),
    ],
)  # fmt: skip
def test_a_percent_becomes_a_share(text: str, share: str) -> None:
    assert parse_percent(text, places=4) == Decimal(share)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0.13", "percent"), ("0.9999", "percent"), ("101", "maximum"), ("-1%", "minimum"),
        ("13%%", "number"), ("%", "number"), ("0.00001%", "places"),
    ],
)  # fmt: skip
def test_a_percent_that_can_mean_two_things_is_refused(text: str, code: str) -> None:
    with pytest.raises(NumberError) as raised:
        parse_percent(text, places=4)
    assert raised.value.code == code


def test_a_refused_percent_says_both_meanings() -> None:
    with translation.override("en"), pytest.raises(NumberError) as raised:
        parse_percent("0.13", places=4)
    assert str(raised.value.message) == (
        "This can mean 13 % or 0.13 %: write it with the percent sign."
    )


@given(st.decimals(min_value=0, max_value=1, places=6, allow_nan=False))
def test_a_percent_that_we_print_can_be_typed_again(share: Decimal) -> None:
    assert parse_percent(formats.percent_text(share), places=4) == share


def test_figures_read_as_the_pages_want_them() -> None:
    assert formats.money_text(Decimal("1234.5")) == "1,234.50"
    assert formats.money_text(Decimal("-1234.5")) == "−1,234.50"
    assert formats.money_text(Decimal(0)) == "–"
    assert formats.money_text(Decimal(5), "USD") == "USD 5.00"
    assert formats.quantity_text(Decimal("5.500000")) == "5.5"
    assert formats.quantity_text(Decimal("1200.000000")) == "1,200"
    assert formats.percent_text(Decimal("0.130000")) == "13 %"
    assert formats.percent_text(Decimal("1.000000")) == "100 %"
    assert formats.percent_text(Decimal("0.005")) == "0.5 %"
    assert formats.percent_text(Decimal(0)) == "0 %"
    assert formats.capped_text(10_001, 10_000) == "10,000+"


def test_days_are_short_this_year() -> None:
    with clock.at(START):
        assert formats.day_text(date(2026, 11, 21)) == "11-21"
        assert formats.day_text(date(2025, 11, 21)) == "2025-11-21"
        assert formats.day_text(START) == "11-16 09:00"
        assert formats.day_title(date(2026, 11, 21)).startswith("2026-11-21 ")


@pytest.mark.parametrize(
    ("minutes", "text", "state"),
    [(18, "0:18 left", "soon"), (348, "5:48 left", "idle"), (-72, "1:12 over", "late")],
)
def test_a_limit_says_what_is_left(minutes: int, text: str, state: str) -> None:
    with translation.override("en"):
        assert formats.due_text(Duration(minutes)) == text
    assert formats.due_state(Duration(minutes)) == state


def test_long_times_are_days() -> None:
    with translation.override("en"):
        assert formats.duration_text(Duration(61 * 24 * 60)) == "61 days"
        assert formats.duration_text(Duration(72 * 60, 8 * 60)) == "9 working days"
        assert formats.due_text(Duration(-80 * 60, 8 * 60)) == "10 working days over"
    assert formats.duration_text(Duration(43 * 60 + 12)) == "43:12"
    assert formats.duration_text(Duration(43 * 60 + 12, 8 * 60)) == "43:12"
