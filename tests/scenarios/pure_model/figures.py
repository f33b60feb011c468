"""Money, prices and dates of the pure model; nothing of the program is imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

ZERO, CENT = Decimal(0), Decimal("0.01")
# Per box of twelve bottles, tax included.
PRICES = {"HY-0712": Decimal("118.00"), "JY-1205": Decimal("82.80")}
BOTTLES = 12
TERM_DAYS = 30
OVERRUN_PERCENT = 20
# Of this product customers may take so much only.
QUOTA_PRODUCT = "HY-0712"

Refusals = set[str]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def share(gross: Decimal, whole: int, part: int) -> Decimal:
    """Return what belongs to the first `part` of `whole`, rounded on the running total."""
    if not whole:
        return ZERO
    return gross if part == whole else cents(gross * part / whole)


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def refusals(reasons: Mapping[str, object]) -> Refusals:
    """Return the codes whose reason holds; the program may name any one of them."""
    return {code for code, holds in reasons.items() if holds}
