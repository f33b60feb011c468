"""What orders react to, and what follows their own events."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMessage
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox import (
    event_handler,
    event_handler_sync,
    job_enqueue,
    job_handler,
)
from chengdan.kernel.transactions import write
from chengdan.modules.credit.vocabulary import PrepaymentChanged
from chengdan.modules.customers.selectors import mail_address
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services.tell import market_tell, order_tell
from chengdan.modules.process.services import process_signal

CUSTOMER_MAIL = "orders.customer_mail"


@event_handler_sync(PrepaymentChanged)
def prepayment_changed(actor: Actor, event: PrepaymentChanged) -> None:
    """Let an order that waits for its money look again, in the transaction that set it aside."""
    if event.source_type != words.ORDER:
        return
    process_signal(
        actor=actor,
        subject_type=words.ORDER,
        subject_id=event.source_id,
        event="credit.prepayment_changed",
    )


@event_handler("orders.accepted", name="orders.market_tell")
def accepted_tell(actor: Actor, payload: dict[str, Any]) -> None:
    """Tell the market department (ORD-02)."""
    with write():
        order = Order.objects.select_related("customer").get(pk=payload["order_id"])
        market_tell(actor, order)
        if payload.get("is_mailed"):
            job_enqueue(
                actor, CUSTOMER_MAIL, {"order_id": order.pk}, key=f"{CUSTOMER_MAIL}:{order.pk}"
            )


@job_handler(CUSTOMER_MAIL)
def customer_mail(actor: Actor, payload: dict[str, Any]) -> None:
    """Mail the acceptance to the customer in its language; the outbox tries again on failure."""
    _mail(
        payload["order_id"],
        _("Your order is accepted: %(number)s"),
        _(
            "We have received and accepted your order %(theirs)s as %(number)s, "
            "%(gross)s in all.\n"
            "%(company)s"
        ),
    )


def _mail(order_id: int, subject: Any, body: Any) -> None:
    """Mail lazy texts to the customer of an order in its language; nothing without an address."""
    order = Order.objects.select_related("customer", "company").get(pk=order_id)
    address = mail_address(order.customer_id)
    if not address:
        return
    with override(order.customer.language or "zh-hans"):
        params = {"number": str(order), "theirs": order.customer_order_number or "–",
                  "company": order.company.name, "gross": f"{order.gross:,.2f}"}  # fmt: skip
        EmailMessage(str(subject) % params, str(body) % params, to=[address]).send()


@event_handler("orders.special_decided", name="orders.special_mail")
def special_mail(actor: Actor, payload: dict[str, Any]) -> None:
    """Tell the customer at once how special treatment was decided (ORD-11).

    Without an address the CSR tells it, whom the notice of the decision reaches.
    """
    approved = _("Special treatment of your order %(theirs)s (%(number)s) is approved; "
                 "it goes on.\n%(company)s")  # fmt: skip
    refused = _("Special treatment of your order %(theirs)s (%(number)s) is not approved; "
                "please pay %(gross)s in advance.\n%(company)s")  # fmt: skip
    subject = _("Your order %(number)s: special treatment decided")
    _mail(payload["order_id"], subject, approved if payload["is_approved"] else refused)


@event_handler("orders.cancelled", name="orders.cancelled_tell")
def cancelled_tell(actor: Actor, payload: dict[str, Any]) -> None:
    """Tell everybody who works on the order."""
    with write():
        order = Order.objects.select_related("customer").get(pk=payload["order_id"])
        order_tell(actor, order, "orders.cancelled", {})
