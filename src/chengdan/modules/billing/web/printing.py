"""The printed invoice request and invoice."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override

from chengdan.kernel.downloads import disposition
from chengdan.kernel.printing import print_pdf, standard_data
from chengdan.kernel.printing.registry import STANDARD
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import page
from chengdan.kernel.ui.formats import quantity_text
from chengdan.modules.billing.access import access_invoice_for_view
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.vocabulary import rights
from chengdan.modules.billing.web.common import invoice_url


@page(permission=rights.VIEW)
def invoice_print(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the invoice, or its request, as a PDF in the customer's language."""
    invoice = access_invoice_for_view(actor_of(request), pk)
    language = invoice.customer.language or "zh-hans"
    with override(language):
        data = invoice_data(invoice, request.build_absolute_uri(invoice_url(pk)))
    content = print_pdf(STANDARD, data, language=language)
    answer = HttpResponse(content, content_type="application/pdf")
    plain = f"invoice-{invoice.pk}.pdf"
    name = f"{invoice.number}.pdf" if invoice.number else plain
    answer["Content-Disposition"] = disposition(name, plain=plain, is_shown=True)
    return answer


def invoice_data(invoice: Invoice, url: str) -> dict[str, Any]:
    """Return what stands on the paper, in the language that is spoken now."""
    lines = invoice.lines.select_related("product", "unit_of_measure", "order").order_by("number")
    rows = [
        [
            line.number,
            line.product.code if line.product else "",
            str(line.product) if line.product else line.description,
            line.unit_of_measure.name if line.unit_of_measure else "",
            quantity_text(line.quantity),
            f"{line.price:,.2f}",
            f"{line.gross:,.2f}",
            line.order or "",
        ]
        for line in lines
    ]
    title = invoice.get_kind_display() if invoice.number else _("Invoice request")
    copy = invoice.title_copy
    return standard_data(
        title=str(title),
        number=str(invoice),
        company=invoice.company.name,
        facts=[
            (_("Customer"), invoice.customer.name),
            (_("Title on the invoice"), copy.get("title", "")),
            (_("Tax number"), copy.get("tax_number", "")),
            (_("Invoice date"), invoice.invoice_on or ""),
            (_("Due"), invoice.due_on or ""),
        ],
        columns=[
            (_("Line no."), "end"), (_("Product"), "start"), (_("Name"), "start"),
            (_("Unit"), "start"), (_("Quantity"), "end"), (_("Price"), "end"),
            (_("Gross"), "end"), (_("Order"), "start"),
        ],
        rows=rows,
        totals=[
            (_("Net"), f"{invoice.net:,.2f}"),
            (_("Tax"), f"{invoice.tax:,.2f}"),
            (_("Gross"), f"{invoice.gross:,.2f}"),
        ],
        amount=abs(invoice.gross),
        url=url,
        signatures=[_("Requested by"), _("Approved by"), _("Signed by")],
        notes=invoice.note,
        is_traditional=invoice.customer.language == "zh-hant",
    )  # fmt: skip
