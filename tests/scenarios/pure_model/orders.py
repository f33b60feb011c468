"""Orders of the pure model: their lines, and where each stands in OP.

Quantities are boxes. Written from the decisions alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tests.scenarios.pure_model.figures import PRICES, QUOTA_PRODUCT, ZERO, cents, share, total

# Steps in which people act, in their order.
STEPS = ("OG2", "OG3", "OA", "ACX", "WAY", "ST", "MA", "PAY", "BG1", "BG2")
APPROVALS = ("OG2", "OG3", "ACX", "ST", "MA")
# Steps that every member of the leadership team signs.
BODY, BODY_SIZE = ("ACX", "ST"), 3


@dataclass
class Line:
    """A line; `boxes` is what is in force, `asked` what was wanted before a cut by quota."""

    product: str
    boxes: int
    discount: Decimal = ZERO
    asked: int = 0
    delivered: int = 0
    invoiced: int = 0
    closed: int = 0

    def __post_init__(self) -> None:
        self.asked = self.asked or self.boxes

    @property
    def gross(self) -> Decimal:
        return cents(PRICES[self.product] * self.boxes * (1 - self.discount))

    @property
    def rest(self) -> int:
        """Boxes still to be delivered."""
        return max(0, self.boxes - self.closed - self.delivered)

    def part(self, boxes: int) -> Decimal:
        return share(self.gross, self.boxes, boxes)

    @property
    def open(self) -> Decimal:
        reached = max(self.part(self.delivered), self.part(self.invoiced))
        return max(ZERO, self.part(self.boxes - self.closed) - reached)

    @property
    def to_invoice(self) -> Decimal:
        return max(ZERO, self.part(self.delivered) - self.part(self.invoiced))


@dataclass
class Change:
    """A change of a released order that is being decided.

    Attributes:
        lines: number → line as it shall be; missing ones go.
        held: credit that it reserves meanwhile.
        promised: of `held`, what is paid before the goods leave.
    """

    lines: dict[int, Line]
    held: Decimal
    promised: Decimal
    step: str = "AM"


@dataclass
class Order:
    """An order.

    Attributes:
        stage: draft, a step of `STEPS`, released, closed or cancelled.
        run: whether OP has not begun, is open or has ended.
        done: steps of people that were done in this run; it may be returned to them.
        promised: what must be set aside for it before the goods leave.
        has_promised: it was to be paid first once.
        holds_credit, holds_quota: its checks have reserved.
    """

    number: int
    customer: str
    lines: dict[int, Line]
    ordered_on: date
    asks_over: bool = False
    stage: str = "draft"
    run: str = "none"
    done: set[str] = field(default_factory=set)
    signed: int = 0
    band: str = ""
    pays_first: bool = False
    promised: Decimal = ZERO
    has_promised: bool = False
    holds_credit: bool = False
    holds_quota: bool = False
    is_over_signed: bool = False
    is_held: bool = False
    is_printed: bool = False
    closed_by_hand: bool = False
    released_on: date | None = None
    change: Change | None = None
    paid: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        return total(line.gross for line in self.lines.values())

    @property
    def status(self) -> str:
        return "processing" if self.stage in STEPS else self.stage

    @property
    def open(self) -> Decimal:
        return total(line.open for line in self.lines.values()) if self.holds_credit else ZERO

    @property
    def to_invoice(self) -> Decimal:
        if not self.holds_credit:
            return ZERO
        return total(line.to_invoice for line in self.lines.values())

    @property
    def quota(self) -> tuple[int, int]:
        """Boxes that it reserves of the customer's quota, and those that it has used up."""
        own = [line for line in self.lines.values() if line.product == QUOTA_PRODUCT]
        reserved = sum(line.rest for line in own) if self.holds_quota else 0
        return reserved, sum(line.delivered for line in own)

    @property
    def is_fulfilled(self) -> bool:
        lines = self.lines.values()
        return all(not line.rest and line.invoiced >= line.delivered for line in lines)

    @property
    def is_begun(self) -> bool:
        return any(line.delivered or line.invoiced for line in self.lines.values())

    @property
    def invoiced(self) -> Decimal:
        return total(line.part(line.invoiced) for line in self.lines.values())

    @property
    def is_settled(self) -> bool:
        """True when it is closed and its invoices are paid."""
        return self.stage == "closed" and ZERO < self.invoiced <= self.paid

    @property
    def is_over(self) -> bool:
        return self.stage in ("closed", "cancelled")

    @property
    def owes(self) -> Decimal:
        """What may still be paid for it."""
        return (self.invoiced if self.is_over else max(self.gross, self.invoiced)) - self.paid

    def settle(self) -> None:
        """Close a released order that is fulfilled; a reversal opens it again."""
        if self.stage == "released" and self.is_fulfilled:
            self.stage = "closed"
        elif self.stage == "closed" and not self.is_fulfilled:
            self.stage = "released"

    def free_credit(self) -> None:
        self.holds_credit, self.promised, self.band = False, ZERO, ""

    def free_quota(self) -> None:
        """Give the quota back and take cuts back with it."""
        self.holds_quota = self.is_over_signed = False
        for line in self.lines.values():
            line.boxes = line.asked
