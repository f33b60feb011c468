"""Invoices and receipts that an actor may see, and those of an order or customer."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from chengdan.kernel.actor import Actor
from chengdan.modules.billing.models import Invoice, Receipt
from chengdan.modules.billing.vocabulary import rights
from chengdan.modules.people.access import visible


def invoices_visible(actor: Actor) -> QuerySet[Invoice]:
    """Return the invoices that the actor may see."""
    return visible(actor, rights.VIEW, Invoice.objects.all())


def receipts_visible(actor: Actor) -> QuerySet[Receipt]:
    """Return the receipts that the actor may see."""
    return visible(actor, rights.RECEIPT_VIEW, Receipt.objects.all())


def invoices_of_order(actor: Actor, order_id: int) -> list[Invoice]:
    """Return the invoices and credit notes that carry lines of an order, oldest first."""
    rows = invoices_visible(actor).filter(lines__order_id=order_id).distinct()
    return list(rows.order_by("pk"))


def receipts_of_order(actor: Actor, order_id: int) -> list[Receipt]:
    """Return the receipts that paid an order or are set aside for it, oldest first."""
    rows = receipts_visible(actor).filter(
        Q(allocations__order_id=order_id) | Q(earmarks__order_id=order_id)
    )
    return list(rows.distinct().order_by("pk"))


def receipts_of_customer(actor: Actor, customer_id: int) -> QuerySet[Receipt]:
    """Return the receipts of a customer, newest first."""
    return receipts_visible(actor).filter(customer_id=customer_id).order_by("-received_on", "-pk")
