"""The page of a delivery note: facts, the seven steps, lines with batches, acts, history."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.pages import history_entries
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    ChainNode,
    Chip,
    DocumentPage,
    Fact,
    Note,
    PageHead,
    Panel,
    Person,
    page,
)
from chengdan.modules.orders.selectors import orders_visible
from chengdan.modules.process.selectors import said_about
from chengdan.modules.process.selectors.bands import band_for
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_note_for_view, note_orders
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote
from chengdan.modules.shipping.promises import promised_limit
from chengdan.modules.shipping.services.limits import order_lines, over_issues, tolerances
from chengdan.modules.shipping.services.reserve import lines_of_note
from chengdan.modules.shipping.showing import lines_table, plain, state_chip
from chengdan.modules.shipping.vocabulary import NoteStatus
from chengdan.modules.shipping.web.acts import acts_of
from chengdan.modules.shipping.web.common import crumbs_of


@page(permission=words.VIEW)
def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything about a delivery note; billing adds its invoices."""
    actor = actor_of(request)
    note = access_note_for_view(actor, pk)
    lines = lines_of_note(note)
    chips = [state_chip(note)]
    if note.is_direct:
        chips.append(Chip(_("without an order")))
    if note.deviation:
        chips.append(Chip(_("deviation"), "late", title=note.deviation))
    return DocumentPage(
        words.NOTE,
        note,
        head=PageHead(
            _("Delivery note"),
            note.number,
            crumbs=crumbs_of(),
            chips=chips,
            acts=acts_of(actor, note),
        ),
        facts=_facts(note),
        strip=[band_for("sp", words.NOTE, note.pk)],
        notes=_notes(note, lines),
        tables=[lines_table(lines)],
        people=_people(note),
        chain=_chain(actor, note),
        main_panels=[_papers(note)],
        history=history_entries(note, along=said_about(words.NOTE, note.pk)),
    ).render(request)


def _papers(note: DeliveryNote) -> Panel:
    names = [words.NOTE, note.pk]
    context = {
        "attachments_url": reverse("attachments:panel", args=names),
        "comments_url": reverse("comments:panel", args=names),
    }
    return Panel(_("Attachments and comments"), "shipping/_papers.html", context, code="papers")


def _facts(note: DeliveryNote) -> list[Fact]:
    confirmed = f"{note.confirmed_on:%Y-%m-%d} {note.signer}" if note.confirmed_on else "–"
    return [
        Fact(_("Customer"), note.customer.name,
             url=reverse("customers:show", args=[note.customer_id])),
        Fact(_("Ship to"), str(note.ship_to or note.ship_to_text) or "–"),
        Fact(_("Handed over"), note.received_at, kind="day"),
        Fact(_("Received by"), note.received_by or "–"),
        Fact(_("Warehouse"), note.warehouse.name),
        Fact(_("Carrier"), note.carrier or "–"),
        Fact(_("Station"), note.station or "–"),
        Fact(_("Vehicle"), note.vehicle or "–"),
        Fact(_("Outbound slip"), note.slip_number or "–"),
        Fact(_("Dispatched"), note.dispatched_at, kind="day"),
        Fact(_("Waybill"), note.waybill or "–"),
        Fact(_("Signed"), confirmed),
        Fact(_("Paper kept at"), note.archive or "–"),
        Fact(_("Gross"), note.gross, kind="money"),
    ]  # fmt: skip


def _promise() -> str:
    limit = promised_limit()
    if limit is None:
        return ""
    text = gettext("It was to leave %(limit)s of its receipt by storage and transport.")
    return text % {"limit": limit.describe()}


def _notes(note: DeliveryNote, lines: list[DeliveryLine]) -> list[Note]:
    """Return what stands in the way, with its rule."""
    found: list[Note] = []
    if note.is_direct:
        found.append(Note("run", _("Goods without an order, free of charge"), note.reason))
    if note.deviation:
        found.append(Note("late", _("The customer reports a deviation"), note.deviation, "SHP-02"))
    if note.status != NoteStatus.OPEN:
        return found
    if note.due_at is not None and note.due_at < clock.now():
        found.append(Note("late", _("Late"), _promise(), "SHP-01"))
    if any(line.is_frozen for line in order_lines(lines).values()):
        text = _("Shipping waits for the decision.")
        found.append(Note("late", _("A change of the order is being decided"), text, "AM-1"))
    for issue in over_issues(lines, tolerances(note, lines)):
        title = _("Line %(row)s is too much") % {"row": issue.row}
        found.append(Note("late", title, issue.message, issue.rule))
    short = [line for line in lines if line.quantity < line.asked_quantity]
    if short:
        listed = ", ".join(
            f"{line.product.code} {plain(line.quantity)}/{plain(line.asked_quantity)}"
            for line in short
        )
        found.append(Note("soon", _("Not all of it is there"), listed, "SR"))
    return found


def _people(note: DeliveryNote) -> list[Person]:
    rows = [
        (_("Responsible"), note.owner),
        (_("CSR"), note.csr),
        (_("Shipping (SCR)"), note.scr),
        (_("Picked by"), note.picked_by),
        (_("Checked (keeper)"), note.keeper_checked_by),
        (_("Checked (quality)"), note.inspector_checked_by),
    ]
    return [Person(title, str(person)) for title, person in rows if person is not None]


def _chain(actor: Actor, note: DeliveryNote) -> list[ChainNode]:
    orders = orders_visible(actor).filter(pk__in=note_orders(note.pk)).order_by("pk")
    nodes = [
        ChainNode(
            "shopping-cart",
            _("Order %(number)s") % {"number": order},
            url=reverse("orders:show", args=[order.pk]),
            amount=order.gross,
            state_text=order.get_status_display(),
        )
        for order in orders
    ]
    own = ChainNode(
        "truck-delivery",
        _("Delivery note %(number)s") % {"number": note.number},
        amount=note.gross,
        state_text=note.get_status_display(),
        is_current=True,
        is_sub=bool(nodes),
    )
    return [*nodes, own]
