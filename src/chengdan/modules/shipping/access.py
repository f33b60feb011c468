"""Loading delivery notes and stock documents for an act: lock, then see, then right, then version.

A note has one customer, and everything that touches a note holds that customer's credit account
first; so the row of the note is only ever locked behind it, whatever else is locked meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError, NotFoundError
from chengdan.kernel.locking import LockRank, lock_found, lock_one, lock_rows, rows_guarded
from chengdan.kernel.prepared import prepared, rows_insert
from chengdan.modules.credit.services import accounts_require_held, credit_account_lock_with
from chengdan.modules.orders.access import orders_locked, orders_to_lock
from chengdan.modules.people.access import authorise, require_visible, visible
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, StockDocument, Warehouse

NOTES = DeliveryNote.objects.select_related("customer", "warehouse", "ship_to")


def notes_visible(actor: Actor) -> QuerySet[DeliveryNote]:
    """Return the delivery notes that the actor may see."""
    return visible(actor, words.VIEW, DeliveryNote.objects.all())


def note_lock(note_id: int) -> DeliveryNote:
    """Lock the customer's account and the note; the caller acts for the process or checks rights.

    Raises:
        NotFoundError: there is none.
    """
    return credit_account_lock_with(NOTES, note_id, LockRank.DELIVERY, is_guarded=True)


def note_new(note: DeliveryNote) -> None:
    """Store a new note, locked with its account: nobody else can reach it."""
    rows_insert([note])
    rows_guarded(LockRank.DELIVERY, [note.pk])
    lock_found([note], LockRank.DELIVERY)


def notes_lock(note_ids: Iterable[int]) -> list[DeliveryNote]:
    """Lock notes of one customer whose account is locked already."""
    ids = sorted(set(note_ids))
    rows_guarded(LockRank.DELIVERY, ids)
    found = lock_rows(DeliveryNote, ids, LockRank.DELIVERY)
    accounts_require_held(note.customer_id for note in found)
    return found


def note_orders(note_id: int) -> list[int]:
    """Return the ids of the orders that a note serves, sorted."""
    return sorted(set(_orders_of(note_id)))


@prepared
def _orders_of(note_id: int) -> QuerySet[DeliveryLine, int]:
    return _order_lines(note_id).values_list("order_id", flat=True)


@prepared
def _orders_behind(note_id: int) -> QuerySet[Any]:
    return orders_to_lock(_order_lines(note_id).values("order_id"))


def _order_lines(note_id: int) -> QuerySet[DeliveryLine]:
    return DeliveryLine.objects.filter(delivery_note_id=note_id, order__isnull=False)


def access_note(
    actor: Actor,
    note_id: int,
    permission: str,
    expected_version: int | None = None,
    *,
    with_orders: bool = False,
) -> DeliveryNote:
    """Lock the note for the act that needs `permission`.

    Args:
        with_orders: also lock the orders it serves, which the act changes.

    Raises:
        NotFoundError: there is none, or the actor may not see it.
        ForbiddenError: the actor sees it but may not do this.
        ConflictError: somebody changed it since `expected_version`.
    """
    note = note_lock(note_id)
    if with_orders:
        orders_locked(_orders_behind(note_id))
    require_visible(actor, words.VIEW, note)
    authorise(actor, permission, note)
    if expected_version is not None and note.version != expected_version:
        raise ConflictError
    return note


def access_note_for_view(actor: Actor, note_id: int) -> DeliveryNote:
    """Return the note for reading, with what its page shows; 404 when not visible."""
    note = (
        notes_visible(actor)
        .select_related(
            "customer", "company", "warehouse", "owner", "unit", "csr", "scr", "picked_by",
            "ship_to",
        )
        .filter(pk=note_id)
        .first()
    )  # fmt: skip
    if note is None:
        raise NotFoundError
    return note


def access_stock_document(
    actor: Actor, document_id: int, expected_version: int | None = None
) -> StockDocument:
    """Lock a stock document; the caller checks the right that its kind needs.

    Raises:
        NotFoundError: there is none, or the actor may not see it.
        ConflictError: somebody changed it since `expected_version`.
    """
    document = lock_one(StockDocument, document_id, LockRank.DELIVERY)
    require_visible(actor, words.STOCK_VIEW, document)
    if expected_version is not None and document.version != expected_version:
        raise ConflictError
    return document


def stock_documents_visible(actor: Actor) -> QuerySet[StockDocument]:
    """Return the stock documents that the actor may see."""
    return visible(actor, words.STOCK_VIEW, StockDocument.objects.all())


def access_stock_document_for_view(actor: Actor, document_id: int) -> StockDocument:
    """Return the stock document for reading; 404 when not visible."""
    rows = stock_documents_visible(actor).select_related("warehouse", "owner")
    found = rows.filter(pk=document_id).first()
    if found is None:
        raise NotFoundError
    return found


def access_warehouse(actor: Actor, warehouse_id: int) -> Warehouse:
    """Return a warehouse of the actor's company that is in use.

    Raises:
        NotFoundError: none such.
    """
    rows = Warehouse.objects.filter(company_id=actor.company_id or 0, is_active=True)
    found = rows.filter(pk=warehouse_id).first()
    if found is None:
        raise NotFoundError
    return found
