"""Invariant I6: cells recomputed from entries, from holds, and from the documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from django.db.models import F, Q

from chengdan.kernel.verification import Difference, verifier
from chengdan.modules.quota.models import Cell, Hold, QuotaEntry
from chengdan.modules.quota.selectors import hold_providers
from chengdan.modules.quota.vocabulary import Measure

_ZERO = Decimal(0)
_CHUNK = 500
_NAMES = ("limit", "reserved", "consumed", "over")


@verifier("I6", "quota cells")
def verify_cells() -> Iterator[Difference]:
    """Yield cells that differ from their entries or their holds, or that are oversubscribed."""
    entered: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    columns = ["cell_id", *(f"{name}_delta" for name in _NAMES)]
    for cell_id, *deltas in QuotaEntry.objects.values_list(*columns).iterator():
        for name, delta in zip(_NAMES, deltas, strict=True):
            entered[cell_id, name] += delta
    held: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    rows = Hold.objects.values_list("cell_id", "reserved", "consumed")
    for cell_id, reserved, consumed in rows.iterator():
        held[cell_id, "reserved"] += reserved
        held[cell_id, "consumed"] += consumed
    for cell in Cell.objects.order_by("pk").iterator():
        for name in _NAMES:
            if entered[cell.pk, name] != getattr(cell, name):
                yield _difference(f"cell {cell.pk} {name}", entered[cell.pk, name], cell, name)
        for name in ("reserved", "consumed"):
            if held[cell.pk, name] != getattr(cell, name):
                yield _difference(f"cell {cell.pk} held {name}", held[cell.pk, name], cell, name)
        if cell.reserved + cell.consumed > cell.limit + cell.over:
            allowed = cell.limit + cell.over
            yield Difference("I6", f"cell {cell.pk} used", f"≤ {allowed}", str(cell.used))


def _difference(where: str, expected: Decimal, cell: Cell, name: str) -> Difference:
    return Difference("I6", where, str(expected), str(getattr(cell, name)))


@verifier("I6", "quota documents")
def verify_documents() -> Iterator[Difference]:
    """Yield holds that differ from what their documents, by their own lines, still want."""
    for source_type, provider in hold_providers():
        rows = Hold.objects.filter(source_type=source_type).select_related("cell")
        # Of a line that was freed, or is out, nothing is held.
        held = rows.filter(Q(quantity__gt=F("shipped")) | Q(reserved__gt=0))
        for chunk in _chunks(held.order_by("source_id", "line_ref", "cell_id").iterator()):
            wanted = provider({hold.source_id for hold in chunk})
            for hold in chunk:
                yield from _hold_issues(hold, wanted.get((hold.source_id, hold.line_ref), _ZERO))


def _hold_issues(hold: Hold, wanted: Decimal) -> Iterator[Difference]:
    where = f"{hold.source_type} {hold.source_id} line {hold.line_ref} cell {hold.cell_id}"
    rest = max(_ZERO, hold.quantity - hold.shipped)
    if rest != wanted:
        yield Difference("I6", where, str(wanted), str(rest))
    if hold.cell.measure == Measure.QUANTITY and hold.reserved != rest:
        yield Difference("I6", f"{where} reserved", str(rest), str(hold.reserved))


def _chunks(rows: Iterator[Hold]) -> Iterator[list[Hold]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk
