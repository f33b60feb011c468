"""Collection rate (BIL-01, BIL-21, BIL-25)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.parameters import parameter_value
from chengdan.modules.billing.models import Allocation, Invoice
from chengdan.modules.billing.rules import Rate, collected_in_time
from chengdan.modules.billing.vocabulary import InvoiceKind, InvoiceStatus, rights
from chengdan.modules.people.access import visible

_OWED = (InvoiceStatus.POSTED, InvoiceStatus.SETTLED)


@dataclass(frozen=True, slots=True)
class RateItem:
    """One invoice behind a rate and what of it came in time."""

    invoice: Invoice
    collected: Decimal


@dataclass(slots=True)
class RateRow:
    """The rate of one responsible sales manager."""

    owner_id: int
    owner_name: str
    items: list[RateItem] = field(default_factory=list)

    @property
    def rate(self) -> Rate:
        """The rate of the row's invoices."""
        return rate_of(self.items)


@dataclass(frozen=True, slots=True)
class Collection:
    """The rate of a period by owner."""

    first: date
    last: date
    within_days: int
    goal: Decimal
    rows: list[RateRow]

    @property
    def rate(self) -> Rate:
        """The rate of all."""
        return rate_of([item for row in self.rows for item in row.items])


def rate_of(items: Iterable[RateItem]) -> Rate:
    """Return the rate of some invoices."""
    due = collected = ZERO
    for item in items:
        due += item.invoice.gross
        collected += item.collected
    return Rate(due, collected)


def due_invoices(actor: Actor, first: date, last: date) -> QuerySet[Invoice]:
    """Return the invoices that fall due in a period, paid or not; reversed ones do not count."""
    rows = Invoice.objects.filter(status__in=_OWED, due_on__gte=first, due_on__lte=last)
    return visible(actor, rights.VIEW, rows.exclude(kind=InvoiceKind.CREDIT))


def collection(actor: Actor, first: date, last: date, *, owner_id: int | None = None) -> Collection:
    """Return amount falling due and collected by due date + n days ÷ amount falling due.

    Money counts on the day it was received; early payments count, too.

    Source: BIL-01, BIL-21, BIL-25, decisions §2.
    """
    within = parameter_value(actor.company_id, rights.COLLECT_DAYS)
    invoices = due_invoices(actor, first, last).select_related("owner", "customer")
    if owner_id is not None:
        invoices = invoices.filter(owner_id=owner_id)
    listed = list(invoices.order_by("due_on", "pk"))
    collected = _collected(listed, within)
    rows: dict[int, RateRow] = {}
    for invoice in listed:
        row = rows.setdefault(invoice.owner_id, RateRow(invoice.owner_id, str(invoice.owner)))
        row.items.append(RateItem(invoice, collected[invoice.pk]))
    goal = parameter_value(actor.company_id, rights.COLLECT_PERCENT)
    ordered = sorted(rows.values(), key=lambda row: row.owner_name)
    return Collection(first, last, within, goal, ordered)


def _collected(invoices: Sequence[Invoice], within: int) -> dict[int, Decimal]:
    """Return what of each invoice was received in time; allocations taken back do not count."""
    due = {row.pk: row.due_on for row in invoices if row.due_on is not None}
    sums: dict[int, Decimal] = defaultdict(Decimal)
    ids = sorted(due)
    for start in range(0, len(ids), 5000):
        rows = Allocation.objects.filter(invoice_id__in=ids[start : start + 5000])
        for pk, received_on, amount in rows.values_list(
            "invoice_id", "receipt__received_on", "amount"
        ):
            if collected_in_time(received_on, due[pk], within):
                sums[pk] += amount
    return sums
