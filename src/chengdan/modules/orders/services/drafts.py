"""What a door hands in: an order as typed, pasted, copied, posted or imported."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from chengdan.kernel.numbers import ZERO
from chengdan.modules.orders.vocabulary import LineKind, QuotaChoice


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line as wanted.

    Attributes:
        kind: see `LineKind`; charges and discounts have a description and a price, no product.
        price: per unit of measure, None for the price of the price lists.
        tax_rate: None for the product's.
        discount: share 0..1.
        number: of the order's line that it changes; None for a new line, and for all lines of an
            order that is entered anew, which are numbered by their places.
    """

    kind: str = LineKind.GOODS
    product_id: int | None = None
    unit_of_measure_id: int | None = None
    quantity: Decimal = ZERO
    price: Decimal | None = None
    discount: Decimal = ZERO
    tax_rate: Decimal | None = None
    requested_on: date | None = None
    description: str = ""
    note: str = ""
    number: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order as wanted.

    Attributes:
        ordered_on: None for today.
        pays_first: None for what the customer's record says.
        ship_to_text: a one-off address, when none of the customer's is meant.
        number: of an order that comes from another system; "" takes the next at submission.
    """

    customer_id: int
    lines: tuple[LineDraft, ...] = ()
    customer_order_number: str = ""
    ordered_on: date | None = None
    requested_on: date | None = None
    ship_to_id: int | None = None
    bill_to_id: int | None = None
    ship_to_text: str = ""
    pays_first: bool | None = None
    is_partial_allowed: bool = True
    quota_choice: str = QuotaChoice.CUT
    quota_reason: str = ""
    note: str = ""
    internal_note: str = ""
    number: str = ""

    @property
    def numbered(self) -> list[tuple[int, LineDraft]]:
        """The lines with their numbers, or their places where they have none."""
        return [(line.number or place, line) for place, line in enumerate(self.lines, start=1)]
