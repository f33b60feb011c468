"""The order on paper: the delivery note that finance prints, in the customer's language (BG)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from chengdan.kernel.printing import print_pdf, standard_data
from chengdan.kernel.ui.formats import money_text, quantity_text
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.selectors import handovers_of

TEMPLATE = "kernel.standard"


def order_pdf(order: Order, *, site: str = "") -> bytes:
    """Return the order as PDF: its delivery note once finance has printed that (BG1).

    Args:
        site: address of the installation, in front of the page behind the QR code.
    """
    language = order.customer.language or "zh-hans"
    with translation.override(language):
        data = paper_data(order, site)
    return print_pdf(TEMPLATE, data, language=language)


def paper_data(order: Order, site: str = "") -> dict[str, Any]:
    """Return what stands on the paper, in the language that is spoken now.

    Before the order is approved it is no paper to ship by: no copies, and only who made the
    order, customer and salesperson, sign it.
    """
    is_note = bool(handovers_of(order.pk))
    signers = [_("Customer"), _("Salesperson")]
    if is_note:
        signers = [_("Finance"), _("Storage and transport"), _("Receiver")]
    lines = list(order.lines.select_related("product", "unit_of_measure").order_by("number"))
    return standard_data(
        title=_("Delivery note") if is_note else _("Order, not a delivery note"),
        number=order.number,
        company=order.company.name,
        columns=[
            (_("Line no."), "end"),
            (_("Product"), "start"),
            (_("Name"), "start"),
            (_("Unit"), "centre"),
            (_("Quantity"), "end"),
            (_("Price"), "end"),
            (_("Gross"), "end"),
        ],
        rows=[_row(line) for line in lines],
        facts=_facts(order),
        totals=[(_("Tax"), money_text(order.tax)), (_("Total"), money_text(order.gross))],
        amount=order.gross if order.gross else None,
        url=f"{site}{reverse('orders:show', args=[order.pk])}",
        copies=[_("Customer copy"), _("Warehouse copy"), _("Finance copy")] if is_note else [],
        signatures=signers,
        notes=order.note,
        is_traditional=translation.get_language() == "zh-hant",
    )


def _row(line: OrderLine) -> list[str]:
    return [
        str(line.number),
        line.product.code if line.product else "",
        str(line.product) if line.product else line.description,
        line.unit_of_measure.name if line.unit_of_measure else "",
        quantity_text(line.quantity),
        money_text(line.price),
        money_text(line.gross),
    ]


def _facts(order: Order) -> list[tuple[str, str]]:
    return [
        (_("Customer"), order.customer.name),
        (_("Ship to"), str(order.ship_to or order.ship_to_text)),
        (_("Customer's no."), order.customer_order_number or "–"),
        (_("Ordered"), order.ordered_on.isoformat()),
        (_("Wanted on"), order.requested_on.isoformat() if order.requested_on else "–"),
        (_("Carrier"), order.customer.carrier or "–"),
        (_("Station"), order.customer.station or "–"),
    ]
