"""Stock and delivery in the pure model: goods in and out, notes from making to reversal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from tests.scenarios.pure_model.deliveries import Note, NoteLine, Paper, fitting
from tests.scenarios.pure_model.figures import BOTTLES, Refusals, refusals
from tests.scenarios.pure_model.fulfilling import Fulfilling
from tests.scenarios.pure_model.orders import Order

Boxes = Mapping[tuple[int, int], int]


class Shipping(Fulfilling):
    """What moves goods. The worker's part is `serve`."""

    # ------------------------------------------------------------------------------------- stock
    def goods_in(self, warehouse: str, product: str, bottles: int, on: date) -> Refusals:
        no = refusals({"shipping.locked_period": self.is_locked(on)})
        if not no:
            self._post(warehouse, product, bottles)
        return no

    def goods_out(self, warehouse: str, product: str, bottles: int, on: date) -> Refusals:
        no = refusals(
            {
                "shipping.locked_period": self.is_locked(on),
                "shipping.stock": bottles > self.available(warehouse, product),
            }
        )
        if not no:
            self._post(warehouse, product, -bottles)
        return no

    def _post(self, warehouse: str, product: str, bottles: int) -> None:
        self.papers.append(Paper(len(self.papers), warehouse, product, bottles))
        self._move(warehouse, product, bottles)
        if bottles > 0:
            self.waiting.append(("arrived", product))

    def take_paper_back(self, paper: Paper) -> Refusals:
        available = self.available(paper.warehouse, paper.product)
        no = refusals(
            {"transition": paper.is_reversed, "shipping.stock": paper.bottles > available}
        )
        if not no:
            paper.is_reversed = True
            self._move(paper.warehouse, paper.product, -paper.bottles)
            if paper.bottles < 0:
                self.waiting.append(("arrived", paper.product))
        return no

    def _move(self, warehouse: str, product: str, bottles: int) -> None:
        key = (warehouse, product)
        self.stock[key] = self.stock.get(key, 0) + bottles

    # ------------------------------------------------------------------------------ making notes
    def make_note(
        self, orders: Sequence[Order], warehouse: str, boxes: Boxes | None = None
    ) -> Refusals:
        """Put what waits of orders on one note; without `boxes` what is there."""
        wanted = self._on_note(orders, warehouse, boxes)
        asked = boxes or {}
        is_over = any(
            asked.get((order.number, line), 0) > self.wanted(order, line)
            for order in orders
            for line in order.lines
            if self.wanted(order, line)
        )
        no = refusals(
            {
                "customer": len({order.customer for order in orders}) > 1,
                "shipping.order_not_open": any(
                    order.stage != "released" or order.is_held for order in orders
                ),
                "range": is_over,
                "shipping.nothing": not wanted,
            }
        )
        if not no:
            self._note_write(orders[0].customer, warehouse, wanted)
        return no

    def _on_note(
        self, orders: Sequence[Order], warehouse: str, boxes: Boxes | None
    ) -> list[NoteLine]:
        left: dict[str, int] = {}
        found = []
        for order in sorted(orders, key=lambda item: item.number):
            for number, line in sorted(order.lines.items()):
                wanted = self.wanted(order, number)
                have = left.setdefault(line.product, self.available(warehouse, line.product))
                if boxes is not None:
                    wanted = min(wanted, boxes.get((order.number, number), 0))
                else:
                    wanted = fitting(wanted, have)
                if wanted:
                    left[line.product] = have - wanted * BOTTLES
                    found.append(NoteLine(order.number, number, line.product, wanted))
        return found

    def _note_write(self, customer: str, warehouse: str, lines: list[NoteLine]) -> None:
        """Write a note, set aside what is there; without anything it is given up at once."""
        left = {line.product: self.available(warehouse, line.product) for line in lines}
        for line in lines:
            line.boxes = fitting(line.boxes, left[line.product])
            left[line.product] -= line.boxes * BOTTLES
        numbered = dict(enumerate(lines, 1))
        kept = {number: line for number, line in numbered.items() if line.boxes}
        note = Note(len(self.notes), customer, warehouse, kept or numbered)
        self.notes.append(note)
        if not kept:
            note.end("cancelled")

    def released(self, order: Order) -> None:
        """Make the note of an order for what is in the usual warehouse."""
        self.make_note([order], self.warehouses[0])

    def resume(self, order: Order) -> Refusals:
        no = super().resume(order)
        if not no:
            self.serve_order(order)
        return no

    def decide_change(self, order: Order, *, is_signed: bool) -> None:
        super().decide_change(order, is_signed=is_signed)
        if not is_signed:
            self.serve_order(order)

    def serve_order(self, order: Order) -> None:
        """Queue an order that wants goods which are on no note."""
        wants = any(self.wanted(order, number) for number in order.lines)
        if order.stage == "released" and not order.is_held and order.change is None and wants:
            self.waiting.append(("waits", order))

    def served(self, order: Order) -> None:
        """Make the note of an order that waited; one that pays first waits for its money."""
        if not self.missing(order):
            self.released(order)

    def serve(self, product: str) -> None:
        """Queue the orders that wait and want a product which came in, oldest first."""
        waiting = [
            order
            for order in self.orders
            if order.stage == "released" and not order.is_held
            if any(line.product == product for line in order.lines.values())
            if any(self.wanted(order, number) for number in order.lines)
        ]
        for order in sorted(waiting, key=lambda item: (item.released_on or date.max, item.number)):
            self.waiting.append(("waits", order))

    def follow(self, order: Order) -> None:
        """Lower open, unpicked notes to what the order still wants, the youngest first."""
        is_off = order.stage == "cancelled"
        numbers = {
            item.line
            for note in self.open_notes(order.number)
            for item in note.lines.values()
            if item.order == order.number
        }
        for number in numbers:
            known = order.lines.get(number)
            rest = known.rest if known is not None and not is_off else 0
            excess = self.on_notes(order.number, number) - rest
            for note in reversed(self.open_notes(order.number)):
                if not note.is_picked:
                    excess = self._lower(note, (order.number, number), excess)
        self.serve_order(order)

    def _lower(self, note: Note, key: tuple[int, int], excess: int) -> int:
        for number, line in list(note.lines.items()):
            if (line.order, line.line) == key and excess > 0:
                part = min(excess, line.boxes)
                line.boxes -= part
                excess -= part
                if not line.boxes:
                    del note.lines[number]
        if not note.lines:
            note.end("cancelled")
        return excess

    # -------------------------------------------------------------------------- the steps of SP
    def _at(self, note: Note, *steps: str) -> dict[str, object]:
        return {"step_not_open": note.step not in steps}

    def carry(self, note: Note) -> Refusals:
        no = refusals({"transition": note.status != "open", **self._at(note, "CA")})
        if not no:
            note.step = "PK"
        return no

    def pick(self, note: Note, boxes: Mapping[int, int]) -> Refusals:
        """Pick so many boxes of each line; less lowers it, more is refused beyond the order."""
        no = refusals(
            {
                "transition": note.status != "open",
                "nothing": not any(boxes.values()),
                "short": self._is_short(note, boxes),
                "over": self._is_over(note, boxes),
                **self._at(note, "PK"),
            }
        )
        if not no:
            for number, line in note.lines.items():
                line.boxes = boxes[number]
            note.is_picked, note.step = True, "OQ1"
            note.is_checked_by_keeper = note.is_checked_by_inspector = False
        return no

    def _is_short(self, note: Note, boxes: Mapping[int, int]) -> bool:
        """True when more of a product is taken than is there, what the note holds included."""
        for product in {line.product for line in note.lines.values()}:
            own = [n for n, line in note.lines.items() if line.product == product]
            held = sum(note.lines[number].boxes for number in own) * BOTTLES
            there = self.available(note.warehouse, product) + held
            if sum(boxes[number] for number in own) * BOTTLES > there:
                return True
        return False

    def _is_over(self, note: Note, boxes: Mapping[int, int]) -> bool:
        """True when an order's line would get more than was ordered and not closed."""
        added: dict[tuple[int, int], int] = {}
        for number, line in note.lines.items():
            key = (line.order, line.line)
            added[key] = added.get(key, 0) + boxes[number]
        for (order, number), count in added.items():
            line = self.orders[order].lines.get(number)
            if count > (line.boxes - line.closed - line.delivered if line is not None else 0):
                return True
        return False

    def check(self, note: Note) -> Refusals:
        """Sign the outbound check: keeper first, then inspector."""
        no = refusals({"transition": note.status != "open", **self._at(note, "OQ1", "OQ2")})
        if not no and note.step == "OQ1":
            note.is_checked_by_keeper, note.step = True, "OQ2"
        elif not no:
            note.is_checked_by_inspector, note.step = True, "DP"
        return no

    def refuse_check(self, note: Note) -> Refusals:
        no = refusals({"transition": note.status != "open", **self._at(note, "OQ1", "OQ2")})
        if not no:
            note.step = "PK"
        return no

    def dispatch(self, note: Note) -> Refusals:
        """Let the goods leave: stock, orders and quota follow at once."""
        orders = [self.orders[number] for number in {x.order for x in note.lines.values()}]
        signed = note.is_checked_by_keeper and note.is_checked_by_inspector
        no = refusals(
            {
                "transition": note.status != "open",
                "shipping.check_missing": not (note.is_picked and signed),
                "shipping.order_not_open": any(
                    order.stage != "released" or order.is_held for order in orders
                ),
                "shipping.order_amending": any(order.change is not None for order in orders),
                "orders.unpaid": any(order.pays_first and self.missing(order) for order in orders),
                "over": self._is_over(note, {n: line.boxes for n, line in note.lines.items()}),
                **self._at(note, "DP"),
            }
        )
        if not no:
            note.status, note.step, note.left_on = "dispatched", "FB", self.today
            self._carry_out(note, 1)
            self.waiting.append(("dispatched", note))
        return no

    def _carry_out(self, note: Note, sign: int) -> None:
        for item in note.lines.values():
            self.orders[item.order].lines[item.line].delivered += sign * item.boxes
            self._move(note.warehouse, item.product, -sign * item.boxes * BOTTLES)
        for number in {item.order for item in note.lines.values()}:
            self.orders[number].settle()

    def feed_back(self, note: Note) -> Refusals:
        no = refusals({"transition": note.status != "dispatched", **self._at(note, "FB")})
        if not no:
            note.step = "CF"
        return no

    def confirm(self, note: Note) -> Refusals:
        no = refusals({"transition": note.status != "dispatched", **self._at(note, "CF")})
        if not no:
            note.end("confirmed")
        return no

    def give_up(self, note: Note) -> Refusals:
        no = refusals({"transition": note.status != "open"})
        if not no:
            note.end("cancelled")
        return no

    def take_note_back(self, note: Note) -> Refusals:
        """Reverse a note that has left: nothing of it may be invoiced."""
        carried = [
            invoice
            for invoice in self.invoices_in("draft", "posted", "settled")
            if any(line.note == note.number for line in invoice.lines)
        ]
        no = refusals(
            {
                "transition": not note.has_left,
                "shipping.invoiced": note.has_left and self.is_invoiced(note),
                "billing_note_invoiced": any(item.status != "draft" for item in carried),
            }
        )
        if not no:
            for invoice in carried:
                invoice.end("cancelled")
            note.end("reversed")
            self._carry_out(note, -1)
        return no

    def is_invoiced(self, note: Note) -> bool:
        """True when less than what is invoiced would remain delivered without the note."""
        for item in note.lines.values():
            line = self.orders[item.order].lines[item.line]
            if line.delivered - note.on_order_line(item.order, item.line) < line.invoiced:
                return True
        return False
