"""Invoices and receipts of the pure model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tests.scenarios.pure_model.figures import ZERO, total

Moves = list[tuple[date, Decimal]]
LIVE, OWING = ("draft", "posted", "settled"), ("posted", "settled")


@dataclass
class InvoiceLine:
    """Boxes of an order's line; `note` and `note_line` are None where no note is named."""

    order: int
    line: int
    boxes: int
    gross: Decimal = ZERO
    note: int | None = None
    note_line: int = 0


@dataclass
class Invoice:
    """An invoice from its request on.

    Attributes:
        number: its place in the model's list.
        owed: order → what of it is not paid, once it is posted.
        moves: day and amount of whatever was owed more or less.
        step: IR, IA, IV1, IV2, RC, or "" when nothing stands open.
    """

    number: int
    customer: str
    lines: list[InvoiceLine]
    step: str
    status: str = "draft"
    invoice_on: date | None = None
    due_on: date | None = None
    owed: dict[int, Decimal] = field(default_factory=dict)
    moves: Moves = field(default_factory=list)

    @property
    def gross(self) -> Decimal:
        return total(line.gross for line in self.lines)

    @property
    def open(self) -> Decimal:
        return total(self.owed.values())

    def end(self, status: str) -> None:
        self.status, self.step = status, ""

    def settle(self) -> None:
        """Follow the money: settled when nothing is owed, owed again when some was taken back."""
        if not self.open:
            self.status = "settled"
            self.step = "" if self.step == "RC" else self.step
        else:
            self.status = "posted"
            self.step = self.step or "RC"


@dataclass
class Receipt:
    """Money that came in.

    Attributes:
        number: its place in the model's list.
        aside: order → what is set aside for it and not used yet.
        used: (invoice, order) → what it pays there.
        moves: day and amount of whatever was there to use more or less.
    """

    number: int
    customer: str
    amount: Decimal
    received_on: date
    status: str = "registered"
    unapplied: Decimal = ZERO
    aside: dict[int, Decimal] = field(default_factory=dict)
    used: dict[tuple[int, int], Decimal] = field(default_factory=dict)
    moves: Moves = field(default_factory=list)

    @property
    def applied(self) -> Decimal:
        return total(self.used.values())

    @property
    def earmarked(self) -> Decimal:
        return total(self.aside.values())

    def on_invoice(self, invoice: int) -> dict[int, Decimal]:
        """Return order → what it pays of an invoice."""
        found = {order: part for (number, order), part in self.used.items() if number == invoice}
        return {order: part for order, part in sorted(found.items()) if part}


def is_ever_below(moves: Moves, on: date, taken: Decimal) -> bool:
    """True when some day from `on` would end below zero if so much less were there since then."""
    days = {day for day, _amount in moves if day >= on} | {on}
    return any(total(amount for day, amount in moves if day <= last) < taken for last in days)


def fill(amount: Decimal, owed: dict[int, Decimal]) -> dict[int, Decimal]:
    """Spread a payment over the orders of an invoice: in their sequence, each up to its part."""
    parts = {}
    for order in sorted(owed):
        parts[order] = min(amount, owed[order])
        amount -= parts[order]
    return {order: part for order, part in parts.items() if part}
