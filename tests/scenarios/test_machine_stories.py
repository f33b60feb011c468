"""Short ways that went wrong once; told on both sides, each ends with `verify` silent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.scenarios.both_sides.base import DisagreeError
from tests.scenarios.both_sides.collecting import BothSides
from tests.scenarios.machine.opening import entered
from tests.scenarios.pure_model.deliveries import Note
from tests.scenarios.pure_model.orders import Line, Order

OYSTER, SOY = "HY-0712", "JY-1205"
DISCOUNT = Decimal("0.017")


@pytest.fixture
def sides(house: Any) -> Any:
    """Both sides with plenty of goods; nothing is left unexplained at the end."""
    made = BothSides(house)
    for product in (OYSTER, SOY):
        made.goods_in("GZ", product, 12 * 100)
    yield made
    assert made.verify() == []


def note_of(sides: BothSides, order: Order) -> Note:
    notes: list[Note] = sides.model.open_notes(order.number)
    return notes[-1]


def shipped(sides: BothSides, order: Order, boxes: int = 0) -> Note:
    """Let the order's open note leave, with fewer boxes of its first line than it says."""
    note = note_of(sides, order)
    sides.carry(note)
    if boxes:
        sides.pick(note, {1: boxes})
    while note.status == "open" and sides.ship_on(note):
        pass
    return note


def billed(sides: BothSides) -> None:
    """Invoice everything that has left."""
    sides.work_off()
    for invoice in sides.model.invoices:
        while sides.bill_on(invoice):
            pass


def changed(sides: BothSides, order: Order, *lines: Line) -> None:
    """Change an order with both signatures."""
    sides.amend(order, dict(enumerate(lines, 1)))
    while order.change is not None and order.change.step != "stuck":
        sides.decide_change(order, is_signed=True)


def paid(sides: BothSides, order: Order, amount: Decimal) -> None:
    receipt = sides.register(order.customer, amount)
    sides.confirm_receipt(receipt)
    (invoice,) = [invoice for invoice in sides.model.invoices if order.number in invoice.owed]
    sides.allocate(receipt, [(invoice, amount)])


@pytest.mark.parametrize("step", ["OG3", "OA", "MA"])
def test_signatures_before_the_step_of_a_return_stay(sides: BothSides, step: str) -> None:
    """The price was signed in OG; a return to a later step asks nobody for it again."""
    order = entered(sides, "和兴", Line(OYSTER, 10, DISCOUNT), until="BG1")
    sides.give_back(order, step)
    while sides.go_on(order):
        pass
    assert order.stage == "released"


@pytest.mark.parametrize("step", ["OA", "ACX", "MA"])
def test_what_was_signed_above_the_quota_stays_signed(sides: BothSides, step: str) -> None:
    sides.limit("桂香", 100_000)
    order = entered(sides, "桂香", Line(OYSTER, 170), asks_over=True, until="BG1")
    sides.give_back(order, step)
    while sides.go_on(order):
        pass
    changed(sides, order, Line(OYSTER, 165))
    assert order.lines[1].boxes == 165


def test_an_order_changed_to_what_has_happened_is_closed_and_settled(sides: BothSides) -> None:
    order = entered(sides, "和兴", Line(OYSTER, 10))
    shipped(sides, order, 4)
    billed(sides)
    paid(sides, order, Decimal("472.00"))
    changed(sides, order, Line(OYSTER, 4))
    assert (order.stage, order.is_settled) == ("closed", True)


def test_an_order_is_settled_only_while_it_is_closed(sides: BothSides) -> None:
    order = entered(sides, "和兴", Line(OYSTER, 10))
    shipped(sides, order, 4)
    billed(sides)
    paid(sides, order, Decimal("472.00"))
    sides.close(order)
    assert order.is_settled
    sides.reopen(order)
    assert not order.is_settled


def test_of_a_changed_line_no_more_is_given_up_than_it_has(sides: BothSides) -> None:
    order = entered(sides, "和兴", Line(OYSTER, 10))
    shipped(sides, order, 4)
    sides.close(order)
    changed(sides, order, Line(OYSTER, 5))
    assert (order.lines[1].closed, order.lines[1].rest) == (1, 0)
    changed(sides, order, Line(OYSTER, 8))
    assert (order.lines[1].closed, order.lines[1].rest) == (1, 3)


def test_a_cancelled_order_is_not_opened_again(sides: BothSides) -> None:
    order = entered(sides, "和兴", Line(OYSTER, 10))
    note = shipped(sides, order, 4)
    sides.close(order)
    sides.take_note_back(note)
    sides.cancel(order)
    sides.reopen(order)
    assert order.stage == "cancelled"


def test_two_lines_of_one_product_share_the_quota_in_a_change(sides: BothSides) -> None:
    sides.limit("桂香", 100_000)
    order = entered(sides, "桂香", Line(OYSTER, 80), Line(OYSTER, 40))
    changed(sides, order, Line(OYSTER, 80), Line(OYSTER, 90))
    assert order.lines[2].boxes == 40
    changed(sides, order, Line(OYSTER, 60), Line(OYSTER, 90))
    assert order.lines[2].boxes == 90


def test_a_price_changed_after_an_invoice_leaves_the_invoice(sides: BothSides) -> None:
    order = entered(sides, "和兴", Line(OYSTER, 10))
    shipped(sides, order, 4)
    billed(sides)
    changed(sides, order, Line(OYSTER, 10, DISCOUNT))
    sides.make_note([order])
    shipped(sides, order)
    billed(sides)
    assert [invoice.gross for invoice in sides.model.invoices] == [
        Decimal("472.00"), Decimal("695.96"),
    ]  # fmt: skip


def test_goods_of_an_order_paid_first_wait_while_its_money_is_taken_away(
    sides: BothSides,
) -> None:
    sides.limit("桂香", 1)
    order = entered(sides, "桂香", Line(OYSTER, 10), until="PAY")
    sides.go_on(order)
    receipt = sides.register("桂香", order.gross)
    sides.confirm_receipt(receipt)
    sides.set_aside(receipt, order, order.gross)
    while sides.go_on(order):
        pass
    sides.give_aside_back(receipt, order, Decimal(100))
    note = shipped(sides, order)
    assert note.step == "DP"
    sides.set_aside(receipt, order, Decimal(100))
    sides.dispatch(note)
    assert note.status == "dispatched"


def test_goods_that_come_in_reach_orders_of_two_customers(sides: BothSides) -> None:
    first = entered(sides, "和兴", Line(OYSTER, 90))
    others = [entered(sides, customer, Line(OYSTER, 20)) for customer in ("和兴", "桂香")]
    assert sides.model.open_notes(first.number)
    sides.goods_in("GZ", OYSTER, 12 * 50)
    sides.work_off()
    assert [sides.model.on_notes(order.number, 1) for order in others] == [20, 20]


def test_the_twin_without_the_refusal_to_pick_too_much_is_found_out(
    sides: BothSides, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = note_of(sides, entered(sides, "和兴", Line(OYSTER, 10)))
    sides.carry(note)
    sides.pick(note, {1: 11})
    assert note.step == "PK"
    with monkeypatch.context() as patch:
        patch.setattr("chengdan.modules.shipping.services.acts.over_issues", lambda *_: [])
        with pytest.raises(DisagreeError, match="passes what must be refused"):
            sides.pick(note, {1: 11})
