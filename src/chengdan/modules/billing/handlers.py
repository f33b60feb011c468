"""What billing reacts to: goods that left, came back, and its own postings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox import event_handler, event_handler_sync
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.transactions import write
from chengdan.modules.billing.access import chain_lock
from chengdan.modules.billing.models import Invoice, InvoiceLine
from chengdan.modules.billing.services.propose import earmarks_apply
from chengdan.modules.billing.services.request import invoice_drop, invoices_prepare
from chengdan.modules.billing.vocabulary import (
    LIVE,
    AllocatedError,
    InvoiceKind,
    InvoiceStatus,
    rights,
)
from chengdan.modules.shipping.vocabulary import DeliveryReversed

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


@event_handler_sync(DeliveryReversed)
def delivery_reversed(actor: Actor, event: DeliveryReversed) -> None:
    """Drop requests for goods that came back; a posted invoice must be reversed first.

    Raises:
        AllocatedError: the note is invoiced.
    """
    lines = InvoiceLine.objects.filter(
        delivery_note_id=event.note_id,
        invoice__status__in=LIVE,
        invoice__kind=InvoiceKind.INVOICE,
    )
    ids = sorted(set(lines.values_list("invoice_id", flat=True)))
    known = Invoice.objects.in_bulk(ids)
    if any(invoice.status != InvoiceStatus.DRAFT for invoice in known.values()):
        raise AllocatedError(_INVOICED, code="billing_note_invoiced")
    if not ids:
        return
    with write():
        chain = chain_lock(known[ids[0]].customer_id, invoices=ids)
        for pk in ids:
            invoice_drop(_system(actor, "billing"), chain.invoice(pk), str(_CAME_BACK))


@event_handler("billing.posted", name="billing.earmarks_apply")
def posted(actor: Actor, payload: dict[str, Any]) -> None:
    """Use money set aside for the orders of a new invoice."""
    earmarks_apply(actor=_system(actor, "billing"), invoice_id=payload["invoice_id"])
