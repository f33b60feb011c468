"""One order from entry to closed receivable: plain in six transactions, full in an act per step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db.models import QuerySet

from chengdan.config.bench.figures import aside
from chengdan.config.bench.world import BenchWorld
from chengdan.kernel import clock
from chengdan.kernel.prepared import prepared
from chengdan.kernel.transactions import write
from chengdan.modules.billing.models import Invoice
from chengdan.modules.orders.services import (
    LineDraft,
    OrderDraft,
    order_accept,
    order_hand_over,
    order_place,
    order_print_bill,
    order_submit,
)
from chengdan.modules.process.models import Task
from chengdan.modules.process.services import task_decide
from chengdan.modules.shipping.models import DeliveryLine

ORDER, INVOICE = "orders.order", "billing.invoice"
QUANTITY = Decimal(2)
PLAIN = ("create and submit", "release", "ship", "invoice", "receive", "allocate")
_references = count(1)

Act = tuple[str, Callable[[], object]]


@prepared
def task_open(kind: str, pk: int, user_id: int) -> QuerySet[Task, int]:
    """Return the id of a person's open task: what the page with the button knows."""
    rows = Task.objects.filter(
        subject_type=kind, instance__subject_id=pk, state="open", assignee_id=user_id
    )
    return rows.values_list("pk", flat=True)


@prepared
def _notes_of(order_id: int) -> QuerySet[DeliveryLine, int]:
    lines = DeliveryLine.objects.filter(order_id=order_id).order_by("pk")
    return lines.values_list("delivery_note_id", flat=True)[:1]


@prepared
def _open_of(invoice_id: int) -> QuerySet[Invoice, Decimal]:
    return Invoice.objects.filter(pk=invoice_id).values_list("open", flat=True)


class Way:
    """The acts of one order, in order; each is called once.

    On the full way every step of OP, SP and BC is done by hand, in a transaction of its own. On the
    plain way, with the short processes, what is left commits in six transactions.
    """

    def __init__(self, world: BenchWorld, customer_id: int = 0) -> None:
        self.world = world
        self.customer_id = customer_id or world.customers[0]
        self.order_id = self.note_id = self.invoice_id = self.receipt_id = 0

    def full(self) -> list[Act]:
        """Return (act of the plain way it belongs to, step)."""
        create, release, ship, invoice, receive, allocate = PLAIN
        return [
            (create, self.place),
            (create, self.submit),
            (create, lambda: self.decide(ORDER, self.order_id, "key_account_manager")),
            (create, lambda: self.decide(ORDER, self.order_id, "market_manager")),
            (create, self.accept),
            (release, lambda: self.decide(ORDER, self.order_id, "deputy_sales_director")),
            (release, self.print_bill),
            (release, self.hand_over),
            (ship, self.carrier),
            (ship, self.pick),
            (ship, lambda: self.check("second_keeper")),
            (ship, lambda: self.check("quality_inspector")),
            (ship, self.dispatch),
            (ship, self.feedback),
            (ship, self.confirm),
            (invoice, self.request),
            (invoice, lambda: self.decide(INVOICE, self.invoice_id, "finance_manager")),
            (invoice, self.issue),
            (invoice, self.deliver),
            (receive, self.receive),
            (receive, self.bank),
            (allocate, self.allocate),
        ]

    def short(self) -> list[Act]:
        """Return (act of the plain way it belongs to, step) of the short processes."""
        create, release, ship, invoice, receive, allocate = PLAIN
        return [
            (create, self.place),
            (create, self.submit),
            (release, lambda: self.decide(ORDER, self.order_id, "deputy_sales_director")),
            (release, self.hand_over),
            (ship, self.pick),
            (ship, lambda: self.check("second_keeper")),
            (ship, lambda: self.check("quality_inspector")),
            (ship, self.dispatch),
            (invoice, self.request),
            (invoice, lambda: self.decide(INVOICE, self.invoice_id, "finance_manager")),
            (invoice, self.issue),
            (receive, self.receive),
            (receive, self.bank),
            (allocate, self.allocate),
        ]

    def plain(self) -> list[Act]:
        """Return the six acts."""
        grouped: dict[str, list[Callable[[], object]]] = {}
        for name, act in self.short():
            grouped.setdefault(name, []).append(act)
        return [(name, _together(acts)) for name, acts in grouped.items()]

    def who(self, role: str) -> Any:
        """Return a person as a new request would."""
        return self.world.actor(role)

    def decide(self, kind: str, pk: int, role: str) -> None:
        """Approve the step that stands open."""
        actor = self.who(role)
        with aside():
            (task_id,) = task_open(kind, pk, actor.user_id or 0)
        task_decide(actor=actor, task_id=task_id, decision="approve")

    def place(self) -> None:
        """Enter five lines."""
        lines = tuple(LineDraft(product_id=pk, quantity=QUANTITY) for pk in self.world.products)
        draft = OrderDraft(
            customer_id=self.customer_id,
            lines=lines,
            requested_on=clock.today() + timedelta(days=7),
        )
        self.order_id = order_place(actor=self.who("order_clerk"), draft=draft).pk

    def submit(self) -> None:
        """Hand the order to OP."""
        order_submit(actor=self.who("order_clerk"), order_id=self.order_id)

    def accept(self) -> None:
        """OA."""
        order_accept(actor=self.who("csr"), order_id=self.order_id, customer_told_how="电话")

    def print_bill(self) -> None:
        """BG, finance."""
        order_print_bill(actor=self.who("finance_clerk"), order_id=self.order_id)

    def hand_over(self) -> None:
        """BG, to storage and transport; the note is made with it."""
        order_hand_over(actor=self.who("csr"), order_id=self.order_id, received_by="刘志强")
        self.note_find()

    def note_find(self) -> None:
        """Keep the number of the note that was made for the order."""
        with aside():
            self.note_id = next(iter(_notes_of(self.order_id)), 0)

    def carrier(self) -> None:
        """CA."""
        from chengdan.modules.shipping.services import note_carrier

        actor = self.who("shipping_coordinator")
        note_carrier(actor=actor, note_id=self.note_id, carrier="顺达物流")

    def pick(self) -> None:
        """PK, as proposed."""
        from chengdan.modules.shipping.services import note_pick

        note_pick(actor=self.who("warehouse_keeper"), note_id=self.note_id)

    def check(self, role: str) -> None:
        """OQ, one signature."""
        from chengdan.modules.shipping.services import note_check

        note_check(actor=self.who(role), note_id=self.note_id)

    def dispatch(self) -> None:
        """DP."""
        from chengdan.modules.shipping.services import note_dispatch

        actor = self.who("shipping_coordinator")
        note_dispatch(actor=actor, note_id=self.note_id, vehicle="粤A·12345")

    def feedback(self) -> None:
        """FB."""
        from chengdan.modules.shipping.services import note_feedback

        actor = self.who("shipping_coordinator")
        note_feedback(actor=actor, note_id=self.note_id, waybill=f"W{self.note_id}")

    def confirm(self) -> None:
        """CF."""
        from chengdan.modules.shipping.services import note_confirm

        note_confirm(actor=self.who("csr"), note_id=self.note_id, signer="罗女士", archive="A3")

    def request(self) -> None:
        """IR."""
        from chengdan.modules.billing.services import InvoiceDraft, invoice_request

        draft = InvoiceDraft(self.items())
        self.invoice_id = invoice_request(actor=self.who("csr_billing"), draft=draft).pk

    def items(self) -> Any:
        """Return what may be invoiced of the order."""
        from chengdan.modules.billing.services import items_of_orders

        with aside():
            return items_of_orders([self.order_id])

    def owed(self) -> Decimal:
        """Return what is open on the invoice."""
        with aside():
            (found,) = _open_of(self.invoice_id)
            return found

    def reference(self) -> str:
        """Return the bank's reference of the next receipt."""
        return f"BENCH{next(_references):08}"

    def issue(self) -> None:
        """IV, posted."""
        from chengdan.modules.billing.services import invoice_issue

        invoice_issue(actor=self.who("finance_clerk"), invoice_id=self.invoice_id)

    def deliver(self) -> None:
        """IV, signed for by the customer."""
        from chengdan.modules.billing.services import invoice_deliver

        actor = self.who("finance_clerk")
        invoice_deliver(actor=actor, invoice_id=self.invoice_id, signed_by="李会计")

    def receive(self) -> None:
        """RC, registered."""
        from chengdan.modules.billing.services import ReceiptDraft, receipt_register

        draft = ReceiptDraft(
            customer_id=self.customer_id,
            amount=self.owed(),
            received_on=clock.today(),
            bank_reference=self.reference(),
        )
        self.receipt_id = receipt_register(actor=self.who("finance_clerk"), draft=draft).pk

    def bank(self) -> None:
        """RC, confirmed."""
        from chengdan.modules.billing.services import receipt_confirm

        receipt_confirm(actor=self.who("finance_clerk"), receipt_id=self.receipt_id)

    def allocate(self) -> None:
        """AL."""
        from chengdan.modules.billing.services import Part, receipt_allocate

        part = Part(self.invoice_id, self.owed())
        actor = self.who("finance_clerk")
        receipt_allocate(actor=actor, receipt_id=self.receipt_id, parts=[part])


def _together(acts: list[Callable[[], object]]) -> Callable[[], None]:
    def act() -> None:
        with write():
            for part in acts:
                part()

    return act


def stock_load(world: BenchWorld, boxes: int) -> None:
    """Open a warehouse with plenty of everything."""
    from chengdan.modules.shipping.services import (
        OpeningRow,
        WarehouseDraft,
        stock_opening_load,
        warehouse_place,
    )

    if not world.warehouse_id:
        draft = WarehouseDraft(code="GZ", name="广州", unit_id=world.unit_id)
        world.warehouse_id = warehouse_place(actor=world.system, draft=draft).pk
    rows = [
        OpeningRow(
            warehouse_id=world.warehouse_id, product_id=pk, quantity=Decimal(12 * boxes), batch="",
            expires_on=None,
        )
        for pk in world.products
    ]  # fmt: skip
    stock_opening_load(world.system, rows)
