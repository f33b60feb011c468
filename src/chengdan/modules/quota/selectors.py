"""Reads of the quota ledger that leave the room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from chengdan.kernel.registry import Registry
from chengdan.modules.people.selectors import territory_lines
from chengdan.modules.quota.models import Cell, Hold, QuotaEntry
from chengdan.modules.quota.rules import CellState, Demand, Source


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """How a document that holds quota is shown."""

    number: str
    url: str = ""
    note: Any = ""


@dataclass(frozen=True, slots=True)
class HoldDocument:
    """One document behind a cell's reserved and consumed figures; they add up."""

    type: str
    id: int
    reserved: Decimal
    consumed: Decimal
    facts: HoldFacts


@dataclass(frozen=True, slots=True)
class ProvidedHold:
    """What a document line itself says it holds: base units in all, and shipped of them."""

    source: Source
    line_ref: int
    quantity: Decimal
    shipped: Decimal


HoldDescriber = Callable[[list[int]], dict[int, HoldFacts]]
HoldProvider = Callable[[], "list[ProvidedHold]"]
_describers: Registry[HoldDescriber] = Registry("quota document describers")
_providers: Registry[HoldProvider] = Registry("quota providers")


def hold_describer_register(source_type: str, describer: HoldDescriber) -> None:
    """Let a room name and link its documents: `describer(ids) -> {id: HoldFacts}`."""
    _describers.add(source_type, describer)


def hold_provider_register(source_type: str, provider: HoldProvider) -> None:
    """Let a room recompute from its documents what they hold; used by the verifier (I6)."""
    _providers.add(source_type, provider)


def hold_providers() -> list[tuple[str, HoldProvider]]:
    """Return the providers with the type of their sources."""
    return _providers.items()


def cells_for(company_id: int, demands: Sequence[Demand]) -> QuerySet[Cell]:
    """Return the cells that may bind any of the lines; `rules.cell_binds` decides."""
    if not demands:
        return Cell.objects.none()
    products = {demand.product_id for demand in demands}
    categories = {pk for demand in demands for pk in demand.category_ids}
    days = [demand.on for demand in demands]
    return Cell.objects.filter(
        Q(product_id__in=products) | Q(category_id__in=categories),
        company_id=company_id,
        starts_on__lte=max(days),
        ends_on__gte=min(days),
    ).order_by("pk")


def lines_for(company_id: int, demands: Sequence[Demand]) -> dict[int, tuple[int, ...]]:
    """Return territory → itself and all above, or {} when no line names a territory."""
    if all(demand.territory_id is None for demand in demands):
        return {}
    return territory_lines(company_id)


def cells_list(company_id: int) -> QuerySet[Cell]:
    """Return the cells of a company with their goods and places, by period."""
    rows = Cell.objects.filter(company_id=company_id)
    return rows.select_related("product", "category", "territory", "customer").order_by(
        "starts_on", "product_id", "category_id", "territory_id", "customer_id"
    )


def cell_state(cell_id: int) -> CellState | None:
    """Return a cell as a value."""
    cell = Cell.objects.filter(pk=cell_id).first()
    return cell.state if cell is not None else None


def cell_documents(cell_id: int) -> list[HoldDocument]:
    """Return the documents behind a cell; reserved and consumed add up to the cell's figures."""
    sums: dict[tuple[str, int], list[Decimal]] = {}
    rows = Hold.objects.filter(cell_id=cell_id).order_by("pk")
    for hold in rows.exclude(reserved=0, consumed=0):
        pair = sums.setdefault((hold.source_type, hold.source_id), [Decimal(0), Decimal(0)])
        pair[0] += hold.reserved
        pair[1] += hold.consumed
    facts = _describe(sums)
    return [
        HoldDocument(key[0], key[1], reserved, consumed, facts[key])
        for key, (reserved, consumed) in sums.items()
    ]


def _describe(
    documents: dict[tuple[str, int], list[Decimal]],
) -> dict[tuple[str, int], HoldFacts]:
    by_type: dict[str, list[int]] = {}
    for kind, pk in documents:
        by_type.setdefault(kind, []).append(pk)
    found: dict[tuple[str, int], HoldFacts] = {}
    for kind, ids in by_type.items():
        describer = _describers.find(kind)
        known = describer(ids) if describer else {}
        for pk in ids:
            found[kind, pk] = known.get(pk) or HoldFacts(f"{kind} {pk}")
    return found


def cell_entries(cell_id: int) -> QuerySet[QuotaEntry]:
    """Return the ledger of a cell, newest first."""
    return QuotaEntry.objects.filter(cell_id=cell_id).order_by("-id")


def holds_of(source: Source) -> QuerySet[Hold]:
    """Return what a document holds, with the cells."""
    rows = Hold.objects.filter(source_type=source.type, source_id=source.id)
    return rows.select_related("cell").order_by("line_ref", "cell_id")
