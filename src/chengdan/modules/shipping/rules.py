"""Arithmetic and decisions of stock and delivery, on plain values. Quantities in base units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chengdan.kernel.numbers import money

ZERO = Decimal(0)
HUNDRED = Decimal(100)
SIX_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class LotState:
    """What a lot holds.

    Attributes:
        available: on hand and not reserved.
        expires_on: None where nothing expires.
        received_on: of the first receipt.
    """

    id: int
    available: Decimal
    expires_on: date | None
    received_on: date


def proposal_order(lot: LotState) -> tuple[bool, date, date, int]:
    """Sort key: first expired first out, then first in first out."""
    return (
        lot.expires_on is None,
        lot.expires_on or date.max,
        lot.received_on,
        lot.id,
    )


def lots_propose(lots: Iterable[LotState], wanted: Decimal, on: date) -> list[tuple[int, Decimal]]:
    """Return (lot id, quantity) that together give `wanted`, or as much of it as there is.

    Lots that expired before `on` are left out.
    """
    parts = []
    rest = wanted
    for lot in sorted(lots, key=proposal_order):
        if rest <= ZERO:
            break
        if lot.available <= ZERO or (lot.expires_on is not None and lot.expires_on < on):
            continue
        part = min(lot.available, rest)
        parts.append((lot.id, part))
        rest -= part
    return parts


def delivery_ceiling(ordered: Decimal, tolerance_percent: Decimal) -> Decimal:
    """Return the most that may be delivered of a line.

    Args:
        tolerance_percent: 0 for none.
    """
    return ordered * (HUNDRED + tolerance_percent) / HUNDRED


def over_delivered(
    *, ordered: Decimal, delivered: Decimal, added: Decimal, tolerance_percent: Decimal
) -> Decimal:
    """Return by how much `added` would pass what may be delivered; 0 when it does not."""
    return max(ZERO, delivered + added - delivery_ceiling(ordered, tolerance_percent))


@dataclass(frozen=True, slots=True)
class PickCheck:
    """One line of a note with what was picked for it."""

    number: int
    wanted: Decimal
    picked: Decimal
    needs_batch: bool
    without_batch: Decimal


def pick_problems(lines: Sequence[PickCheck]) -> list[tuple[int, str]]:
    """Return (line number, code) of everything that keeps a note from leaving (SHP-14).

    Codes: `nothing`, `short`, `batch`; more than wanted is judged by the over-delivery rule.
    """
    problems = []
    if all(line.picked == ZERO for line in lines):
        return [(0, "nothing")]
    for line in lines:
        if line.picked < line.wanted:
            problems.append((line.number, "short"))
        if line.needs_batch and line.without_batch > ZERO:
            problems.append((line.number, "batch"))
    return problems


def count_difference(counted: Decimal, on_hand: Decimal) -> Decimal:
    """Return what a count adds (negative: takes) so that the book says what was counted."""
    return counted - on_hand


def line_quantity(base: Decimal, factor: Decimal) -> Decimal:
    """Return a base quantity in the line's unit, rounded down to six places.

    Rounding down never counts more as delivered than left the house.
    """
    return (base / factor).quantize(SIX_PLACES, rounding="ROUND_FLOOR")


def base_of(quantity: Decimal, factor: Decimal) -> Decimal:
    """Return a quantity in base units, as it is stored."""
    return (quantity * factor).quantize(SIX_PLACES, rounding="ROUND_HALF_UP")


def fit_quantity(wanted: Decimal, factor: Decimal, available: Decimal) -> Decimal:
    """Return how much of `wanted` (in its unit) the available base units give.

    Packs are not opened: of a whole number of units only whole units are given.
    """
    if base_of(wanted, factor) <= available:
        return wanted
    found = line_quantity(max(ZERO, available), factor)
    if factor > 1 and wanted == wanted.to_integral_value():
        return found.to_integral_value(rounding="ROUND_FLOOR")
    return found


def gross_share(gross: Decimal, ordered: Decimal, part: Decimal, exponent: int) -> Decimal:
    """Return the part of a line's gross that goes with a part of its quantity, for display.

    Args:
        exponent: of the currency.
    """
    if not ordered:
        return ZERO
    return money(gross * part / ordered, exponent)


def is_proposed(proposed: Sequence[tuple[int, Decimal]], taken: Mapping[int, Decimal]) -> bool:
    """True when the lots taken are those that first-expired-first-out proposes (any part)."""
    rest = sum(taken.values(), ZERO)
    expected: dict[int, Decimal] = {}
    for lot_id, quantity in proposed:
        part = min(rest, quantity)
        if part > ZERO:
            expected[lot_id] = part
            rest -= part
    return rest == ZERO and expected == {k: v for k, v in taken.items() if v}


def least_advanced(progresses: Iterable[str]) -> int:
    """Return the index of the band with the fewest steps behind it; -1 for none."""
    listed = [len(letters) - len(letters.lstrip("dk")) for letters in progresses]
    return listed.index(min(listed)) if listed else -1


def quantities_kept(
    *, ordered: Decimal, shipped: Decimal, invoiced: Decimal, tolerance_percent: Decimal
) -> bool:
    """True when ordered × (1 + tolerance) ≥ shipped − returned ≥ invoiced − credited ≥ 0 (I4)."""
    ceiling = delivery_ceiling(ordered, tolerance_percent)
    return ceiling >= shipped >= invoiced >= ZERO
