"""Reads of the quota ledger that leave the room."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.prepared import prepared
from chengdan.kernel.registry import Registry
from chengdan.kernel.ui.formats import day_text
from chengdan.modules.credit.providers import DocumentFacts, describe
from chengdan.modules.people.selectors import territory_lines
from chengdan.modules.quota.models import Cell, Hold, QuotaEntry
from chengdan.modules.quota.rules import Demand

DOCUMENTS_SHOWN = 200
_NO_CATEGORY = 0


@dataclass(frozen=True, slots=True)
class HoldDocument:
    """One document behind a cell's reserved and consumed figures; they add up."""

    reserved: Decimal
    consumed: Decimal
    facts: DocumentFacts


# ids of documents -> (document, line) -> base units that the line may still hold; others hold none.
HoldProvider = Callable[[Collection[int]], dict[tuple[int, int], Decimal]]
# Of these documents, those that the actor may see.
OpenFilter = Callable[[Actor, Collection[int]], set[int]]
_providers: Registry[HoldProvider] = Registry("quota providers")
_filters: Registry[OpenFilter] = Registry("quota document filters")


def hold_provider_register(source_type: str, provider: HoldProvider, open_to: OpenFilter) -> None:
    """Let a room recompute from its documents what their lines may hold; for the verifier (I6).

    Args:
        open_to: says which documents a reader of a cell may see.
    """
    _providers.add(source_type, provider)
    _filters.add(source_type, open_to)


def hold_providers() -> list[tuple[str, HoldProvider]]:
    """Return the providers with the type of their sources."""
    return _providers.items()


def cells_for(company_id: int, demands: Sequence[Demand]) -> list[Cell]:
    """Return the live cells that may bind any of the lines; `rules.cell_binds` decides."""
    if not demands:
        return []
    products = {demand.product_id for demand in demands}
    categories = {pk for demand in demands for pk in demand.category_ids}
    days = [demand.on for demand in demands]
    return _cells_of(company_id, products, categories or {_NO_CATEGORY}, min(days), max(days))


@prepared
def _cells_of(
    company_id: int, products: Collection[int], categories: Collection[int], first: date, last: date
) -> QuerySet[Cell]:
    rows = Cell.objects.filter(
        Q(product_id__in=products) | Q(category_id__in=categories),
        company_id=company_id,
        starts_on__lte=last,
        ends_on__gte=first,
        ended_at__isnull=True,
    )
    return rows.order_by("pk")


def lines_for(company_id: int, demands: Sequence[Demand]) -> dict[int, tuple[int, ...]]:
    """Return territory → itself and all above, or {} when no line names a territory."""
    if all(demand.territory_id is None for demand in demands):
        return {}
    return territory_lines(company_id)


def cells_list(company_id: int) -> QuerySet[Cell]:
    """Return the cells of a company, ended ones too, with their goods and places, by period."""
    rows = Cell.objects.filter(company_id=company_id)
    return rows.select_related("product", "category", "territory", "customer").order_by(
        "starts_on", "product_id", "category_id", "territory_id", "customer_id"
    )


def cells_called(ids: Collection[int]) -> dict[int, str]:
    """Return where and when cells bind, and what kind of goods, for readers of a document."""
    rows = Cell.objects.select_related("category", "territory", "customer").filter(pk__in=ids)
    found = {}
    for cell in rows if ids else ():
        place = cell.territory.name if cell.territory else str(cell.customer or _("whole company"))
        goods = [cell.category.name] if cell.category is not None else []
        period = f"{day_text(cell.starts_on)} – {day_text(cell.ends_on)}"
        found[cell.pk] = " · ".join([place, *goods, period])
    return found


def cell_documents(actor: Actor, cell: Cell, shown: int = DOCUMENTS_SHOWN) -> list[HoldDocument]:
    """Return the documents behind a cell, newest first; they add up to the cell's figures.

    A cell may serve more than its reader may see: documents that are not open to the actor are
    one row without names.

    Args:
        shown: how many stand by themselves; older ones join that row.
    """
    held = Hold.objects.filter(cell_id=cell.pk).exclude(reserved=0, consumed=0)
    sums = held.values_list("source_type", "source_id").annotate(Sum("reserved"), Sum("consumed"))
    rows = list(sums.order_by("-source_id", "source_type")[:shown])
    seen = _open_to(actor, [(kind, pk) for kind, pk, _reserved, _consumed in rows])
    facts = describe(seen)
    found = [
        HoldDocument(reserved, consumed, facts[kind, pk])
        for kind, pk, reserved, consumed in rows
        if (kind, pk) in seen
    ]
    reserved = cell.reserved - sum((row.reserved for row in found), ZERO)
    consumed = cell.consumed - sum((row.consumed for row in found), ZERO)
    if reserved or consumed:
        others = DocumentFacts(str(_("Older documents and those not open to you")))
        found.append(HoldDocument(reserved, consumed, others))
    return found


def _open_to(actor: Actor, documents: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
    by_kind: dict[str, set[int]] = {}
    for kind, pk in documents:
        by_kind.setdefault(kind, set()).add(pk)
    seen: set[tuple[str, int]] = set()
    for kind, ids in by_kind.items():
        open_to = _filters.find(kind)
        if open_to is not None:
            seen |= {(kind, pk) for pk in open_to(actor, ids)}
    return seen


def cell_entries(cell_id: int) -> QuerySet[QuotaEntry]:
    """Return the ledger of a cell with the other sides of transfers, newest first."""
    rows = QuotaEntry.objects.filter(cell_id=cell_id).order_by("-id")
    return rows.select_related("other_cell__territory", "other_cell__customer", "consent_by")
