"""The acts of OP that people do on the order's page: accept, print, hand over (OA, BG).

Each writes its evidence and completes its step in one transaction; the engine checks that the
step stands open and that it is the actor's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import ConflictError, DomainError, FieldIssue, InvalidError
from chengdan.kernel.locking import behind_save
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import rows_insert, rows_put
from chengdan.kernel.transactions import write
from chengdan.modules.customers.selectors import mail_address
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_with_account
from chengdan.modules.orders.models import Handover, Order, OrderMemo
from chengdan.modules.orders.selectors import HANDOVERS_TOPIC, handovers_of, is_amending
from chengdan.modules.orders.transitions import ORDER_TRANSITIONS
from chengdan.modules.process.services import process_step_complete, step_standing

HAND_OVER = "BG2"


def _complete(actor: Actor, order: Order, step: str, data: dict[str, str]) -> Order:
    subject: Any = process_step_complete(
        actor=actor, subject_type=words.ORDER, subject_id=order.pk, step_code=step, data=data,
        document=order,
    )  # fmt: skip
    found: Order = subject.order
    return found


def order_accept(
    *,
    actor: Actor,
    order_id: int,
    memo: str = "",
    customer_told_how: str = "",
    expected_version: int | None = None,
) -> Order:
    """Accept an order: the memo is written, market department and customer are told (ORD-02).

    Args:
        memo: what the order memo says beside the order itself.
        customer_told_how: such as "phone, Ms Luo"; "" lets the system send a mail.

    Raises:
        InvalidError: nothing told the customer and no mail address is known.
        NotFoundError, ForbiddenError, ConflictError: see `access_order`.
        StepNotOpenError, NotAssignedError: not now, or somebody else's step.
    """
    with write():
        order = access_order_with_account(actor, order_id, words.ACCEPT, expected_version)
        at = clock.now()
        told = customer_told_how.strip() or _mail_note(order)
        values = {
            "text": memo.strip() or str(_("Accepted as submitted.")),
            "accepted_by_id": actor.person_id,
            "accepted_at": at,
            "market_told_at": at,
            "customer_told_at": at,
            "customer_told_how": told,
        }
        rows_put([OrderMemo(order=order, **values)], ["order"], list(values))
        order.accepted_at = at
        order.version += 1
        document_save(order, ["accepted_at", "version"])
        audit_record(actor, words.ACCEPTED, order, after={"accepted_at": at, "told": told})
        event_publish(
            actor, words.OrderAccepted(order_id=order.pk, is_mailed=not customer_told_how.strip())
        )
        return _complete(actor, order, "OA", {"memo": memo, "told": told})


def _mail_note(order: Order) -> str:
    if not mail_address(order.customer_id):
        message = _("Say how the customer was told; no mail address is known.")
        raise InvalidError(FieldIssue("customer_told_how", "required", message, rule="OA-1"))
    return str(_("by mail"))


def order_print_bill(*, actor: Actor, order_id: int, expected_version: int | None = None) -> Order:
    """Note that finance printed the delivery note; its day is promised (ORD-07).

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_order`; also when an amendment
            is being decided, since print and shipping wait for it.
    """
    with write():
        order = access_order_with_account(actor, order_id, words.PRINT_BILL, expected_version)
        _not_amending(order)
        at = clock.now()
        values = {"printed_by_id": actor.person_id, "printed_at": at}
        rows_put([Handover(order=order, **values)], ["order"], list(values))
        audit_record(actor, words.PRINTED, order, after={"printed_at": at})
        return _complete(actor, order, "BG1", {})


def order_hand_over(
    *,
    actor: Actor,
    order_id: int,
    received_by: str,
    received_at: datetime | None = None,
    expected_version: int | None = None,
) -> Order:
    """Hand the note to storage/transport: ends OP, starts the shipping clocks (ORD-29).

    Args:
        received_by: name of the receiver there.
        received_at: when; default now, never in the future or before the print.

    Raises:
        InvalidError: no receiver, or an impossible time.
        NotFoundError, ForbiddenError, ConflictError: see `access_order`.
    """
    if not received_by.strip():
        message = _("Name who received it at storage and transport.")
        raise InvalidError(FieldIssue("received_by", "required", message))
    with write():
        order = access_order_with_account(actor, order_id, words.HAND_OVER, expected_version)
        _not_amending(order)
        at = received_at or clock.now()
        known = next(iter(handovers_of(order.pk)), None)
        handover = known or _printed_now(actor, order, at)
        if at > clock.now() or at < handover.printed_at:
            message = _("The time must lie between the print and now.")
            raise InvalidError(FieldIssue("received_at", "range", message))
        handover.handed_by_id, handover.received_by = actor.user_id, received_by.strip()
        handover.received_at = at
        if known is None:
            rows_insert([handover])
        else:
            behind_save(HANDOVERS_TOPIC, [handover], ["handed_by", "received_by", "received_at"])
        order.status = ORDER_TRANSITIONS.resolve(order.status, "release")
        order.released_at = at
        order.version += 1
        document_save(order, ["status", "released_at", "version"])
        audit_record(
            actor,
            words.RELEASED,
            order,
            after={"status": order.status, "received_by": received_by, "received_at": at},
        )
        result = _complete(actor, order, HAND_OVER, {"received_by": received_by})
        event_publish(actor, words.OrderReleased(order_id=order.pk))
        return result


def _printed_now(actor: Actor, order: Order, at: datetime) -> Handover:
    """Print with the handover, in a process that has no step of its own for printing.

    Raises:
        ConflictError: the step of printing has not been done.
    """
    if step_standing(actor, words.ORDER, order.pk, order) != HAND_OVER:
        raise ConflictError(_("The delivery note is not printed yet."), code="orders.not_printed")
    return Handover(order=order, printed_by_id=actor.person_id, printed_at=at)


def _not_amending(order: Order) -> None:
    if is_amending(order.pk):
        raise ConflictError(
            _("A change of this order is being decided; printing and shipping wait for it."),
            code="orders.amending",
        )


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of one order of a bulk act; `error` None when it was done."""

    order_id: int
    error: DomainError | None


def orders_accept(*, actor: Actor, order_ids: Sequence[int]) -> list[BulkResult]:
    """Accept several orders, each in its own transaction, so that one refusal stops no other."""
    results = []
    for order_id in order_ids:
        try:
            order_accept(actor=actor, order_id=order_id)
            results.append(BulkResult(order_id, None))
        except DomainError as error:
            results.append(BulkResult(order_id, error))
    return results
