"""Reads that leave the room."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from chengdan.kernel.actor import Actor
from chengdan.kernel.locking import locked_row, rows_behind
from chengdan.kernel.numbers import ZERO, round_half_up
from chengdan.kernel.prepared import prepared
from chengdan.modules.credit.providers import DocumentFacts, Provided
from chengdan.modules.credit.services import Band, Source
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Amendment, Handover, Order, OrderLine
from chengdan.modules.orders.rules import Buckets, LineState, order_buckets, remaining
from chengdan.modules.orders.vocabulary import AmendmentStatus, OrderStatus
from chengdan.modules.people.access import visible

HANDOVERS_TOPIC = "handovers"
_RESERVING = (OrderStatus.PROCESSING, OrderStatus.RELEASED, OrderStatus.CLOSED)


def orders_visible(actor: Actor) -> QuerySet[Order]:
    """Return the orders that the actor may see."""
    return visible(actor, words.VIEW, Order.objects.all())


def orders_open_to(actor: Actor, ids: Collection[int]) -> set[int]:
    """Return those of the orders that the actor may see."""
    return set(orders_visible(actor).filter(pk__in=ids).values_list("pk", flat=True))


def orders_paid_first(ids: Collection[int]) -> set[int]:
    """Return which of the orders the customer pays before the goods leave (CRD-07)."""
    return set(Order.objects.filter(pk__in=ids, pays_first=True).values_list("pk", flat=True))


def orders_mark(ids: Collection[int]) -> dict[int, str]:
    """Return how orders without a number are called: their state and their provisional mark."""
    rows = Order.objects.filter(pk__in=ids).only("number", "status")
    return {order.pk: f"{order.get_status_display()} {order}" for order in rows}


def orders_taken(actor: Actor, day: date) -> QuerySet[Order]:
    """Return the orders of a day that were submitted and not cancelled, visible to the actor."""
    return orders_visible(actor).filter(ordered_on=day, status__in=_RESERVING)


@dataclass(frozen=True, slots=True)
class LineToShip:
    """What shipping and billing need of a line; quantities in the line's unit.

    Attributes:
        rest: ordered − closed − delivered, at least 0.
        factor: base units in one unit of the line.
        is_frozen: an amendment that touches the order is being decided.
    """

    order_id: int
    number: int
    kind: str
    product_id: int | None
    unit_of_measure_id: int | None
    quantity: Decimal
    delivered: Decimal
    invoiced: Decimal
    closed: Decimal
    rest: Decimal
    factor: Decimal
    gross: Decimal
    tax: Decimal
    net: Decimal
    tax_rate: Decimal
    description: str
    is_frozen: bool


def lines_of(order_ids: Iterable[int]) -> dict[int, list[LineToShip]]:
    """Return order → its lines by number; services call it after they locked the orders."""
    return {pk: [_to_ship(line) for line in lines] for pk, lines in _rows(set(order_ids)).items()}


@prepared
def _lines_by_order(ids: Collection[int]) -> QuerySet[Any]:
    asked = Amendment.objects.filter(
        order_id=OuterRef("order_id"), status=AmendmentStatus.PROCESSING
    )
    rows = OrderLine.objects.select_related("product", "unit_of_measure")
    rows = rows.annotate(is_amending=Exists(asked))
    return rows.filter(order_id__in=ids).order_by("order_id", "number")


def lines_by_number(order_id: int) -> list[OrderLine]:
    """Return the lines of an order with product and unit; the caller has checked the right.

    An act that holds the order gets the same lines each time, until it changes some.
    """
    return list(_rows({order_id})[order_id])


def is_amending(order_id: int) -> bool:
    """True while a change of the order is being decided."""
    return any(line.is_frozen for line in _rows({order_id})[order_id])


def _rows(ids: set[int]) -> dict[int, list[OrderLine]]:
    return rows_behind(Order, ids, "order lines", _rows_of)


def _rows_of(ids: set[int]) -> dict[int, list[OrderLine]]:
    found: dict[int, list[OrderLine]] = {pk: [] for pk in ids}
    for line in _lines_by_order(ids):
        line.is_frozen = line.is_amending
        found[line.order_id].append(line)
    return found


def _to_ship(line: OrderLine) -> LineToShip:
    return LineToShip(
        order_id=line.order_id,
        number=line.number,
        kind=line.kind,
        product_id=line.product_id,
        unit_of_measure_id=line.unit_of_measure_id,
        quantity=line.quantity,
        delivered=line.delivered,
        invoiced=line.invoiced,
        closed=line.closed,
        rest=remaining(_state(line)) if line.is_goods else ZERO,
        factor=line.base_quantity / line.quantity if line.quantity else Decimal(1),
        gross=line.gross,
        tax=line.tax,
        net=line.net,
        tax_rate=line.tax_rate,
        description=line.description,
        is_frozen=line.is_frozen,
    )


def _state(line: OrderLine) -> LineState:
    return LineState(line.quantity, line.gross, line.delivered, line.invoiced, line.closed)


def _buckets(customer_id: int | None) -> Iterable[tuple[Order, Buckets]]:
    """Recompute where each order stands, from its lines alone (I5)."""
    orders = Order.objects.filter(status__in=_RESERVING, reserved_round__gt=0)
    if customer_id is not None:
        orders = orders.filter(customer_id=customer_id)
    orders = orders.select_related("company").prefetch_related("lines")
    for order in orders.iterator(chunk_size=500):
        if order.credit_band == Band.STOP and not _was_released(order):
            continue  # nothing is held until a way is chosen
        yield order, order_buckets(map(_state, order.lines.all()), order.company.exponent)


def _was_released(order: Order) -> bool:
    return order.specials.filter(status=words.SpecialStatus.APPROVED).exists()


def open_provide(customer_id: int | None) -> Iterable[Provided]:
    """Provide the open amounts of orders to the credit verifier."""
    for order, buckets in _buckets(customer_id):
        yield Provided(order.customer_id, Source(words.ORDER, order.pk), buckets.open)


def to_invoice_provide(customer_id: int | None) -> Iterable[Provided]:
    """Provide the delivered and not invoiced amounts to the credit verifier."""
    for order, buckets in _buckets(customer_id):
        if buckets.to_invoice:
            yield Provided(order.customer_id, Source(words.ORDER, order.pk), buckets.to_invoice)


def amendments_provide(customer_id: int | None) -> Iterable[Provided]:
    """Provide what changes that are being decided hold."""
    rows = Amendment.objects.filter(status=AmendmentStatus.PROCESSING, difference__gt=ZERO)
    if customer_id is not None:
        rows = rows.filter(order__customer_id=customer_id)
    for row in rows.select_related("order"):
        source = Source(words.AMENDMENT, row.pk)
        yield Provided(row.order.customer_id, source, row.difference)


def handovers_of(order_id: int) -> list[Handover]:
    """Return how the note of an order went to storage and transport, or nothing.

    An act that holds the order gets the same object each time, until it changes it.
    """
    return list(rows_behind(Order, [order_id], HANDOVERS_TOPIC, _handovers)[order_id])


def _handovers(ids: set[int]) -> dict[int, list[Handover]]:
    found: dict[int, list[Handover]] = {pk: [] for pk in ids}
    for row in _handover_rows(ids):
        found[row.order_id].append(row)
    return found


@prepared
def _handover_rows(order_ids: Collection[int]) -> QuerySet[Handover]:
    return Handover.objects.filter(order_id__in=order_ids)


@dataclass(frozen=True, slots=True)
class Released:
    """When an order was handed to storage and transport, and to whom there."""

    company_id: int
    at: datetime
    received_by: str


def order_released(order_id: int) -> Released:
    """Return the release of an order that was released."""
    order = locked_row(Order, order_id) or Order.objects.get(pk=order_id)
    (handover,) = handovers_of(order_id)
    if order.released_at is None:
        raise ValueError(f"order {order_id} is not released")
    return Released(order.company_id, order.released_at, handover.received_by)


def quota_provide(ids: Collection[int]) -> dict[tuple[int, int], Decimal]:
    """Provide what the lines of orders still want, in base units, to the quota verifier (I6)."""
    rows = OrderLine.objects.filter(order_id__in=ids, order__status__in=_RESERVING)
    wanted = {}
    for line in rows:
        if line.is_goods and line.quantity:
            rest = line.base_quantity * remaining(_state(line)) / line.quantity
            wanted[line.order_id, line.number] = round_half_up(rest, 6)
    return wanted


def orders_describe(ids: list[int]) -> dict[int, DocumentFacts]:
    """Name and link orders for the pages of the credit account."""
    return {
        order.pk: DocumentFacts(
            number=str(order),
            url=reverse("orders:show", args=[order.pk]),
            on=order.ordered_on,
            due_on=order.requested_on,
            note=order.get_status_display(),
        )
        for order in Order.objects.filter(pk__in=ids)
    }
