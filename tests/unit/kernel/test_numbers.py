"""Exact arithmetic: rounding, line amounts, splitting without a lost cent."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.kernel.numbers import line_amounts, money, round_half_up, split_largest_remainder

amounts = st.decimals(-(10**12), 10**12, places=2)
quantities = st.decimals(0, 10**6, places=6)
prices = st.decimals(0, 10**6, places=6)
discounts = st.decimals(0, 1, places=6)
rates = st.sampled_from([Decimal(text) for text in ("0", "0.01", "0.03", "0.06", "0.09", "0.13")])


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("0.005", 2, "0.01"),
        ("-0.005", 2, "-0.01"),
        ("1.004999", 2, "1.00"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("1.0005", 3, "1.001"),
    ],
)
def test_half_goes_away_from_zero(value: str, places: int, expected: str) -> None:
    assert round_half_up(Decimal(value), places) == Decimal(expected)


@given(st.decimals(-(10**12), 10**12, places=9), st.sampled_from([0, 2, 3]))
def test_rounding_is_as_near_as_can_be(value: Decimal, exponent: int) -> None:
    rounded = money(value, exponent)
    step = Fraction(1, 10**exponent)
    assert Fraction(rounded) % step == 0
    assert abs(Fraction(rounded) - Fraction(value)) <= step / 2
    assert money(-value, exponent) == -rounded


@given(quantities, prices, discounts, rates, st.booleans(), st.sampled_from([0, 2, 3]))
def test_a_line_adds_up_and_is_what_the_rule_says(
    quantity: Decimal,
    price: Decimal,
    discount: Decimal,
    rate: Decimal,
    is_inclusive: bool,
    exponent: int,
) -> None:
    line = line_amounts(
        quantity=quantity,
        price=price,
        discount=discount,
        tax_rate=rate,
        is_tax_inclusive=is_inclusive,
        exponent=exponent,
    )
    assert line.gross == line.tax + line.net
    base = Fraction(quantity) * Fraction(price) * (1 - Fraction(discount))
    shown = Fraction(line.gross if is_inclusive else line.net)
    half = Fraction(1, 2 * 10**exponent)
    assert abs(shown - base) <= half + Fraction(1, 10**9)
    share = Fraction(rate) / (1 + Fraction(rate)) if is_inclusive else Fraction(rate)
    assert abs(Fraction(line.tax) - shown * share) <= half + Fraction(1, 10**9)


def test_tax_of_a_known_line() -> None:
    line = line_amounts(quantity=Decimal(3), price=Decimal("9.99"), tax_rate=Decimal("0.13"))
    assert (line.gross, line.tax, line.net) == (
        Decimal("29.97"),
        Decimal("3.45"),
        Decimal("26.52"),
    )


@pytest.mark.parametrize(
    "wrong",
    [{"discount": Decimal("1.01")}, {"discount": Decimal("-0.1")}, {"tax_rate": Decimal(-1)}],
)
def test_shares_out_of_range_are_caller_bugs(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match=r"share|negative"):
        line_amounts(quantity=Decimal(1), price=Decimal(1), **wrong)


@given(amounts, st.lists(st.decimals(0, 10**9, places=4), min_size=1, max_size=40))
def test_parts_of_a_split_are_the_whole_and_nearly_proportional(
    total: Decimal, weights: list[Decimal]
) -> None:
    if not any(weights):
        weights[0] = Decimal(1)
    parts = split_largest_remainder(total, weights)
    assert sum(parts) == total
    whole = sum(map(Fraction, weights))
    for part, weight in zip(parts, weights, strict=True):
        exact = Fraction(total) * Fraction(weight) / whole
        assert abs(Fraction(part) - exact) < Fraction(1, 100) + Fraction(1, 10**9)
        assert part == part.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("total", "weights"),
    [("1.00", []), ("1.00", ["0"]), ("1.00", ["1", "-1"]), ("1.001", ["1"])],
)
def test_a_split_that_cannot_be_is_a_caller_bug(total: str, weights: list[str]) -> None:
    with pytest.raises(ValueError, match=r"weights|rounded"):
        split_largest_remainder(Decimal(total), [Decimal(text) for text in weights])


def test_equal_parts_of_a_hundred_in_three() -> None:
    parts = split_largest_remainder(Decimal("100.00"), [Decimal(1)] * 3)
    assert parts == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]


@given(st.decimals(10**14, 10**16, places=2))
def test_large_amounts_split_without_loss(total: Decimal) -> None:
    assert sum(split_largest_remainder(total, [Decimal(1)] * 7)) == total
