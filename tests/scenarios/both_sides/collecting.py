"""Acts on invoices and receipts, done by the program's people and by the model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from chengdan.modules.billing import services
from chengdan.modules.billing.services import InvoiceDraft, InvoiceItem, Part, ReceiptDraft
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.process.services import task_decide
from tests.scenarios.both_sides.delivering import DeliveringSides
from tests.scenarios.pure_model.invoices import Invoice, InvoiceLine, Receipt
from tests.scenarios.pure_model.orders import Order

CLERK, MANAGER, COORDINATOR = "finance_clerk", "finance_manager", "ssg_leader"


class BothSides(DeliveringSides):
    """The whole way, with invoices and money."""

    # ---------------------------------------------------------------------------------- requests
    def request(self, lines: Sequence[InvoiceLine]) -> None:
        items = [
            InvoiceItem(
                self.ids["orders"][line.order],
                line.line,
                Decimal(line.boxes),
                self.ids["notes"][line.note] if line.note is not None else 0,
                line.note_line,
            )
            for line in lines
        ]
        self.both(
            self.model.request(lines),
            lambda: services.invoice_request(
                actor=self.actor(COORDINATOR), draft=InvoiceDraft(items)
            ),
        )

    def _invoice_act(self, name: str, seat: str, invoice: Invoice, **values: Any) -> Any:
        service, pk = getattr(services, name), self.pk("invoices", invoice)
        return lambda: service(actor=self.actor(seat), invoice_id=pk, **values)

    def bill_on(self, invoice: Invoice) -> bool:
        """Do what the invoice's step asks for; return whether there was something to do."""
        acts = {
            "IR": self.submit_request, "IA": self.approve_request, "IV1": self.issue,
            "IV2": self.deliver,
        }  # fmt: skip
        if invoice.step not in acts:
            return False
        step = invoice.step
        acts[step](invoice)
        return invoice.step != step

    def submit_request(self, invoice: Invoice) -> None:
        act = self._invoice_act("invoice_submit", COORDINATOR, invoice)
        self.both(self.model.submit_request(invoice), act)

    def approve_request(self, invoice: Invoice) -> None:
        act = self._approval(invoice, MANAGER, "approve")
        self.both(self.model.approve_request(invoice, is_approved=True), act)

    def refuse_request(self, invoice: Invoice) -> None:
        """One of those who may approve refuses; it goes back to its coordinator."""
        act = self._approval(invoice, MANAGER, "refuse")
        self.both(self.model.approve_request(invoice, is_approved=False), act)

    def _approval(self, invoice: Invoice, seat: str, decision: str) -> Any:
        actor = self.actor(seat)
        task = open_task_for("billing.invoice", self.pk("invoices", invoice), "IA", actor)
        if task is None:
            raise AssertionError(f"{seat} has no request to approve")
        return lambda: task_decide(actor=actor, task_id=task.pk, decision=decision, comment="核对")

    def drop_request(self, invoice: Invoice) -> None:
        act = self._invoice_act("invoice_cancel", CLERK, invoice, reason="不开了")
        self.both(self.model.drop_request(invoice), act)

    # ---------------------------------------------------------------------------------- invoices
    def issue(self, invoice: Invoice, *, days_ago: int = 0) -> None:
        on = self.today - timedelta(days=days_ago)
        act = self._invoice_act("invoice_issue", CLERK, invoice, invoice_on=on)
        self.both(self.model.issue(invoice, on), act)

    def deliver(self, invoice: Invoice) -> None:
        act = self._invoice_act("invoice_deliver", CLERK, invoice, signed_by="罗先生")
        self.both(self.model.deliver(invoice), act)

    def take_invoice_back(self, invoice: Invoice, *, days_ago: int = 0) -> None:
        on = self.today - timedelta(days=days_ago)
        act = self._invoice_act("invoice_reverse", MANAGER, invoice, reason="开错", on=on)
        self.both(self.model.take_invoice_back(invoice, on), act)

    # ---------------------------------------------------------------------------------- receipts
    def register(self, customer: str, amount: Decimal, *, days_ago: int = 0) -> Receipt:
        on = self.today - timedelta(days=days_ago)
        receipt = self.model.register(customer, amount, on)
        draft = ReceiptDraft(self.house.customers[customer], amount, on)

        def register() -> None:
            made = services.receipt_register(actor=self.actor(CLERK), draft=draft)
            self.ids["receipts"].append(made.pk)

        self.both(set(), register)
        return receipt

    def _receipt_act(self, name: str, seat: str, receipt: Receipt, **values: Any) -> Any:
        service, pk = getattr(services, name), self.pk("receipts", receipt)
        return lambda: service(actor=self.actor(seat), receipt_id=pk, **values)

    def confirm_receipt(self, receipt: Receipt, *, days_ago: int | None = None) -> None:
        """Confirm it for its own day, or for one so many days ago."""
        on = self.today - timedelta(days=days_ago) if days_ago is not None else None
        act = self._receipt_act("receipt_confirm", CLERK, receipt, on=on)
        self.both(self.model.confirm_receipt(receipt, on), act)

    def take_receipt_back(self, receipt: Receipt) -> None:
        act = self._receipt_act("receipt_reverse", MANAGER, receipt, reason="记错")
        self.both(self.model.take_receipt_back(receipt), act)

    def allocate(
        self, receipt: Receipt, parts: Sequence[tuple[Invoice, Decimal]], *, days_ago: int = 0
    ) -> None:
        on = self.today - timedelta(days=days_ago)
        given = [Part(self.pk("invoices", invoice), amount) for invoice, amount in parts]
        act = self._receipt_act("receipt_allocate", CLERK, receipt, parts=given, effective_on=on)
        self.both(self.model.allocate(receipt, parts, on), act)

    def take_allocation_back(
        self,
        receipt: Receipt,
        invoice: Invoice,
        amount: Decimal | None = None,
        *,
        days_ago: int = 0,
    ) -> None:
        on = self.today - timedelta(days=days_ago)
        act = self._receipt_act(
            "receipt_unallocate",
            CLERK,
            receipt,
            invoice_id=self.pk("invoices", invoice),
            reason="错认",
            amount=amount,
            effective_on=on,
        )
        self.both(self.model.take_allocation_back(receipt, invoice, on, amount), act)

    def set_aside(self, receipt: Receipt, order: Order, amount: Decimal) -> None:
        values = {"order_id": self.pk("orders", order), "amount": amount}
        act = self._receipt_act("receipt_earmark", CLERK, receipt, **values)
        self.both(self.model.set_aside(receipt, order, amount), act)

    def give_aside_back(self, receipt: Receipt, order: Order, amount: Decimal) -> None:
        values = {"order_id": self.pk("orders", order), "amount": amount, "reason": "改用"}
        act = self._receipt_act("receipt_unearmark", CLERK, receipt, **values)
        self.both(self.model.give_aside_back(receipt, order, amount), act)
