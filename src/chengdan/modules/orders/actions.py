"""What steps of OP and of amendments do to their documents, inside the act's transaction."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.pending import document_save
from chengdan.modules.credit.services import Release, credit_release_record
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.process import (
    AmendmentSubject,
    OrderSubject,
    order_responsible,
)
from chengdan.modules.orders.services.amend import amendment_apply, amendment_end
from chengdan.modules.orders.services.close import order_lapse
from chengdan.modules.orders.services.fulfil import order_source
from chengdan.modules.orders.services.reserve import quota_reserve_over
from chengdan.modules.orders.services.special import special_approve, special_refuse
from chengdan.modules.orders.services.tell import order_tell
from chengdan.modules.orders.transitions import ORDER_TRANSITIONS
from chengdan.modules.orders.vocabulary import CreditBand
from chengdan.modules.process.selectors import signers_of
from chengdan.modules.process.subjects import Action, Step, action_register


def over_quota_approved(actor: Actor, subject: OrderSubject, step: Step | None) -> None:
    """Reserve quota above the limit, signed by the leadership team (QTA-04, QTA-07)."""
    signers = signers_of(words.ORDER, subject.order.pk, ("ACX",))
    quota_reserve_over(actor, subject.order, subject.lines, signers)


def special_approved(actor: Actor, subject: OrderSubject, step: Step | None) -> None:
    """All signed: reserve above the limit, released by all who signed (ORD-10)."""
    order = subject.order
    special_approve(actor, order)
    order_tell(actor, order, "orders.special_approved", {})


def special_refused(actor: Actor, subject: OrderSubject, step: Step | None) -> None:
    """Refused: pay first (decisions §3); sales manager and customer are told at once (ORD-11)."""
    special_refuse(actor, subject.order)
    order_tell(actor, subject.order, "orders.special_refused", {})


def approved(actor: Actor, subject: OrderSubject, step: Step | None) -> None:
    """MA: the SLT member's signature also releases a small overrun (CRD-05, ORD-28)."""
    order = subject.order
    if order.credit_band == CreditBand.OVER_SMALL and order.slt_member_id is not None:
        days = parameter_value(order.company_id, words.SPECIAL_DAYS)
        credit_release_record(
            actor=actor,
            customer_id=order.customer_id,
            source=order_source(order.pk),
            release=Release(
                by_id=order.slt_member_id,
                amount=order.credit_over,
                until=clock.today() + timedelta(days=days),
                reason=str(_("Approved by the SLT member in charge")),
            ),
        )
    audit_record(actor, words.APPROVED, order, after={"gross": order.gross})


def payment_lapsed(actor: Actor, subject: OrderSubject, step: Step | None) -> None:
    """Cancel an order whose money did not come in time; its reservations become free."""
    order_lapse(actor, subject.order)


def returned(actor: Actor, subject: OrderSubject, step: Step | None) -> None:
    """The order goes back to its initiator as a draft; the engine has freed what it held."""
    _back(actor, subject, words.RETURNED, "orders.returned")


def withdrawn(actor: Actor, subject: OrderSubject, step: Step | None) -> None:
    """The initiator took the order back; it is a draft again."""
    _back(actor, subject, words.WITHDRAWN, "orders.withdrawn")


def _back(actor: Actor, subject: OrderSubject, code: str, notice: str) -> None:
    order = subject.order
    if not ORDER_TRANSITIONS.allows(order.status, "return"):
        return
    order.status = ORDER_TRANSITIONS.resolve(order.status, "return")
    # What comes again is another content: it is accepted and told anew (ORD-02).
    order.due_at = order.accepted_at = None
    order.version += 1
    document_save(order, ["status", "due_at", "accepted_at", "version"])
    audit_record(actor, code, order, after={"status": order.status})
    # The area manager is to see that it is corrected (CRD-05).
    area = order_responsible(subject.order, "area_manager")
    order_tell(actor, order, notice, {}, also=area)


def amendment_applied(actor: Actor, subject: AmendmentSubject, step: Step | None) -> None:
    """Put the approved change into force."""
    amendment_apply(actor, subject.amendment)


def amendment_ended(actor: Actor, subject: AmendmentSubject, step: Step | None) -> None:
    """Discard a change that was refused or taken back."""
    amendment_end(actor, subject.amendment)


def register() -> None:
    """Give every action the name that the definitions use."""
    actions: dict[str, Action] = {
        "orders.op.over_quota_approved": over_quota_approved,
        "orders.op.special_approved": special_approved,
        "orders.op.special_refused": special_refused,
        "orders.op.approved": approved,
        "orders.op.payment_lapsed": payment_lapsed,
        "orders.op.returned": returned,
        "orders.op.withdrawn": withdrawn,
        "orders.amendment.apply": amendment_applied,
        "orders.amendment.ended": amendment_ended,
    }
    for name, action in actions.items():
        action_register(name, action)
