"""Which cells bind a line, how much fits, and what a cut leaves, on plain values.

Source: decisions §5; QTA-01, QTA-02, QTA-06.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
STEP = Decimal("0.000001")
QUANTITY, AMOUNT = "quantity", "amount"
RULE_NONE, RULE_FITS, RULE_CUT, RULE_OVER = "AC-1", "AC-2", "AC-3", "AC-4"


@dataclass(frozen=True, slots=True)
class Source:
    """What holds quota; opaque to the ledger."""

    type: str
    id: int


@dataclass(frozen=True, slots=True)
class Demand:
    """One order line that wants quota.

    Attributes:
        category_ids: the product's category with all categories above it.
        on: requested delivery date; its period counts, even when shipped later.
        quantity: in the product's base unit, > 0.
        amount: gross, for cells measured in money.
        line_ref: number or id of the line within its document.
        step: smallest sellable part in base units; a cut is rounded down to it (12 for a box
            of twelve).
        shipped: what of the line is out already, in base units.
    """

    product_id: int
    category_ids: Collection[int]
    customer_id: int
    territory_id: int | None
    on: date
    quantity: Decimal
    amount: Decimal
    line_ref: int
    step: Decimal = STEP
    shipped: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class CellState:
    """A cell as the rules see it; without product and category it binds nothing."""

    id: int
    starts_on: date
    ends_on: date
    product_id: int | None
    category_id: int | None
    customer_id: int | None
    territory_id: int | None
    measure: str
    limit: Decimal
    reserved: Decimal
    consumed: Decimal

    @property
    def remainder(self) -> Decimal:
        """What is left; negative only where somebody released more than the limit."""
        return self.limit - self.reserved - self.consumed


@dataclass(frozen=True, slots=True)
class QuotaVerdict:
    """The answer for one line.

    Attributes:
        allowed: quantity in base units that fits, or that was reserved.
        wanted: what the line asked for.
        cells: every cell that binds the line, as it was before.
        binding_id: the cell with the least remainder, when it cuts.
        rule: AC-1 no quota, AC-2 fits, AC-3 cut, AC-4 above quota by release.
        taken: what the line takes of each cell, in the cell's measure.
    """

    line_ref: int
    allowed: Decimal
    wanted: Decimal
    cells: tuple[CellState, ...]
    rule: str
    binding_id: int | None
    taken: Mapping[int, Decimal]

    @property
    def cut(self) -> Decimal:
        """The quantity that does not fit."""
        return self.wanted - self.allowed


def fits_unit(quantity: Decimal, decimals: int) -> bool:
    """Tell whether a quantity has no more decimal places than its unit."""
    return quantity == round(quantity, decimals)


def cell_binds(cell: CellState, demand: Demand, territory_line: Iterable[int]) -> bool:
    """Tell whether the cell limits the line.

    Args:
        territory_line: the customer's territory with all territories above it.
    """
    if not cell.starts_on <= demand.on <= cell.ends_on:
        return False
    is_goods = (
        cell.product_id == demand.product_id
        if cell.product_id is not None
        else cell.category_id in demand.category_ids
    )
    if not is_goods:
        return False
    if cell.customer_id is not None:
        return cell.customer_id == demand.customer_id
    return cell.territory_id is None or cell.territory_id in set(territory_line)


def wanted_of(cell: CellState, demand: Demand, quantity: Decimal) -> Decimal:
    """Return what `quantity` of the line takes of the cell, in the cell's measure."""
    if cell.measure == QUANTITY:
        return quantity
    if quantity == demand.quantity:
        return demand.amount
    return share(demand.amount, quantity, demand.quantity)


def share(total: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return total × part ÷ whole, half-up to six places; the whole gives the total exactly."""
    if part == whole:
        return total
    return (total * part / whole).quantize(STEP, rounding=ROUND_HALF_UP)


def fitting(cell: CellState, demand: Demand, remainder: Decimal) -> Decimal:
    """Return how much of the line's quantity fits into `remainder` of the cell."""
    left = max(ZERO, remainder)
    if wanted_of(cell, demand, demand.quantity) <= left:
        return demand.quantity
    most = left if cell.measure == QUANTITY else demand.quantity * left / demand.amount
    return _down_to(min(most, demand.quantity), demand.step)


def _down_to(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(rounding=ROUND_DOWN) * step


def quota_verdicts(
    demands: Sequence[Demand],
    cells: Sequence[CellState],
    lines: Mapping[int, Sequence[int]],
    *,
    is_released: bool = False,
) -> list[QuotaVerdict]:
    """Return for every line how much fits; earlier lines are served first.

    Without a matching cell a line is unlimited; with several, all bind and the least
    remainder counts.

    Args:
        lines: territory id → itself and everything above it.
        is_released: nothing is cut, the excess has been released.
    """
    left = {cell.id: cell.remainder for cell in cells}
    return [_verdict(demand, cells, lines, left, is_released) for demand in demands]


def _verdict(
    demand: Demand,
    cells: Sequence[CellState],
    lines: Mapping[int, Sequence[int]],
    left: dict[int, Decimal],
    is_released: bool,
) -> QuotaVerdict:
    above = lines.get(demand.territory_id, ()) if demand.territory_id is not None else ()
    bound = tuple(cell for cell in cells if cell_binds(cell, demand, above))
    fits = {cell.id: fitting(cell, demand, left[cell.id]) for cell in bound}
    least = min(fits.values(), default=demand.quantity)
    binding = min((pk for pk, most in fits.items() if most == least), default=None)
    is_short = least < demand.quantity
    allowed = demand.quantity if is_released else least
    taken = {cell.id: wanted_of(cell, demand, allowed) for cell in bound}
    for pk, part in taken.items():
        left[pk] -= part
    rule = RULE_NONE if not bound else RULE_FITS
    if is_short:
        rule = RULE_OVER if is_released else RULE_CUT
    return QuotaVerdict(
        line_ref=demand.line_ref,
        allowed=allowed,
        wanted=demand.quantity,
        cells=bound,
        rule=rule,
        binding_id=binding if is_short else None,
        taken=taken,
    )


def over_of(*, used: Decimal, limit: Decimal) -> Decimal:
    """Return what stands above the limit."""
    return max(ZERO, used - limit)
