"""Invoices and money in the pure model, and the company that all of it makes up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.scenarios.pure_model.deliveries import Note
from tests.scenarios.pure_model.figures import CENT, TERM_DAYS, ZERO, Refusals, refusals, total
from tests.scenarios.pure_model.invoices import (
    OWING,
    Invoice,
    InvoiceLine,
    Receipt,
    fill,
    is_ever_below,
)
from tests.scenarios.pure_model.orders import Order
from tests.scenarios.pure_model.shipping import Shipping

Parts = Sequence[tuple[Invoice, Decimal]]


class Billing(Shipping):
    """What is invoiced and paid. The worker's parts are `prepare` and `use_aside`."""

    # ---------------------------------------------------------------------------------- requests
    def request(self, lines: Sequence[InvoiceLine], *, step: str = "IA") -> Refusals:
        left: dict[tuple[int, int], int] = {}
        is_over = False
        for line in lines:
            key = (line.order, line.line)
            left[key] = left.get(key, self.billable(*key)) - line.boxes
            is_over = is_over or left[key] < 0
        customers = {self.orders[line.order].customer for line in lines}
        no = refusals(
            {
                "billing_nothing_to_invoice": not lines,
                "customer": len(customers) > 1,
                "billing_not_billable": is_over,
            }
        )
        if not no:
            invoice = Invoice(len(self.invoices), customers.pop(), [], step)
            self.invoices.append(invoice)
            for line in lines:
                invoice.lines.append(replace(line, gross=self._next_part(line)))
        return no

    def _next_part(self, line: InvoiceLine) -> Decimal:
        """Return the gross of the next boxes, so that all parts of a line add up to it.

        What was invoiced at another price stays; the next part counts at the present one.
        """
        own = self.orders[line.order].lines[line.line]
        boxes, gross, parts = self.taken(line.order, line.line)
        until = own.part(boxes + line.boxes)
        is_repriced = abs(own.part(boxes) - gross) > CENT * parts
        return until - (own.part(boxes) if is_repriced else gross)

    def of_note(self, note: Note) -> list[InvoiceLine]:
        """Return what may be invoiced of a note that has left, line by line."""
        left = {}
        found = []
        for number, item in sorted(note.lines.items()) if note.has_left else ():
            key = (item.order, item.line)
            left.setdefault(key, self.billable(*key))
            part = min(item.boxes - self._carried_of_note(note.number, number), left[key])
            if part > 0:
                left[key] -= part
                found.append(InvoiceLine(*key, part, note=note.number, note_line=number))
        return found

    def _carried_of_note(self, note: int, line: int) -> int:
        return sum(
            item.boxes
            for invoice in self.invoices_in("draft", "posted", "settled")
            for item in invoice.lines
            if (item.note, item.note_line) == (note, line)
        )

    def prepare(self, note: Note) -> None:
        """Prepare the request of a note that was dispatched, for the coordinator to submit."""
        lines = self.of_note(note)
        if lines:
            self.request(lines, step="IR")

    def submit_request(self, invoice: Invoice) -> Refusals:
        no = refusals(
            {"transition": invoice.status != "draft", "step_not_open": invoice.step != "IR"}
        )
        if not no:
            invoice.step = "IA"
        return no

    def approve_request(self, invoice: Invoice, *, is_approved: bool) -> Refusals:
        no = refusals({"step_not_open": invoice.step != "IA"})
        if not no:
            invoice.step = "IV1" if is_approved else "IR"
        return no

    def drop_request(self, invoice: Invoice) -> Refusals:
        no = refusals({"transition": invoice.status != "draft"})
        if not no:
            invoice.end("cancelled")
        return no

    # ---------------------------------------------------------------------------------- invoices
    def issue(self, invoice: Invoice, on: date) -> Refusals:
        wanted: dict[tuple[int, int], int] = {}
        for line in invoice.lines:
            key = (line.order, line.line)
            wanted[key] = wanted.get(key, 0) + line.boxes
        no = refusals(
            {
                "transition": invoice.status != "draft",
                "early": on < self._began_on(invoice),
                "billing_period_locked": self.is_locked(on),
                "billing_not_billable": any(self._is_short_of(k, n) for k, n in wanted.items()),
                "step_not_open": invoice.step != "IV1",
            }
        )
        if not no:
            self._note_invoiced(invoice, 1)
            for line in invoice.lines:
                invoice.owed[line.order] = invoice.owed.get(line.order, ZERO) + line.gross
            invoice.status, invoice.step = "posted", "IV2"
            invoice.invoice_on, invoice.due_on = on, on + timedelta(days=TERM_DAYS)
            invoice.moves.append((on, invoice.gross))
            self.waiting.append(("posted", invoice))
        return no

    def _began_on(self, invoice: Invoice) -> date:
        """Return the day on which the last of the goods left or the last order came in."""
        notes = [self.notes[line.note] for line in invoice.lines if line.note is not None]
        left = [note.left_on for note in notes if note.has_left and note.left_on is not None]
        return max([*left, *(self.orders[line.order].ordered_on for line in invoice.lines)])

    def _is_short_of(self, key: tuple[int, int], boxes: int) -> bool:
        line = self.orders[key[0]].lines.get(key[1])
        return line is None or boxes > line.delivered - line.invoiced

    def _note_invoiced(self, invoice: Invoice, sign: int) -> None:
        for line in invoice.lines:
            self.orders[line.order].lines[line.line].invoiced += sign * line.boxes
        for number in {line.order for line in invoice.lines}:
            self.orders[number].settle()

    def deliver(self, invoice: Invoice) -> Refusals:
        no = refusals(
            {"transition": invoice.status not in OWING, "step_not_open": invoice.step != "IV2"}
        )
        if not no:
            invoice.step = "RC" if invoice.open else ""
        return no

    def take_invoice_back(self, invoice: Invoice, on: date) -> Refusals:
        first = invoice.invoice_on
        no = refusals(
            {
                "transition": invoice.status not in OWING,
                "billing_allocated": invoice.open != invoice.gross,
                "range": first is None or not first <= on <= self.today,
                "billing_period_locked": self.is_locked(on),
                "billing_backdated": is_ever_below(invoice.moves, on, invoice.gross),
            }
        )
        if not no:
            invoice.moves.append((on, -invoice.gross))
            self._note_invoiced(invoice, -1)
            invoice.owed.clear()
            invoice.end("reversed")
        return no

    # ---------------------------------------------------------------------------------- receipts
    def register(self, customer: str, amount: Decimal, on: date) -> Receipt:
        receipt = Receipt(len(self.receipts), customer, amount, on)
        self.receipts.append(receipt)
        return receipt

    def confirm_receipt(self, receipt: Receipt, on: date | None = None) -> Refusals:
        day = on or receipt.received_on
        no = refusals(
            {
                "transition": receipt.status != "registered",
                "billing_period_locked": self.is_locked(day),
                "range": not receipt.received_on <= day <= self.today,
            }
        )
        if not no:
            receipt.status, receipt.unapplied = "confirmed", receipt.amount
            receipt.moves.append((day, receipt.amount))
        return no

    def take_receipt_back(self, receipt: Receipt) -> Refusals:
        is_used = receipt.status == "confirmed" and receipt.unapplied != receipt.amount
        no = refusals({"transition": receipt.status == "reversed", "billing_allocated": is_used})
        if not no:
            receipt.status, receipt.unapplied = "reversed", ZERO
        return no

    def allocate(self, receipt: Receipt, parts: Parts, on: date) -> Refusals:
        wanted: dict[int, Decimal] = {}
        for invoice, amount in parts:
            wanted[invoice.number] = wanted.get(invoice.number, ZERO) + amount
        invoices = [self.invoices[number] for number in wanted]
        own = [invoice for invoice in invoices if invoice.customer == receipt.customer]
        no = refusals(
            {
                "transition": receipt.status != "confirmed",
                "customer": len(own) < len(invoices),
                "before": any(x.invoice_on is None or x.invoice_on > on for x in own),
                "range": not receipt.received_on <= on <= self.today,
                "billing_period_locked": self.is_locked(on),
                "billing_money": total(wanted.values()) > receipt.unapplied
                or any(wanted[invoice.number] > invoice.open for invoice in invoices),
                "billing_backdated": is_ever_below(receipt.moves, on, total(wanted.values()))
                or any(is_ever_below(x.moves, on, wanted[x.number]) for x in invoices),
            }
        )
        if not no:
            for invoice, amount in parts:
                receipt.unapplied -= amount
                receipt.moves.append((on, -amount))
                self._pay(receipt, invoice, fill(amount, invoice.owed), on)
        return no

    def _pay(self, receipt: Receipt, invoice: Invoice, parts: dict[int, Decimal], on: date) -> None:
        """Use money of a receipt for the orders of an invoice; negative takes it back."""
        for order, amount in parts.items():
            key = (invoice.number, order)
            receipt.used[key] = receipt.used.get(key, ZERO) + amount
            invoice.owed[order] -= amount
            self.orders[order].paid += amount
            invoice.moves.append((on, -amount))
        invoice.settle()

    def take_allocation_back(
        self, receipt: Receipt, invoice: Invoice, on: date, amount: Decimal | None = None
    ) -> Refusals:
        standing = receipt.on_invoice(invoice.number)
        found = total(standing.values())
        wanted = found if amount is None else amount
        no = refusals(
            {
                "billing_period_locked": self.is_locked(on),
                "billing_money": not ZERO < wanted <= found,
            }
        )
        if not no:
            receipt.unapplied += wanted
            receipt.moves.append((on, wanted))
            parts = {order: -part for order, part in fill(wanted, standing).items()}
            self._pay(receipt, invoice, parts, on)
        return no

    # ------------------------------------------------------------------------------ set aside
    def set_aside(self, receipt: Receipt, order: Order, amount: Decimal) -> Refusals:
        no = refusals(
            {
                "transition": receipt.status != "confirmed",
                "customer": order.customer != receipt.customer,
                "billing_money": amount > receipt.unapplied
                or amount > order.owes - self.earmarked(order),
            }
        )
        if not no:
            receipt.unapplied -= amount
            receipt.moves.append((self.today, -amount))
            receipt.aside[order.number] = receipt.aside.get(order.number, ZERO) + amount
            order.promised -= min(order.promised, amount)
            self.money_changed(order)
            self.serve_order(order)
            for invoice in self.invoices:
                if invoice.status == "posted" and order.number in invoice.owed:
                    self.waiting.append(("posted", invoice))
        return no

    def give_aside_back(self, receipt: Receipt, order: Order, amount: Decimal) -> Refusals:
        no = refusals(
            {
                "transition": receipt.status != "confirmed",
                "customer": order.customer != receipt.customer,
                "billing_money": amount > receipt.aside.get(order.number, ZERO),
            }
        )
        if not no:
            receipt.unapplied += amount
            receipt.moves.append((self.today, amount))
            receipt.aside[order.number] -= amount
            if order.has_promised:
                self.promise_more(order, amount)
            self.serve_order(order)
        return no

    def use_aside(self, invoice: Invoice) -> None:
        """Use the money set aside for the orders of an invoice for it."""
        if invoice.status != "posted":
            return
        receipts = [receipt for receipt in self.receipts if receipt.status == "confirmed"]
        for receipt in sorted(receipts, key=lambda item: (item.received_on, item.number)):
            parts = {
                order: min(receipt.aside.get(order, ZERO), owed)
                for order, owed in sorted(invoice.owed.items())
            }
            parts = {order: part for order, part in parts.items() if part}
            for order, part in parts.items():
                receipt.aside[order] -= part
            if parts:
                self._pay(receipt, invoice, parts, self.today)
            if not invoice.open:
                return

    def release_asides(self) -> None:
        """Give back what is set aside for orders beyond what they owe, the youngest first."""
        for receipt in reversed(self.receipts):
            for number, aside in receipt.aside.items():
                order = self.orders[number]
                amount = min(aside, self.earmarked(order) - max(ZERO, order.owes))
                if amount > ZERO:
                    receipt.unapplied += amount
                    receipt.moves.append((self.today, amount))
                    receipt.aside[number] -= amount


class Company(Billing):
    """One company with everything that happens in it."""

    def close_books(self, day: date) -> Refusals:
        no = refusals({"people.lock_date": day >= self.today})
        if not no:
            self.lock = day
        return no

    def work_off(self) -> None:
        """Do what the worker does with everything that waits, oldest first."""
        while self.waiting:
            what, subject = self.waiting.popleft()
            acts: dict[str, Any] = {
                "arrived": self.serve,
                "waits": self.served,
                "dispatched": self.prepare,
                "posted": self.use_aside,
            }
            acts[what](subject)
        self.release_asides()
