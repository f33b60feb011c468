"""The stock ledger: the only place that changes what lots hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError
from chengdan.kernel.locking import LockRank, lock_found, lock_rows
from chengdan.kernel.prepared import prepared, rows_insert, rows_save
from chengdan.kernel.reference import remembered_rows
from chengdan.modules.shipping.models import Lot, StockEntry, Warehouse
from chengdan.modules.shipping.rules import LotState, lots_propose

ZERO = Decimal(0)
LOTS_TOPIC = "lots"


class StockError(ConflictError):
    """A lot does not hold what is wanted."""

    default_code = "shipping.stock"
    default_message = _("Only %(found)s of %(product)s are there, %(wanted)s are wanted.")


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of one lot; base units, positive into the warehouse.

    Attributes:
        unreserve: how much of the lot's reservation goes with it.
    """

    lot_id: int
    delta: Decimal
    line: int = 0
    unreserve: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Cause:
    """The document that moves stock."""

    kind: str
    source_type: str
    source_id: int
    effective_on: date


def lots_find_or_make(
    warehouse: Warehouse,
    keys: Iterable[tuple[int, str]],
    received_on: date,
    expiry: dict[tuple[int, str], date | None] | None = None,
) -> dict[tuple[int, str], int]:
    """Return (product, batch) → lot id, making lots that do not exist yet."""
    wanted = set(keys)
    rows = [
        Lot(
            company_id=warehouse.company_id,
            warehouse=warehouse,
            product_id=product_id,
            batch=batch,
            received_on=received_on,
            expires_on=(expiry or {}).get((product_id, batch)),
        )
        for product_id, batch in sorted(wanted)
    ]
    Lot.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    found = Lot.objects.filter(
        warehouse=warehouse, product_id__in={product for product, _batch in wanted}
    ).values_list("product_id", "batch", "id")
    return {(product, batch): pk for product, batch, pk in found if (product, batch) in wanted}


def stock_move(actor: Actor, cause: Cause, movements: Sequence[Movement]) -> list[StockEntry]:
    """Post movements to the ledger; the caller writes its document and audit entry.

    Raises:
        StockError: a lot would fall below zero, or below what others reserved.
    """
    lots = {lot.pk: lot for lot in lock_rows(Lot, (m.lot_id for m in movements), LockRank.STOCK)}
    at = clock.now()
    entries = []
    for movement in movements:
        lot = lots[movement.lot_id]
        lot.reserved -= movement.unreserve
        lot.on_hand += movement.delta
        if lot.reserved < ZERO or lot.on_hand < lot.reserved:
            free = lot.on_hand - movement.delta - lot.reserved
            raise StockError(found=free.normalize(), wanted=-movement.delta, product=lot.product)
        entries.append(
            StockEntry(
                lot=lot,
                kind=cause.kind,
                delta=movement.delta,
                balance=lot.on_hand,
                effective_on=cause.effective_on,
                source_type=cause.source_type,
                source_id=cause.source_id,
                source_line=movement.line,
                at=at,
                actor_id=actor.user_id,
                actor_name=actor.name,
            )
        )
    rows_save(lots.values(), ["on_hand", "reserved"])
    return rows_insert(entries)


def lots_lock_ids(lot_ids: Iterable[int]) -> list[Lot]:
    """Lock lots in one go, before several acts on them."""
    return lock_rows(Lot, lot_ids, LockRank.STOCK)


def lots_lock(product_ids: Iterable[int], warehouse_id: int) -> dict[int, list[Lot]]:
    """Lock all lots of the products in a warehouse; return product → lots, read after the lock.

    The same objects each time, until the act changes some. Who changes lots stores them, or takes
    the act back.
    """
    wanted = set(product_ids)

    def load(missing: set[int]) -> dict[int, list[Lot]]:
        found: dict[int, list[Lot]] = {}
        for lot in lock_found(_lots_of(warehouse_id, missing), LockRank.STOCK):
            found.setdefault(lot.product_id, []).append(lot)
        return found

    return remembered_rows(LOTS_TOPIC, str(warehouse_id), wanted, load)


@prepared
def _lots_of(warehouse_id: int, product_ids: Collection[int]) -> QuerySet[Lot]:
    rows = Lot.objects.filter(warehouse_id=warehouse_id, product_id__in=product_ids)
    return rows.order_by("pk").select_for_update(of=("self",))


def is_usable(lot: Lot) -> bool:
    """True while the lot has not expired."""
    return lot.expires_on is None or lot.expires_on >= clock.today()


def stock_reserve(
    lots: dict[int, list[Lot]], product_id: int, wanted: Decimal, on: date
) -> list[tuple[Lot, Decimal]]:
    """Reserve up to `wanted` in locked lots, first expired first; the caller saves the lots."""
    mine = {lot.pk: lot for lot in lots.get(product_id, [])}
    states = [
        LotState(lot.pk, lot.available, lot.expires_on, lot.received_on) for lot in mine.values()
    ]
    parts = []
    for pk, quantity in lots_propose(states, wanted, on):
        mine[pk].reserved += quantity
        parts.append((mine[pk], quantity))
    return parts


def reserved_save(lots: Iterable[Lot]) -> None:
    """Write back the reservations of locked lots."""
    rows_save(list(lots), ["reserved"])


def stock_unreserve(parts: Iterable[tuple[int, Decimal]]) -> None:
    """Give reserved quantities (lot id, quantity) back."""
    by_lot: dict[int, Decimal] = {}
    for pk, quantity in parts:
        by_lot[pk] = by_lot.get(pk, ZERO) + quantity
    lots = lock_rows(Lot, by_lot, LockRank.STOCK)
    for lot in lots:
        lot.reserved -= by_lot[lot.pk]
    reserved_save(lots)
