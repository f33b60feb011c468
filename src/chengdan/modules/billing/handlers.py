"""What billing reacts to: goods that left, came back, and its own postings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox import event_handler, event_handler_sync
from chengdan.kernel.parameters import parameter_value
from chengdan.modules.billing.access import chain_lock
from chengdan.modules.billing.models import Invoice, InvoiceLine
from chengdan.modules.billing.services.propose import earmarks_apply, earmarks_release
from chengdan.modules.billing.services.request import invoice_drop, invoices_prepare
from chengdan.modules.billing.vocabulary import (
    LIVE,
    AllocatedError,
    InvoiceKind,
    InvoiceStatus,
    rights,
)
from chengdan.modules.shipping.vocabulary import DeliveryReversed, DeliveryReversing

_INVOICED = _("The note is invoiced; reverse the invoice first.")
_CAME_BACK = _("The delivery was taken back.")


def _system(actor: Actor, name: str) -> Actor:
    return Actor.system(f"{name} ({actor.name})"[:60], actor.company_id)


@event_handler("shipping.dispatched", name="billing.prepare_dispatched")
def dispatched(actor: Actor, payload: dict[str, Any]) -> None:
    """Prepare the invoice of goods that left, when the company invoices at dispatch."""
    if parameter_value(actor.company_id, rights.INVOICE_ON) == "dispatch":
        invoices_prepare(actor=_system(actor, "billing"), note_ids=[payload["note_id"]])


@event_handler("shipping.confirmed", name="billing.prepare_confirmed")
def confirmed(actor: Actor, payload: dict[str, Any]) -> None:
    """Prepare the invoice of goods signed for, when the company invoices at confirmation."""
    if parameter_value(actor.company_id, rights.INVOICE_ON) == "confirm":
        invoices_prepare(actor=_system(actor, "billing"), note_ids=[payload["note_id"]])


@event_handler_sync(DeliveryReversing)
def delivery_reversing(actor: Actor, event: DeliveryReversing) -> None:
    """Lock the requests for goods that come back, before anything of a higher rank is locked.

    Raises:
        AllocatedError: the note is invoiced; the invoice must be reversed first.
    """
    invoices = _requests_lock(event.note_id)
    if any(invoice.status != InvoiceStatus.DRAFT for invoice in invoices):
        raise AllocatedError(_INVOICED, code="billing_note_invoiced")


@event_handler_sync(DeliveryReversed)
def delivery_reversed(actor: Actor, event: DeliveryReversed) -> None:
    """Drop the requests for goods that came back."""
    for invoice in _requests_lock(event.note_id):
        invoice_drop(_system(actor, "billing"), invoice, str(_CAME_BACK))


def _requests_lock(note_id: int) -> list[Invoice]:
    lines = InvoiceLine.objects.filter(
        delivery_note_id=note_id, invoice__status__in=LIVE, invoice__kind=InvoiceKind.INVOICE
    )
    found = dict(lines.values_list("invoice_id", "invoice__customer_id"))
    if not found:
        return []
    (customer_id,) = set(found.values())
    return list(chain_lock(customer_id, invoices=found).invoices.values())


@event_handler("billing.posted", name="billing.earmarks_apply")
def posted(actor: Actor, payload: dict[str, Any]) -> None:
    """Use money set aside for the orders of a new invoice."""
    earmarks_apply(actor=_system(actor, "billing"), invoice_id=payload["invoice_id"])


@event_handler("billing.set_aside", name="billing.earmarks_apply_posted")
def set_aside(actor: Actor, payload: dict[str, Any]) -> None:
    """Use money set aside for an order for what is posted of it already."""
    lines = InvoiceLine.objects.filter(
        order_id=payload["order_id"], invoice__status=InvoiceStatus.POSTED,
        invoice__kind__in=(InvoiceKind.INVOICE, InvoiceKind.OPENING),
    )  # fmt: skip
    for invoice_id in sorted(set(lines.values_list("invoice_id", flat=True))):
        earmarks_apply(actor=_system(actor, "billing"), invoice_id=invoice_id)


@event_handler("billing.settled", name="billing.earmarks_release_settled")
def settled(actor: Actor, payload: dict[str, Any]) -> None:
    """Give back what is left of money set aside for the orders of a paid invoice."""
    lines = InvoiceLine.objects.filter(invoice_id=payload["invoice_id"], order__isnull=False)
    for order_id in sorted(set(lines.values_list("order_id", flat=True))):
        earmarks_release(actor=_system(actor, "billing"), order_id=order_id)


@event_handler("orders.cancelled", name="billing.earmarks_release_cancelled")
@event_handler("orders.amended", name="billing.earmarks_release_amended")
def order_over(actor: Actor, payload: dict[str, Any]) -> None:
    """Give back what an order that was cancelled, closed or made smaller does not need."""
    earmarks_release(actor=_system(actor, "billing"), order_id=payload["order_id"])
