"""Arithmetic and decisions of stock and delivery, on plain values. Quantities in base units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)
HUNDRED = Decimal(100)


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
    return (base / factor).quantize(Decimal("0.000001"), rounding="ROUND_FLOOR")
