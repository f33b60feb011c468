"""The seven steps of OP in the pure model: entering, checks, signatures, the ways back."""

from __future__ import annotations

from decimal import Decimal

from tests.scenarios.pure_model.books import Books
from tests.scenarios.pure_model.figures import QUOTA_PRODUCT, ZERO, Refusals, refusals
from tests.scenarios.pure_model.orders import BODY, BODY_SIZE, STEPS, Line, Order


class Processing(Books):
    """What may happen to an order until it is released.

    Each act returns why the program must refuse it, and changes nothing then.
    """

    def enter(self, customer: str, lines: list[Line], *, asks_over: bool = False) -> Order:
        numbered = dict(enumerate(lines, 1))
        order = Order(len(self.orders), customer, numbered, self.today, asks_over)
        self.orders.append(order)
        return order

    def edit(self, order: Order, lines: list[Line]) -> Refusals:
        no = refusals({"transition": order.stage != "draft"})
        if not no:
            order.lines, order.pays_first = dict(enumerate(lines, 1)), False
            order.ordered_on = self.today
        return no

    def submit(self, order: Order) -> Refusals:
        no = refusals({"transition": order.stage != "draft", "orders.held": order.is_held})
        if not no:
            if order.run != "open":
                order.done.clear()
            order.run, order.stage, order.signed = "open", "OG2", 0
        return no

    # ----------------------------------------------------------------------------- the steps
    def _standing(self, order: Order, step: str) -> dict[str, object]:
        is_here = order.stage == step
        return {"step_not_open": not is_here, "instance_stopped": is_here and order.is_held}

    def approve(self, order: Order, step: str) -> Refusals:
        """Sign a step; one of several signatures where the whole body signs."""
        no = refusals(self._standing(order, step))
        if not no:
            order.signed += 1
            if step not in BODY or order.signed == BODY_SIZE:
                self._pass(order)
        return no

    def accept(self, order: Order) -> Refusals:
        no = refusals(self._standing(order, "OA"))
        if not no:
            self._pass(order)
        return no

    def way_pay_first(self, order: Order) -> Refusals:
        no = self._way_refusals(order)
        if not no:
            self._pay_first(order)
            self._pass(order, "MA")
        return no

    def way_special(self, order: Order) -> Refusals:
        no = self._way_refusals(order)
        if not no:
            self._pass(order, "ST")
        return no

    def _way_refusals(self, order: Order) -> Refusals:
        is_stopped = order.band == "stop" and order.stage in STEPS
        return refusals(
            {
                "orders.not_stopped": not is_stopped,
                "orders.special_open": is_stopped and order.stage != "WAY",
                **self._standing(order, "WAY"),
            }
        )

    def print_bill(self, order: Order) -> Refusals:
        no = refusals({"orders.amending": order.change is not None, **self._standing(order, "BG1")})
        if not no:
            order.is_printed = True
            self._pass(order)
        return no

    def hand_over(self, order: Order) -> Refusals:
        no = refusals(
            {
                "orders.amending": order.change is not None,
                "orders.not_printed": not order.is_printed,
                "transition": order.stage not in STEPS,
                **self._standing(order, "BG2"),
            }
        )
        if not no:
            order.stage, order.run, order.released_on = "released", "ended", self.today
            self.released(order)
        return no

    def released(self, order: Order) -> None:
        """Do what follows a release; shipping says what."""
        raise NotImplementedError

    def _pass(self, order: Order, goto: str = "") -> None:
        """Leave a step and go where it leads."""
        step = order.stage
        order.done.add(step)
        order.signed = 0
        if step == "OA":
            self._checks(order)
        elif step == "ACX":
            order.holds_quota = order.is_over_signed = True
            self._credit_check(order)
        elif step == "ST":
            order.holds_credit, order.promised = True, ZERO
            self.wait_for_money(order)
        elif step == "MA":
            self.wait_for_money(order)
        else:
            order.stage = goto or STEPS[STEPS.index(step) + 1]

    def wait_for_money(self, order: Order) -> None:
        """Stand before the print until the money of an order that is paid first is there."""
        order.stage = "PAY" if order.pays_first and self.missing(order) else "BG1"

    def money_changed(self, order: Order) -> None:
        if order.stage == "PAY" and not order.is_held:
            self.wait_for_money(order)

    # ------------------------------------------------------------------------------- the checks
    def _checks(self, order: Order) -> None:
        left = self.quota_left(order)
        rationed = [line for line in order.lines.values() if line.product == QUOTA_PRODUCT]
        if order.asks_over and sum(line.boxes for line in rationed) > left:
            order.stage = "ACX"
            return
        for line in rationed:
            line.boxes = min(line.boxes, left)
            left -= line.boxes
        order.holds_quota = True
        if any(line.boxes for line in order.lines.values()):
            self._credit_check(order)
        else:
            self._to_initiator(order)

    def _credit_check(self, order: Order) -> None:
        aside = self.earmarked(order)
        order.band = self.band(order.customer, order.gross, aside, pays_first=order.pays_first)
        order.stage = "WAY" if order.band == "stop" else "MA"
        if order.band == "prepaid":
            self._pay_first(order)
        elif order.band != "stop":
            order.holds_credit, order.promised = True, ZERO

    def _pay_first(self, order: Order) -> None:
        order.pays_first, order.band, order.holds_credit = True, "prepaid", True
        self.promise(order, order.gross - self.earmarked(order))

    def promise(self, order: Order, amount: Decimal) -> None:
        order.promised = max(ZERO, amount)
        order.has_promised = order.has_promised or order.promised > ZERO

    # ----------------------------------------------------------------------------- the ways back
    def refuse(self, order: Order, step: str) -> Refusals:
        """Refuse to sign: special treatment falls back to paying first, all else goes back."""
        no = refusals(self._standing(order, step))
        if not no and step == "ST":
            order.signed = 0
            self._pay_first(order)
            order.stage = "MA"
        elif not no:
            self._to_initiator(order)
        return no

    def give_back(self, order: Order, step: str, target: str) -> Refusals:
        """Return an order from a step to an earlier one, or to its initiator for target ""."""
        no = refusals(
            {**self._standing(order, step), "return_target": not self._is_target(order, target)}
        )
        if not no and not target:
            self._to_initiator(order)
        elif not no:
            if STEPS.index(target) <= STEPS.index("ACX"):
                order.free_credit()
            if STEPS.index(target) < STEPS.index("ACX"):
                order.free_quota()
            order.stage, order.signed = target, 0
        return no

    def _is_target(self, order: Order, target: str) -> bool:
        if not target:
            return True
        is_earlier = order.stage in STEPS and STEPS.index(target) < STEPS.index(order.stage)
        return is_earlier and target in order.done

    def withdraw(self, order: Order) -> Refusals:
        no = refusals({"transition": order.run != "open"})
        if not no:
            self._to_initiator(order)
            order.run = "ended"
        return no

    def _to_initiator(self, order: Order) -> None:
        order.free_credit()
        order.free_quota()
        order.stage, order.signed = "draft", 0

    # ------------------------------------------------------------------------------------- hold
    def hold(self, order: Order) -> Refusals:
        is_over = order.stage in ("closed", "cancelled")
        no = refusals({"orders.cannot_hold": order.is_held or is_over})
        if not no:
            order.is_held = True
        return no

    def resume(self, order: Order) -> Refusals:
        no = refusals({"orders.not_held": not order.is_held})
        if not no:
            order.is_held = False
            self.money_changed(order)
        return no
