"""Arithmetic and decisions on orders, on plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chengdan.kernel.numbers import ONE, ZERO, LineAmounts, line_amounts, money

GOODS_KINDS = frozenset({"goods", "gift", "sample"})
FREE_KINDS = frozenset({"gift", "sample"})
# Seconds: more than any way that has ended, and than any instant since 1970.
RUNNING = 10**11


@dataclass(frozen=True, slots=True)
class LineFigures:
    """What the money of a line follows from.

    Attributes:
        quantity: in the line's unit; for charges and discounts 1.
        price: per unit; a discount line carries the amount as a positive price.
        discount: share 0..1.
    """

    kind: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    tax_rate: Decimal


def line_money(figures: LineFigures, *, is_tax_inclusive: bool, exponent: int) -> LineAmounts:
    """Return gross, tax and net of a line; gifts and samples cost nothing, discounts are negative.

    Source: decisions on tax and rounding (line gross rounded half-up, totals are sums of lines).
    """
    if figures.kind in FREE_KINDS:
        return LineAmounts(ZERO, ZERO, ZERO)
    amounts = line_amounts(
        quantity=figures.quantity,
        price=figures.price,
        discount=figures.discount,
        tax_rate=figures.tax_rate,
        is_tax_inclusive=is_tax_inclusive,
        exponent=exponent,
    )
    if figures.kind == "discount":
        return LineAmounts(-amounts.gross, -amounts.tax, -amounts.net)
    return amounts


def totals(lines: Iterable[LineAmounts]) -> LineAmounts:
    """Return the sums of the lines."""
    gross = tax = net = ZERO
    for line in lines:
        gross, tax, net = gross + line.gross, tax + line.tax, net + line.net
    return LineAmounts(gross, tax, net)


def given_share(goods: Decimal, given: Decimal) -> Decimal:
    """Return which share, 0 to 1, of the goods' value an order gives away beside their prices.

    Args:
        goods: value of the goods at the prices of their lines.
        given: discount lines less charges, and what is given free at list price; same tax.

    Source: PRI-01, PRI-07 (the reading that an allowance is a lower price is ours).
    """
    if given <= ZERO or goods <= ZERO:
        return ZERO
    return min(ONE, given / goods)


def share_of_line(gross: Decimal, quantity: Decimal, part: Decimal, exponent: int) -> Decimal:
    """Return the part of a line's gross that belongs to `part` of its quantity.

    Rounded on the running total, so that parts add up to the whole whatever they are.
    """
    if quantity == ZERO:
        return ZERO
    if part == quantity:
        return gross
    return money(gross * part / quantity, exponent)


@dataclass(frozen=True, slots=True)
class LineState:
    """How far a line is, in its unit; `closed` is what will not be delivered any more."""

    quantity: Decimal
    gross: Decimal
    delivered: Decimal = ZERO
    invoiced: Decimal = ZERO
    closed: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Buckets:
    """Where the gross of lines stands; each amount in exactly one bucket (CRD-09).

    `receivable` is kept by billing, since only it knows what was paid.
    """

    open: Decimal
    to_invoice: Decimal

    def __add__(self, other: Buckets) -> Buckets:
        return Buckets(self.open + other.open, self.to_invoice + other.to_invoice)


def line_buckets(line: LineState, exponent: int) -> Buckets:
    """Return where the gross of one line stands; a discount line's is negative.

    open: what of the quantity is neither delivered nor invoiced; to invoice: what is delivered
    and not invoiced; both as amounts.
    """

    def amount(quantity: Decimal) -> Decimal:
        return share_of_line(line.gross, line.quantity, quantity, exponent)

    def between(first: Decimal, last: Decimal) -> Decimal:
        return amount(last) - amount(first) if last > first else ZERO

    return Buckets(
        open=between(max(line.delivered, line.invoiced), line.quantity - line.closed),
        to_invoice=between(line.invoiced, line.delivered),
    )


def order_buckets(lines: Iterable[LineState], exponent: int) -> Buckets:
    """Return the sums over the lines of one order, none below zero.

    A discount that still waits for its invoice lowers what is delivered, once nothing else of the
    order is open; what goes beyond the order is nobody's credit.
    """
    found = Buckets(ZERO, ZERO)
    for line in lines:
        found += line_buckets(line, exponent)
    whole = max(ZERO, found.open + found.to_invoice)
    to_invoice = min(whole, max(ZERO, found.to_invoice))
    if found.open < ZERO:
        to_invoice = whole
    return Buckets(whole - to_invoice, to_invoice)


def discount_below(list_price: Decimal, price: Decimal, discount: Decimal) -> Decimal:
    """Return by how many percent the effective price lies below the list price (0 when not)."""
    if list_price <= ZERO:
        return ZERO
    effective = price * (ONE - discount)
    return max(ZERO, (list_price - effective) * 100 / list_price)


def remaining(line: LineState) -> Decimal:
    """Return what is still to be delivered."""
    return max(ZERO, line.quantity - line.closed - line.delivered)


def is_fulfilled(lines: Sequence[LineState]) -> bool:
    """True when nothing is left to deliver or to invoice."""
    return all(remaining(line) == ZERO and line.invoiced >= line.delivered for line in lines)


@dataclass(frozen=True, slots=True)
class LineFloor:
    """The least an amendment may bring a line down to."""

    ordered: Decimal
    delivered: Decimal
    invoiced: Decimal

    @property
    def quantity(self) -> Decimal:
        """Return what has happened; a line delivered above its order may stay as it was ordered."""
        return min(self.ordered, max(self.delivered, self.invoiced))


def amendment_refusals(
    floors: dict[int, LineFloor], wanted: dict[int, Decimal]
) -> list[tuple[int, Decimal]]:
    """Return (line number, least quantity) of the lines that would fall below what has happened.

    Args:
        floors: by line number, for every line of the order in force.
        wanted: by line number; a line that is missing is taken away.
    """
    return [
        (number, floor.quantity)
        for number, floor in sorted(floors.items())
        if wanted.get(number, ZERO) < floor.quantity
    ]


def requested_on_problem(requested_on: date | None, ordered_on: date) -> str:
    """Return "" or why the requested date is not acceptable: "missing" or "past"."""
    if requested_on is None:
        return "missing"
    return "past" if requested_on < ordered_on else ""


def way_rank(submitted_at: datetime | None, settled_at: datetime | None) -> int:
    """Return by what lists sort the way from submission to money, the longest highest.

    A way that has ended counts its seconds. One that has not stands above all that have, the
    oldest highest; what was never submitted has none. One number, never empty, lets an index
    serve both directions.

    Source: ORD-15.
    """
    if submitted_at is None:
        return 0
    if settled_at is None:
        return RUNNING - int(submitted_at.timestamp())
    return max(0, int((settled_at - submitted_at).total_seconds()))


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the names whose values differ, sorted."""
    names = before.keys() | after.keys()
    return sorted(name for name in names if before.get(name) != after.get(name))
