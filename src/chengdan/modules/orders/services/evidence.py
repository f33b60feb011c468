"""Adding to orders taken over who did what with them, where the other system knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record_many
from chengdan.kernel.errors import FieldIssue, ForbiddenError, InvalidError
from chengdan.kernel.locking import LockRank, lock_rows
from chengdan.kernel.transactions import write
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Handover, Order, OrderMemo
from chengdan.modules.orders.rules import way_rank
from chengdan.modules.orders.vocabulary import CreditBand
from chengdan.modules.people.ownership import Origin

_FIELDS = (
    "csr", "scr", "bcr", "submitted_by", "submitted_at", "accepted_at", "released_at",
    "way_rank", "credit_band", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderEvidence:
    """The persons and moments of OP for one order taken over.

    Attributes:
        seats: csr, scr and bcr.
        told_how: how the customer was told of the acceptance.
        approved_by: the member of the leadership team who signed MA.
    """

    order_id: int
    seats: tuple[int, int, int]
    submitted_by: Actor
    submitted_at: datetime
    accepted_by: Actor
    accepted_at: datetime
    memo: str
    told_how: str
    approved_by: Actor
    approved_at: datetime
    printed_by: Actor
    printed_at: datetime
    handed_by: Actor
    received_by: str
    received_at: datetime


def orders_evidence_load(*, actor: Actor, rows: Sequence[OrderEvidence]) -> list[Order]:
    """Store coordinators, order memo, hand-over and history of orders taken over, all or none.

    Raises:
        ForbiddenError: a person asks; only imports and commands of the installation may.
        InvalidError: an order that was not taken over; items name the row.
    """
    if not actor.is_system:
        raise ForbiddenError
    with write():
        locked = lock_rows(Order, [row.order_id for row in rows], LockRank.ORDER)
        orders = {order.pk: order for order in locked if order.origin == Origin.IMPORTED}
        unknown = [
            FieldIssue("order", "unknown", _("There is no such order taken over."), place)
            for place, row in enumerate(rows, 1)
            if row.order_id not in orders
        ]
        if unknown:
            raise InvalidError(unknown)
        for row in rows:
            _fill(orders[row.order_id], row)
        Order.objects.bulk_update(orders.values(), _FIELDS, batch_size=100)
        OrderMemo.objects.bulk_create([_memo(row) for row in rows], batch_size=500)
        Handover.objects.bulk_create([_handover(row) for row in rows], batch_size=500)
        entries = [entry for row in rows for entry in _entries(orders[row.order_id], row)]
        audit_record_many(actor, words.ACCEPTED, entries)
        return [orders[row.order_id] for row in rows]


def _fill(order: Order, row: OrderEvidence) -> None:
    order.csr_id, order.scr_id, order.bcr_id = row.seats
    order.submitted_by_id, order.submitted_at = row.submitted_by.user_id, row.submitted_at
    order.way_rank = way_rank(order.submitted_at, order.settled_at)
    order.accepted_at, order.released_at = row.accepted_at, row.received_at
    order.credit_band = CreditBand.WITHIN
    order.version += 1


def _memo(row: OrderEvidence) -> OrderMemo:
    return OrderMemo(
        order_id=row.order_id,
        text=row.memo,
        accepted_by_id=row.accepted_by.user_id or 0,
        accepted_at=row.accepted_at,
        market_told_at=row.accepted_at,
        customer_told_at=row.accepted_at,
        customer_told_how=row.told_how,
    )


def _handover(row: OrderEvidence) -> Handover:
    return Handover(
        order_id=row.order_id,
        printed_by_id=row.printed_by.user_id or 0,
        printed_at=row.printed_at,
        handed_by_id=row.handed_by.user_id,
        received_by=row.received_by,
        received_at=row.received_at,
    )


def _entries(order: Order, row: OrderEvidence) -> list[AuditRow]:
    return [
        AuditRow(order, after={"told": row.told_how}, at=row.accepted_at, by=row.accepted_by),
        AuditRow(order, at=row.approved_at, by=row.approved_by, code=words.APPROVED),
        AuditRow(order, at=row.printed_at, by=row.printed_by, code=words.PRINTED),
        AuditRow(order, after={"received_by": row.received_by}, at=row.received_at,
                 by=row.handed_by, code=words.RELEASED),
    ]  # fmt: skip
