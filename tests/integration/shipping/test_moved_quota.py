"""An order whose delivery moves to another period: every cell keeps what went out under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel.verification import verify_all
from chengdan.modules.orders.services import (
    amendment_ask,
    draft_of,
    order_close,
    order_reopen,
)
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.process.services import task_decide
from chengdan.modules.quota.models import Cell
from chengdan.modules.quota.services import CellDraft, quota_cell_end, quota_cells_set
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.services import (
    note_cancel,
    note_make_for_order,
    note_reverse,
)

BOX = 12
NOVEMBER, DECEMBER = date(2026, 11, 25), date(2026, 12, 10)
PERIODS = {
    "november": (date(2026, 11, 1), date(2026, 11, 30)),
    "december": (date(2026, 12, 1), date(2026, 12, 31)),
    "year": (date(2026, 1, 1), date(2026, 12, 31)),
}


class Moves:
    """One order of 40 boxes whose day moves between the periods of two cells; acts on it."""

    def __init__(self, depot: Any) -> None:
        self.depot, self.house = depot, depot.house
        self.cells = {name: self.cell(name) for name in PERIODS}
        depot.stock("HY-0712", 200)
        self.order_id = depot.released("和兴", {"HY-0712": 40})
        self.notes: list[int] = []

    def cell(self, period: str, boxes: int = 60) -> int:
        """Give oyster sauce a quota: of the region for the months, of the customer for the year."""
        starts_on, ends_on = PERIODS[period]
        place = {"territory_id": self.house.territory_id}
        if period == "year":
            place = {"customer_id": self.house.customers["和兴"]}
        draft = CellDraft(
            starts_on, ends_on, limit=Decimal(boxes * BOX),
            product_id=self.house.products["HY-0712"], **place,
        )  # fmt: skip
        who = {"actor": self.house.system, "company_id": self.house.company.pk}
        return int(quota_cells_set(drafts=[draft], **who)[0].pk)

    def ship(self, boxes: int) -> None:
        """Let boxes leave on a note of their own."""
        scr = self.house.actor("shipping_coordinator")
        for note in DeliveryNote.objects.filter(lines__order_id=self.order_id, dispatched_on=None):
            if note.status != "cancelled":
                note_cancel(actor=scr, note_id=note.pk, reason="分批")
        note = note_make_for_order(
            actor=scr, order_id=self.order_id,
            quantities={(self.order_id, 1): Decimal(boxes)},
        )  # fmt: skip
        self.depot.dispatched(note.pk)
        self.notes.append(note.pk)

    def reverse(self, which: int = -1) -> None:
        """Take a note back, the last one unless told."""
        actor = self.house.actor("shipping_coordinator")
        note_reverse(actor=actor, note_id=self.notes.pop(which), reason="退回")

    def moves_to(self, day: date) -> None:
        """Amend the requested day, and let those decide who must."""
        from chengdan.modules.orders.models import Order

        draft = draft_of(Order.objects.get(pk=self.order_id))
        lines = tuple(replace(line, requested_on=None) for line in draft.lines)
        amendment = amendment_ask(
            actor=self.house.actor("key_account_manager"), order_id=self.order_id,
            draft=replace(draft, requested_on=day, lines=lines), reason="客户推迟",
        )  # fmt: skip
        for who in ("market_manager", "deputy_sales_director"):
            actor = self.house.actor(who)
            task = open_task_for("orders.amendment", amendment.pk, "", actor)
            if task is not None:
                task_decide(actor=actor, task_id=task.pk, decision="approve", comment="看过")
        amendment.refresh_from_db()
        assert amendment.status == "applied"

    def act(self, service: Callable[..., Any]) -> None:
        """Close the rest, or open it again."""
        actor = self.house.actor("market_manager")
        service(actor=actor, order_id=self.order_id, reason="计划")

    def end(self, period: str) -> None:
        """End the quota of a period."""
        quota_cell_end(actor=self.house.system, cell_id=self.cells[period], reason="填错")

    def figures(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Return reserved and consumed boxes per cell; every verifier is content."""
        assert [str(item) for item in verify_all()] == []
        rows = Cell.objects.in_bulk()
        return {
            name: (rows[pk].reserved / BOX, rows[pk].consumed / BOX)
            for name, pk in self.cells.items()
        }


@pytest.fixture
def moves(depot: Any) -> Moves:
    """An order in a house with three quota cells."""
    return Moves(depot)


def test_what_comes_back_waits_in_the_period_the_order_moved_to(moves: Moves) -> None:
    assert moves.figures() == {"november": (40, 0), "december": (0, 0), "year": (40, 0)}
    moves.ship(15)
    moves.moves_to(DECEMBER)
    assert moves.figures() == {"november": (0, 15), "december": (25, 0), "year": (25, 15)}
    moves.reverse()
    assert moves.figures() == {"november": (0, 0), "december": (40, 0), "year": (40, 0)}


def test_each_period_counts_only_what_went_out_under_it_and_the_last_comes_back_first(
    moves: Moves,
) -> None:
    moves.ship(15)
    moves.moves_to(DECEMBER)
    moves.ship(10)
    assert moves.figures() == {"november": (0, 15), "december": (15, 10), "year": (15, 25)}
    moves.reverse()
    assert moves.figures() == {"november": (0, 15), "december": (25, 0), "year": (25, 15)}
    moves.ship(10)
    # Quota knows quantities, not notes: also the first note takes from what went out last.
    moves.reverse(0)
    assert moves.figures() == {"november": (0, 10), "december": (30, 0), "year": (30, 10)}
    moves.reverse()
    assert moves.figures() == {"november": (0, 0), "december": (40, 0), "year": (40, 0)}


def test_back_and_forth_all_is_reserved_once_where_the_order_stands(moves: Moves) -> None:
    for day in (DECEMBER, NOVEMBER, DECEMBER, NOVEMBER):
        moves.ship(5)
        moves.moves_to(day)
    assert moves.figures() == {"november": (20, 10), "december": (0, 10), "year": (20, 20)}
    for _note in range(4):
        moves.reverse()
        moves.figures()
    assert moves.figures() == {"november": (40, 0), "december": (0, 0), "year": (40, 0)}


def test_a_rest_that_was_closed_moves_only_when_it_is_taken_up_again(moves: Moves) -> None:
    moves.ship(15)
    moves.act(order_close)
    assert moves.figures() == {"november": (0, 15), "december": (0, 0), "year": (0, 15)}
    moves.moves_to(DECEMBER)
    moves.reverse()
    assert moves.figures() == {"november": (15, 0), "december": (0, 0), "year": (15, 0)}
    moves.ship(15)
    moves.act(order_reopen)
    assert moves.figures() == {"november": (0, 15), "december": (25, 0), "year": (25, 15)}
    moves.act(order_close)
    moves.reverse()
    assert moves.figures() == {"november": (0, 0), "december": (15, 0), "year": (15, 0)}
    moves.act(order_reopen)
    assert moves.figures() == {"november": (0, 0), "december": (40, 0), "year": (40, 0)}


def test_an_order_moved_to_where_nothing_limits_it_gives_back_what_returns(moves: Moves) -> None:
    moves.ship(15)
    moves.moves_to(date(2027, 1, 10))
    moves.ship(5)
    assert moves.figures() == {"november": (0, 15), "december": (0, 0), "year": (0, 15)}
    moves.reverse()
    moves.reverse()
    assert moves.figures() == {"november": (0, 0), "december": (0, 0), "year": (0, 0)}


def test_goods_that_left_before_there_was_a_quota_come_back_into_it(moves: Moves) -> None:
    """The order came into the cell with its rest; nobody is kept from reversing the note."""
    moves.moves_to(date(2027, 1, 10))
    moves.ship(15)
    moves.moves_to(DECEMBER)
    assert moves.figures() == {"november": (0, 0), "december": (25, 0), "year": (25, 0)}
    moves.reverse()
    assert moves.figures() == {"november": (0, 0), "december": (40, 0), "year": (40, 0)}


def test_an_order_leaves_a_quota_that_was_ended_with_its_day(moves: Moves) -> None:
    moves.ship(15)
    moves.end("november")
    moves.moves_to(DECEMBER)
    assert moves.figures() == {"november": (0, 15), "december": (25, 0), "year": (25, 15)}
    moves.reverse()
    assert moves.figures() == {"november": (0, 0), "december": (40, 0), "year": (40, 0)}
