"""What can be invoiced: delivered lines of orders and delivery notes, less what invoices carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum, prefetch_related_objects

from chengdan.kernel.locking import rows_behind
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.prepared import prepared, rows_by_pk
from chengdan.modules.billing.models import Invoice, InvoiceLine
from chengdan.modules.billing.rules import Taken
from chengdan.modules.billing.vocabulary import LIVE, InvoiceStatus
from chengdan.modules.orders.selectors import LineToShip, lines_of

GOODS = frozenset({"goods", "gift", "sample"})
LEFT = ("dispatched", "confirmed")
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A delivered part that waits for its invoice.

    Attributes:
        note_id, note_line: the delivery note it left with; 0 without one.
        quantity: that may be invoiced, in the line's unit.
    """

    order_id: int
    line: int
    quantity: Decimal
    note_id: int = 0
    note_line: int = 0
    note_number: str = ""
    left_on: date | None = None


def invoice_lines(invoice_id: int) -> list[InvoiceLine]:
    """Return the lines of an invoice by number; see `invoices_lines`."""
    return list(invoices_lines([invoice_id])[invoice_id])


def invoices_lines(invoice_ids: Iterable[int]) -> dict[int, list[InvoiceLine]]:
    """Return invoice → its lines by number, with one query at most.

    An act that holds the invoices gets the same lines each time, until it changes some.
    """
    return rows_behind(Invoice, invoice_ids, "invoice lines", _rows_of)


def _rows_of(ids: set[int]) -> dict[int, list[InvoiceLine]]:
    found: dict[int, list[InvoiceLine]] = {pk: [] for pk in ids}
    for line in _lines_of(ids):
        found[line.invoice_id].append(line)
    return found


@prepared
def _lines_of(invoice_ids: Collection[int]) -> QuerySet[InvoiceLine]:
    return InvoiceLine.objects.filter(invoice_id__in=invoice_ids).order_by("invoice_id", "number")


@dataclass(frozen=True, slots=True)
class Carried:
    """What invoices carry of order lines.

    Attributes:
        taken: by live invoices, requests included.
        requested: quantities that requests hold and no posted invoice carries yet.
        by_note: quantities by (delivery note, line) that live invoices name.
    """

    taken: dict[Key, Taken]
    requested: dict[Key, Decimal]
    by_note: dict[Key, Decimal]


def carried_of(order_ids: Iterable[int]) -> Carried:
    """Return what invoices carry of each line of the orders; lines without are left out."""
    carried = Carried({}, {}, {})
    for order, line, status, note, note_line, *sums in _by_status(sorted(set(order_ids))):
        key = (order, line)
        part = Taken(*sums)
        carried.taken[key] = carried.taken.get(key, Taken()).plus(part)
        if status == InvoiceStatus.DRAFT:
            carried.requested[key] = carried.requested.get(key, ZERO) + part.quantity
        if note is not None:
            place = (note, note_line)
            carried.by_note[place] = carried.by_note.get(place, ZERO) + part.quantity
    return carried


@prepared
def _by_status(order_ids: Sequence[int]) -> QuerySet[InvoiceLine, Any]:
    rows = InvoiceLine.objects.filter(order_id__in=order_ids, invoice__status__in=LIVE)
    columns = (
        "order_id", "order_line", "invoice__status", "delivery_note_id", "delivery_line",
    )  # fmt: skip
    sums = rows.exclude(invoice__kind="credit").values_list(*columns)
    return sums.annotate(Sum("quantity"), Sum("gross"), Sum("tax"), Count("id"))


def line_billable(line: LineToShip, requested: Decimal) -> Decimal:
    """Return how much of a line may be invoiced: delivered − invoiced − requested.

    Charges and discounts go with the first invoice of their order.
    """
    reached = line.delivered
    if line.kind not in GOODS:
        reached = max(reached, line.quantity - line.closed)
    return max(ZERO, reached - line.invoiced - requested)


def billable_of(order_ids: Iterable[int]) -> dict[Key, Decimal]:
    """Return what may be invoiced of each line of the orders; lines without are left out."""
    ids = set(order_ids)
    return billable_lines(lines_of(ids), carried_of(ids))


def billable_lines(
    lines: Mapping[int, Sequence[LineToShip]], carried: Carried
) -> dict[Key, Decimal]:
    """Return what `billable_of` does, of what was read already."""
    found = {}
    for order_id, own in lines.items():
        for line in own:
            key = (order_id, line.number)
            rest = line_billable(line, carried.requested.get(key, ZERO))
            if rest > ZERO:
                found[key] = rest
    return found


def order_rows(order_ids: Iterable[int]) -> dict[int, Any]:
    """Return the orders themselves, with their customer and company."""
    model: Any = InvoiceLine._meta.get_field("order").related_model
    rows = rows_by_pk(model.objects.select_related("customer", "company"), set(order_ids))
    return {row.pk: row for row in rows}


def note_rows(where: Q) -> QuerySet[Any]:
    """Return delivery notes that left the house."""
    model: Any = InvoiceLine._meta.get_field("delivery_note").related_model
    rows: QuerySet[Any] = model.objects.filter(where, status__in=LEFT)
    return rows


def began_on(lines: Sequence[InvoiceLine]) -> date:
    """Return the first day that an invoice of these lines may have.

    It is the day on which the last of its goods left, or the last of its orders came in.
    """
    note_ids = {line.delivery_note_id for line in lines if line.delivery_note_id}
    left = note_rows(Q(pk__in=note_ids)).values_list("dispatched_on", flat=True)
    came = [
        row.ordered_on
        for row in order_rows(line.order_id for line in lines if line.order_id).values()
    ]
    return max([*(day for day in left if day), *came], default=date.min)


def open_items(where: Q, billable: Mapping[Key, Decimal] | None = None) -> list[OpenItem]:
    """Return what may be invoiced of the notes that fit, by note and line.

    A note's line gives at most what left with it and no live invoice carries, and together the
    lines give at most what may be invoiced of their order line.

    Args:
        billable: of all orders of the notes, as `billable_of` returns it; None reads it.
    """
    notes = list(dict.fromkeys(note_rows(where).order_by("dispatched_on", "pk")))
    prefetch_related_objects(notes, "lines")
    lines = [(note, line) for note in notes for line in _sorted(note) if line.order_id]
    if billable is None:
        billable = billable_of({line.order_id for _note, line in lines})
    left = dict(billable)
    carried = _carried([note.pk for note in notes])
    items = []
    for note, line in lines:
        key = (line.order_id, line.order_line)
        own = line.shipped - carried[note.pk, line.number]
        part = min(own, left.get(key, ZERO))
        if part <= ZERO:
            continue
        left[key] -= part
        items.append(
            OpenItem(
                line.order_id,
                line.order_line,
                part,
                note.pk,
                line.number,
                note.number,
                note.dispatched_on,
            )
        )
    return items


def _sorted(note: Any) -> list[Any]:
    return sorted(note.lines.all(), key=lambda line: line.number)


def _carried(note_ids: Sequence[int]) -> dict[Key, Decimal]:
    found: dict[Key, Decimal] = defaultdict(Decimal)
    for note_id, line, total in _on_invoices(note_ids):
        found[note_id, line] = total
    return found


@prepared
def _on_invoices(note_ids: Sequence[int]) -> QuerySet[InvoiceLine, Any]:
    rows = InvoiceLine.objects.filter(delivery_note_id__in=note_ids, invoice__status__in=LIVE)
    sums = rows.exclude(invoice__kind="credit").values_list("delivery_note_id", "delivery_line")
    return sums.annotate(total=Sum("quantity"))
