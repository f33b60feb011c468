"""What stands beside an order that is being typed: the customer's facts, addresses and credit."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html_join

from chengdan.kernel.requests import actor_of
from chengdan.modules.customers.selectors import customer_summaries
from chengdan.modules.orders.services.pricing import PricedOrder
from chengdan.modules.orders.services.stops import StopsList
from chengdan.modules.orders.shown import credit_bar_of
from chengdan.modules.orders.web.forms import OrderForm
from chengdan.modules.people.selectors import territory_name


def party_fragments(request: HttpRequest, form: OrderForm) -> dict[str, str]:
    """Return the facts of the chosen customer and its addresses as options."""
    customer = customer_summaries([form.cleaned_data["customer"]])[form.cleaned_data["customer"]]
    territory = territory_name(customer.territory_id) if customer.territory_id else ""
    chosen = request.POST.get("ship_to", "")
    options = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (value, " selected" if value == chosen else "", title)
            for value, title in form.fields["ship_to"].choices  # type: ignore[attr-defined]
        ),
    )
    facts = render_to_string(
        "orders/_party.html", {"customer": customer, "territory": territory}, request
    )
    return {"cd-party": facts, "id_ship_to": options}


def credit_html(request: HttpRequest, priced: PricedOrder, found: StopsList) -> str:
    """Return limit, exposure, this order and the result as the box at the side."""
    if priced.customer is None:
        return ""
    company_id = actor_of(request).company_id or 0
    bar = credit_bar_of(priced.customer.id, company_id, priced.totals.gross)
    context = {"credit": bar, "verdict": found.credit, "pays_first": priced.pays_first}
    return render_to_string("orders/_credit_box.html", context, request)
