"""Acts on orders, done by the program's people and by the model."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from chengdan.modules.orders import services
from chengdan.modules.orders.models import Order as OrderRow
from chengdan.modules.orders.services import LineDraft, OrderDraft
from chengdan.modules.process.selectors import instances_of, open_task_for
from chengdan.modules.process.services import process_withdraw, task_decide
from tests.scenarios.both_sides.base import Sides
from tests.scenarios.pure_model.orders import APPROVALS, Line, Order

ORDER, AMENDMENT = "orders.order", "orders.amendment"
LEADERS = ("general_manager", "sales_director", "deputy_sales_director")
SEATS = {
    "OG2": "key_account_manager", "OG3": "market_manager", "OA": "csr", "WAY": "region_manager",
    "MA": "deputy_sales_director", "BG1": "finance_clerk", "BG2": "csr",
}  # fmt: skip
CHANGE_SEATS = {"AM": "market_manager", "AS": "deputy_sales_director"}
SPECIAL = {"reason_kind": "fair", "reason": "订货会", "business_record": "无逾期"}
DELIVERY_TIME = timedelta(days=4)


class OrderingSides(Sides):
    """Orders from entry to release, and what becomes of them later."""

    def _act(self, name: str, seat: str, order: Order, **values: Any) -> Any:
        service = getattr(services, name)
        return lambda: service(actor=self.actor(seat), order_id=self.pk("orders", order), **values)

    def _draft(self, customer: str, lines: list[Line], *, asks_over: bool) -> OrderDraft:
        return OrderDraft(
            customer_id=self.house.customers[customer],
            lines=tuple(self._line(line) for line in lines),
            requested_on=self.today + DELIVERY_TIME,
            quota_choice="over" if asks_over else "cut",
            quota_reason="订货会" if asks_over else "",
        )

    def _line(self, line: Line) -> LineDraft:
        return LineDraft(
            product_id=self.house.products[line.product],
            quantity=Decimal(line.boxes),
            discount=line.discount,
        )

    # ------------------------------------------------------------------------------------ drafts
    def enter(self, customer: str, lines: list[Line], *, asks_over: bool = False) -> Order:
        draft = self._draft(customer, lines, asks_over=asks_over)
        order = self.model.enter(customer, lines, asks_over=asks_over)

        def place() -> None:
            made = services.order_place(actor=self.actor("order_clerk"), draft=draft)
            self.ids["orders"].append(made.pk)

        self.both(set(), place)
        return order

    def edit(self, order: Order, lines: list[Line]) -> None:
        draft = self._draft(order.customer, lines, asks_over=order.asks_over)
        act = self._act("order_update", "order_clerk", order, draft=draft)
        self.both(self.model.edit(order, lines), act)

    def submit(self, order: Order) -> None:
        self.both(self.model.submit(order), self._act("order_submit", "order_clerk", order))

    # ------------------------------------------------------------------------------ steps of OP
    def go_on(self, order: Order, *, pays_first: bool = True) -> bool:
        """Do what the order's step asks for; return whether that led on."""
        acts = {
            "OA": self.accept,
            "WAY": self.pay_first if pays_first else self.apply,
            "BG1": self.print_bill,
            "BG2": self.hand_over,
            **dict.fromkeys(APPROVALS, self.sign),
        }
        before = (order.stage, order.signed)
        if order.stage in acts:
            acts[order.stage](order)
        return (order.stage, order.signed) != before

    def _seat(self, order: Order) -> str:
        return SEATS.get(order.stage) or LEADERS[order.signed]

    def _decide(self, order: Order, decision: str, **values: Any) -> Any:
        actor = self.actor(self._seat(order))
        task = open_task_for(ORDER, self.pk("orders", order), order.stage, actor)
        if task is None:
            raise AssertionError(f"{actor.name} has no task in {order.stage}")
        return lambda: task_decide(
            actor=actor, task_id=task.pk, decision=decision, comment="看过", **values
        )

    def sign(self, order: Order) -> None:
        act = self._decide(order, "approve")
        self.both(self.model.approve(order, order.stage), act)

    def refuse(self, order: Order) -> None:
        act = self._decide(order, "refuse")
        self.both(self.model.refuse(order, order.stage), act)

    def give_back(self, order: Order, target: str) -> None:
        """Return it to an earlier step, or to the initiator for target ""."""
        act = self._decide(order, "return", return_to=target or None)
        self.both(self.model.give_back(order, order.stage, target), act)

    def accept(self, order: Order) -> None:
        act = self._act("order_accept", "csr", order, customer_told_how="电话")
        self.both(self.model.accept(order), act)

    def pay_first(self, order: Order) -> None:
        act = self._act("order_way_pay_first", "region_manager", order)
        self.both(self.model.way_pay_first(order), act)

    def apply(self, order: Order) -> None:
        act = self._act("order_way_special", "region_manager", order, **SPECIAL)
        self.both(self.model.way_special(order), act)

    def print_bill(self, order: Order) -> None:
        act = self._act("order_print_bill", "finance_clerk", order)
        self.both(self.model.print_bill(order), act)

    def hand_over(self, order: Order) -> None:
        act = self._act("order_hand_over", "csr", order, received_by="刘志强")
        self.both(self.model.hand_over(order), act)

    def withdraw(self, order: Order) -> None:
        instance = instances_of(ORDER, self.pk("orders", order))[0]
        clerk = self.actor("order_clerk")
        self.both(
            self.model.withdraw(order),
            lambda: process_withdraw(actor=clerk, instance_id=instance.pk, reason="撤回"),
        )

    # ------------------------------------------------------------------------------ hold and end
    def hold(self, order: Order) -> None:
        act = self._act("order_hold", "ssg_leader", order, reason="等确认")
        self.both(self.model.hold(order), act)

    def resume(self, order: Order) -> None:
        self.both(self.model.resume(order), self._act("order_resume", "ssg_leader", order))

    def cancel(self, order: Order) -> None:
        act = self._act("order_cancel", "ssg_leader", order, reason="取消")
        self._ended(order, self.model.cancel(order), act)

    def close(self, order: Order) -> None:
        act = self._act("order_close", "ssg_leader", order, reason="不再要")
        self._ended(order, self.model.close(order), act)

    def _ended(self, order: Order, refused: set[str], act: Any) -> None:
        if not refused:
            self.changes.pop(order.number, None)
        self.both(refused, act)

    def reopen(self, order: Order) -> None:
        act = self._act("order_reopen", "ssg_leader", order, reason="又要了")
        self.both(self.model.reopen(order), act)

    # ----------------------------------------------------------------------------------- changes
    def amend(self, order: Order, lines: dict[int, Line]) -> None:
        """Ask for the order as it shall be; lines that are missing go, new ones come last."""
        draft = services.draft_of(OrderRow.objects.get(pk=self.pk("orders", order)))
        kept = [
            replace(
                line,
                quantity=Decimal(lines[line.number].boxes),
                discount=lines[line.number].discount,
            )
            for line in draft.lines
            if line.number in lines
        ]
        added = [self._line(line) for number, line in lines.items() if number not in order.lines]
        draft = replace(draft, lines=(*kept, *added))
        self._ask(order, draft, self.model.amend(order, lines))

    def _ask(self, order: Order, draft: OrderDraft, refused: set[str]) -> None:
        def ask() -> None:
            made = services.amendment_ask(
                actor=self.actor("key_account_manager"),
                order_id=self.pk("orders", order),
                draft=draft,
                reason="改数量",
            )
            if made.status == "processing":
                self.changes[order.number] = made.pk

        self.both(refused, ask)

    def decide_change(self, order: Order, *, is_signed: bool) -> None:
        change = order.change
        if change is None:
            raise ValueError("nothing is being decided")
        actor, pk = self.actor(CHANGE_SEATS[change.step]), self.changes[order.number]
        task = open_task_for(AMENDMENT, pk, change.step, actor)
        if task is None:
            raise AssertionError(f"{actor.name} has no task in {change.step}")
        self.model.decide_change(order, is_signed=is_signed)
        if order.change is None:
            del self.changes[order.number]
        verdict = "approve" if is_signed else "refuse"
        self.both(
            set(),
            lambda: task_decide(actor=actor, task_id=task.pk, decision=verdict, comment="看过"),
        )
