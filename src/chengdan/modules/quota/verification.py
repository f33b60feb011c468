"""Invariant I6: cells recomputed from entries, from holds, and from the documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from chengdan.kernel.verification import Difference, verifier
from chengdan.modules.quota.models import Cell, Hold, QuotaEntry
from chengdan.modules.quota.selectors import hold_providers

_ZERO = Decimal(0)
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
    """Yield document lines whose own figures differ from what they hold."""
    for source_type, provider in hold_providers():
        stored: dict[tuple[int, int], tuple[Decimal, Decimal]] = {}
        rows = Hold.objects.filter(source_type=source_type).exclude(quantity=0, shipped=0)
        for hold in rows.iterator():
            stored[hold.source_id, hold.line_ref] = (hold.quantity, hold.shipped)
        expected = {
            (item.source.id, item.line_ref): (item.quantity, item.shipped) for item in provider()
        }
        for key in sorted(set(stored)):
            wanted = expected.get(key, (_ZERO, _ZERO))
            if wanted != stored[key]:
                where = f"{source_type} {key[0]} line {key[1]}"
                yield Difference("I6", where, str(wanted), str(stored[key]))
