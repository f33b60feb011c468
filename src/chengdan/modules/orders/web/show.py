"""The page of an order: facts, the 21 steps, what stops it, lines, people, documents, history."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.pages import history_entries
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    ChainNode,
    Chip,
    DocumentPage,
    Fact,
    Note,
    PageHead,
    Person,
    page,
    talk_panel,
)
from chengdan.kernel.ui.formats import day_text
from chengdan.kernel.ui.parts import Text
from chengdan.modules.credit.access import may_view_account
from chengdan.modules.credit.selectors import credit_prepayment
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_for_view
from chengdan.modules.orders.changes import amendments_table
from chengdan.modules.orders.extensions import bands_of, chain_of
from chengdan.modules.orders.models import Amendment, Order
from chengdan.modules.orders.over_quota import over_quota
from chengdan.modules.orders.services import order_stops
from chengdan.modules.orders.services.fulfil import order_source
from chengdan.modules.orders.shown import (
    SpecialShown,
    band_chip,
    lines_table,
    payment_text,
    special_shown,
)
from chengdan.modules.orders.vocabulary import AmendmentStatus, OrderStatus, SpecialStatus
from chengdan.modules.orders.web.acts import acts_of
from chengdan.modules.orders.web.common import crumbs_of, shortfall_text, state_chip
from chengdan.modules.orders.web.entry import notes_of
from chengdan.modules.process.selectors import said_about
from chengdan.modules.process.selectors.bands import band_for

HISTORY_MAX = 10


@page(permission=words.VIEW)
def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything about an order; later rooms add their bands, documents and cards."""
    actor = actor_of(request)
    order = access_order_for_view(actor, pk)
    lines = list(order.lines.select_related("product", "unit_of_measure").order_by("number"))
    chips = [state_chip(order)]
    special = special_shown(order)
    if (band := band_chip(order, special)) is not None:
        chips.append(band)
    over = over_quota(order, lines)
    amendments = list(order.amendments.select_related("asked_by").order_by("-sequence"))
    acts = acts_of(actor, order, lines)
    return DocumentPage(
        words.ORDER,
        order,
        head=PageHead(
            _("Order"), order.title, crumbs=crumbs_of(), chips=chips,
            labels=_labels(order),
            # What holds the order offers its end itself.
            acts=[act for act in acts if act.code != "resume"],
        ),
        facts=_facts(actor, order, band),
        strip=[band_for("op", words.ORDER, order.pk), *bands_of(actor, order)],
        notes=_notes(actor, order, acts, special, amendments),
        tables=[lines_table(lines), *([over.table()] if over is not None else []),
                *([amendments_table(amendments)] if amendments else [])],
        main_panels=[
            *([over.panel()] if over is not None else []),
            *([special.panel()] if special is not None else []), talk_panel(words.ORDER, order.pk),
        ],
        people=_people(order),
        chain=_chain(actor, order),
        history=history_entries(
            order, limit=HISTORY_MAX, along=said_about(words.ORDER, order.pk)
        ),
        history_url=reverse("orders:history", args=[order.pk]),
    ).render(request)  # fmt: skip


def _labels(order: Order) -> list[str]:
    labels = []
    if order.gross and order.delivered_gross:
        share = order.delivered_gross * 100 // order.gross
        labels.append(str(_("shipped %(percent)s%%") % {"percent": share}))
    if order.gross and order.invoiced_gross:
        share = order.invoiced_gross * 100 // order.gross
        labels.append(str(_("invoiced %(percent)s%%") % {"percent": share}))
    return labels


def _facts(actor: Actor, order: Order, band: Chip | None) -> list[Fact]:
    account = reverse("credit:show", args=[order.customer_id])
    return [
        Fact(_("Customer"), order.customer.name,
             url=reverse("customers:show", args=[order.customer_id])),
        Fact(_("Customer's no."), order.customer_order_number or "–"),
        Fact(_("Ordered"), order.ordered_on, kind="day"),
        Fact(_("Wanted on"), order.requested_on, kind="day"),
        Fact(_("Payment"), payment_text(order)),
        Fact(_("Credit"), band or _("not checked"),
             url=account if may_view_account(actor, order.customer) else ""),
        Fact(_("Gross"), order.gross, kind="money", big=True,
             why=reverse("orders:why", args=[order.pk])),
        Fact(_("Ship to"), str(order.ship_to or order.ship_to_text) or "–"),
        Fact(_("Carrier"), order.customer.carrier or "–"),
        Fact(_("Partial shipment"), _("allowed") if order.is_partial_allowed
             else _("only complete")),
        Fact(_("Shipped"), order.delivered_gross, kind="money"),
        Fact(_("Invoiced"), order.invoiced_gross, kind="money"),
        Fact(_("Paid"), order.paid_gross, kind="money"),
    ]  # fmt: skip


def _notes(
    actor: Actor,
    order: Order,
    acts: list[Act],
    special: SpecialShown | None,
    amendments: Sequence[Amendment],
) -> list[Note]:
    """Return what stands in the way now, with its ways out."""
    notes: list[Note] = []
    by_code = {act.code: act for act in acts}
    if order.is_held:
        resume = [by_code["resume"]] if "resume" in by_code else []
        notes.append(Note("late", _("The order is on hold"), order.hold_reason, acts=resume))
    if order.status == OrderStatus.DRAFT:
        notes += notes_of(order_stops(actor, order))
    if order.status == OrderStatus.PROCESSING and order.step:
        notes += _process_notes(order, by_code, special)
    if order.pays_first and order.status in {OrderStatus.PROCESSING, OrderStatus.RELEASED}:
        notes += _payment_notes(order, by_code)
    if any(row.status == AmendmentStatus.PROCESSING for row in amendments):
        text = _("Printing and shipping of the order wait for the decision.")
        notes.append(Note("soon", _("A change is being decided"), text, rule="AM-1"))
    return notes


def _process_notes(order: Order, acts: dict[str, Act], shown: SpecialShown | None) -> list[Note]:
    notes = []
    if shown is not None and shown.special.status == SpecialStatus.OPEN:
        text: Text = _("All members of the leadership team must sign: %(reason)s")
        notes.append(
            Note("soon", _("Special treatment is being decided"),
                 text % {"reason": shown.special.reason}, rule="ST-1")
        )  # fmt: skip
    elif order.credit_band == words.CreditBand.STOP:
        notes.append(_stop_note(order, acts, shown))
    return notes


def _payment_notes(order: Order, acts: dict[str, Act]) -> list[Note]:
    """Say how far an order that pays first is paid; once released, only what is missing."""
    prepayment = credit_prepayment(order_source(order.pk))
    if prepayment.missing > ZERO:
        release = [acts["shortfall"]] if "shortfall" in acts else []
        text: Text = shortfall_text(order, prepayment)
        return [Note("soon", _("Waits for its payment"), text, "CC-1", release)]
    if order.status == OrderStatus.PROCESSING and prepayment.is_first:
        text = _("%(paid)s are set aside for the order.")
        paid = {"paid": f"{prepayment.earmarked:,.2f}"}
        return [Note("done", _("Paid before the goods leave"), text % paid, "CC-1")]
    return []


def _stop_note(order: Order, acts: dict[str, Act], shown: SpecialShown | None) -> Note:
    """Return the stop of the credit check, or who took it away."""
    over = {"over": f"{order.credit_over:,.2f}"}
    if shown is not None and shown.is_approved:
        told = _("Over the limit by %(over)s.") % over
        signed = " · ".join([shown.signed, day_text(shown.special.decided_at)])
        title = _("Released by special treatment")
        return Note("done", title, told, rule="ST-1", settled=signed)
    ways = [acts[code] for code in ("pay_first", "special") if code in acts]
    text = _("Over the limit by %(over)s. It can be paid first, or special treatment applied for.")
    return Note("late", _("The credit check stops the order"), text % over, "CC-4", ways)


def _people(order: Order) -> list[Person]:
    rows = [
        (_("Responsible"), order.owner),
        (_("SLT member"), order.slt_member),
        (_("CSR"), order.csr),
        (_("Shipping (SCR)"), order.scr),
        (_("Billing (BCR)"), order.bcr),
    ]
    return [Person(title, str(person)) for title, person in rows if person is not None]


def _chain(actor: Actor, order: Order) -> list[ChainNode]:
    own = ChainNode(
        "shopping-cart",
        _("Order %(number)s") % {"number": order.title},
        amount=order.gross,
        remark=day_text(order.ordered_on),
        state_text=order.get_status_display(),
        is_current=True,
    )
    return [own, *chain_of(actor, order)]
