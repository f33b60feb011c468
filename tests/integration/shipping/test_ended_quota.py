"""What an order holds of a quota that was ended is consumed, and comes back with its shipment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from chengdan.modules.quota.models import Cell
from chengdan.modules.quota.services import CellDraft, quota_cell_end, quota_cells_set
from chengdan.modules.quota.verification import verify_cells, verify_documents
from chengdan.modules.shipping.services import note_reverse

BOX = 12


def cell_of(house: Any, boxes: int) -> int:
    draft = CellDraft(
        date(2026, 11, 1), date(2026, 11, 30), limit=Decimal(boxes * BOX),
        product_id=house.products["HY-0712"], territory_id=house.territory_id,
    )  # fmt: skip
    who = {"actor": house.system, "company_id": house.company.pk}
    return int(quota_cells_set(drafts=[draft], **who)[0].pk)


def figures() -> list[tuple[Decimal, Decimal]]:
    """Return reserved and consumed boxes of every cell."""
    assert [*verify_cells(), *verify_documents()] == []
    cells = Cell.objects.order_by("pk")
    return [(cell.reserved / BOX, cell.consumed / BOX) for cell in cells]


def test_goods_leave_and_come_back_within_a_quota_that_was_ended(depot: Any) -> None:
    house = depot.house
    depot.stock("HY-0712", 100)
    cell = cell_of(house, 60)
    note = depot.note_of(depot.released("和兴", {"HY-0712": 40}))
    quota_cell_end(actor=house.system, cell_id=cell, reason="地区填错")
    cell_of(house, 10)
    assert figures() == [(40, 0), (0, 0)]
    depot.dispatched(note.pk)
    assert figures() == [(0, 40), (0, 0)]
    note_reverse(actor=house.actor("shipping_coordinator"), note_id=note.pk, reason="退回")
    assert figures() == [(40, 0), (0, 0)]
