"""Rules of the machine for stock and delivery notes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.scenarios.both_sides.base import WAREHOUSES
from tests.scenarios.machine.base import PRODUCTS, Frame, on
from tests.scenarios.pure_model.deliveries import Note, Paper
from tests.scenarios.pure_model.orders import Order

OUT_OF_TURN = ("carry", "pick", "dispatch", "feed_back", "confirm", "give_up", "take_note_back")
goods = st.tuples(st.sampled_from(WAREHOUSES), st.sampled_from(PRODUCTS), st.integers(1, 900))
days = st.integers(0, 15)


def waits(model: Any, order: Order) -> bool:
    is_open = order.stage == "released" and not order.is_held
    return is_open and any(model.wanted(order, number) for number in order.lines)


def may_come_back(model: Any, paper: Paper) -> bool:
    there = model.available(paper.warehouse, paper.product)
    return not paper.is_reversed and paper.bottles <= there


def may_go_back(model: Any, note: Note) -> bool:
    return note.status == "open" or (note.has_left and not model.is_invoiced(note))


class DeliveringRules(Frame):
    """Goods in and out, and notes from making to reversal."""

    @rule(goods=goods, days_ago=days, is_out=st.booleans())
    def goods_move(self, goods: tuple[str, str, int], days_ago: int, is_out: bool) -> None:
        move = self.sides.goods_out if is_out else self.sides.goods_in
        move(*goods, days_ago=days_ago)

    @on("papers", may_come_back)
    def take_paper_back(self, paper: Paper) -> None:
        self.sides.take_paper_back(paper)

    # ------------------------------------------------------------------------------------- notes
    def orders_for_note(self, data: st.DataObject) -> list[Order]:
        """Return one to three orders, mostly of one customer and waiting for goods."""
        first = self.mostly(data, "orders", waits)
        found = [first]
        while len(found) < 3 and data.draw(st.booleans(), label="another order"):
            found.append(
                self.mostly(
                    data,
                    "orders",
                    lambda model, order: waits(model, order) and order.customer == first.customer,
                )
            )
        return list({order.number: order for order in found}.values())

    @precondition(lambda self: self.fitting("orders", waits))
    @rule(data=st.data(), warehouse=st.sampled_from(WAREHOUSES))
    def make_note(self, data: st.DataObject, warehouse: str) -> None:
        self.sides.make_note(self.orders_for_note(data), warehouse)

    @precondition(lambda self: self.fitting("orders", waits))
    @rule(data=st.data(), warehouse=st.sampled_from(WAREHOUSES))
    def make_note_of_part(self, data: st.DataObject, warehouse: str) -> None:
        """Part of what waits, now and then more than that."""
        orders = self.orders_for_note(data)
        beyond = 0 if data.draw(st.integers(0, 4)) else 20
        boxes = {
            (order.number, number): data.draw(
                st.integers(0, self.model.wanted(order, number) + beyond)
            )
            for order in orders
            for number in order.lines
        }
        self.sides.make_note(orders, warehouse, boxes)

    @on("notes", lambda _model, note: note.step, times=st.integers(1, 7))
    def ship_on(self, note: Note, times: int) -> None:
        for _time in range(times):
            if not self.sides.ship_on(note):
                break

    @on("notes", lambda _model, note: note.status == "open")
    def ship_out(self, note: Note) -> None:
        while note.status == "open" and self.sides.ship_on(note):
            pass

    @on("notes", lambda _model, note: note.step == "PK", draw=st.data())
    def pick_other(self, note: Note, draw: st.DataObject) -> None:
        boxes = {
            number: draw.draw(st.integers(0, line.boxes + 5)) for number, line in note.lines.items()
        }
        self.sides.pick(note, boxes)

    @on("notes", may_go_back)
    def set_back_note(self, note: Note) -> None:
        """Let goods be picked again, a note be given up, or one that has left be taken back."""
        if note.step in ("OQ1", "OQ2"):
            self.sides.refuse_check(note)
        elif note.status == "open":
            self.sides.give_up(note)
        else:
            self.sides.take_note_back(note)

    @on("notes", act=st.sampled_from(OUT_OF_TURN))
    def note_out_of_turn(self, note: Note, act: str) -> None:
        getattr(self.sides, act)(note)
