"""Exact arithmetic on money and quantities: Decimal only, rounded at named places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Return `value` rounded half away from zero to `places` decimals."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def money(value: Decimal, exponent: int = 2) -> Decimal:
    """Return an amount rounded to the currency's exponent (2 for CNY, 0 for JPY)."""
    return round_half_up(value, exponent)


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """Gross of tax, tax and net of one document line; gross = tax + net."""

    gross: Decimal
    tax: Decimal
    net: Decimal


def line_amounts(
    *,
    quantity: Decimal,
    price: Decimal,
    discount: Decimal = ZERO,
    tax_rate: Decimal = ZERO,
    is_tax_inclusive: bool = True,
    exponent: int = 2,
) -> LineAmounts:
    """Return the amounts of a line, each rounded half-up to the currency's exponent.

    Args:
        quantity: in the line's unit.
        price: per unit, gross when `is_tax_inclusive`, else net.
        discount: share 0..1.
        tax_rate: share, 0.13 for 13 %.

    Raises:
        ValueError: discount outside 0..1 or a tax rate of −1 and below; a caller bug.
    """
    if not ZERO <= discount <= ONE:
        raise ValueError("discount is a share between 0 and 1")
    if tax_rate < ZERO:
        raise ValueError("a tax rate is not negative")
    amount = money(quantity * price * (ONE - discount), exponent)
    if is_tax_inclusive:
        tax = money(amount * tax_rate / (ONE + tax_rate), exponent)
        return LineAmounts(gross=amount, tax=tax, net=amount - tax)
    tax = money(amount * tax_rate, exponent)
    return LineAmounts(gross=amount + tax, tax=tax, net=amount)


def split_largest_remainder(
    total: Decimal, weights: Sequence[Decimal], exponent: int = 2
) -> list[Decimal]:
    """Split `total` by `weights` so that the parts add up exactly (invariant I15).

    Args:
        total: already rounded to `exponent`; may be negative.
        weights: not negative, at least one above zero.

    Raises:
        ValueError: no weight above zero, a negative weight, or an unrounded total.
    """
    weight_sum = sum(weights, ZERO)
    if weight_sum <= ZERO or any(weight < ZERO for weight in weights):
        raise ValueError("weights are not negative and one is above zero")
    unit = ONE.scaleb(-exponent)
    if total % unit:
        raise ValueError("the total is not rounded")
    sign = -1 if total < ZERO else 1
    exact = [abs(total) * weight / weight_sum for weight in weights]
    parts = [value.quantize(unit, rounding=ROUND_FLOOR) for value in exact]
    missing = int((abs(total) - sum(parts, ZERO)) / unit)
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in order[:missing]:
        parts[index] += unit
    return [part * sign for part in parts]
