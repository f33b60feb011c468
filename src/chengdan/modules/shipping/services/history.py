"""Taking over finished deliveries from another system, in bulk, with their stock movements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record_many
from chengdan.kernel.errors import FieldIssue, ForbiddenError, InvalidError
from chengdan.kernel.locking import LockRank, lock_rows
from chengdan.kernel.numbering import numbers_take
from chengdan.kernel.transactions import write
from chengdan.modules.catalog.selectors import product_summaries
from chengdan.modules.customers.selectors import customer_summaries
from chengdan.modules.orders.selectors import LineToShip, lines_of, orders_visible
from chengdan.modules.people.ownership import Origin
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Lot, Pick, StockEntry
from chengdan.modules.shipping.services.finding import notes_find_put
from chengdan.modules.shipping.vocabulary import EntryKind, NoteStatus

ZERO = Decimal(0)
ALL_DONE = "ddddddd"
Key = tuple[int, str]
Known = Mapping[int, Sequence[LineToShip]]


@dataclass(frozen=True, slots=True)
class NoteDone:
    """A delivery of one whole order that the customer has signed for.

    Attributes:
        batches: product → batch that it was taken from, "" or missing for goods without.
        picker, keeper, inspector: the three persons of picking and outbound check.
    """

    order_id: int
    warehouse_id: int
    received_at: datetime
    received_by: str
    carrier: str
    station: str
    picker: Actor
    picked_at: datetime
    keeper: Actor
    inspector: Actor
    dispatched_at: datetime
    waybill: str
    coordinator: Actor
    fed_back_at: datetime
    csr: Actor
    confirmed_at: datetime
    signer: str
    archive: str
    deviation: str = ""
    batches: Mapping[int, str] = field(default_factory=dict)


def notes_history_load(*, actor: Actor, rows: Sequence[NoteDone]) -> list[DeliveryNote]:
    """Store delivered notes of orders taken over, and take their goods out of the lots.

    The orders' own import has noted what was delivered; here only stock moves. Rows come in the
    order in which the goods left; notes and slips are numbered in it.

    Raises:
        ForbiddenError: a person asks; only imports and commands of the installation may.
        InvalidError: an unknown order or batch, or less in a lot than left; items name the row.
    """
    if not actor.is_system:
        raise ForbiddenError
    with write():
        orders = (
            orders_visible(actor)
            .filter(origin=Origin.IMPORTED)
            .in_bulk({row.order_id for row in rows})
        )
        unknown = [
            FieldIssue("order", "unknown", _("There is no such order taken over."), place)
            for place, row in enumerate(rows, 1)
            if row.order_id not in orders
        ]
        if unknown:
            raise InvalidError(unknown)
        known = lines_of(orders)
        lots = _lots(rows, known)
        notes = [_note(actor, row, orders[row.order_id]) for row in rows]
        DeliveryNote.objects.bulk_create(_numbered(actor, notes), batch_size=500)
        lines = _lines(notes, rows, known)
        issues = _move(actor, rows, lines, lots)
        if issues:
            raise InvalidError(issues)
        entries = [entry for pair in zip(notes, rows, strict=True) for entry in _entries(*pair)]
        audit_record_many(actor, words.NOTE_MADE, entries)
        found = customer_summaries({note.customer_id for note in notes})
        notes_find_put(notes, {pk: item.name for pk, item in found.items()})
        return notes


def _note(actor: Actor, row: NoteDone, order: Any) -> DeliveryNote:
    note = DeliveryNote(
        status=NoteStatus.CONFIRMED,
        customer_id=order.customer_id,
        warehouse_id=row.warehouse_id,
        ship_to_id=order.ship_to_id,
        ship_to_text=order.ship_to_text,
        carrier=row.carrier,
        station=row.station,
        gross=order.delivered_gross,
        csr_id=order.csr_id,
        scr_id=order.scr_id,
        received_at=row.received_at,
        received_by=row.received_by,
        picked_by_id=row.picker.user_id,
        picked_at=row.picked_at,
        keeper_checked_by_id=row.keeper.user_id,
        inspector_checked_by_id=row.inspector.user_id,
        dispatched_at=row.dispatched_at,
        dispatched_on=row.dispatched_at.astimezone(clock.local_zone()).date(),
        waybill=row.waybill,
        fed_back_at=row.fed_back_at,
        confirmed_at=row.confirmed_at,
        confirmed_on=row.confirmed_at.astimezone(clock.local_zone()).date(),
        signer=row.signer,
        archive=row.archive,
        deviation=row.deviation,
        progress=ALL_DONE,
    )
    note.ownership_set(
        actor,
        company_id=order.company_id,
        owner_id=order.owner_id,
        unit_id=order.unit_id,
        origin=Origin.IMPORTED,
    )
    note.created_at = row.received_at
    return note


def _numbered(actor: Actor, notes: Sequence[DeliveryNote]) -> Sequence[DeliveryNote]:
    """Give notes and slips their numbers, one take per period and kind."""
    for document_type, name, size in (
        (words.NOTE, "number", 7),
        (words.SLIP_SERIES, "slip_number", 4),
    ):
        periods: dict[tuple[int, str], list[DeliveryNote]] = defaultdict(list)
        for note in notes:
            periods[note.company_id, f"{note.dispatched_on}"[:size]].append(note)
        for (company_id, _period), mine in sorted(periods.items()):
            on = mine[0].dispatched_on or clock.today()
            numbers = numbers_take(actor, company_id, document_type, on, len(mine))
            for note, number in zip(mine, numbers, strict=True):
                setattr(note, name, number)
    return notes


def _lines(
    notes: Sequence[DeliveryNote], rows: Sequence[NoteDone], known: Known
) -> list[list[DeliveryLine]]:
    products = product_summaries(
        {line.product_id for lines in known.values() for line in lines if line.product_id}
    )
    made = []
    for note, row in zip(notes, rows, strict=True):
        goods = [line for line in known[row.order_id] if line.product_id and line.delivered]
        made.append(
            [
                _line(note, number, line, products[line.product_id or 0])
                for number, line in enumerate(goods, 1)
            ]
        )
    DeliveryLine.objects.bulk_create([line for own in made for line in own], batch_size=500)
    return made


def _line(note: DeliveryNote, number: int, line: LineToShip, product: Any) -> DeliveryLine:
    factor = product.factor_of(line.unit_of_measure_id) or line.factor
    return DeliveryLine(
        delivery_note=note,
        number=number,
        order_id=line.order_id,
        order_line=line.number,
        product_id=product.id,
        unit_of_measure_id=line.unit_of_measure_id or product.base_unit_id,
        factor=factor,
        quantity=line.delivered,
        asked_quantity=line.delivered,
        base_quantity=line.delivered * factor,
        needs_batch=product.is_batch_managed,
        shipped=line.delivered,
        gross=line.gross,
    )


def _lots(rows: Sequence[NoteDone], known: Known) -> dict[int, dict[Key, Lot]]:
    """Return warehouse → (product, batch) → locked lot; lots are locked before counters."""
    products: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        products[row.warehouse_id] |= {
            line.product_id for line in known[row.order_id] if line.product_id
        }
    ids = [
        pk
        for warehouse_id, wanted in products.items()
        for pk in Lot.objects.filter(warehouse_id=warehouse_id, product_id__in=wanted).values_list(
            "pk", flat=True
        )
    ]
    found: dict[int, dict[Key, Lot]] = defaultdict(dict)
    for lot in lock_rows(Lot, ids, LockRank.STOCK):
        found[lot.warehouse_id][lot.product_id, lot.batch] = lot
    return found


def _move(
    actor: Actor,
    rows: Sequence[NoteDone],
    lines: Sequence[Sequence[DeliveryLine]],
    lots: Mapping[int, Mapping[Key, Lot]],
) -> list[FieldIssue]:
    """Take the goods out of their lots; return what does not fit."""
    issues, entries, picks = [], [], []
    for place, (row, own) in enumerate(zip(rows, lines, strict=True), 1):
        for line in own:
            key = (line.product_id, row.batches.get(line.product_id, ""))
            lot = lots.get(row.warehouse_id, {}).get(key)
            if lot is None or lot.available < line.base_quantity:
                text = _("The batch is unknown or holds less than left the house.")
                issues.append(FieldIssue("batch", "short", text, place))
                continue
            lot.on_hand -= line.base_quantity
            picks.append(Pick(line=line, lot=lot, quantity=line.base_quantity, is_confirmed=True))
            entries.append(_entry(row, line, lot))
    used = {entry.lot_id: entry.lot for entry in entries}
    Lot.objects.bulk_update(used.values(), ["on_hand"], batch_size=200)
    Pick.objects.bulk_create(picks, batch_size=500)
    StockEntry.objects.bulk_create(entries, batch_size=500)
    return issues


def _entry(row: NoteDone, line: DeliveryLine, lot: Lot) -> StockEntry:
    return StockEntry(
        lot=lot,
        kind=EntryKind.DELIVERY,
        delta=-line.base_quantity,
        balance=lot.on_hand,
        effective_on=row.dispatched_at.astimezone(clock.local_zone()).date(),
        source_type=words.NOTE,
        source_id=line.delivery_note_id,
        source_line=line.number,
        at=row.dispatched_at,
        actor_id=row.keeper.user_id,
        actor_name=row.keeper.name,
    )


def _entries(note: DeliveryNote, row: NoteDone) -> list[AuditRow]:
    slip = {"slip_number": note.slip_number, "status": NoteStatus.DISPATCHED}
    return [
        AuditRow(note, after={"number": note.number, "order": row.order_id}, at=row.received_at),
        AuditRow(note, at=row.picked_at, by=row.picker, code=words.NOTE_PICKED),
        AuditRow(note, after={"step": "OQ1"}, at=row.picked_at, by=row.keeper,
                 code=words.NOTE_CHECKED),
        AuditRow(note, after={"step": "OQ2"}, at=row.picked_at, by=row.inspector,
                 code=words.NOTE_CHECKED),
        AuditRow(note, {"status": NoteStatus.OPEN}, slip, at=row.dispatched_at, by=row.keeper,
                 code=words.NOTE_DISPATCHED),
        AuditRow(note, after={"waybill": row.waybill}, at=row.fed_back_at, by=row.coordinator,
                 code=words.NOTE_FED_BACK),
        AuditRow(note, {"status": NoteStatus.DISPATCHED},
                 {"status": NoteStatus.CONFIRMED, "signer": row.signer},
                 at=row.confirmed_at, by=row.csr, code=words.NOTE_CONFIRMED),
    ]  # fmt: skip
