"""The delivery note on paper: with prices for the customer, without for the warehouse (SHP-06).

Once the goods have left, the papers without prices are the outbound slip under its own number.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from chengdan.kernel.printing import print_pdf, standard_data
from chengdan.kernel.ui.formats import money_text, quantity_text
from chengdan.modules.customers.selectors import customer_summary
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote
from chengdan.modules.shipping.services.reserve import lines_of_note

TEMPLATE = "kernel.standard"


def note_data(note: DeliveryNote, *, has_prices: bool, site: str = "") -> dict[str, Any]:
    """Return what the paper shows; call it with the customer's language active.

    Args:
        has_prices: False for the copies that stay in the warehouse.
        site: address of the installation, in front of the page behind the QR code.
    """
    lines = lines_of_note(note)
    columns = [(_("Line no."), "end"), (_("Product"), "start"), (_("Name"), "start"),
               (_("Batch"), "start"), (_("Unit"), "centre"), (_("Quantity"), "end")]  # fmt: skip
    if has_prices:
        columns.append((_("Gross"), "end"))
    is_slip = not has_prices and bool(note.slip_number)
    copies = [_("Warehouse copy"), _("Gate copy")]
    if has_prices:
        copies = [_("Customer copy"), _("Finance copy")]
    elif is_slip:
        copies = [_("First copy: office"), _("Second copy: warehouse keeper"), _("Gate copy")]
    return standard_data(
        title=_("Outbound slip") if is_slip else _("Delivery note"),
        number=note.slip_number if is_slip else note.number,
        company=note.company.name,
        columns=columns,
        rows=[_row(line, has_prices=has_prices) for line in lines],
        facts=_facts(note, lines),
        totals=[(_("Total"), money_text(note.gross))] if has_prices else [],
        amount=note.gross if has_prices and note.gross else None,
        url=f"{site}{reverse('shipping:show', args=[note.pk])}",
        copies=copies,
        signatures=[_("Warehouse keeper"), _("Quality inspector"), _("Driver"), _("Receiver")],
        notes=note.note,
        is_traditional=translation.get_language() == "zh-hant",
    )


def _row(line: DeliveryLine, *, has_prices: bool) -> list[str]:
    batches = "、".join(pick.lot.batch for pick in line.picked if pick.lot.batch)
    cells = [
        str(line.number),
        line.product.code,
        str(line.product),
        batches or "–",
        line.unit_of_measure.name,
        quantity_text(line.quantity),
    ]
    return [*cells, money_text(line.gross)] if has_prices else cells


def _facts(note: DeliveryNote, lines: list[DeliveryLine]) -> list[tuple[str, str]]:
    orders = sorted({str(line.order) for line in lines if line.order_id is not None})
    return [
        (_("Customer"), note.customer.name),
        (_("Ship to"), str(note.ship_to or note.ship_to_text)),
        (_("Order"), "、".join(orders) or "–"),
        (_("Delivery note"), note.number),
        (_("Outbound slip"), note.slip_number or "–"),
        (_("Carrier"), note.carrier or "–"),
        (_("Station"), note.station or "–"),
        (_("Vehicle"), note.vehicle or "–"),
        (_("Warehouse"), note.warehouse.name),
    ]


def note_pdf(note: DeliveryNote, *, has_prices: bool, site: str = "") -> bytes:
    """Return the delivery note as PDF in the customer's language."""
    language = customer_summary(note.customer_id).language or "zh-hans"
    with translation.override(language):
        data = note_data(note, has_prices=has_prices, site=site)
    return print_pdf(TEMPLATE, data, language=language)
