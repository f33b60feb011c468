"""Released orders of the pure model: changing, cancelling, closing and opening them again."""

from __future__ import annotations

from dataclasses import replace

from tests.scenarios.pure_model.figures import QUOTA_PRODUCT, ZERO, Refusals, refusals, total
from tests.scenarios.pure_model.orders import STEPS, Change, Line, Order
from tests.scenarios.pure_model.processing import Processing


def _content(lines: dict[int, Line]) -> dict[int, object]:
    return {number: (line.boxes, line.discount) for number, line in lines.items()}


class Fulfilling(Processing):
    """What may happen to an order once it is released, and how it ends."""

    def follow(self, order: Order) -> None:
        """Let open notes follow an order that wants less; shipping says how."""
        raise NotImplementedError

    # ----------------------------------------------------------------------------------- changes
    def amend(self, order: Order, lines: dict[int, Line]) -> Refusals:
        """Ask for a change; a check that does not pass refuses it at once, without an error."""
        wanted = {number: line.boxes for number, line in lines.items()}
        is_below = any(
            wanted.get(number, 0) < max(line.delivered, line.invoiced)
            for number, line in order.lines.items()
        )
        is_same = _content(lines) == _content(order.lines)
        no = refusals(
            {
                "transition": order.stage != "released",
                "orders.amending": order.change is not None,
                "below_delivered": is_below,
                "same": is_same,
            }
        )
        if not no and self._change_fits(order, lines):
            added = max(ZERO, total(line.gross for line in lines.values()) - order.gross)
            order.change = Change(lines, added, added if order.pays_first else ZERO)
        return no

    def _change_fits(self, order: Order, lines: dict[int, Line]) -> bool:
        added = total(line.gross for line in lines.values()) - order.gross
        if self._grows(order, lines) and not self._fits_quota(order, lines):
            return False
        if added <= ZERO:
            return True
        return order.pays_first or self.band(order.customer, added) != "stop"

    def _grows(self, order: Order, lines: dict[int, Line]) -> bool:
        return any(
            line.product == QUOTA_PRODUCT
            and (number not in order.lines or line.boxes > order.lines[number].boxes)
            for number, line in lines.items()
        )

    def decide_change(self, order: Order, *, is_signed: bool) -> None:
        """Decide the step in which the change stands; the second signature puts it in force."""
        change = order.change
        if change is None:
            raise ValueError("nothing is being decided")
        if not is_signed:
            order.change = None
        elif change.step == "AM":
            change.step = "AS"
        elif order.is_over_signed or self._fits_quota(order, change.lines):
            was = order.open
            order.change = None
            order.lines = {n: self._in_force(order, n, line) for n, line in change.lines.items()}
            order.settle()
            if order.pays_first:
                self.promise_more(order, max(ZERO, order.open - was))
            self.follow(order)
        else:
            change.step = "stuck"

    def _fits_quota(self, order: Order, lines: dict[int, Line]) -> bool:
        """Tell whether what these lines still ask for, once in force, may be reserved."""
        in_force = [self._in_force(order, number, line) for number, line in lines.items()]
        rationed = (line for line in in_force if line.product == QUOTA_PRODUCT)
        return sum(line.rest for line in rationed) <= self.quota_left(order)

    def _in_force(self, order: Order, number: int, line: Line) -> Line:
        """Return a changed line with what has happened to it; what was given up stays given up."""
        old = order.lines.get(number)
        if old is None:
            return replace(line)
        closed = min(old.closed, line.boxes - old.delivered)
        return replace(
            line, asked=line.boxes, delivered=old.delivered, invoiced=old.invoiced, closed=closed
        )

    # -------------------------------------------------------------------------------------- ends
    def cancel(self, order: Order) -> Refusals:
        picked = any(note.is_picked for note in self.open_notes(order.number))
        no = refusals(
            {
                "transition": order.stage in ("closed", "cancelled"),
                "orders.partly_fulfilled": order.is_begun,
                "shipping.picked": picked,
            }
        )
        if not no:
            if order.stage in STEPS:
                order.band = ""
            order.holds_credit = order.holds_quota = order.is_held = False
            order.promised, order.change = ZERO, None
            order.stage = "cancelled"
            order.run = "ended" if order.run == "open" else order.run
            self.follow(order)
        return no

    def close(self, order: Order) -> Refusals:
        no = refusals(
            {
                "transition": order.stage != "released",
                "orders.nothing_left": not any(line.rest for line in order.lines.values()),
            }
        )
        if not no:
            order.change = None
            for line in order.lines.values():
                line.closed += line.rest
            order.closed_by_hand = True
            order.settle()
            self.follow(order)
        return no

    def reopen(self, order: Order) -> Refusals:
        closed = [line for line in order.lines.values() if line.closed]
        is_none = not order.closed_by_hand or not closed
        whole = {number: replace(line, closed=0) for number, line in order.lines.items()}
        added = total(line.open for line in whole.values()) - order.open
        band = self.band(order.customer, added, pays_first=order.pays_first)
        rationed = (line for line in whole.values() if line.product == QUOTA_PRODUCT)
        no = refusals(
            {
                "orders.not_closed": is_none,
                "transition": order.stage not in ("closed", "released"),
                "orders.reservation": added > ZERO and band in ("over_small", "stop"),
                "orders.quota": sum(line.rest for line in rationed) > self.quota_left(order),
            }
        )
        if not no:
            order.lines, order.closed_by_hand, order.stage = whole, False, "released"
            if order.pays_first:
                self.promise_more(order, order.open)
            self.follow(order)
        return no
