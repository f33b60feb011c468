"""Submitting a draft: numbered, its coordinators named, OP started."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError
from chengdan.kernel.locking import locked_row
from chengdan.kernel.numbering import number_take
from chengdan.kernel.pending import document_save
from chengdan.kernel.transactions import write
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_with_account
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.rules import way_rank
from chengdan.modules.orders.services.finding import index_orders
from chengdan.modules.orders.services.place import draft_of
from chengdan.modules.orders.services.pricing import drafts_price
from chengdan.modules.orders.services.stops import STOP, StopsList, stops_of
from chengdan.modules.orders.transitions import ORDER_TRANSITIONS
from chengdan.modules.people.selectors import order_seats
from chengdan.modules.process.services import process_start

PROCESS = "op"
_SUBMITTED = (
    "number", "status", "csr", "scr", "bcr", "slt_member", "owner", "unit", "submitted_at",
    "submitted_by", "way_rank", "version",
)  # fmt: skip


class StoppedError(InvalidError):
    """The order cannot be submitted; `items` and `stops` say everything that is wrong."""

    default_code = "orders.stopped"
    default_message = _("The order cannot be submitted yet.")

    def __init__(self, stops: StopsList) -> None:
        self.stops = stops
        issues = [
            FieldIssue(stop.field, "stop", _joined(stop.title, stop.text), stop.row, stop.rule)
            for stop in stops.stops
            if stop.kind == STOP
        ]
        super().__init__(issues)


def _joined(title: Any, text: Any) -> str:
    return f"{title} {text}".strip()


def order_submit(*, actor: Actor, order_id: int, expected_version: int | None = None) -> Order:
    """Hand a draft to OP, or hand a returned order in again.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_order`.
        TransitionError: the order is not a draft.
        StoppedError: names everything that is wrong, with field, row and rule.

    Source: ORD-01, ORD-18, ORD-20; ORG-18 and ORG-65 for the coordinators.
    """
    with write():
        order = access_order_with_account(actor, order_id, words.SUBMIT, expected_version)
        target = ORDER_TRANSITIONS.resolve(order.status, "submit")
        if order.is_held:
            raise ConflictError(_("This order is on hold: %(reason)s"), code="orders.held",
                                reason=order.hold_reason)  # fmt: skip
        priced = drafts_price(actor, [draft_of(order)])[0]
        stops = stops_of(actor, priced, order_id=order.pk, currency=order.currency)
        if stops.is_blocked or priced.customer is None:
            raise StoppedError(stops)
        seats = order_seats(priced.customer.territory_id or 0)
        order.csr_id, order.scr_id, order.bcr_id = seats.csr_id, seats.scr_id, seats.bcr_id
        order.slt_member_id = priced.customer.slt_member_id
        order.owner_id, order.unit_id = priced.customer.owner_id, priced.customer.unit_id
        if not order.number:
            order.number = number_take(actor, order.company_id, words.ORDER, order.ordered_on)
        order.status = target
        is_first = order.submitted_at is None
        # The clock of the whole way runs from the first submission; each round has its own time.
        order.submitted_at = order.submitted_at or clock.now()
        order.submitted_by_id = actor.user_id
        order.way_rank = way_rank(order.submitted_at, order.settled_at)
        order.version += 1
        document_save(order, _SUBMITTED)
        audit_record(
            actor,
            words.SUBMITTED,
            order,
            after={
                "number": order.number,
                "gross": order.gross,
                "csr": order.csr_id,
                "scr": order.scr_id,
                "bcr": order.bcr_id,
            },
        )
        index_orders([order])
        process_start(
            actor=actor, code=PROCESS, subject_type=words.ORDER, subject_id=order.pk,
            document=order, is_first=is_first,
        )  # fmt: skip
        return locked_row(Order, order.pk) or order


def order_stops(actor: Actor, order: Order) -> StopsList:
    """Return the stops list of a saved order; the caller has checked that it is visible."""
    priced = drafts_price(actor, [draft_of(order)])[0]
    return stops_of(
        actor, priced, order_id=order.pk, submitter_id=order.submitted_by_id,
        currency=order.currency,
    )  # fmt: skip
