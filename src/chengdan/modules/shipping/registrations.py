"""What the room registers while the applications start."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.numbering import numbers_provider_register
from chengdan.kernel.outbox import work_titles_register
from chengdan.kernel.reference import reference_tables, reference_tables_in_act
from chengdan.kernel.search import SearchSource, search_kind_register
from chengdan.kernel.targets import target_register
from chengdan.kernel.ui import NavItem, nav_register, panel_register
from chengdan.modules.orders.extensions import band_register, chain_register, gauge_register
from chengdan.modules.orders.services.progress import band_places_register
from chengdan.modules.process.subjects import (
    check_register,
    document_panel_register,
    subject_register,
)
from chengdan.modules.shipping import (
    handlers,
    histories,
    importing,
    jobs,
    panels,
    process,
    promises,
    verification,
)
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_note_for_view, notes_visible
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Lot, Warehouse
from chengdan.modules.shipping.process import NoteSubject, StockCheck
from chengdan.modules.shipping.selectors import note_url
from chengdan.modules.shipping.services.bands import place_of_order
from chengdan.modules.shipping.services.finding import note_fields
from chengdan.modules.shipping.services.reserve import LINES_TOPIC
from chengdan.modules.shipping.services.stock import LOTS_TOPIC


def _note_load(actor: Actor, pk: int) -> models.Model:
    return access_note_for_view(actor, pk)


reference_tables("warehouses", Warehouse)
reference_tables_in_act(LINES_TOPIC, DeliveryLine)
reference_tables_in_act(LOTS_TOPIC, Lot)
subject_register(
    words.NOTE,
    NoteSubject,
    title=_("Delivery note"),
    mandatory=("OQ1", "OQ2", "DP"),
)
search_kind_register(
    words.NOTE,
    title=_("Delivery notes"),
    permission=words.VIEW,
    scope_filter=notes_visible,
    source=SearchSource(
        lambda: DeliveryNote.objects.select_related("customer"),
        lambda note: note_fields(note, note.customer.name),
    ),
    icon="truck-delivery",
    order=400,
)
check_register("shipping.sr", StockCheck)
process.register()
numbers_provider_register(words.SLIP_SERIES, verification.slips_carried)
target_register(
    words.NOTE,
    _note_load,
    words.VIEW,
    title=str,
    url=lambda note: note_url(note.pk),
)

document_panel_register(words.NOTE, panels.inbox_panel)
band_register("sp", panels.order_band)
band_places_register("sp", place_of_order)
chain_register("shipping.notes", panels.order_chain)
gauge_register("shipping.in_time", promises.shipped_gauge)
gauge_register("shipping.accuracy", promises.accuracy_gauge)
panel_register("orders.order", "main", panels.order_panel, permission=words.VIEW, order=100)
panel_register("customers.customer", "main", panels.customer_panel, permission=words.VIEW,
               order=200)  # fmt: skip
work_titles_register(
    {
        "shipping.confirmed": _("A delivery was confirmed by the customer"),
        "shipping.dispatched": _("Goods were dispatched"),
        "shipping.reversed": _("A dispatch was reversed"),
        "shipping.reversing": _("A dispatch is being reversed"),
        "shipping.stock_arrived": _("Stock has arrived"),
        "shipping.waiting_serve": _("Serve the orders that wait for stock"),
        "shipping.order_serve": _("Serve one order that waits for stock"),
        "shipping.explain_sweep": _("Ask why notes have not left"),
    }
)
nav_register(
    NavItem("shipping", _("Shipping"), "truck-delivery", "shipping:list", words.VIEW, order=90),
    NavItem("stock", _("Stock"), "package", "shipping:stock", words.STOCK_VIEW, order=92),
    NavItem(
        "warehouses",
        _("Warehouses"),
        "package",
        "shipping:warehouses",
        words.WAREHOUSE_EDIT,
        order=975,
        group=9,
    ),
)

__all__ = ["handlers", "histories", "importing", "jobs"]
