"""Collection rate (BIL-01, BIL-21, BIL-25) and the order-to-remittance clock (ORD-15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.parameters import parameter_value
from chengdan.modules.billing.models import Allocation, Invoice, InvoiceLine
from chengdan.modules.billing.rules import Rate, collected_in_time
from chengdan.modules.billing.vocabulary import InvoiceKind, InvoiceStatus, rights
from chengdan.modules.orders.selectors import orders_visible
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


@dataclass(frozen=True, slots=True)
class Remittance:
    """The way of one order from its submission to its money, with the time of each part.

    Attributes:
        total: None while it is not paid.
    """

    order_id: int
    number: str
    to_release: timedelta | None
    to_dispatch: timedelta | None
    to_invoice: timedelta | None
    to_money: timedelta | None
    total: timedelta | None


def remittances(actor: Actor, first: date, last: date) -> list[Remittance]:
    """Return the order-to-remittance clock of the orders of a period (ORD-15)."""
    orders = orders_visible(actor).filter(ordered_on__gte=first, ordered_on__lte=last)
    return remittances_of(list(orders.order_by("pk")))


def remittances_of(orders: Sequence[Any]) -> list[Remittance]:
    """Return the order-to-remittance clock of some orders; the caller has checked the right."""
    firsts = _first_invoices([order.pk for order in orders])
    return [_remittance(order, *firsts.get(order.pk, (None, None))) for order in orders]


def _first_invoices(ids: Sequence[int]) -> dict[int, tuple[datetime | None, datetime | None]]:
    """Return order → (first dispatch, first posting) of its invoiced goods."""
    found: dict[int, tuple[datetime | None, datetime | None]] = {}
    for start in range(0, len(ids), 5000):
        rows = InvoiceLine.objects.filter(
            order_id__in=ids[start : start + 5000], invoice__status__in=_OWED
        )
        for order_id, left, posted in rows.values_list(
            "order_id", "delivery_note__dispatched_at", "invoice__posted_at"
        ):
            known = found.get(order_id or 0, (None, None))
            found[order_id or 0] = (_least(known[0], left), _least(known[1], posted))
    return found


def _least(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _remittance(order: object, left: datetime | None, posted: datetime | None) -> Remittance:
    start = getattr(order, "submitted_at", None)
    released = getattr(order, "released_at", None)
    settled = getattr(order, "settled_at", None)
    return Remittance(
        order_id=getattr(order, "pk", 0),
        number=str(order),
        to_release=_span(start, released),
        to_dispatch=_span(released, left),
        to_invoice=_span(left, posted),
        to_money=_span(posted, settled),
        total=_span(start, settled),
    )


def _span(start: datetime | None, end: datetime | None) -> timedelta | None:
    return None if start is None or end is None else end - start
