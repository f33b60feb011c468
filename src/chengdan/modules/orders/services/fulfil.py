"""What shipping and billing report back: how much of each line is delivered and invoiced.

Here alone the order's money moves between the buckets "open" and "to invoice".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import rows_save
from chengdan.kernel.transactions import write
from chengdan.modules.credit.services import Bucket, Move, Source, credit_post
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import order_lock, order_lock_with_account
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.rules import (
    Buckets,
    LineState,
    is_fulfilled,
    order_buckets,
    share_of_line,
    way_rank,
)
from chengdan.modules.orders.selectors import lines_by_number
from chengdan.modules.orders.transitions import ORDER_TRANSITIONS
from chengdan.modules.orders.vocabulary import OrderStatus
from chengdan.modules.people.selectors import company_get

SETTLED = ("settled_at", "way_rank")


@dataclass(frozen=True, slots=True)
class Progress:
    """What happened to one line; negative for a reversal. Quantities in the line's unit."""

    line_number: int
    delivered: Decimal = ZERO
    invoiced: Decimal = ZERO


def order_source(order_id: int) -> Source:
    """Return how the credit account names an order."""
    return Source(words.ORDER, order_id)


def line_state(line: OrderLine) -> LineState:
    """Return the line as the rules see it."""
    return LineState(
        quantity=line.quantity,
        gross=line.gross,
        delivered=line.delivered,
        invoiced=line.invoiced,
        closed=line.closed,
    )


def buckets_of(order: Order, lines: Sequence[OrderLine]) -> Buckets:
    """Return where the order's gross stands; nothing while no reservation stands."""
    if not order.reserved_round or order.status in {OrderStatus.CANCELLED, OrderStatus.DRAFT}:
        return Buckets(ZERO, ZERO)
    return order_buckets(map(line_state, lines), company_get(order.company_id).exponent)


def credit_move(
    actor: Actor,
    order: Order,
    before: Buckets,
    after: Buckets,
    reason: str,
    beside: Sequence[Move] = (),
) -> None:
    """Post to the credit account what changed between two states of the order.

    Args:
        beside: what the document that causes it moves itself, in the same posting.
    """
    source = order_source(order.pk)
    moves = [
        Move(Bucket.OPEN, after.open - before.open, source),
        Move(Bucket.TO_INVOICE, after.to_invoice - before.to_invoice, source),
    ]
    moves = [move for move in [*moves, *beside] if move.amount_delta]
    if moves:
        credit_post(actor=actor, customer_id=order.customer_id, moves=moves, reason=reason)


def order_progress(
    *,
    actor: Actor,
    order_id: int,
    progress: Sequence[Progress],
    reason: str = "orders.progress",
    beside: Sequence[Move] = (),
) -> Order:
    """Note deliveries and invoices on an order's lines and move its credit buckets.

    The caller posts the document that causes it, in the same transaction, and has checked the
    actor's right to do so.

    Args:
        reason: of the posting to the credit account.
        beside: what the document moves there itself.

    Raises:
        NotFoundError: no such order.
        ValueError: a line is not of the order, or would become negative; a caller bug.
    """
    with write():
        order = order_lock_with_account(order_id)
        lines = lines_by_number(order_id)
        before = buckets_of(order, lines)
        changed = _apply(lines, {item.line_number: item for item in progress})
        rows_save(changed, ["delivered", "invoiced"])
        sums_note(order, lines)
        fields = ["delivered_gross", "invoiced_gross", "version"]
        fields += close_or_reopen(order, lines)
        order.version += 1
        document_save(order, fields)
        credit_move(actor, order, before, buckets_of(order, lines), reason, beside)
        audit_record(
            actor,
            words.FULFILMENT,
            order,
            after={
                "lines": [
                    {"number": line.number, "delivered": line.delivered, "invoiced": line.invoiced}
                    for line in changed
                ],
                "status": order.status,
            },
        )
        return order


def _apply(lines: Sequence[OrderLine], progress: Mapping[int, Progress]) -> list[OrderLine]:
    by_number = {line.number: line for line in lines}
    changed = []
    for number, item in progress.items():
        line = by_number.get(number)
        if line is None:
            raise ValueError(f"the order has no line {number}")
        line.delivered += item.delivered
        line.invoiced += item.invoiced
        if line.delivered < ZERO or line.invoiced < ZERO:
            raise ValueError(f"line {number} would become negative")
        changed.append(line)
    return changed


def sums_note(order: Order, lines: Sequence[OrderLine]) -> None:
    """Keep on the order what of its gross is delivered and invoiced."""
    exponent = company_get(order.company_id).exponent
    order.delivered_gross = _sum(lines, "delivered", exponent)
    order.invoiced_gross = _sum(lines, "invoiced", exponent)


def _sum(lines: Sequence[OrderLine], name: str, exponent: int) -> Decimal:
    return sum(
        (share_of_line(line.gross, line.quantity, getattr(line, name), exponent) for line in lines),
        ZERO,
    )


def close_or_reopen(order: Order, lines: Sequence[OrderLine]) -> list[str]:
    """Close a released order that is fulfilled, a reversal opens it again; return what changed."""
    is_done = is_fulfilled([line_state(line) for line in lines])
    if order.status == OrderStatus.RELEASED and is_done:
        order.status = ORDER_TRANSITIONS.resolve(order.status, "close")
        order.closed_at = clock.now()
    elif order.status == OrderStatus.CLOSED and not is_done:
        order.status = ORDER_TRANSITIONS.resolve(order.status, "reopen")
        order.closed_at = None
    else:
        return []
    settled_note(order)
    return ["status", "closed_at", *SETTLED]


def settled_note(order: Order) -> None:
    """Note since when nothing is open of a closed order and its invoices are paid (OTR).

    The caller saves the fields `SETTLED`.
    """
    is_paid = ZERO < order.invoiced_gross <= order.paid_gross
    is_settled = order.status == OrderStatus.CLOSED and is_paid
    order.settled_at = (order.settled_at or clock.now()) if is_settled else None
    order.way_rank = way_rank(order.submitted_at, order.settled_at)


def order_paid(*, actor: Actor, order_id: int, paid_delta: Decimal) -> None:
    """Note money allocated to (or taken from) the order's invoices; settles a paid order (OTR).

    Raises:
        NotFoundError: no such order.
    """
    with write():
        order = order_lock(order_id)
        before = order.paid_gross
        order.paid_gross += paid_delta
        settled_note(order)
        order.version += 1
        document_save(order, ["paid_gross", *SETTLED, "version"])
        audit_record(
            actor,
            words.FULFILMENT,
            order,
            before={"paid_gross": before},
            after={"paid_gross": order.paid_gross, "settled_at": order.settled_at},
        )
