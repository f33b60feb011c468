"""What the pure model keeps, and the figures that follow from it: stock, quota, exposure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.scenarios.pure_model.deliveries import Note, Paper
from tests.scenarios.pure_model.figures import BOTTLES, OVERRUN_PERCENT, ZERO, total
from tests.scenarios.pure_model.invoices import LIVE, OWING, Invoice, Receipt
from tests.scenarios.pure_model.orders import Order


@dataclass
class Customer:
    """A customer's credit limit, and the boxes of the rationed product that it may take."""

    limit: Decimal
    quota: int


class Books:
    """All documents of one company.

    Attributes:
        stock: (warehouse, product) → bottles on hand; the first warehouse is the usual one.
        lock: nothing posts on or before this day.
        waiting: what the worker has still to do, oldest first.
    """

    def __init__(
        self, today: date, customers: dict[str, Customer], warehouses: Iterable[str]
    ) -> None:
        self.today = today
        self.customers = customers
        self.warehouses = tuple(warehouses)
        self.lock: date | None = None
        self.stock: dict[tuple[str, str], int] = {}
        self.orders: list[Order] = []
        self.notes: list[Note] = []
        self.papers: list[Paper] = []
        self.invoices: list[Invoice] = []
        self.receipts: list[Receipt] = []
        self.waiting: deque[tuple[str, Any]] = deque()

    def is_locked(self, day: date) -> bool:
        return self.lock is not None and day <= self.lock

    # ------------------------------------------------------------------------------- documents
    def orders_of(self, customer: str) -> list[Order]:
        return [order for order in self.orders if order.customer == customer]

    def open_notes(self, order: int) -> list[Note]:
        return [note for note in self.notes if note.status == "open" and note.serves(order)]

    def invoices_in(self, *states: str) -> Iterator[Invoice]:
        return (invoice for invoice in self.invoices if invoice.status in states)

    # ----------------------------------------------------------------------------------- stock
    def reserved(self, warehouse: str, product: str) -> int:
        """Return the bottles that open notes have set aside."""
        notes = (n for n in self.notes if n.status == "open" and n.warehouse == warehouse)
        lines = (line for note in notes for line in note.lines.values())
        return sum(line.boxes * BOTTLES for line in lines if line.product == product)

    def available(self, warehouse: str, product: str) -> int:
        return self.stock.get((warehouse, product), 0) - self.reserved(warehouse, product)

    def on_notes(self, order: int, line: int) -> int:
        """Return the boxes that open notes are about to deliver."""
        return sum(note.on_order_line(order, line) for note in self.open_notes(order))

    def wanted(self, order: Order, line: int) -> int:
        """Return the boxes that wait for goods; nothing waits while a change is decided."""
        rest = order.lines[line].rest - self.on_notes(order.number, line)
        return max(0, rest) if order.change is None else 0

    # ----------------------------------------------------------------------------------- quota
    def quota_used(self, customer: str) -> tuple[int, int]:
        """Return the boxes reserved and those consumed by all orders of a customer."""
        pairs = [order.quota for order in self.orders_of(customer)]
        return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)

    def quota_left(self, order: Order) -> int:
        """Return what the order may reserve, its own reservation left out."""
        reserved, consumed = self.quota_used(order.customer)
        others = reserved - order.quota[0]
        return max(0, self.customers[order.customer].quota - others - consumed)

    # ---------------------------------------------------------------------------------- credit
    def earmarked(self, order: Order) -> Decimal:
        return total(receipt.aside.get(order.number, ZERO) for receipt in self.receipts)

    def outstanding(self, order: Order) -> Decimal:
        """Return everything of the order that is not paid."""
        owed = (invoice.owed.get(order.number, ZERO) for invoice in self.invoices_in(*OWING))
        return order.open + order.to_invoice + total(owed)

    def covered(self, order: Order) -> Decimal:
        """Return the part of an order that is no credit, since money stands against it."""
        money = self.earmarked(order) + order.promised
        return max(ZERO, min(self.outstanding(order), money))

    def promise_most(self, order: Order) -> Decimal:
        """Return the most that may be promised: of goods still here, what no money is there for."""
        return max(ZERO, min(order.open, self.outstanding(order) - self.earmarked(order)))

    def promise_more(self, order: Order, added: Decimal) -> None:
        order.promised = min(order.promised + added, self.promise_most(order))
        order.has_promised = order.has_promised or order.promised > ZERO

    def promises_trim(self) -> None:
        """Promise no more than what is missing, once an act has changed that."""
        for order in self.orders:
            order.promised = min(order.promised, self.promise_most(order))

    def missing(self, order: Order) -> Decimal:
        """Return what must still be set aside before the goods leave."""
        lacking = max(ZERO, self.outstanding(order) - self.earmarked(order))
        return min(order.promised, lacking)

    def buckets(self, customer: str) -> dict[str, Decimal]:
        """Return where the customer's money stands; each amount in exactly one bucket."""
        orders = self.orders_of(customer)
        changes = [order.change for order in orders if order.change is not None]
        receipts = [receipt for receipt in self.receipts if receipt.customer == customer]
        invoices = [item for item in self.invoices_in(*OWING) if item.customer == customer]
        promised = [item.promised for item in (*orders, *changes)]
        covered = [self.covered(order) for order in orders]
        covered += [min(change.held, change.promised) for change in changes]
        return {
            "open": total(o.open for o in orders) + total(c.held for c in changes),
            "to_invoice": total(order.to_invoice for order in orders),
            "receivable": total(invoice.open for invoice in invoices),
            "unapplied": total(receipt.unapplied for receipt in receipts),
            "earmarked": total(receipt.earmarked for receipt in receipts),
            "promised": total(promised),
            "covered": total(covered),
        }

    def exposure(self, customer: str) -> Decimal:
        found = self.buckets(customer)
        standing = found["open"] + found["to_invoice"] + found["receivable"]
        return standing - found["unapplied"] - found["covered"]

    def overdue(self, customer: str) -> Decimal:
        late = (
            invoice.open
            for invoice in self.invoices_in("posted")
            if invoice.customer == customer and invoice.due_on and invoice.due_on < self.today
        )
        return total(late)

    def band(
        self, customer: str, amount: Decimal, aside: Decimal = ZERO, *, pays_first: bool = False
    ) -> str:
        """Return what the credit check says of an order of so much, nothing of it reserved yet.

        Args:
            aside: money set aside for it.
        """
        limit = self.customers[customer].limit
        if pays_first or (amount and aside >= amount):
            return "prepaid"
        if self.overdue(customer):
            return "stop"
        over = max(ZERO, self.exposure(customer) + amount - min(amount, aside) - limit)
        if not over:
            return "within"
        return "over_small" if over * 100 <= limit * OVERRUN_PERCENT else "stop"

    # --------------------------------------------------------------------------------- billing
    def requested(self, order: int, line: int) -> int:
        """Return the boxes that requests hold and no posted invoice carries yet."""
        return self._carried(order, line, ("draft",))[0]

    def billable(self, order: int, line: int) -> int:
        own = self.orders[order].lines[line]
        return max(0, own.delivered - own.invoiced - self.requested(order, line))

    def taken(self, order: int, line: int) -> tuple[int, Decimal, int]:
        """Return boxes, gross and number of parts that invoices and requests carry of a line."""
        return self._carried(order, line, LIVE)

    def _carried(self, order: int, line: int, states: tuple[str, ...]) -> tuple[int, Decimal, int]:
        found = [
            item
            for invoice in self.invoices_in(*states)
            for item in invoice.lines
            if (item.order, item.line) == (order, line)
        ]
        gross = total(item.gross for item in found)
        return sum(item.boxes for item in found), gross, len(found)
