"""Keeping how far an invoice is: on itself for lists, and on its orders for theirs."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from chengdan.kernel import clock
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import prepared
from chengdan.kernel.transactions import derived
from chengdan.modules.billing.models import Invoice, InvoiceLine
from chengdan.modules.billing.rules import band_place, band_states
from chengdan.modules.billing.vocabulary import INVOICE, LIVE, InvoiceKind
from chengdan.modules.orders.services.progress import (
    NOWHERE,
    Standing,
    band_letters,
    band_set,
    bands_ask,
)

WAITING = "RC"
_STEP = "billing.step"


def states_of(invoice: Invoice) -> list[str]:
    """Return the states of the seven steps of BC for an invoice."""
    return band_states(
        status=invoice.status,
        step=invoice.step,
        stage=invoice.stage,
        is_overdue=bool(invoice.due_on and invoice.open and invoice.due_on < clock.today()),
    )


def progress_note(invoice: Invoice, fields: Iterable[str]) -> None:
    """Save the invoice with fresh letters and tell its orders; the caller audits."""
    invoice.letters = band_letters(states_of(invoice))
    document_save(invoice, [*fields, "letters"])
    _orders_told(invoice)


def progress_keep(invoice: Invoice) -> None:
    """Keep step, due date and letters at the end of the act, and tell the invoice's orders.

    Copies for lists: the process has the audit entry.
    """
    bands_ask((_STEP, invoice.pk), lambda: _step_keep(invoice))
    _orders_told(invoice)


def _step_keep(invoice: Invoice) -> None:
    invoice.letters = band_letters(states_of(invoice))
    with derived():
        document_save(invoice, ["step", "due_at", "due_pace", "letters"])


def _orders_told(invoice: Invoice) -> None:
    if invoice.kind == InvoiceKind.INVOICE:
        bands_ask((INVOICE, invoice.pk), lambda: _orders_tell(invoice))


def _orders_tell(invoice: Invoice) -> None:
    """Give each order of the invoice the band of its least advanced one."""
    pairs = set(_invoices_beside(invoice.pk))
    known = {invoice.pk: invoice}
    others = {pk for _order, pk in pairs} - {invoice.pk}
    if others:
        known |= Invoice.objects.filter(kind=InvoiceKind.INVOICE).in_bulk(others)
    for order_id in sorted({order for order, _pk in pairs}):
        mine = {pk for order, pk in pairs if order == order_id}
        _band_tell(order_id, _slowest(row for pk, row in known.items() if pk in mine))


def _slowest(invoices: Iterable[Invoice]) -> Invoice | None:
    standing = [row for row in invoices if row.status in LIVE]
    return min(standing, key=lambda row: (band_place(states_of(row)), row.pk), default=None)


def place_of_order(order_id: int) -> Standing:
    """Return where the least advanced invoice of an order stands."""
    own = InvoiceLine.objects.filter(order_id=order_id).values("invoice_id")
    return _standing(_slowest(Invoice.objects.filter(kind=InvoiceKind.INVOICE, pk__in=own)))


def _standing(slowest: Invoice | None) -> Standing:
    if slowest is None:
        return NOWHERE
    step = slowest.step if slowest.open or not slowest.settled_on else ""
    return Standing(step, slowest.due_at, slowest.due_pace, slowest.unit_id)


@prepared
def _invoices_beside(invoice_id: int) -> QuerySet[InvoiceLine, tuple[int, int]]:
    own = InvoiceLine.objects.filter(invoice_id=invoice_id, order__isnull=False)
    lines = InvoiceLine.objects.filter(order_id__in=own.values("order_id"))
    return lines.values_list("order_id", "invoice_id")


def _band_tell(order_id: int, slowest: Invoice | None) -> None:
    letters = band_letters(states_of(slowest) if slowest is not None else [])
    band_set([order_id], "bc", letters, _standing(slowest))
