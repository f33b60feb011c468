"""The pure model of OP: what an order may do and what it holds, on plain values.

Written from the decisions alone (bands, pay first, special treatment, close, reopen, amend);
nothing of the program is imported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)
BOX = Decimal(118)


@dataclass
class ModelOrder:
    """An order of boxes; `held` is what it occupies of the limit.

    Attributes:
        stage: draft, WAY, ST, MA, BG, PAY, released, closed or cancelled.
    """

    boxes: int
    stage: str = "draft"
    band: str = ""
    is_prepaid: bool = False
    held: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        return BOX * self.boxes

    @property
    def status(self) -> str:
        if self.stage in ("draft", "released", "closed", "cancelled"):
            return self.stage
        return "processing"


@dataclass
class Model:
    """One customer with a limit and its orders."""

    limit: Decimal
    orders: list[ModelOrder] = field(default_factory=list)

    @property
    def exposure(self) -> Decimal:
        return sum((order.held for order in self.orders), ZERO)

    def at(self, *stages: str) -> list[int]:
        """Return the places of the orders that stand at one of the stages."""
        return [place for place, order in enumerate(self.orders) if order.stage in stages]

    def band_of(self, amount: Decimal) -> str:
        over = max(ZERO, self.exposure + amount - self.limit)
        if over == ZERO:
            return "within"
        return "over_small" if over * 100 <= self.limit * 20 else "stop"

    # ------------------------------------------------------------------------------------- acts
    def enter(self, boxes: int) -> None:
        self.orders.append(ModelOrder(boxes))

    def submit(self, order: ModelOrder) -> None:
        """Submit, approve OG and accept: the three checks run."""
        if order.is_prepaid:
            order.band, order.stage = "prepaid", "MA"
            return
        order.band = self.band_of(order.gross)
        order.stage = "WAY" if order.band == "stop" else "MA"
        order.held = ZERO if order.band == "stop" else order.gross

    def pay_first(self, order: ModelOrder) -> None:
        order.is_prepaid, order.band, order.stage = True, "prepaid", "MA"

    def apply(self, order: ModelOrder) -> None:
        order.stage = "ST"

    def special(self, order: ModelOrder, is_approved: bool) -> None:
        if is_approved:
            order.held, order.stage = order.gross, "BG"
        else:
            self.pay_first(order)

    def sign(self, order: ModelOrder) -> None:
        order.stage = "PAY" if order.is_prepaid else "BG"

    def send_back(self, order: ModelOrder) -> None:
        order.stage, order.band, order.held = "draft", "", ZERO

    def release(self, order: ModelOrder) -> None:
        order.stage = "released"

    def cancel(self, order: ModelOrder) -> None:
        order.stage, order.held = "cancelled", ZERO

    def close(self, order: ModelOrder) -> None:
        order.stage, order.held = "closed", ZERO

    def reopen(self, order: ModelOrder) -> bool:
        """Return whether it may: the limit is asked as for a new order, nobody releases it."""
        if self.band_of(order.gross) != "within":
            return False
        order.stage, order.held = "released", order.gross
        return True

    def amend(self, order: ModelOrder, boxes: int, is_signed: bool) -> bool:
        """Return whether the change passes its check; signed it is in force."""
        added = BOX * boxes - order.gross
        if added > ZERO and self.band_of(added) == "stop":
            return False
        if is_signed:
            order.boxes = boxes
            order.held = order.gross
        return True
