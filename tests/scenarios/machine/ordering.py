"""Rules of the machine for orders."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.scenarios.machine.base import CUSTOMERS, PRODUCTS, Frame, on
from tests.scenarios.pure_model.orders import APPROVALS, STEPS, Line, Order

DISCOUNTS = (Decimal(0), Decimal("0.017"))
BACK_TO = ("", "OG2", "OG3", "OA", "ACX", "MA")
OUT_OF_TURN = (
    "submit", "accept", "pay_first", "apply", "print_bill", "hand_over", "hold", "resume",
    "cancel", "close", "reopen",
)  # fmt: skip
lines = st.lists(
    st.builds(
        Line,
        product=st.sampled_from(PRODUCTS),
        boxes=st.integers(1, 160),
        discount=st.sampled_from(DISCOUNTS),
    ),
    min_size=1,
    max_size=2,
)


def is_draft(_model: Any, order: Order) -> bool:
    return order.stage == "draft"


def stands(_model: Any, order: Order) -> bool:
    return order.stage in STEPS and order.stage != "PAY"


def may_go_back(_model: Any, order: Order) -> bool:
    return order.stage not in ("closed", "cancelled")


def may_change(_model: Any, order: Order) -> bool:
    return order.stage == "released" and order.change is None


def is_changing(_model: Any, order: Order) -> bool:
    return order.change is not None and order.change.step != "stuck"


class OrderingRules(Frame):
    """Orders from entry to release, and what becomes of them later."""

    @precondition(lambda self: len(self.model.orders) < 12)
    @rule(
        customer=st.sampled_from(CUSTOMERS),
        lines=lines,
        asks_over=st.booleans(),
        steps=st.integers(0, 9),
    )
    def enter(self, customer: str, lines: list[Line], asks_over: bool, steps: int) -> None:
        order = self.sides.enter(customer, lines, asks_over=asks_over)
        if steps:
            self.sides.submit(order)
            self.walk(order, steps - 1)

    @on("orders", is_draft, lines=lines)
    def edit(self, order: Order, lines: list[Line]) -> None:
        self.sides.edit(order, lines)

    @on("orders", is_draft)
    def submit(self, order: Order) -> None:
        self.sides.submit(order)

    @on("orders", stands, times=st.integers(1, 7), pays_first=st.booleans())
    def go_on(self, order: Order, times: int, pays_first: bool) -> None:
        self.walk(order, times, pays_first=pays_first)

    def walk(self, order: Order, times: int, *, pays_first: bool = True) -> None:
        for _time in range(times):
            if not self.sides.go_on(order, pays_first=pays_first):
                break

    @on("orders", act=st.sampled_from(OUT_OF_TURN))
    def order_out_of_turn(self, order: Order, act: str) -> None:
        getattr(self.sides, act)(order)

    @on("orders", may_go_back, draw=st.data())
    def set_back(self, order: Order, draw: st.DataObject) -> None:
        """Let one of the ways back be taken, or one of the ends."""
        acts = ["hold", "withdraw", "cancel", "close"]
        acts += ["give_back"] * 3 if stands(self.model, order) else []
        acts += ["refuse"] * 2 if order.stage in APPROVALS else []
        act = draw.draw(st.sampled_from(acts), label="act")
        if act == "withdraw" and order.run == "none":
            act = "cancel"
        if act == "give_back":
            self.sides.give_back(order, draw.draw(st.sampled_from(BACK_TO), label="to"))
        else:
            getattr(self.sides, act)(order)

    @on("orders", lambda _model, order: order.is_held or order.closed_by_hand)
    def take_up_again(self, order: Order) -> None:
        """Resume an order, or open it again."""
        (self.sides.resume if order.is_held else self.sides.reopen)(order)

    # ----------------------------------------------------------------------------------- changes
    @on("orders", may_change, draw=st.data(), adds=st.booleans())
    def amend(self, order: Order, draw: st.DataObject, adds: bool) -> None:
        wanted = {}
        for number, line in order.lines.items():
            least = max(0, line.delivered - 2)
            boxes = draw.draw(st.integers(least, line.boxes + 40))
            discount = draw.draw(st.sampled_from((line.discount, *DISCOUNTS)))
            if boxes:
                wanted[number] = replace(line, boxes=boxes, asked=boxes, discount=discount)
        if adds or not wanted:
            wanted[max(order.lines) + 1] = draw.draw(lines)[0]
        self.sides.amend(order, wanted)

    @on("orders", is_changing, is_signed=st.booleans())
    def decide_change(self, order: Order, is_signed: bool) -> None:
        self.sides.decide_change(order, is_signed=is_signed)
