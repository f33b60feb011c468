"""Keeping how far an invoice is: on itself for lists, and on its orders for theirs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.transactions import derived
from chengdan.kernel.workcalendar import due_at
from chengdan.modules.billing.models import Invoice, InvoiceLine
from chengdan.modules.billing.rules import band_place, band_states
from chengdan.modules.billing.vocabulary import LIVE, InvoiceKind, rights
from chengdan.modules.orders.services.progress import band_letters, band_set
from chengdan.modules.people.selectors import company_get, unit_calendar

WAITING = "RC"


def states_of(invoice: Invoice) -> list[str]:
    """Return the states of the seven steps of BC for an invoice."""
    return band_states(
        status=invoice.status,
        step=invoice.step,
        stage=invoice.stage,
        is_overdue=bool(invoice.due_on and invoice.open and invoice.due_on < clock.today()),
    )


def step_entered(actor: Actor, invoice_id: int, step: Any) -> None:
    """Note that a step of BC begins."""
    invoice = Invoice.objects.get(pk=invoice_id)
    if step is None:
        return
    invoice.step = step.code
    invoice.due_at = _due(invoice, step)
    invoice.version += 1
    progress_note(invoice, ["step", "due_at", "version"])
    audit_record(actor, rights.STEPPED, invoice, after={"step": step.code})


def _due(invoice: Invoice, step: Any) -> datetime | None:
    if not step.limit:
        return None
    code = unit_calendar(invoice.unit_id) or company_get(invoice.company_id).calendar_code
    return due_at(step.limit, clock.now(), code, invoice.company_id).at


def progress_note(invoice: Invoice, fields: Iterable[str]) -> None:
    """Save the invoice with fresh letters and tell its orders; the caller audits."""
    invoice.letters = band_letters(states_of(invoice))
    invoice.save(update_fields=[*fields, "letters"])
    if invoice.kind == InvoiceKind.INVOICE:
        _orders_tell(invoice)


def _orders_tell(invoice: Invoice) -> None:
    """Give each order of the invoice the band of its least advanced one."""
    lines = InvoiceLine.objects.filter(invoice=invoice, order__isnull=False)
    order_ids = set(lines.values_list("order_id", flat=True))
    others = InvoiceLine.objects.filter(
        order_id__in=order_ids, invoice__status__in=LIVE, invoice__kind=InvoiceKind.INVOICE
    )
    pairs = set(others.values_list("order_id", "invoice_id"))
    known = Invoice.objects.in_bulk({pk for _order, pk in pairs})
    for order_id in sorted(order_ids - {None}):
        standing = [known[pk] for order, pk in pairs if order == order_id]
        slowest = min(standing, key=lambda row: (band_place(states_of(row)), row.pk), default=None)
        _band_tell(order_id, slowest)


def _band_tell(order_id: int | None, slowest: Invoice | None) -> None:
    if order_id is None:
        return
    # The band is a copy for lists; the step's own audit entry is the invoice's.
    with derived():
        if slowest is None:
            band_set([order_id], "bc", band_letters([]))
            return
        step = slowest.step if slowest.open or not slowest.settled_on else ""
        band_set([order_id], "bc", band_letters(states_of(slowest)), step, slowest.due_at)
