"""What an order asks above its quota, for those who sign it and for readers of the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.numbers import ONE
from chengdan.kernel.ui import Chip, Column, Table
from chengdan.kernel.ui.document import Panel
from chengdan.kernel.ui.parts import State
from chengdan.modules.catalog.selectors import product_summaries
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.vocabulary import OrderStatus, QuotaChoice
from chengdan.modules.process.selectors import StepDecision, StepSeen, decisions_of, step_seen
from chengdan.modules.quota.selectors import cells_called

CHECK_STEP = "AC"
SIGNED_STEP = "ACX"


@dataclass(frozen=True, slots=True)
class OverLine:
    """A line that asks for more than the quota leaves, in the unit it is sold in."""

    line: OrderLine
    asked: Decimal
    left: Decimal
    cell: str

    @property
    def over(self) -> Decimal:
        """What somebody has to grant."""
        return self.asked - self.left


@dataclass(frozen=True, slots=True)
class OverQuota:
    """What the quota check found, and what its signers said since."""

    order: Order
    seen: StepSeen
    lines: Sequence[OverLine]
    decisions: Sequence[StepDecision]

    @property
    def chip(self) -> Chip:
        """Whether it is signed."""
        is_open = any(item.at is None for item in self.decisions)
        state: State = "run" if is_open else "done"
        return Chip(_("being decided") if is_open else _("signed"), state)

    def panel(self) -> Panel:
        """Return reason and signatures as a card."""
        return Panel(
            _("Above the quota"), "orders/_over_quota.html", chips=[self.chip], code="over_quota",
            context={"order": self.order, "seen": self.seen, "decisions": self.decisions},
        )  # fmt: skip

    def table(self) -> Table:
        """Return the lines with what they ask and what the quota left at the check."""
        columns = [
            Column("number", _("Line no."), value="line.number", phone=""),
            Column("product", _("Product"), value="line.product.code", phone=""),
            Column("name", _("Name"), value="line.product", clip=True, phone="title"),
            Column("asked", _("Asked"), kind="quantity", places=3),
            Column("left", _("Left of the quota"), kind="quantity", places=3),
            Column("over", _("Above it"), kind="quantity", places=3, phone="side"),
            Column("unit", _("Unit"), value="line.unit_of_measure.name", phone=""),
            Column("cell", _("Quota of"), clip=True),
        ]
        return Table(_("Lines above the quota"), columns, self.lines, code="over_lines")


def over_quota(order: Order, lines: Sequence[OrderLine]) -> OverQuota | None:
    """Return what the running order asks above its quota; None where it asks nothing.

    Args:
        lines: of the order, with their products and units.
    """
    if order.quota_choice != QuotaChoice.OVER or order.status == OrderStatus.DRAFT:
        return None
    seen = step_seen(words.ORDER, order.pk, CHECK_STEP)
    if seen is None or seen.at is None or seen.outcome != "over":
        return None
    decisions = decisions_of(words.ORDER, order.pk, SIGNED_STEP, seen.at, None)
    return OverQuota(order, seen, _over_lines(seen, lines), decisions)


def _over_lines(seen: StepSeen, lines: Sequence[OrderLine]) -> list[OverLine]:
    by_number = {line.number: line for line in lines}
    products = product_summaries({line.product_id for line in lines if line.product_id})
    short = [
        (by_number[row["row"]], Decimal(row["wanted"]), Decimal(row["allowed"]), row["cell"])
        for row in seen.evidence.get("lines", [])
        if row["row"] in by_number and Decimal(row["wanted"]) > Decimal(row["allowed"])
    ]
    names = cells_called({cell for _line, _wanted, _allowed, cell in short if cell is not None})
    found = []
    for line, wanted, allowed, cell in short:
        product = products.get(line.product_id or 0)
        factor = product.factor_of(line.unit_of_measure_id or 0) if product else None
        step = factor or ONE
        found.append(OverLine(line, wanted / step, allowed / step, names.get(cell, "")))
    return found
