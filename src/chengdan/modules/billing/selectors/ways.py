"""The order-to-remittance clock: how long orders take to become money, part by part (ORD-15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from chengdan.kernel.actor import Actor
from chengdan.kernel.workcalendar import WorkingTime, calendar_of
from chengdan.modules.billing.models import Allocation, Invoice
from chengdan.modules.billing.rules import way_parts
from chengdan.modules.billing.vocabulary import InvoiceKind, InvoiceStatus
from chengdan.modules.orders.selectors import orders_visible
from chengdan.modules.orders.vocabulary import OrderStatus
from chengdan.modules.people.selectors import company_get
from chengdan.modules.shipping.selectors import first_departure

# Parts of the way with the field of a measured order that says whether and when each of them ended.
PARTS = {
    "accept": "accepted_at",
    "release": "released_at",
    "dispatch": "left_at",
    "invoice": "posted_at",
    "money": "settled_at",
}
WHOLE = "total"
SUMMARY_MAX = 20_000
_FIELDS = ("submitted_at", *PARTS.values(), "invoiced_on")
_MEASURED = (OrderStatus.PROCESSING, OrderStatus.RELEASED, OrderStatus.CLOSED)
NOON = time(12)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """How long something took.

    Attributes:
        minutes: whole working minutes by the calendar of the company.
    """

    elapsed: timedelta
    minutes: int


@dataclass(frozen=True, slots=True)
class Remittance:
    """The way of one order from its submission to its money.

    Attributes:
        spans: code of a part, or "total" → its time; what has not ended is missing.
        waits_for: the first part that has not ended, "" when the money is there.
    """

    order_id: int
    number: str
    spans: dict[str, Span]
    waits_for: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Average and median of one part over the orders in which it has ended."""

    code: str
    count: int
    average: Span | None = None
    median: Span | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of every part and of the whole way.

    Attributes:
        is_complete: False when there are more orders than are added up; then none is.
    """

    figures: list[Figures]
    is_complete: bool = True


def remittance_orders(actor: Actor) -> QuerySet[Any]:
    """Return the orders that were submitted and not cancelled, with the moments of their way.

    Orders of before the system have no submission and are not measured. Each row carries
    `left_at` (of the first dispatch), `posted_at` and `invoiced_on` (of the first invoice) and,
    for links, `left_note`, `posted_invoice`, `last_receipt`.
    """
    rows = orders_visible(actor).filter(submitted_at__isnull=False, status__in=_MEASURED)
    paid = Allocation.objects.filter(order=OuterRef("pk"), amount__gt=0).order_by("-pk")
    return rows.annotate(
        left_at=first_departure("dispatched_at"),
        posted_at=_first_invoice("posted_at"),
        invoiced_on=_first_invoice("invoice_on"),
        left_note=first_departure("pk"),
        posted_invoice=_first_invoice("pk"),
        last_receipt=Subquery(paid.values("receipt_id")[:1]),
    )


def _first_invoice(field: str) -> Subquery:
    posted = Invoice.objects.filter(
        lines__order=OuterRef("pk"),
        kind=InvoiceKind.INVOICE,
        status__in=(InvoiceStatus.POSTED, InvoiceStatus.SETTLED),
        posted_at__isnull=False,
    )
    return Subquery(posted.order_by("invoice_on", "posted_at", "pk").values(field)[:1])


def remittance_of(order: Any) -> Remittance:
    """Return the clock of an order of `remittance_orders`."""
    values = [getattr(order, name) for name in _FIELDS]
    calendar = _calendar(order.company_id)
    spans = _spans(values, calendar, calendar.between)
    waits_for = next((code for code in PARTS if code not in spans), "")
    return Remittance(order.pk, str(order), spans, waits_for if WHOLE not in spans else "")


def remittance_summary(orders: QuerySet[Any]) -> Summary:
    """Return average and median of every part of the way over orders of one company.

    Args:
        orders: of `remittance_orders`, filtered further.
    """
    rows = list(orders.order_by().values_list("company_id", *_FIELDS)[: SUMMARY_MAX + 1])
    if len(rows) > SUMMARY_MAX:
        return Summary([Figures(code, 0) for code in (*PARTS, WHOLE)], is_complete=False)
    spans: dict[str, list[Span]] = {code: [] for code in (*PARTS, WHOLE)}
    if rows:
        calendar = _calendar(rows[0][0])
        between = _Running(calendar, min(row[1] for row in rows)).between
        for _company, *values in rows:
            for code, span in _spans(values, calendar, between).items():
                spans[code].append(span)
    return Summary([_figures(code, found) for code, found in spans.items()])


def _figures(code: str, spans: Sequence[Span]) -> Figures:
    if not spans:
        return Figures(code, 0)
    elapsed = [span.elapsed for span in spans]
    minutes = [span.minutes for span in spans]
    average = Span(sum(elapsed, timedelta()) / len(spans), round(sum(minutes) / len(spans)))
    middle = Span(_median(elapsed), round(median(minutes)))
    return Figures(code, len(spans), average, middle)


def _median(elapsed: Iterable[timedelta]) -> timedelta:
    return timedelta(seconds=median(item.total_seconds() for item in elapsed))


def _calendar(company_id: int) -> WorkingTime:
    return calendar_of(company_get(company_id).calendar_code, company_id)


def _spans(
    values: Sequence[Any],
    calendar: WorkingTime,
    between: Callable[[datetime, datetime], timedelta],
) -> dict[str, Span]:
    """Return the spans of an order from its `_FIELDS`; `between` gives the working time."""
    *moments, invoiced_on = values
    place = 1 + list(PARTS).index("invoice")
    moments[place] = _invoiced_at(moments[place], invoiced_on, calendar)
    parts = dict(zip(PARTS, way_parts(moments), strict=True))
    if moments[-1] is not None:
        parts[WHOLE] = (moments[0], max(moments[0], moments[-1]))
    return {
        code: Span(part[1] - part[0], between(*part) // _MINUTE)
        for code, part in parts.items()
        if part is not None
    }


def _invoiced_at(
    posted_at: datetime | None, on: date | None, calendar: WorkingTime
) -> datetime | None:
    """Return when an invoice was issued; one posted on a later day, as history is, at its noon."""
    if posted_at is None or on is None or calendar.local_day(posted_at) <= on:
        return posted_at
    return calendar.at(on, NOON)


class _Running:
    """Working time as a running total by day, so that thousands of ways cost little."""

    def __init__(self, calendar: WorkingTime, first: datetime) -> None:
        self.calendar = calendar
        self.last = calendar.local_day(first)
        self.before = {self.last: timedelta()}

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time between two instants, neither of them before the first."""
        return self._until(end) - self._until(start)

    def _until(self, at: datetime) -> timedelta:
        day = self.calendar.local_day(at)
        while self.last < day:
            self.before[self.last + _DAY] = self.before[self.last] + self._on(self.last)
            self.last += _DAY
        return self.before[day] + self._on(day, at)

    def _on(self, day: date, until: datetime | None = None) -> timedelta:
        spans = self.calendar.spans(day)
        if until is not None:
            spans = tuple((start, min(end, until)) for start, end in spans if start < until)
        return sum((end - start for start, end in spans), timedelta())
