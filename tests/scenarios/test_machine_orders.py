"""Orders of one customer in any sequence of acts, against a model that knows only the decisions."""

from __future__ import annotations

import os
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from chengdan.kernel.errors import RuleError
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.credit.services import LimitRow, credit_limits_load
from chengdan.modules.orders.services import (
    amendment_ask,
    order_cancel,
    order_close,
    order_reopen,
    order_way_pay_first,
    order_way_special,
)
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.process.services import task_decide
from tests.fixtures.play import Play, differences
from tests.scenarios.model import Model, ModelOrder

IS_NIGHTLY = os.environ.get("CHENGDAN_HYPOTHESIS") == "nightly"
# An act takes tens of milliseconds, so everyday runs are few and short.
EXAMPLES, STEPS = (300, 40) if IS_NIGHTLY else (6, 12)
LIMIT = 50_000
SIGNERS = ("general_manager", "sales_director", "deputy_sales_director")
_numbers = count()


class Orders(RuleBasedStateMachine):
    """The program and its model side by side."""

    house: ClassVar[Any]

    def __init__(self) -> None:
        super().__init__()
        self.code = f"M{next(_numbers)}"
        self.customer = self.house.customer(self.code, limit=LIMIT)
        self.model = Model(Decimal(LIMIT))
        self.plays: list[Play] = []

    def pick(self, data: st.DataObject, *stages: str) -> tuple[Play, ModelOrder]:
        """Return one of the orders that stand at a stage, on both sides."""
        place = data.draw(st.sampled_from(self.model.at(*stages)))
        return self.plays[place], self.model.orders[place]

    def has(self, *stages: str) -> bool:
        return bool(self.model.at(*stages))

    def act(self, play: Play, service: Any, who: str, **values: Any) -> None:
        service(actor=self.house.actor(who), order_id=play.order_id, **values)

    @precondition(lambda self: len(self.plays) < 6)
    @rule(boxes=st.integers(1, 500))
    def enter_and_submit(self, boxes: int) -> None:
        play = Play(self.house).enters("order_clerk", self.code, boxes).submits().accepted()
        self.plays.append(play)
        self.model.enter(boxes)
        self.model.submit(self.model.orders[-1])

    @precondition(lambda self: self.has("draft"))
    @rule(data=st.data())
    def submit_again(self, data: st.DataObject) -> None:
        play, order = self.pick(data, "draft")
        play.submits().accepted()
        self.model.submit(order)

    @precondition(lambda self: self.has("MA"))
    @rule(data=st.data(), is_signed=st.booleans())
    def decide(self, data: st.DataObject, is_signed: bool) -> None:
        play, order = self.pick(data, "MA")
        play.decides("deputy_sales_director", "approve" if is_signed else "refuse", "看过")
        (self.model.sign if is_signed else self.model.send_back)(order)

    @precondition(lambda self: self.has("WAY"))
    @rule(data=st.data())
    def pay_first(self, data: st.DataObject) -> None:
        play, order = self.pick(data, "WAY")
        self.act(play, order_way_pay_first, "region_manager")
        self.model.pay_first(order)

    @precondition(lambda self: self.has("WAY"))
    @rule(data=st.data())
    def apply(self, data: st.DataObject) -> None:
        play, order = self.pick(data, "WAY")
        words = {"reason_kind": "fair", "reason": "订货会", "business_record": "无逾期"}
        self.act(play, order_way_special, "region_manager", **words)
        self.model.apply(order)

    @precondition(lambda self: self.has("ST"))
    @rule(data=st.data(), is_approved=st.booleans())
    def decide_special(self, data: st.DataObject, is_approved: bool) -> None:
        play, order = self.pick(data, "ST")
        for who in SIGNERS if is_approved else SIGNERS[:1]:
            play.decides(who, "approve" if is_approved else "refuse", "看过")
        self.model.special(order, is_approved)

    @precondition(lambda self: self.has("BG"))
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        play, order = self.pick(data, "BG")
        play.released()
        self.model.release(order)

    @precondition(lambda self: self.has("draft", "WAY", "ST", "MA", "BG", "PAY", "released"))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        stages = ("draft", "WAY", "ST", "MA", "BG", "PAY", "released")
        play, order = self.pick(data, *stages)
        self.act(play, order_cancel, "ssg_leader", reason="取消")
        self.model.cancel(order)

    @precondition(lambda self: self.has("released"))
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        play, order = self.pick(data, "released")
        self.act(play, order_close, "ssg_leader", reason="不再要")
        self.model.close(order)

    @precondition(lambda self: self.has("closed"))
    @rule(data=st.data())
    def reopen(self, data: st.DataObject) -> None:
        play, order = self.pick(data, "closed")
        try:
            self.act(play, order_reopen, "ssg_leader", reason="又要了")
            is_open = True
        except RuleError:
            is_open = False
        assert self.model.reopen(order) == is_open

    @precondition(lambda self: self.has("released"))
    @rule(data=st.data(), boxes=st.integers(1, 400), is_signed=st.booleans())
    def amend(self, data: st.DataObject, boxes: int, is_signed: bool) -> None:
        play, order = self.pick(data, "released")
        if boxes == order.boxes:
            return
        made = amendment_ask(
            actor=self.house.actor("key_account_manager"), order_id=play.order_id,
            draft=play.draft(self.code, boxes), reason="改数量",
        )  # fmt: skip
        passes = self.model.amend(order, boxes, is_signed)
        assert (made.status != "refused") == passes
        if passes:
            verdicts = ["approve", "approve"] if is_signed else ["refuse"]
            for who, verdict in zip(("market_manager", SIGNERS[2]), verdicts, strict=False):
                actor = self.house.actor(who)
                task = open_task_for("orders.amendment", made.pk, "", actor)
                assert task is not None
                task_decide(actor=actor, task_id=task.pk, decision=verdict, comment="看过")

    @rule(limit=st.integers(1, 80_000))
    def limit_changes(self, limit: int) -> None:
        row = LimitRow(self.customer, Decimal(limit))
        credit_limits_load(actor=self.house.system, rows=[row], reason="machine")
        self.model.limit = Decimal(limit)

    @invariant()
    def both_sides_agree(self) -> None:
        assert exposure(self.customer) == self.model.exposure
        for play, order in zip(self.plays, self.model.orders, strict=True):
            found = play.order
            assert (found.status, found.gross) == (order.status, order.gross)
            assert (found.credit_band or "") == order.band or order.stage in ("cancelled",)

    def teardown(self) -> None:
        assert differences() == []


@pytest.mark.requirement("CRD-17", partly="overdue receivables are tested in credit")
def test_orders_follow_the_model(house: Any) -> None:
    Orders.house = house
    run_machine(
        Orders,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
