"""Entering and changing orders: the form, its live preview, copying."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.numbers import ONE, ZERO
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    FormPage,
    LinesField,
    Note,
    PageHead,
    PickRow,
    Toast,
    done,
    page,
    pick_response,
    preview_response,
    refusals_on,
    stops_html,
)
from chengdan.kernel.ui.formats import line_text, number_text
from chengdan.modules.catalog.selectors import (
    PriceLine,
    prices_explain,
    product_units,
    products_pick,
)
from chengdan.modules.customers.selectors import customers_visible
from chengdan.modules.orders import services
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_for_view
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services.place import own_number_issues
from chengdan.modules.orders.services.pricing import PricedLine, drafts_price
from chengdan.modules.orders.services.stops import STOP, StopsList, stops_of
from chengdan.modules.orders.web.aside import credit_html, party_fragments
from chengdan.modules.orders.web.common import GET_POST, crumbs_of, draft_id_of, draft_key, show_url
from chengdan.modules.orders.web.forms import OrderForm, initial_of
from chengdan.modules.people.access import authorise
from chengdan.modules.quota.vocabulary import Measure

PICK_LIMIT = 20
SUBMIT = "submit"
FORM_ID = "cd-form"


@page(permission=words.CREATE, methods=GET_POST)
def create(request: HttpRequest) -> HttpResponseBase:
    """Enter a new order."""
    actor = actor_of(request)
    form = OrderForm(actor, request.POST or None, initial={"customer": request.GET.get("customer")})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            order = services.order_place(actor=actor, draft=form.draft())
            return _after(request, order)
    return _form_page(request, form, PageHead(_("New order"), crumbs=crumbs_of(), acts=_acts()))


@page(permission=words.EDIT, methods=GET_POST)
def edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a draft."""
    actor = actor_of(request)
    order = access_order_for_view(actor, pk)
    authorise(actor, words.EDIT, order)
    form = OrderForm(actor, request.POST or None, initial=initial_of(order))
    if request.method == "POST" and form.is_valid():
        saved = None
        # A draft's own form offers there what the browser has kept of the older one.
        with refusals_on(form, newest=request.path if _is_draft(order) else show_url(pk)):
            saved = services.order_update(
                actor=actor, order_id=pk, draft=form.draft(), expected_version=version_of(request)
            )
        if saved is not None:
            with refusals_on(form):
                return _after(request, saved)
    head = PageHead(_("Order"), order.title, crumbs=crumbs_of(order), acts=_acts())
    return _form_page(request, form, head, order)


def _is_draft(order: Order) -> bool:
    return order.status == words.OrderStatus.DRAFT


def _after(request: HttpRequest, order: Order) -> HttpResponseBase:
    """Go on to the order's page; the filled button also submits."""
    if request.POST.get("next") != SUBMIT:
        return done(request, show_url(order.pk), Toast(_("Draft saved.")))
    try:
        services.order_submit(actor=actor_of(request), order_id=order.pk)
    except services.StoppedError:
        toast = Toast(_("Saved as a draft; it cannot be submitted yet."), "late")
        return done(request, show_url(order.pk), toast)
    return done(request, show_url(order.pk), Toast(_("Order submitted.")))


def _acts() -> list[Act]:
    return [
        Act("save", _("Save draft"), method="submit", shortcut="Ctrl+S", form=FORM_ID),
        Act("submit", _("Submit"), method="submit", primary=True, shortcut="Ctrl+Enter",
            values={"next": SUBMIT}, permission=words.SUBMIT, form=FORM_ID),
    ]  # fmt: skip


def _form_page(
    request: HttpRequest, form: OrderForm, head: PageHead, order: Order | None = None
) -> HttpResponseBase:
    return FormPage(
        form,
        head,
        template="orders/entry.html",
        columns=4,
        draft_key=draft_key(order),
        sections=[
            ("", ["customer", "customer_order_number", "requested_on", "pays_first", "ship_to",
                  "is_partial_allowed", "quota_choice", "quota_reason"]),
        ],
        lines="lines",
        preview=reverse("orders:preview"),
        autosave=reverse("orders:autosave"),
        has_stops=True,
        values={"expected_version": order.version, "draft_id": order.pk} if order else {},
        cancel_url=show_url(order.pk) if order else reverse("orders:list"),
    ).render(request)  # fmt: skip


@page(permission=words.CREATE, methods=["POST"])
def preview(request: HttpRequest) -> HttpResponseBase:
    """Answer amounts, quota, credit and stops of what stands in the form; saves nothing."""
    actor = actor_of(request)
    form = OrderForm(actor, request.POST)
    form.is_valid()
    if "customer" not in form.cleaned_data or "lines" not in form.cleaned_data:
        return lines_unreadable(request, form)
    fragments = party_fragments(request, form)
    form_filled(form)
    priced = drafts_price(actor, [form.draft()])[0]
    own_number_issues([priced], except_id=draft_id_of(request))
    found = stops_of(actor, priced)
    left = {verdict.line_ref: verdict for verdict in found.quota if verdict.cells}
    numbers = [row["_row"] for row in form.cleaned_data["lines"]]
    rows = [
        preview_row(number, line, left.get(line.number))
        for number, line in zip(numbers, priced.lines, strict=True)
    ]
    fragments |= {
        "cd-stops": stops_html(request, notes_of(found), passed_of(found)) if numbers else "",
        "cd-totals": render_to_string("orders/_totals.html", {"totals": priced.totals}, request),
        "cd-credit": credit_html(request, priced, found),
    }
    return preview_response(
        rows=rows, totals={"gross": number_text(priced.totals.gross, places=2)}, fragments=fragments
    )


def form_filled(form: OrderForm) -> None:
    """Let a form give its draft although some of its fields cannot be read."""
    for name in ("requested_on", "ship_to", "pays_first", "is_partial_allowed", "quota_choice"):
        form.cleaned_data.setdefault(name, None if name == "requested_on" else "")
    for name in ("customer_order_number", "quota_reason", "note", "internal_note"):
        form.cleaned_data.setdefault(name, "")


def lines_unreadable(request: HttpRequest, form: OrderForm) -> HttpResponseBase:
    """Answer when there is no order to calculate: what cannot be read, and no figures of before."""
    errors = form.errors.as_data().get("lines", []) if "customer" in form.cleaned_data else []
    notes = [
        Note("late", text) for error in errors if error.code != "required"
        for text in error.messages
    ]  # fmt: skip
    fragments = party_fragments(request, form) if "customer" in form.cleaned_data else {}
    fragments |= {
        "cd-stops": stops_html(request, notes),
        "cd-totals": render_to_string("orders/_totals.html", {}, request),
        "cd-credit": "",
    }
    lines = cast("LinesField", form.fields["lines"])
    blank = [{"row": number, "gross": "", "quota": ""} for number in range(1, lines.row_count + 1)]
    return preview_response(rows=blank, fragments=fragments)


def preview_row(number: int, line: PricedLine, verdict: Any) -> dict[str, Any]:
    """Return what the server knows of a line: name, unit, amounts, what the quota leaves."""
    step, unit = ONE, None
    if line.product is not None:
        unit = next((u for u in line.product.units if u.unit_id == line.unit_id), None)
        if line.unit_id is not None:
            step = line.product.factor_of(line.unit_id) or ONE
    shown: dict[str, Any] = {
        "row": number,
        "unit": unit.name if unit else "",
        "gross": number_text(line.amounts.gross, places=2),
        "quota": str(_("no limit")) if line.product else "",
    }
    if line.product is not None:
        shown["description"] = {"text": line.product.title}
    if line.list_price is not None:
        shown["price"] = {"hint": number_text(line.list_price, places=2)}
    if verdict is not None:
        short = {} if verdict.allowed >= line.base_quantity else {"state": "bad"}
        shown["quota"] = {"text": number_text(_quota_left(verdict) / step, places=0), **short}
    return shown


def _quota_left(verdict: Any) -> Decimal:
    """Return what the narrowest cell leaves in base units; what fits, where cells count money."""
    counted = [cell.remainder for cell in verdict.cells if cell.measure == Measure.QUANTITY]
    is_cut = verdict.allowed < verdict.wanted
    left: Decimal = min(counted, default=verdict.allowed)
    return max(ZERO, min(left, verdict.allowed) if is_cut else left)


def notes_of(found: StopsList, acts: dict[str, Act] | None = None) -> list[Note]:
    """Return the stops as the page shows them, with the acts for their ways out."""
    known = acts or {}
    return [
        Note(
            "late" if stop.kind == STOP else "soon",
            line_text(stop.row, str(stop.title)),
            stop.text,
            rule=stop.rule,
            acts=[known[way] for way in stop.ways if way in known],
        )
        for stop in found.stops
    ]


def passed_of(found: StopsList) -> list[Any]:
    """Return what is right, in words, so that an empty list says why."""
    rules = {stop.rule for stop in found.stops}
    texts = {
        "QC-0": _("The customer is active and complete"),
        "QC-1": _("All products are on sale"),
        "QC-2": _("All prices are within authority"),
        "AC-3": _("Within the quota"),
        "ORG-18": _("CSR, shipping and billing coordinator are named"),
    }
    return [text for rule, text in texts.items() if rule not in rules]


@page(permission=words.CREATE)
def product_pick(request: HttpRequest) -> HttpResponseBase:
    """Offer products with unit and the customer's price."""
    actor = actor_of(request)
    rows = products_pick(actor, request.GET.get("q", "")[:100], limit=PICK_LIMIT)
    units = product_units([row.pk for row in rows], products=rows)
    prices = _prices(request, [row.pk for row in rows])
    found = []
    for row in rows:
        first = next((unit for unit in units[row.pk] if unit.is_sales_default), units[row.pk][0])
        price = prices.get(row.pk)
        shown = number_text(price, places=2) if price is not None else ""
        fills = {"description": str(row), "unit": first.name}
        found.append(PickRow(row.pk, row.code, str(row), [first.name, shown], fills=fills))
    return pick_response(found, heads=[_("Unit"), _("Price")])


def _prices(request: HttpRequest, product_ids: list[int]) -> dict[int, Decimal | None]:
    text = request.GET.get("customer", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19) or not product_ids:
        return {}
    customer = customers_visible(actor_of(request)).filter(pk=int(text)).first()
    if customer is None:
        return {}
    lines = [PriceLine(pk, ONE) for pk in product_ids]
    found = prices_explain(customer.pk, lines, clock.today())
    return {item.product_id: item.price for item in found}


@page(permission=words.CREATE, methods=["POST"])
def copy(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Enter a new draft like this order, at today's prices."""
    order = services.order_copy(actor=actor_of(request), order_id=pk)
    url = reverse("orders:edit", args=[order.pk])
    return done(request, url, Toast(_("Copied; check dates and prices.")))
