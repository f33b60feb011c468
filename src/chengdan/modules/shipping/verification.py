"""Invariants of stock and delivery, recomputed from entries, picks and documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from chengdan.kernel.verification import Difference, verifier
from chengdan.modules.orders.selectors import lines_of
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Lot, Pick, StockEntry
from chengdan.modules.shipping.rules import delivery_ceiling
from chengdan.modules.shipping.vocabulary import NOTE, EntryKind, NoteStatus

ZERO = Decimal(0)
CHUNK = 500
_LEFT = (NoteStatus.DISPATCHED, NoteStatus.CONFIRMED)


@verifier("I7", "stock ledger")
def verify_stock() -> Iterator[Difference]:
    """Yield lots that are not the sum of their entries or of the picks on them."""
    entered: dict[int, Decimal] = defaultdict(Decimal)
    balances: dict[int, Decimal] = {}
    rows = StockEntry.objects.order_by("lot_id", "pk").values_list("lot_id", "delta", "balance")
    for lot_id, delta, balance in rows.iterator():
        entered[lot_id] += delta
        if entered[lot_id] != balance:
            where = f"lot {lot_id} balance"
            yield Difference("I7", where, str(entered[lot_id]), str(balance))
        balances[lot_id] = balance
    held: dict[int, Decimal] = defaultdict(Decimal)
    picks = Pick.objects.filter(line__delivery_note__status=NoteStatus.OPEN)
    for lot_id, quantity in picks.values_list("lot_id", "quantity").iterator():
        held[lot_id] += quantity
    for lot in Lot.objects.order_by("pk").iterator():
        if entered[lot.pk] != lot.on_hand:
            where = f"lot {lot.pk} on hand"
            yield Difference("I7", where, str(entered[lot.pk]), str(lot.on_hand))
        if held[lot.pk] != lot.reserved:
            where = f"lot {lot.pk} reserved"
            yield Difference("I7", where, str(held[lot.pk]), str(lot.reserved))
        if lot.on_hand < ZERO or not ZERO <= lot.reserved <= lot.on_hand:
            yield Difference(
                "I7", f"lot {lot.pk}", "0 ≤ reserved ≤ on hand", f"{lot.reserved} {lot.on_hand}"
            )


@verifier("I7", "deliveries in the stock ledger")
def verify_deliveries() -> Iterator[Difference]:
    """Yield notes whose entries are not what their lines say has left."""
    moved: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    rows = StockEntry.objects.filter(
        source_type=NOTE, kind__in=[EntryKind.DELIVERY, EntryKind.REVERSAL]
    )
    for note_id, line, delta in rows.values_list("source_id", "source_line", "delta").iterator():
        moved[note_id, line] -= delta
    lines = DeliveryLine.objects.exclude(delivery_note__status=NoteStatus.OPEN)
    columns = ("delivery_note_id", "number", "shipped", "factor")
    for note_id, number, shipped, factor in lines.values_list(*columns).iterator():
        left = moved.pop((note_id, number), ZERO)
        # A line's quantity is rounded down to six places, so up to one such step may be missing.
        if not ZERO <= left - shipped * factor <= factor * Decimal("0.000001"):
            where = f"note {note_id} line {number}"
            yield Difference("I7", where, str(left), str(shipped * factor))
    for (note_id, number), left in moved.items():
        if left:
            yield Difference("I7", f"note {note_id} line {number}", "no movement", str(left))


@verifier("I4", "ordered, shipped, invoiced")
def verify_quantities() -> Iterator[Difference]:
    """Yield order lines whose deliveries are not their notes', or are more than tolerated.

    Per line: ordered × (1 + tolerance) ≥ shipped − returned ≥ invoiced − credited ≥ 0 for orders
    that ship before they are invoiced.
    """
    from chengdan.kernel.actor import Actor
    from chengdan.modules.orders.selectors import orders_visible

    orders = orders_visible(Actor.system("verify")).exclude(origin="imported")
    listed = list(orders.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(listed), CHUNK):
        yield from _orders_verify(listed[start : start + CHUNK])


def _orders_verify(orders: Sequence[int]) -> Iterator[Difference]:
    shipped: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    tolerated: dict[tuple[int, int], list[Decimal | None]] = defaultdict(list)
    rows = DeliveryLine.objects.filter(
        order_id__in=orders, delivery_note__status__in=_LEFT
    ).values_list("order_id", "order_line", "shipped", "tolerance_percent")
    for order_id, number, quantity, percent in rows.iterator():
        shipped[order_id or 0, number] += quantity
        tolerated[order_id or 0, number].append(percent)
    lines = [line for found in lines_of(orders).values() for line in found if line.product_id]
    for line in lines:
        where, key = f"order {line.order_id} line {line.number}", (line.order_id, line.number)
        left = shipped[key]
        if left != line.delivered:
            yield Difference("I4", f"{where} delivered", str(left), str(line.delivered))
        # As it was decided when the goods left: a setting that changed since does not count.
        percents = [percent for percent in tolerated[key] if percent is not None]
        ceiling = delivery_ceiling(line.quantity, max(percents, default=ZERO))
        if left > ceiling and len(percents) == len(tolerated[key]):
            yield Difference("I4", f"{where} ordered", f"≤ {ceiling}", str(left))
        if not left >= line.invoiced >= ZERO:
            yield Difference("I4", f"{where} invoiced", f"0 … {left}", str(line.invoiced))


@verifier("I8", "outbound slips of notes")
def verify_slips() -> Iterator[Difference]:
    """Yield notes that left without a slip, or have one without having left."""
    rows = DeliveryNote.objects.values_list("pk", "slip_number", "dispatched_at")
    for note_id, slip, dispatched_at in rows.iterator():
        if bool(slip) != (dispatched_at is not None):
            yield Difference("I8", f"note {note_id} slip", str(dispatched_at), slip)


def slips_carried(company_id: int) -> list[str]:
    """Return the outbound slips of a company's notes, reversed ones included."""
    rows = DeliveryNote.objects.filter(company_id=company_id).exclude(slip_number="")
    return list(rows.order_by("pk").values_list("slip_number", flat=True))
