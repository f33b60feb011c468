"""What billing adds to the pages of orders and customers, and to the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import ChainNode, StripBand
from chengdan.kernel.ui.board import Gauge
from chengdan.kernel.ui.document import Panel
from chengdan.kernel.ui.hooks import panel_register
from chengdan.kernel.ui.parts import Act
from chengdan.modules.billing.models import Invoice, Receipt
from chengdan.modules.billing.rules import band_place
from chengdan.modules.billing.selectors import (
    clocks_beside,
    collection,
    invoices_of_order,
    invoices_visible,
    receipts_of_customer,
    receipts_of_order,
)
from chengdan.modules.billing.services.progress import states_of
from chengdan.modules.billing.vocabulary import INVOICE, LIVE, InvoiceKind, rights
from chengdan.modules.billing.web.common import (
    band_of,
    band_todo,
    customer_url,
    invoice_url,
    receipt_url,
    state_chip,
)
from chengdan.modules.billing.web.invoices import (
    inbox_facts,
    invoice_node,
    lines_table,
    receipt_node,
)
from chengdan.modules.orders.extensions import (
    band_register,
    chain_register,
    gauge_register,
    standing_register,
)
from chengdan.modules.process.subjects import document_panel_register

if TYPE_CHECKING:
    from django.http import HttpRequest

    from chengdan.modules.billing.process import InvoiceSubject

SHOWN = 10


def order_panel(request: HttpRequest, order: Any) -> Panel | None:
    """Return the invoices and receipts of an order; nothing before the first one."""
    actor = actor_of(request)
    invoices = invoices_of_order(actor, order.pk)
    receipts = receipts_of_order(actor, order.pk)
    if not invoices and not receipts and not order.delivered_gross:
        return None
    acts = [
        Act("request", _("Request an invoice"),
            reverse("billing:request_of", args=[order.customer_id]), permission=rights.REQUEST)
    ]  # fmt: skip
    return Panel(
        _("Invoices and receipts"), "billing/_panel.html", acts=acts, code="billing", flush=True,
        context=_context(invoices, receipts),
    )  # fmt: skip


def inbox_panel(request: HttpRequest, subject: InvoiceSubject) -> SafeString:
    """Return what the inbox shows of an invoice: amounts, title, lines with what they bill."""
    invoice = subject.invoice
    context = {
        "facts": inbox_facts(invoice),
        "table": lines_table(invoice, without=("number", "unit")),
    }
    return render_to_string("billing/_inbox.html", context, request)


def customer_panel(request: HttpRequest, customer: Any) -> Panel | None:
    """Return the newest invoices and receipts of a customer."""
    actor = actor_of(request)
    rows = invoices_visible(actor).filter(customer_id=customer.pk).order_by("-pk")[:SHOWN]
    receipts = list(receipts_of_customer(actor, customer.pk)[:SHOWN])
    acts = [
        Act("receivables", _("Receivables"), customer_url(customer.pk), permission=rights.LEDGER)
    ]
    return Panel(
        _("Invoices and receipts"), "billing/_panel.html", acts=acts, code="billing", flush=True,
        context=_context(list(rows), receipts),
    )  # fmt: skip


def _context(invoices: list[Invoice], receipts: list[Receipt]) -> dict[str, Any]:
    return {
        "invoices": [(row, invoice_url(row.pk), state_chip(row)) for row in invoices],
        "receipts": [(row, receipt_url(row.pk)) for row in receipts],
    }


def order_band(actor: Actor, order: Any) -> StripBand:
    """Return BC of the order's least advanced invoice."""
    found = [
        row
        for row in invoices_of_order(actor, order.pk)
        if row.status in LIVE and row.kind == InvoiceKind.INVOICE
    ]
    if not found:
        return band_todo()
    slowest = min(found, key=lambda row: (band_place(states_of(row)), row.pk))
    text = _("%(count)s invoices, the slowest is shown") % {"count": len(found)}
    return band_of(slowest, remark=text if len(found) > 1 else "")


def order_chain(actor: Actor, order: Any) -> list[ChainNode]:
    """Return the invoices and receipts that follow from an order."""
    nodes = [invoice_node(row) for row in invoices_of_order(actor, order.pk)]
    nodes += [receipt_node(row, row.amount) for row in receipts_of_order(actor, order.pk)]
    return nodes


def rate_gauge(actor: Actor) -> Gauge:
    """Return the promise of BC for the control tower: 90 % within 5 days of due (BIL-01)."""
    today = clock.today()
    found = collection(actor, today.replace(day=1), today)
    return Gauge(
        title=_("Collected within %(days)s days of due") % {"days": found.within_days},
        value=found.rate.percent,
        target=found.goal,
        target_text=_("at least %(goal)s%%") % {"goal": found.goal},
        basis=_("%(collected)s of %(due)s due this month")
        % {"collected": f"{found.rate.collected:,.0f}", "due": f"{found.rate.due:,.0f}"},
        url=reverse("billing:rate"),
    )


def register() -> None:
    """Put cards, band, chain, promise and the document in the inbox on pages of earlier rooms."""
    panel_register("orders.order", "main", order_panel, permission=rights.VIEW, order=200)
    panel_register("customers.customer", "main", customer_panel, permission=rights.VIEW, order=200)
    document_panel_register(INVOICE, inbox_panel)
    band_register("bc", order_band)
    chain_register("billing", order_chain)
    standing_register("bc", clocks_beside)
    gauge_register("bc.collected", rate_gauge)
