"""Boards: control tower cells, promise gauges, heat tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui.drawing import sparkline
from chengdan.kernel.ui.parts import Chip, Text


@dataclass(frozen=True, slots=True)
class TowerCell:
    """One step of the tower: how many wait, how many are late, the oldest; opens the list."""

    code: str
    name: Text
    count: int
    url: str = ""
    late: int = 0
    oldest: Text = ""
    remark: Text = ""
    soon: int = 0

    @property
    def state(self) -> str:
        """Late beats soon; an empty cell is quiet."""
        if self.late:
            return "late"
        if self.soon:
            return "soon"
        return "" if self.count else "nil"


@dataclass(frozen=True, slots=True)
class TowerBand:
    """One process of the tower with its seven steps.

    Attributes:
        note: what keeps the cells from adding up to `in_work`, when something does.
    """

    code: str
    name: Text
    cells: Sequence[TowerCell]
    in_work: Text = ""
    amount: Any = None
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One promise: figure against target, trend, basis; red only when the target is missed."""

    title: Text
    value: Decimal | None
    target: Decimal
    target_text: Text
    trend: Sequence[Decimal] = ()
    basis: Text = ""
    change: Text = ""
    url: str = ""
    unit: str = "%"

    @classmethod
    def share(
        cls, title: Text, kept: int, total: int, target: Decimal, *, basis: Text, url: str
    ) -> Gauge:
        """Return the promise of a share: how many of all were kept, in percent to one place."""
        value = None if not total else (Decimal(kept) * 100 / total).quantize(Decimal("0.1"))
        text = gettext("target %(percent)s %%") % {"percent": target}
        return cls(title, value, target, text, basis=basis, url=url)

    @property
    def is_met(self) -> bool:
        """Whether the promise is kept; no figure counts as kept."""
        return self.value is None or self.value >= self.target

    def chip(self) -> Chip:
        """The word beside the title."""
        if self.value is None:
            return Chip(_("no cases"), "idle")
        return Chip(_("kept"), "done") if self.is_met else Chip(_("missed"), "late")

    def spark(self) -> str:
        """The trend as a drawing."""
        return sparkline(self.trend, target=self.target)


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One figure of a heat table: 0 quiet, from `warn` amber, from `alarm` red."""

    count: int
    url: str = ""
    warn: int = 1
    alarm: int = 2

    @property
    def level(self) -> int:
        """0, 1 or 2."""
        if self.count >= self.alarm:
            return 2
        return 1 if self.count >= self.warn else 0
