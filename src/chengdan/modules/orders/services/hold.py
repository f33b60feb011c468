"""Holding an order: it stays where it is, with a reason and an owner, until it is resumed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.pending import document_save
from chengdan.kernel.transactions import write
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_with_account
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services.tell import order_tell
from chengdan.modules.orders.vocabulary import OrderStatus
from chengdan.modules.process.services import process_hold, process_resume


def order_hold(
    *, actor: Actor, order_id: int, reason: str, expected_version: int | None = None
) -> Order:
    """Stop an order; its owner and coordinators are told.

    Raises:
        InvalidError: no reason.
        ConflictError: it is held already, closed or cancelled.
    """
    _reason_required(reason)
    with write():
        order = access_order_with_account(actor, order_id, words.HOLD, expected_version)
        if order.is_held or order.status in {OrderStatus.CLOSED, OrderStatus.CANCELLED}:
            raise ConflictError(
                _("This order cannot be put on hold now."), code="orders.cannot_hold"
            )
        order.is_held, order.hold_reason, order.held_by_id = True, reason.strip(), actor.user_id
        order.version += 1
        document_save(order, ["is_held", "hold_reason", "held_by", "version"])
        process_hold(actor=actor, subject_type=words.ORDER, subject_id=order.pk, reason=reason)
        audit_record(actor, words.HELD, order, after={"is_held": True}, reason=reason)
        order_tell(actor, order, "orders.held", {"reason": reason})
        return order


def order_resume(*, actor: Actor, order_id: int, expected_version: int | None = None) -> Order:
    """Let a held order go on.

    Raises:
        ConflictError: it is not held.
    """
    with write():
        order = access_order_with_account(actor, order_id, words.HOLD, expected_version)
        if not order.is_held:
            raise ConflictError(_("This order is not on hold."), code="orders.not_held")
        order.is_held, order.hold_reason, order.held_by = False, "", None
        order.version += 1
        document_save(order, ["is_held", "hold_reason", "held_by", "version"])
        process_resume(actor=actor, subject_type=words.ORDER, subject_id=order.pk)
        audit_record(actor, words.RESUMED, order, after={"is_held": False})
        event_publish(actor, words.OrderGoesOn(order_id=order.pk))
        order_tell(actor, order, "orders.resumed", {})
        return order


def _reason_required(reason: str) -> None:
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Please give a reason.")))
