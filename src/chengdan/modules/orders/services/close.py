"""Ending an order: cancelling it, closing its remainder, and opening it again with all checks."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.pending import document_save
from chengdan.kernel.transactions import write
from chengdan.modules.credit.services import credit_free, credit_reserve
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_with_account
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.rules import is_fulfilled, remaining
from chengdan.modules.orders.services.amend import amendments_withdraw
from chengdan.modules.orders.services.fulfil import (
    SETTLED,
    buckets_of,
    credit_move,
    line_state,
    order_source,
    settled_note,
)
from chengdan.modules.orders.services.reserve import (
    quota_free_order,
    quota_reserve_order,
    reservation_recheck,
)
from chengdan.modules.orders.services.special import special_void
from chengdan.modules.orders.services.tell import order_tell
from chengdan.modules.orders.transitions import ORDER_TRANSITIONS
from chengdan.modules.orders.vocabulary import OrderStatus
from chengdan.modules.process.services import process_cancel

_FIELDS = ("status", "closed_by_hand", "closed_at", *SETTLED, "version")


def _reason_required(reason: str) -> None:
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Please give a reason.")))


def order_cancel(
    *, actor: Actor, order_id: int, reason: str, expected_version: int | None = None
) -> Order:
    """Cancel an order of which nothing was delivered or invoiced; frees credit and quota.

    Raises:
        InvalidError: no reason.
        ConflictError: something was delivered or invoiced, or a delivery note is under way.
    """
    _reason_required(reason)
    with write():
        order = access_order_with_account(actor, order_id, words.CANCEL, expected_version)
        target = ORDER_TRANSITIONS.resolve(order.status, "cancel")
        lines = list(order.lines.order_by("number"))
        if any(line.delivered or line.invoiced for line in lines):
            raise ConflictError(
                _("Part of this order is delivered or invoiced. Close the rest instead."),
                code="orders.partly_fulfilled",
            )
        _cancel(actor, order, target, reason)
        return order


def _cancel(actor: Actor, order: Order, target: str, reason: str) -> None:
    """Cancel a locked order, of which nothing has happened, with all that hangs on it."""
    was = order.status
    order.status = target
    order.closed_at = clock.now()
    order.version += 1
    order.is_held, order.hold_reason, order.due_at = False, "", None
    document_save(order, ["status", "closed_at", "version", "is_held", "hold_reason", "due_at"])
    special_void(actor, order)
    amendments_withdraw(actor, order, reason)
    process_cancel(actor=actor, subject_type=words.ORDER, subject_id=order.pk, reason=reason)
    # Of a released order the process has ended and frees nothing.
    credit_free(
        actor=actor,
        customer_id=order.customer_id,
        source=order_source(order.pk),
        reason="orders.cancelled",
    )
    quota_free_order(actor, order)
    audit_record(
        actor,
        words.CANCELLED,
        order,
        before={"status": was},
        after={"status": order.status},
        reason=reason,
    )
    # Shipping and billing give up their open documents in this same transaction, or refuse.
    event_publish(actor, words.OrderCancelled(order_id=order.pk))


def order_close(
    *, actor: Actor, order_id: int, reason: str, expected_version: int | None = None
) -> Order:
    """Give up what is not delivered yet; its credit and quota become free.

    Raises:
        InvalidError: no reason.
        TransitionError: the order is not being fulfilled.
        ConflictError: nothing of it is left to deliver.
    """
    _reason_required(reason)
    with write():
        order = access_order_with_account(actor, order_id, words.CLOSE, expected_version)
        target = ORDER_TRANSITIONS.resolve(order.status, "close")
        lines = list(order.lines.order_by("number"))
        amendments_withdraw(actor, order, reason)
        before = buckets_of(order, lines)
        closed = _rest_close(lines)
        if not closed:
            raise ConflictError(_("Nothing of this order is left."), code="orders.nothing_left")
        OrderLine.objects.bulk_update(lines, ["closed"])
        if not is_fulfilled([line_state(line) for line in lines]):
            # What is delivered must still be invoiced; the order closes itself then.
            target = order.status
        order.closed_by_hand = True
        order.status = target
        order.closed_at = clock.now() if target == OrderStatus.CLOSED else None
        settled_note(order)
        order.version += 1
        document_save(order, _FIELDS)
        credit_move(actor, order, before, buckets_of(order, lines), "orders.closed")
        for number in closed:
            quota_free_order(actor, order, line_number=number)
        audit_record(
            actor,
            words.CLOSED,
            order,
            after={"status": order.status, "closed": closed},
            reason=reason,
        )
        event_publish(actor, words.OrderAmended(order_id=order.pk))
        return order


def _rest_close(lines: list[OrderLine]) -> dict[int, Decimal]:
    """Close what is left of the goods; charges too when nothing will ever be invoiced."""
    is_untouched = not any(line.delivered or line.invoiced for line in lines)
    closed = {}
    for line in lines:
        rest = remaining(line_state(line)) if line.is_goods or is_untouched else ZERO
        if rest:
            line.closed += rest
            closed[line.number] = rest
    return closed


def order_reopen(
    *, actor: Actor, order_id: int, reason: str, expected_version: int | None = None
) -> Order:
    """Take up a closed remainder again; quota and credit are checked as for a new order.

    Raises:
        InvalidError: no reason.
        RuleError: the limit or the quota does not suffice any more.
        ConflictError: nothing was closed by hand, or the order is cancelled.
    """
    _reason_required(reason)
    with write():
        order = access_order_with_account(actor, order_id, words.CLOSE, expected_version)
        lines = list(order.lines.order_by("number"))
        if not order.closed_by_hand or not any(line.closed for line in lines):
            raise ConflictError(_("Nothing of this order was closed."), code="orders.not_closed")
        if order.status != OrderStatus.RELEASED:
            order.status = ORDER_TRANSITIONS.resolve(order.status, "reopen")
        before = buckets_of(order, lines)
        for line in lines:
            line.closed = ZERO
        after = buckets_of(order, lines)
        reservation_recheck(order, added=after.open - before.open)
        quota_reserve_order(actor, order, lines, only_full=True)
        OrderLine.objects.bulk_update(lines, ["closed"])
        order.closed_by_hand, order.closed_at = False, None
        settled_note(order)
        order.version += 1
        document_save(order, _FIELDS)
        # A reservation, not a mere move: the ledger itself refuses what passes the limit.
        credit_reserve(
            actor=actor,
            customer_id=order.customer_id,
            source=order_source(order.pk),
            amount=after.open,
            pays_first=order.pays_first,
            round_number=order.reserved_round,
        )
        audit_record(actor, words.REOPENED, order, after={"status": order.status}, reason=reason)
        event_publish(actor, words.OrderAmended(order_id=order.pk))
        return order


def order_lapse(actor: Actor, order: Order) -> None:
    """Cancel an order whose advance payment did not come; called by a timer of its process.

    The account and the order are locked.
    """
    target = ORDER_TRANSITIONS.resolve(order.status, "cancel")
    _cancel(actor, order, target, str(_("The advance payment did not come in time.")))
    order_tell(actor, order, "orders.lapsed", {})
