"""What shipping adds to pages of earlier rooms: the order's strip, chain and notes; customers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import ChainNode, Column, Fact, Panel, StripBand, Table
from chengdan.kernel.ui.formats import day_text
from chengdan.modules.people.access import can
from chengdan.modules.process.selectors.bands import band_for
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import notes_visible
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.process import NoteSubject
from chengdan.modules.shipping.rules import least_advanced
from chengdan.modules.shipping.selectors import note_url, notes_of_orders
from chengdan.modules.shipping.services.reserve import lines_of_note
from chengdan.modules.shipping.showing import lines_table, state_chip, time_left
from chengdan.modules.shipping.vocabulary import GONE

NOTES_MAX = 10


def _notes(order_id: int) -> list[DeliveryNote]:
    return notes_of_orders([order_id]).get(order_id, [])


def order_band(actor: Actor, order: Any) -> StripBand:
    """Return SP of the order's least advanced note."""
    standing = [note for note in _notes(order.pk) if note.status not in GONE]
    if not standing:
        return band_for("sp", words.NOTE, None)
    note = standing[least_advanced([item.progress for item in standing])]
    text = _("%(count)s notes · the slowest is %(number)s")
    remark = text % {"count": len(standing), "number": note.number}
    return band_for("sp", words.NOTE, note.pk, remark=remark if len(standing) > 1 else note.number)


def order_chain(actor: Actor, order: Any) -> list[ChainNode]:
    """Return the order's delivery notes as documents that follow from it."""
    if not can(actor, words.VIEW):
        return []
    return [
        ChainNode(
            "truck-delivery",
            _("Delivery note %(number)s") % {"number": note.number},
            url=note_url(note.pk),
            amount=note.gross,
            remark=day_text(note.dispatched_on),
            state_text=note.get_status_display(),
            is_sub=True,
        )
        for note in _notes(order.pk)
    ]


def _table(notes: list[DeliveryNote]) -> Table:
    columns = [
        Column("number", _("Delivery note"), link=lambda note: note_url(note.pk)),
        Column("state", _("State"), kind="chip", value=state_chip),
        Column("gross", _("Gross"), kind="money"),
        Column("received_at", _("Handed over"), kind="day"),
        Column("due", _("Left"), kind="due", value=time_left),
        Column("dispatched_on", _("Dispatched"), kind="day"),
        Column("waybill", _("Waybill")),
        Column("confirmed_on", _("Signed"), kind="day"),
        Column("signer", _("Signed by")),
    ]
    return Table(_("Delivery notes"), columns, notes)


def order_panel(request: HttpRequest, order: Any) -> Panel | None:
    """Show an order's delivery notes."""
    notes = _notes(order.pk)
    if not notes:
        return None
    return Panel(
        _("Delivery notes"), "shipping/_notes.html", {"table": _table(notes)}, code="notes",
        flush=True,
    )  # fmt: skip


def customer_panel(request: HttpRequest, customer: Any) -> Panel | None:
    """Show a customer's latest delivery notes."""
    actor = actor_of(request)
    rows = notes_visible(actor).filter(customer_id=customer.pk).select_related("warehouse")
    notes = list(rows.order_by("-received_at", "-pk")[:NOTES_MAX])
    if not notes:
        return None
    return Panel(
        _("Latest deliveries"), "shipping/_notes.html", {"table": _table(notes)}, flush=True,
        code="notes",
    )  # fmt: skip


def inbox_panel(request: HttpRequest, subject: NoteSubject) -> SafeString:
    """Show the note in the inbox pane: where it goes, and its lines with their batches."""
    note = subject.note
    facts = [
        Fact(_("Customer"), note.customer.name, url=note_url(note.pk)),
        Fact(_("Ship to"), str(note.ship_to or note.ship_to_text) or "–"),
        Fact(_("Handed over"), note.received_at, kind="day"),
        Fact(_("Carrier"), f"{note.carrier} {note.station}".strip() or "–"),
        Fact(_("Outbound slip"), note.slip_number or "–"),
    ]
    context = {"facts": facts, "table": lines_table(lines_of_note(note))}
    return SafeString(render_to_string("shipping/_inbox.html", context, request))
