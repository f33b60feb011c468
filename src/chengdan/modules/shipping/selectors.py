"""Reads that leave the room."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.prepared import prepared
from chengdan.kernel.reference import remembered
from chengdan.modules.orders.selectors import LineToShip, lines_of, orders_visible
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Lot, StockEntry, Warehouse
from chengdan.modules.shipping.vocabulary import NoteStatus

ZERO = Decimal(0)


@remembered("warehouses")
def warehouse_default(company_id: int) -> Warehouse | None:
    """Return the company's usual warehouse, or None while it has none; for reading only."""
    rows = Warehouse.objects.filter(company_id=company_id, is_active=True)
    return rows.order_by("-is_default", "pk").first()


def warehouses_of(company_id: int | None) -> list[Warehouse]:
    """Return the warehouses in use, default first."""
    rows = Warehouse.objects.filter(company_id=company_id or 0, is_active=True)
    return list(rows.order_by("-is_default", "code"))


def available_of(warehouse_id: int, product_ids: Iterable[int]) -> dict[int, Decimal]:
    """Return product → what may be promised: on hand, not reserved, not expired; base units."""
    sums = _sums_of(warehouse_id, set(product_ids), clock.today())
    return {product_id: here - held for product_id, here, held in sums}


@prepared
def _sums_of(warehouse_id: int, product_ids: Collection[int], on: date) -> QuerySet[Lot, Any]:
    rows = Lot.objects.filter(warehouse_id=warehouse_id, product_id__in=product_ids)
    rows = rows.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=on))
    return rows.values_list("product_id").annotate(here=Sum("on_hand"), held=Sum("reserved"))


def on_notes(order_ids: Iterable[int]) -> dict[tuple[int, int], Decimal]:
    """Return (order, line) → what open notes are about to deliver, in the line's unit."""
    found = _under_way(sorted(set(order_ids)))
    return {(order_id, line): total for order_id, line, total in found}


@prepared
def _under_way(order_ids: Sequence[int]) -> QuerySet[DeliveryLine, Any]:
    rows = DeliveryLine.objects.filter(
        order_id__in=order_ids, delivery_note__status=NoteStatus.OPEN
    )
    return rows.values_list("order_id", "order_line").annotate(total=Sum("quantity"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of an order that waits for goods; quantities in its unit.

    Attributes:
        wanted: still to be delivered and on no open note.
        available: base units of its product that may be promised.
    """

    line: LineToShip
    wanted: Decimal
    available: Decimal


def waiting_of(
    order_ids: Iterable[int],
    warehouse_id: int | None,
    stock: Mapping[int, Decimal] | None = None,
) -> dict[int, list[Waiting]]:
    """Return order → its lines that wait for goods; lines of amended orders wait and are left out.

    Args:
        stock: product → what may be promised, when the caller has locked the lots.
    """
    ids = list(order_ids)
    lines = [line for found in lines_of(ids).values() for line in found]
    under_way = on_notes(ids)
    wanted = [
        (line, line.rest - under_way.get((line.order_id, line.number), ZERO))
        for line in lines
        if line.product_id and not line.is_frozen
    ]
    wanted = [(line, rest) for line, rest in wanted if rest > ZERO]
    products = {line.product_id for line, _rest in wanted if line.product_id}
    if stock is None:
        stock = available_of(warehouse_id, products) if warehouse_id else {}
    found: dict[int, list[Waiting]] = {pk: [] for pk in ids}
    for line, rest in wanted:
        have = stock.get(line.product_id or 0, ZERO)
        found[line.order_id].append(Waiting(line, rest, have))
    return found


def orders_waiting(actor: Actor, product_ids: Iterable[int] = ()) -> Any:
    """Return released orders, oldest first, that have something to deliver on no note yet.

    Args:
        product_ids: only those that want one of these; () for all.

    A queryset of candidates: whether the rest stands on notes already is for `waiting_of`.
    """
    rows = orders_visible(actor).filter(status="released", is_held=False)
    wanted = set(product_ids)
    if wanted:
        rows = rows.filter(pk__in=rows.filter(lines__product_id__in=wanted).values("pk"))
    return rows.order_by("released_at", "pk")


def notes_of_orders(order_ids: Iterable[int]) -> dict[int, list[DeliveryNote]]:
    """Return order → its delivery notes, oldest first; the caller opened the orders."""
    pairs = (
        DeliveryLine.objects.filter(order_id__in=set(order_ids))
        .values_list("order_id", "delivery_note_id")
        .distinct()
    )
    listed = list(pairs)
    notes = DeliveryNote.objects.select_related("warehouse").in_bulk({note for _o, note in listed})
    found: dict[int, list[DeliveryNote]] = {}
    for order_id, note_id in sorted(listed):
        if order_id is not None:
            found.setdefault(order_id, []).append(notes[note_id])
    return found


def notes_beside(note: DeliveryNote) -> dict[int, list[DeliveryNote]]:
    """Return each order of a note → its notes, oldest first; the note itself is the one given."""
    pairs = sorted(set(_pairs_beside(note.pk)))
    notes = {note.pk: note}
    others = {pk for _order, pk in pairs} - {note.pk}
    if others:
        notes |= DeliveryNote.objects.select_related("warehouse").in_bulk(others)
    found: dict[int, list[DeliveryNote]] = {}
    for order_id, note_id in pairs:
        found.setdefault(order_id, []).append(notes[note_id])
    return found


@prepared
def _pairs_beside(note_id: int) -> QuerySet[DeliveryLine, tuple[int, int]]:
    own = DeliveryLine.objects.filter(delivery_note_id=note_id, order__isnull=False)
    lines = DeliveryLine.objects.filter(order_id__in=own.values("order_id"))
    return lines.values_list("order_id", "delivery_note_id")


def shipped_lines(note_ids: Iterable[int]) -> dict[tuple[int, int], tuple[int, int, Decimal]]:
    """Return (note, line) → (order, its line, what left, in that line's unit), once it left."""
    rows = _shipped(sorted(set(note_ids)))
    return {(note, line): (order, own, left) for note, line, order, own, left in rows}


@prepared
def _shipped(note_ids: Sequence[int]) -> QuerySet[DeliveryLine, Any]:
    rows = DeliveryLine.objects.filter(
        delivery_note_id__in=note_ids,
        delivery_note__status__in=[NoteStatus.DISPATCHED, NoteStatus.CONFIRMED],
        order__isnull=False,
        shipped__gt=ZERO,
    )
    return rows.values_list("delivery_note_id", "number", "order_id", "order_line", "shipped")


def first_departure(field: str) -> Subquery:
    """Return, for annotating orders, a field of the first note that left with goods of each."""
    left = DeliveryNote.objects.filter(
        lines__order_id=OuterRef("pk"), status__in=[NoteStatus.DISPATCHED, NoteStatus.CONFIRMED]
    )
    return Subquery(left.order_by("dispatched_at", "pk").values(field)[:1])


def note_url(note_id: int) -> str:
    """Return the address of a note's page."""
    return reverse("shipping:show", args=[note_id])


def lot_entries(lot_id: int) -> Any:
    """Return the movements of a lot, newest first."""
    return StockEntry.objects.filter(lot_id=lot_id).order_by("-id")
