"""Proposing what a receipt pays; using money set aside, and giving back what nobody needs."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.transactions import write
from chengdan.modules.billing.access import access_receipt_for_view, chain_lock
from chengdan.modules.billing.models import Invoice, InvoiceLine, Receipt
from chengdan.modules.billing.rules import OpenInvoice, Proposed, propose
from chengdan.modules.billing.selectors.sources import order_rows
from chengdan.modules.billing.services.allocate import owed_of, receipt_allocate
from chengdan.modules.billing.services.drafts import Part
from chengdan.modules.billing.services.receipts import (
    earmarked_for,
    earmarked_of,
    receipt_unearmark,
)
from chengdan.modules.billing.vocabulary import InvoiceStatus, ReceiptStatus, rights
from chengdan.modules.people.access import visible

_NOT_NEEDED = _("The order needs no more money.")


def receipt_allocate_proposal(*, actor: Actor, receipt_id: int) -> list[Proposed]:
    """Return what the unapplied money of a receipt should pay, with the reason of each part.

    Raises:
        NotFoundError: none, or not open to the actor.

    Source: decisions §10.
    """
    receipt = access_receipt_for_view(actor, receipt_id)
    rows = Invoice.objects.filter(
        customer_id=receipt.customer_id,
        company_id=receipt.company_id,
        currency=receipt.currency,
        status=InvoiceStatus.POSTED,
    )
    invoices = list(visible(actor, rights.VIEW, rows).order_by("due_on", "id")[:500])
    words = _words(invoices)
    found = [
        OpenInvoice(row.pk, row.due_on, row.open, words[row.pk])
        for row in invoices
        if row.due_on is not None
    ]
    return propose(receipt.unapplied, receipt.memo, found)


def _words(invoices: list[Invoice]) -> dict[int, tuple[str, ...]]:
    """Return the texts that name an invoice: its numbers, its orders', the customer's."""
    pairs = set(
        InvoiceLine.objects.filter(
            invoice_id__in=[row.pk for row in invoices], order__isnull=False
        ).values_list("invoice_id", "order_id")
    )
    orders = order_rows({order_id for _pk, order_id in pairs if order_id is not None})
    by_invoice: dict[int, list[str]] = defaultdict(list)
    for invoice_id, order_id in sorted(pairs, key=lambda pair: (pair[0], pair[1] or 0)):
        order = orders[order_id or 0]
        by_invoice[invoice_id] += [order.number, order.customer_order_number]
    return {
        row.pk: tuple(word for word in (row.number, row.e_number, *by_invoice[row.pk]) if word)
        for row in invoices
    }


def earmarks_apply(*, actor: Actor, invoice_id: int) -> Decimal:
    """Use the money set aside for the orders of an invoice for it; return how much was used.

    Doing it twice changes nothing the second time.

    Raises:
        ForbiddenError: the actor may not allocate.
    """
    with write():
        invoice = Invoice.objects.get(pk=invoice_id)
        left = {
            item.order_id: item.amount
            for item in owed_of([invoice_id])[invoice_id]
            if item.order_id is not None and item.amount > ZERO
        }
        receipts = Receipt.objects.filter(
            status=ReceiptStatus.CONFIRMED, earmarked__gt=ZERO, earmarks__order_id__in=left
        ).distinct()
        used = ZERO
        chain_lock(invoice.customer_id, invoices=[invoice_id], receipts=[r.pk for r in receipts])
        if invoice.status != InvoiceStatus.POSTED:
            return used
        for receipt in receipts.order_by("received_on", "pk"):
            parts = _parts(receipt, invoice, left, invoice.open - used)
            if parts:
                receipt_allocate(actor=actor, receipt_id=receipt.pk, parts=parts)
                used += sum((part.amount for part in parts), ZERO)
        return used


def earmarks_release(*, actor: Actor, order_id: int) -> Decimal:
    """Give back what is set aside for an order beyond what it owes; return how much.

    Doing it twice changes nothing the second time.

    Raises:
        ForbiddenError: the actor may not set aside.
    """
    receipts = Receipt.objects.filter(
        status=ReceiptStatus.CONFIRMED, earmarked__gt=ZERO, earmarks__order_id=order_id
    ).distinct()
    with write():
        pairs = set(receipts.values_list("pk", "customer_id"))
        given = ZERO
        if not pairs:
            return given
        ((_first, customer_id), *_others) = pairs
        chain = chain_lock(customer_id, orders=[order_id], receipts=[pk for pk, _whose in pairs])
        surplus = earmarked_for(order_id) - max(ZERO, chain.order(order_id).owes)
        for pk in sorted(chain.receipts, reverse=True):
            aside = earmarked_of(chain.receipt(pk)).get(order_id, ZERO)
            amount = min(aside, surplus - given)
            if amount > ZERO:
                receipt_unearmark(
                    actor=actor, receipt_id=pk, order_id=order_id, amount=amount,
                    reason=str(_NOT_NEEDED),
                )  # fmt: skip
                given += amount
        return given


def _parts(
    receipt: Receipt, invoice: Invoice, left: dict[int, Decimal], most: Decimal
) -> list[Part]:
    parts = []
    for order_id, aside in sorted(earmarked_of(receipt).items()):
        amount = min(aside, left.get(order_id, ZERO), most)
        if amount > ZERO:
            parts.append(Part(invoice.pk, amount, order_id))
            left[order_id] -= amount
            most -= amount
    return parts
