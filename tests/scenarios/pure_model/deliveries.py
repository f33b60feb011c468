"""Delivery notes and stock documents of the pure model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.scenarios.pure_model.figures import BOTTLES

LEFT = ("dispatched", "confirmed")


@dataclass
class NoteLine:
    """Boxes of an order's line on a note; after dispatch what has left."""

    order: int
    line: int
    product: str
    boxes: int


@dataclass
class Note:
    """A delivery note.

    Attributes:
        number: its place in the model's list.
        lines: by their number on the note.
        step: CA, PK, OQ1, OQ2, DP, FB, CF, or "" when nothing stands open.
    """

    number: int
    customer: str
    warehouse: str
    lines: dict[int, NoteLine]
    status: str = "open"
    step: str = "CA"
    is_picked: bool = False
    is_checked_by_keeper: bool = False
    is_checked_by_inspector: bool = False
    left_on: date | None = None

    @property
    def has_left(self) -> bool:
        return self.status in LEFT

    def end(self, status: str) -> None:
        self.status, self.step = status, ""

    def on_order_line(self, order: int, line: int) -> int:
        own = (item for item in self.lines.values() if (item.order, item.line) == (order, line))
        return sum(item.boxes for item in own)

    def serves(self, order: int) -> bool:
        return any(item.order == order for item in self.lines.values())


@dataclass
class Paper:
    """A posted stock document; `bottles` is negative for goods that went out."""

    number: int
    warehouse: str
    product: str
    bottles: int
    is_reversed: bool = False


def fitting(boxes: int, bottles: int) -> int:
    """Return how many of the boxes the bottles fill; packs are not opened."""
    return min(boxes, max(0, bottles) // BOTTLES)
