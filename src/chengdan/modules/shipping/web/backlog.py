"""Orders that wait for goods, and making notes for them: one, several in one, or without order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.downloads import disposition
from chengdan.kernel.errors import DomainError, InvalidError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    FormPage,
    PageHead,
    PickRow,
    Toast,
    done,
    page,
    pick_response,
    refusals_on,
    render_page,
)
from chengdan.kernel.ui.ids import ids_read
from chengdan.modules.catalog.selectors import product_summaries, product_units, products_pick
from chengdan.modules.credit.selectors import orders_unpaid
from chengdan.modules.orders.vocabulary import ORDER
from chengdan.modules.shipping import services
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_note_for_view
from chengdan.modules.shipping.printing import note_pdf
from chengdan.modules.shipping.rules import fit_quantity, line_quantity
from chengdan.modules.shipping.selectors import Waiting, orders_waiting, waiting_of, warehouses_of
from chengdan.modules.shipping.services import DirectLine
from chengdan.modules.shipping.web.common import GET_POST, crumbs_of, show_url
from chengdan.modules.shipping.web.forms import DirectForm

ZERO = Decimal(0)
ORDERS_MAX = 200
PICK_LIMIT = 20


@page(permission=words.CREATE)
def backlog(request: HttpRequest) -> HttpResponseBase:
    """Released orders with something on no note yet, oldest first, with what is there."""
    actor = actor_of(request)
    warehouses = warehouses_of(actor.company_id)
    chosen = _warehouse_id(request.GET.get("warehouse", ""), warehouses)
    orders = list(orders_waiting(actor).select_related("customer")[:ORDERS_MAX])
    waiting = waiting_of([order.pk for order in orders], chosen)
    products = product_summaries(
        item.line.product_id or 0 for lines in waiting.values() for item in lines
    )
    unpaid = orders_unpaid(ORDER, {order.pk for order in orders if order.pays_first})
    rows = []
    for order in orders:
        lines = [
            {
                "code": products[item.line.product_id or 0].code,
                "name": products[item.line.product_id or 0].name,
                "wanted": item.wanted,
                "available": line_quantity(max(ZERO, item.available), item.line.factor),
            }
            for item in waiting[order.pk]
        ]
        if lines:
            is_ready = any(_fits(item) > ZERO for item in waiting[order.pk])
            rows.append({"order": order, "lines": lines, "is_ready": is_ready,
                         "is_unpaid": order.pk in unpaid})  # fmt: skip
    head = PageHead(
        _("Orders waiting for goods"),
        crumbs=crumbs_of(),
        acts=[
            Act("direct", _("Without an order"), reverse("shipping:direct"), icon="plus",
                permission=words.CREATE)
        ],
    )  # fmt: skip
    return render_page(
        request,
        "shipping/backlog.html",
        head=head,
        rows=rows,
        warehouses=warehouses,
        chosen=chosen,
        is_cut=len(orders) == ORDERS_MAX,
    )


def _fits(item: Waiting) -> Decimal:
    return fit_quantity(item.wanted, item.line.factor, item.available)


def _warehouse_id(text: str, warehouses: list[Any]) -> int | None:
    known = {str(row.pk): row.pk for row in warehouses}
    return known.get(text) or (warehouses[0].pk if warehouses else None)


@page(permission=words.CREATE, methods=["POST"])
def make(request: HttpRequest) -> HttpResponseBase:
    """Make one note of the chosen orders with what is there."""
    actor = actor_of(request)
    ids = ids_read(request.POST.getlist("orders"))[:ORDERS_MAX]
    warehouse_id = _warehouse_id(request.POST.get("warehouse", ""), warehouses_of(actor.company_id))
    try:
        note = services.note_make_for_orders(actor=actor, order_ids=ids, warehouse_id=warehouse_id)
    except InvalidError as error:
        texts = " ".join(str(item.message) for item in error.items)
        return done(request, reverse("shipping:backlog"), Toast(texts, "late"))
    except DomainError as error:
        return done(request, reverse("shipping:backlog"), Toast(str(error.message), "late"))
    return done(request, show_url(note.pk), Toast(_("Delivery note made.")))


@page(permission=words.CREATE, methods=GET_POST)
def direct(request: HttpRequest) -> HttpResponseBase:
    """Make a note without an order: samples and replacements, with a reason."""
    actor = actor_of(request)
    form = DirectForm(actor, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        lines = [DirectLine(row["product"] or 0, row["quantity"] or ZERO) for row in data["lines"]]
        with refusals_on(form):
            note = services.note_make_direct(
                actor=actor,
                customer_id=data["customer"],
                lines=lines,
                reason=data["reason"],
                warehouse_id=int(data["warehouse"]),
            )
            return done(request, show_url(note.pk), Toast(_("Delivery note made.")))
    return FormPage(
        form,
        PageHead(_("Goods without an order"), crumbs=crumbs_of()),
        sections=[("", ["customer", "warehouse", "reason"])],
        lines="lines",
        submit=_("Make the delivery note"),
        cancel_url=reverse("shipping:list"),
    ).render(request)


@page(permission=words.VIEW)
def product_pick(request: HttpRequest) -> HttpResponse:
    """Offer products with their unit of sale and their base unit."""
    rows = products_pick(actor_of(request), request.GET.get("q", "")[:100], limit=PICK_LIMIT)
    units = product_units([row.pk for row in rows], products=rows)
    found = []
    for row in rows:
        listed = units[row.pk]
        first = next((unit for unit in listed if unit.is_sales_default), listed[0])
        base = next((unit for unit in listed if unit.factor == 1), first)
        fills = {"name": str(row), "unit": first.name, "base_unit": base.name}
        found.append(PickRow(row.pk, row.code, str(row), [first.name, base.name], fills=fills))
    return pick_response(found, heads=[_("Unit"), _("Base unit")])


@page(permission=words.VIEW)
def print_note(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the paper; `?copy=customer` is the one with prices, the usual one hides them."""
    note = access_note_for_view(actor_of(request), pk)
    has_prices = request.GET.get("copy") == "customer"
    site = f"{request.scheme}://{request.get_host()}"
    pdf = note_pdf(note, has_prices=has_prices, site=site)
    response = HttpResponse(pdf, content_type="application/pdf")
    plain = f"delivery-{note.pk}.pdf"
    response["Content-Disposition"] = disposition(f"{note.number}.pdf", plain=plain, is_shown=True)
    response["X-Content-Type-Options"] = "nosniff"
    return response
