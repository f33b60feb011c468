"""The grid of cells: goods down, places across, one period at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import Act, Column, PageHead, Table, page, render_page
from chengdan.kernel.ui.drawing import bar
from chengdan.modules.quota.access import cells_open
from chengdan.modules.quota.models import Cell
from chengdan.modules.quota.selectors import cells_list
from chengdan.modules.quota.vocabulary import EDIT, VIEW, Measure

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.template.response import TemplateResponse


Period = tuple[date, date]
MAX_CELLS = 2000
MAX_ENDED = 200


@dataclass(slots=True)
class GridRow:
    """One product or category with its cells, one place per column (None where there is none)."""

    code: str
    name: str
    unit: Any
    cells: list[Cell | None] = field(default_factory=list)
    bars: list[Any] = field(default_factory=list)

    def pairs(self) -> list[tuple[Cell | None, Any]]:
        """Return every cell with its bar."""
        return list(zip(self.cells, self.bars, strict=True))


def place_name(cell: Cell) -> str:
    """Return where a cell binds."""
    if cell.territory is not None:
        return cell.territory.name
    return str(cell.customer) if cell.customer is not None else str(_("whole company"))


def goods_of(cell: Cell) -> tuple[str, str, Any]:
    """Return code, name and unit of what a cell counts."""
    if cell.product is not None:
        return cell.product.code, str(cell.product), cell.product.base_unit.name
    category = cell.category
    unit = Measure(cell.measure).label
    return (category.code, category.name, unit) if category is not None else ("", "", unit)


@page(permission=VIEW)
def grid(request: HttpRequest) -> TemplateResponse:
    """Show the cells of one period; the current one unless another is chosen.

    Cells that were ended stand in a list of their own: they bind nothing, and several may have
    been made for one place.
    """
    actor = actor_of(request)
    rows = cells_open(actor, cells_list(actor.company_id or 0))
    live = rows.filter(ended_at__isnull=True)
    periods = _periods(rows)
    named = request.GET.get("period", "")
    period = _chosen(periods, _periods(live), named, clock.today())
    cells = list(_cells_of(live, period)[:MAX_CELLS])
    ended = _cells_of(rows.filter(ended_at__isnull=False), period).order_by("-ended_at", "-pk")
    places = _places(cells)
    return render_page(
        request,
        "quota/grid.html",
        head=PageHead(
            _("Quotas"),
            acts=[
                Act("paste", _("Paste quotas"), reverse("quota:paste"), icon="clipboard",
                    permission=EDIT, primary=True),
            ],
        ),
        periods=[(item, _code(item), item == period) for item in periods],
        places=list(places.values()),
        rows=_rows(cells, list(places)),
        ended=_ended_table(list(ended[:MAX_ENDED])),
    )  # fmt: skip


def _code(period: Period) -> str:
    return f"{period[0]:%Y%m%d}-{period[1]:%Y%m%d}"


def _periods(rows: QuerySet[Cell]) -> list[Period]:
    return sorted(set(rows.order_by().values_list("starts_on", "ends_on")))


def _cells_of(rows: QuerySet[Cell], period: Period | None) -> QuerySet[Cell]:
    if period is None:
        return rows.none()
    found = rows.filter(starts_on=period[0], ends_on=period[1])
    return found.select_related("product__base_unit", "category", "territory", "customer")


def _chosen(periods: list[Period], live: list[Period], code: str, on: date) -> Period | None:
    """Return the period asked for; else the current or last one in which something binds."""
    named = next((period for period in periods if _code(period) == code), None)
    current = next((period for period in live if period[0] <= on <= period[1]), None)
    return named or current or next(iter((live or periods)[-1:]), None)


def _ended_table(cells: list[Cell]) -> Table | None:
    if not cells:
        return None
    return Table(
        _("Ended quotas"),
        [
            Column("code", _("Code"), value=lambda cell: goods_of(cell)[0],
                   link=lambda cell: reverse("quota:cell", args=[cell.pk])),
            Column("goods", _("Product or category"), value=lambda cell: goods_of(cell)[1]),
            Column("place", _("Where"), value=place_name),
            Column("limit", _("Quota"), kind="quantity"),
            Column("reserved", _("Reserved"), kind="quantity"),
            Column("consumed", _("Consumed"), kind="quantity"),
            Column("ended_at", _("Ended"), kind="day"),
        ],
        cells,
    )  # fmt: skip


def _places(cells: list[Cell]) -> dict[tuple[int, int], str]:
    """Return the columns: company-wide first, then territories, then customers."""
    found = {(cell.territory_id or 0, cell.customer_id or 0): place_name(cell) for cell in cells}
    return dict(sorted(found.items(), key=lambda item: (item[0][1] > 0, item[0])))


def _rows(cells: list[Cell], places: list[tuple[int, int]]) -> list[GridRow]:
    found: dict[tuple[int, int, str], GridRow] = {}
    for cell in cells:
        key = (cell.product_id or 0, cell.category_id or 0, cell.measure)
        row = found.get(key)
        if row is None:
            row = GridRow(*goods_of(cell), [None] * len(places), [""] * len(places))
            found[key] = row
        column = places.index((cell.territory_id or 0, cell.customer_id or 0))
        row.cells[column] = cell
        row.bars[column] = bar(cell.consumed, cell.limit, cell.reserved)
    return sorted(found.values(), key=lambda row: row.code)
