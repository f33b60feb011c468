"""What may be wrong with the lines of a stock document: product, batch, quantity, expiry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.numbers import ZERO
from chengdan.modules.catalog.selectors import ProductSummary, product_summaries
from chengdan.modules.shipping.models import Lot, Warehouse
from chengdan.modules.shipping.vocabulary import StockKind

Problem = tuple[str, str, object]
Key = tuple[int, str]
_FINE: Problem = ("", "", "")


@dataclass(frozen=True, slots=True)
class StockLineDraft:
    """One product and batch; `quantity` in base units, for a count what was counted."""

    product_id: int
    quantity: Decimal
    batch: str = ""
    expires_on: date | None = None


def lines_issues(
    warehouse: Warehouse, kind: str, lines: Sequence[StockLineDraft]
) -> list[FieldIssue]:
    """Return what is wrong with lines: product, batch, quantity, expiry, doubles."""
    products = product_summaries({line.product_id for line in lines})
    days = _days_of(warehouse, products)
    seen: set[Key] = set()
    issues = []
    for row, line in enumerate(lines, 1):
        product = products.get(line.product_id)
        key = (line.product_id, line.batch.strip())
        problem: Problem = "unknown", "product", _("This product is not known.")
        if product is not None and product.company_id == warehouse.company_id:
            problem = _line_problem(kind, line, product)
            if problem == _FINE and key in seen:
                problem = "twice", "batch", _("This product and batch stands there twice.")
            if problem == _FINE and kind != StockKind.ISSUE:
                problem = _expiry_problem(line, product, days, key)
        seen.add(key)
        code, name, text = problem
        if code:
            issues.append(FieldIssue(name, code, text, row=row))
    return issues


def _days_of(warehouse: Warehouse, products: dict[int, ProductSummary]) -> dict[Key, date | None]:
    """Return (product, batch) → when the lot of the warehouse expires."""
    kept = [pk for pk, product in products.items() if product.is_batch_managed]
    lots = Lot.objects.filter(warehouse=warehouse, product_id__in=kept)
    rows = lots.values_list("product_id", "batch", "expires_on")
    return {(product, batch): day for product, batch, day in rows}


def _line_problem(kind: str, line: StockLineDraft, product: ProductSummary) -> Problem:
    if line.quantity < ZERO or (kind != StockKind.COUNT and line.quantity == ZERO):
        return "range", "quantity", _("The quantity must be above 0.")
    if problem := product.places_problem(product.base_unit_id, line.quantity):
        return "places", "quantity", problem
    if product.is_batch_managed and not line.batch.strip():
        return "required", "batch", _("Name the batch.")
    return _FINE


def _expiry_problem(
    line: StockLineDraft, product: ProductSummary, days: dict[Key, date | None], key: Key
) -> Problem:
    """Refuse a new batch without its day, and another day for a batch that is known."""
    known = days.get(key)
    if known is not None and line.expires_on not in (None, known):
        text = _("This batch expires on %(day)s.") % {"day": known.isoformat()}
        return "other_day", "expires_on", text
    is_new = product.is_batch_managed and key not in days
    if is_new and product.shelf_life_days and line.expires_on is None:
        return "required", "expires_on", _("Enter when this batch expires.")
    return _FINE
