"""Rules of the machine for invoices and money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.scenarios.machine.base import CUSTOMERS, Frame, on
from tests.scenarios.pure_model.deliveries import Note
from tests.scenarios.pure_model.figures import ZERO
from tests.scenarios.pure_model.invoices import Invoice, InvoiceLine, Receipt
from tests.scenarios.pure_model.orders import Order

OUT_OF_TURN = ("submit_request", "issue", "deliver", "drop_request", "take_invoice_back")
amounts = st.decimals(Decimal(1), Decimal(20_000), places=2)
days = st.integers(0, 6)
ONE = Decimal(1)


def owes(receipt: Receipt, invoice: Invoice) -> bool:
    return bool(invoice.open) and invoice.customer == receipt.customer


def may_pay(model: Any, receipt: Receipt) -> bool:
    return bool(receipt.unapplied) and any(owes(receipt, x) for x in model.invoices)


def is_billable(model: Any, order: Order) -> bool:
    return any(model.billable(order.number, number) for number in order.lines)


class CollectingRules(Frame):
    """Invoices from request to reversal, receipts, allocation, money set aside."""

    # ---------------------------------------------------------------------------------- invoices
    @precondition(lambda self: self.fitting("orders", is_billable))
    @rule(data=st.data(), customer=st.sampled_from((*CUSTOMERS, "")), beyond=st.integers(0, 9))
    def request_parts(self, data: st.DataObject, customer: str, beyond: int) -> None:
        """Ask for parts of the lines of some orders; now and then for more than was delivered."""
        wanted = []
        for order in self.model.orders:
            for number in order.lines if customer in ("", order.customer) else ():
                most = self.model.billable(order.number, number) + (0 if beyond else 2)
                boxes = data.draw(st.integers(0, most)) if most else 0
                wanted += [InvoiceLine(order.number, number, boxes)] if boxes else []
        self.sides.request(wanted)

    @on("notes", lambda model, note: model.of_note(note))
    def request_note(self, note: Note) -> None:
        self.sides.request(self.model.of_note(note))

    @on("invoices", lambda _model, x: x.step not in ("", "RC"), times=st.integers(1, 4))
    def bill_on(self, invoice: Invoice, times: int) -> None:
        for _time in range(times):
            if not self.sides.bill_on(invoice):
                break

    @on("invoices", lambda _model, invoice: invoice.step == "IV1", days_ago=days)
    def issue_earlier(self, invoice: Invoice, days_ago: int) -> None:
        self.sides.issue(invoice, days_ago=days_ago)

    @on("invoices", lambda _model, x: x.status != "cancelled", days_ago=days)
    def set_back_invoice(self, invoice: Invoice, days_ago: int) -> None:
        """Let a request be refused or dropped, or an invoice be taken back."""
        if invoice.step == "IA":
            self.sides.refuse_request(invoice)
        elif invoice.status == "draft":
            self.sides.drop_request(invoice)
        else:
            self.sides.take_invoice_back(invoice, days_ago=days_ago)

    @on("invoices", act=st.sampled_from(OUT_OF_TURN))
    def invoice_out_of_turn(self, invoice: Invoice, act: str) -> None:
        getattr(self.sides, act)(invoice)

    # -------------------------------------------------------------------------------------- money
    @precondition(lambda self: len(self.model.receipts) < 9)
    @rule(
        customer=st.sampled_from(CUSTOMERS),
        amount=amounts,
        days_ago=days,
        is_confirmed=st.booleans(),
    )
    def register(self, customer: str, amount: Decimal, days_ago: int, is_confirmed: bool) -> None:
        receipt = self.sides.register(customer, amount, days_ago=days_ago)
        if is_confirmed:
            self.sides.confirm_receipt(receipt)

    @on("receipts", lambda _model, x: x.status == "registered", days_ago=st.integers(-1, 3))
    def confirm_receipt(self, receipt: Receipt, days_ago: int) -> None:
        """Confirm money for its own day, or for a later one."""
        self.sides.confirm_receipt(receipt, days_ago=None if days_ago < 0 else days_ago)

    @on("receipts", may_pay, draw=st.data(), days_ago=days)
    def allocate(self, receipt: Receipt, draw: st.DataObject, days_ago: int) -> None:
        """Use one receipt for some invoices in full or in part; now and then wrongly."""
        left, parts = receipt.unapplied, []
        for invoice in self.fitting("invoices", lambda _model, x: owes(receipt, x)):
            most = min(left, invoice.open)
            amount = draw.draw(st.sampled_from((ZERO, ONE, most)) | amounts, label="part")
            parts += [(invoice, min(most, amount))] if min(most, amount) else []
            left -= min(most, amount)
        if not parts or not draw.draw(st.integers(0, 4), label="right (0: wrong)"):
            parts.append((self.one(draw, self.model.invoices), draw.draw(amounts)))
        self.sides.allocate(receipt, parts, days_ago=max(0, days_ago - 4))

    @on("receipts", draw=st.data(), is_whole=st.booleans())
    def take_money_back(self, receipt: Receipt, draw: st.DataObject, is_whole: bool) -> None:
        """Take a receipt back, or what it pays or stands aside for, in whole or in part."""
        amount = None if is_whole else draw.draw(amounts)
        if receipt.applied:
            invoice = self.mostly(draw, "invoices", lambda _m, x: receipt.on_invoice(x.number))
            self.sides.take_allocation_back(receipt, invoice, amount)
        elif receipt.earmarked:
            order: Order = self.mostly(draw, "orders", lambda _m, x: receipt.aside.get(x.number))
            there = receipt.aside.get(order.number) or ONE
            self.sides.give_aside_back(receipt, order, amount or there)
        else:
            self.sides.take_receipt_back(receipt)

    @on("receipts", lambda _model, receipt: receipt.unapplied, draw=st.data())
    def set_aside(self, receipt: Receipt, draw: st.DataObject) -> None:
        order = self.mostly(
            draw, "orders", lambda _model, x: x.customer == receipt.customer and x.pays_first
        )
        most = min(receipt.unapplied, self.model.missing(order)) or ONE
        is_all = draw.draw(st.booleans(), label="all")
        self.sides.set_aside(receipt, order, most if is_all else draw.draw(amounts))
