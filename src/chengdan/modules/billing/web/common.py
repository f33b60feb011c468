"""What several pages of billing share."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.days import day_read
from chengdan.kernel.ui import Chip, Crumb, StripBand, StripStep
from chengdan.kernel.ui.formats import due_text, duration_text
from chengdan.kernel.ui.parts import State
from chengdan.modules.billing.models import Invoice, Receipt
from chengdan.modules.billing.selectors import BandNode, strip_steps, strip_todo
from chengdan.modules.billing.vocabulary import (
    CollectionStage,
    InvoiceStatus,
    ReceiptStatus,
)
from chengdan.modules.customers.selectors import choices
from chengdan.modules.people.selectors.choices import person_choice

GET_POST = ("GET", "HEAD", "POST")
_RECEIPTS: dict[str, State] = {
    ReceiptStatus.REGISTERED: "run",
    ReceiptStatus.CONFIRMED: "done",
    ReceiptStatus.REVERSED: "idle",
}


def day_of(request: HttpRequest, name: str, default: date) -> date:
    """Return a day of the address, or the default when it is none."""
    return day_read(request.GET.get(name, "")) or default


def invoice_url(invoice_id: int) -> str:
    """Return the address of an invoice's page."""
    return reverse("billing:invoice", args=[invoice_id])


def receipt_url(receipt_id: int) -> str:
    """Return the address of a receipt's page."""
    return reverse("billing:receipt", args=[receipt_id])


def customer_url(customer_id: int) -> str:
    """Return the address of a customer's receivables."""
    return reverse("billing:customer", args=[customer_id])


def invoice_crumbs(invoice: Invoice | None = None) -> list[Crumb]:
    """Return the way to an invoice's page."""
    crumbs = [Crumb(_("Invoices"), reverse("billing:invoices"))]
    return crumbs if invoice is None else [*crumbs, Crumb(str(invoice), invoice_url(invoice.pk))]


def receipt_crumbs(receipt: Receipt | None = None) -> list[Crumb]:
    """Return the way to a receipt's page."""
    crumbs = [Crumb(_("Receipts"), reverse("billing:receipts"))]
    return crumbs if receipt is None else [*crumbs, Crumb(receipt.number, receipt_url(receipt.pk))]


def state_chip(invoice: Invoice) -> Chip:
    """Return the state of an invoice: its step while it is requested, then what is owed."""
    if invoice.status == InvoiceStatus.DRAFT:
        texts: dict[str, Any] = {
            "IA": _("To approve"), "IV1": _("To issue"), "IR": _("To request"),
        }  # fmt: skip
        return Chip(texts.get(invoice.step, invoice.get_status_display()), "run")
    if invoice.status == InvoiceStatus.SETTLED:
        return Chip(_("Settled"), "done")
    if invoice.status != InvoiceStatus.POSTED or invoice.due_on is None:
        return Chip(invoice.get_status_display(), "idle")
    days = (clock.today() - invoice.due_on).days
    if days > 0:
        return Chip(_("%(days)s days overdue") % {"days": days}, "late")
    if invoice.stage == CollectionStage.REMINDED:
        return Chip(_("Due in %(days)s days") % {"days": -days}, "soon")
    return Chip(_("Not yet due"), "run")


def receipt_chip(receipt: Receipt) -> Chip:
    """Return the state of a receipt."""
    return Chip(receipt.get_status_display(), _RECEIPTS[receipt.status])


def band_of(invoice: Invoice, remark: Any = "") -> StripBand:
    """Return the BC band of an invoice."""
    return StripBand(
        "", _("Billing and collection (BC)"), _steps(strip_steps(invoice)), remark=remark,
        chip=state_chip(invoice), url=invoice_url(invoice.pk), link=str(invoice),
    )  # fmt: skip


def band_todo() -> StripBand:
    """Return the BC band of an order that nothing was invoiced of yet."""
    nodes = strip_todo()
    remark = _("0 of %(all)s") % {"all": len(nodes)}
    return StripBand("", _("Billing and collection (BC)"), _steps(nodes), remark=remark)


def _steps(nodes: list[BandNode]) -> list[StripStep]:
    return [
        StripStep(
            code=node.code,
            name=node.title,
            state=node.state,  # type: ignore[arg-type]
            who=node.who,
            time=node.note or _time(node),
        )
        for node in nodes
    ]


def _time(node: BandNode) -> str:
    return due_text(node.time) if node.is_left else duration_text(node.time)


def customer_label(actor: Actor, pk: int) -> str:
    """Return code and name of a customer that the actor may see, for a filter."""
    return choices.customer_label(actor, pk) or ""


def user_label(actor: Actor, pk: int) -> str:
    """Return a person's name for a filter."""
    return person_choice(pk) or ""
