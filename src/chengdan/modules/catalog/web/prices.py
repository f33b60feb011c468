"""Pages of price lists, their prices as a spreadsheet, and the explanation of a price."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.pages import history_entries
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    Chip,
    ChoiceFilter,
    Column,
    DocumentPage,
    Empty,
    Fact,
    ListPage,
    Note,
    PageHead,
    Table,
    form_answer,
    page,
    render_page,
)
from chengdan.modules.catalog import services
from chengdan.modules.catalog.models import PriceList
from chengdan.modules.catalog.rules import PriceStep
from chengdan.modules.catalog.selectors import (
    OUTCOMES,
    PriceExplanation,
    block_message,
    price_authority,
    price_explain,
    price_list_get,
    price_lists_visible,
    prices_of_list,
    reach_of_list,
    sale_blocks,
)
from chengdan.modules.catalog.vocabulary import ListScope, rights
from chengdan.modules.catalog.web.common import GET_POST, list_crumbs
from chengdan.modules.catalog.web.forms import ExplainForm, PriceListForm, PricesForm
from chengdan.modules.customers.selectors import customer_get


def list_chip(price_list: PriceList, today: date) -> Chip:
    """Return whether the list counts today."""
    if not price_list.is_active:
        return Chip(_("not in use"), "idle")
    if price_list.valid_from > today:
        return Chip(_("not valid yet"), "soon")
    if price_list.valid_until and price_list.valid_until < today:
        return Chip(_("expired"), "idle")
    return Chip(_("valid"), "done")


class PriceListList(ListPage[PriceList]):
    """Price lists of the company."""

    code, title, permission = "catalog.pricelist", _("Price lists"), rights.PRICE_VIEW
    columns = (
        Column("code", _("Code"), sort="code"),
        Column("name", _("Name"), phone="title", clip=True),
        Column("scope", _("For"), value=lambda row: row.get_scope_display()),
        Column("priority", _("Priority"), kind="number", phone=""),
        Column("currency", _("Currency"), phone=""),
        Column("tax", _("Tax treatment"), kind="label", phone="",
               value=lambda row: _("included") if row.is_tax_inclusive else _("added")),
        Column("valid_from", _("Valid from"), kind="day"),
        Column("valid_until", _("Valid until"), kind="day"),
        Column("state", _("State"), kind="chip", phone="side",
               value=lambda row: list_chip(row, clock.today())),
    )  # fmt: skip
    sorts = {"code": "code"}
    default_sort = "code"
    filters = (ChoiceFilter(name="scope", title=_("For"), choices=ListScope.choices),)
    search_fields = ("code", "name")
    empty = Empty(
        _("No price lists yet"), _("Orders need at least one general list."), "tag",
        Act("new", _("New price list"), reverse_lazy("catalog:price_list_new"),
            permission=rights.PRICE_EDIT),
    )  # fmt: skip

    def queryset(self, actor: Actor) -> QuerySet[PriceList]:
        return price_lists_visible(actor)

    def row_url(self, row: PriceList) -> str:
        return reverse("catalog:price_list", args=[row.pk])

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [
            Act("new", _("New price list"), reverse("catalog:price_list_new"), icon="plus",
                primary=True, permission=rights.PRICE_EDIT, shortcut="N"),
            Act("explain", _("Explain a price"), reverse("catalog:explain"), icon="help-circle",
                permission=rights.PRICE_EXPLAIN),
            Act("authority", _("Price authority"), reverse("catalog:authorities"),
                icon="percentage", permission=rights.AUTHORITY_VIEW),
        ]  # fmt: skip


@page(permission=rights.PRICE_VIEW)
def price_list(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A price list with its prices."""
    actor = actor_of(request)
    row = price_list_get(actor, pk)
    acts = [
        Act("prices", _("Change prices"), reverse("catalog:prices", args=[pk]), icon="edit",
            primary=True, permission=rights.PRICE_EDIT, shortcut="E"),
        Act("edit", _("Change list"), reverse("catalog:price_list_edit", args=[pk]),
            icon="settings", permission=rights.PRICE_EDIT),
        Act("explain", _("Explain a price"), reverse("catalog:explain"), icon="help-circle",
            permission=rights.PRICE_EXPLAIN),
    ]  # fmt: skip
    reach = [str(item.territory or item.customer) for item in reach_of_list(pk)]
    return DocumentPage(
        "catalog.pricelist",
        row,
        head=PageHead(row.name, row.code, crumbs=list_crumbs(), acts=acts,
                      chips=[list_chip(row, clock.today())]),
        facts=[
            Fact(_("For"), ", ".join(reach) or row.get_scope_display()),
            Fact(_("Priority"), row.priority, "number"),
            Fact(_("Currency"), row.currency),
            Fact(_("Prices"),
                 _("include tax") if row.is_tax_inclusive else _("without tax")),
            Fact(_("Valid from"), row.valid_from, "day"),
            Fact(_("Valid until"), row.valid_until, "day"),
        ],
        tables=[
            Table(
                _("Prices"),
                [
                    Column("code", _("Code"), value="product.code",
                           link=lambda r: reverse("catalog:show", args=[r.product_id])),
                    Column("product", _("Product"), clip=True),
                    Column("unit", _("Unit"), value="unit.name"),
                    Column("min_quantity", _("From quantity"), kind="quantity"),
                    Column("price", _("Price"), kind="money"),
                    Column("floor_price", _("Floor price"), kind="money"),
                ],
                prices_of_list(pk),
                empty=_("No prices yet."),
            )
        ],
        history=history_entries(row),
    ).render(request)  # fmt: skip


@page(permission=rights.PRICE_EDIT, methods=GET_POST)
def price_list_new(request: HttpRequest) -> HttpResponseBase:
    """A new price list."""
    actor = actor_of(request)
    form = PriceListForm(request.POST or None, initial={"valid_from": clock.today()})

    def run(data: dict[str, Any]) -> PriceList:
        return services.price_list_create(actor=actor, draft=form.draft())

    return form_answer(
        request, form, PageHead(_("New price list"), crumbs=list_crumbs()), run,
        url=reverse("catalog:price_lists"), toast=_("Price list created."), lines="reach",
    )  # fmt: skip


@page(permission=rights.PRICE_EDIT, methods=GET_POST)
def price_list_edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change name, time and reach of a price list."""
    actor = actor_of(request)
    row = price_list_get(actor, pk)
    initial = {name: getattr(row, name) for name in PriceListForm.base_fields if name != "reach"}
    initial["reach"] = [
        {"territory": {"id": item.territory_id, "code": item.territory.name}}
        if item.territory
        else {"customer": {"id": item.customer_id, "code": str(item.customer)}}
        for item in reach_of_list(pk)
    ]
    form = PriceListForm(request.POST or None, initial=initial)

    def run(data: dict[str, Any]) -> PriceList:
        return services.price_list_update(
            actor=actor, list_id=pk, draft=form.draft(), expected_version=version_of(request)
        )

    return form_answer(
        request, form, PageHead(_("Change list"), row.code, crumbs=list_crumbs(row)), run,
        url=reverse("catalog:price_list", args=[pk]), toast=_("Price list changed."),
        version=row.version, lines="reach",
    )  # fmt: skip


@page(permission=rights.PRICE_EDIT, methods=GET_POST)
def prices(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The prices of a list as a spreadsheet; saving makes the lines its only prices."""
    actor = actor_of(request)
    row = price_list_get(actor, pk)
    initial = [
        {
            "product_id": {"id": item.product_id, "code": item.product.code},
            "name": str(item.product),
            "unit_id": str(item.unit_id),
            "min_quantity": item.min_quantity,
            "price": item.price,
            "floor_price": item.floor_price,
        }
        for item in prices_of_list(pk)
    ]
    form = PricesForm(request.POST or None, initial={"prices": initial})

    def run(data: dict[str, Any]) -> PriceList:
        return services.prices_replace(
            actor=actor, list_id=pk, drafts=form.drafts(), expected_version=version_of(request)
        )

    return form_answer(
        request, form, PageHead(_("Prices"), row.code, crumbs=list_crumbs(row)), run,
        url=reverse("catalog:price_list", args=[pk]), toast=_("Prices saved."),
        version=row.version, lines="prices",
    )  # fmt: skip


@page(permission=rights.PRICE_EXPLAIN)
def explain(request: HttpRequest) -> HttpResponseBase:
    """Explain the price for (customer, product, quantity, day), step by step."""
    actor = actor_of(request)
    asked = "customer" in request.GET and "quantity" in request.GET
    initial = {
        "on": clock.today(), "quantity": Decimal(1), "product": request.GET.get("product", ""),
        "customer": request.GET.get("customer", ""),
    }  # fmt: skip
    form = ExplainForm(request.GET if asked else None, initial=initial)
    found = _explained(actor, form) if asked and form.is_valid() else {}
    head = PageHead(_("Explain a price"), crumbs=list_crumbs())
    return render_page(
        request, "catalog/explain.html", head=head, form=form,
        status=422 if asked and form.errors else 200, **found,
    )  # fmt: skip


def _explained(actor: Actor, form: ExplainForm) -> dict[str, Any]:
    data = form.cleaned_data
    customer = customer_get(actor, data["customer"])
    result = price_explain(customer.pk, data["product"], data["unit"], data["quantity"], data["on"])
    blocks = sale_blocks([data["product"]], customer.pk, data["on"]).get(data["product"], [])
    notes = [Note("late", block_message(block), rule=block.rule) for block in blocks]
    return {
        "result": result,
        "notes": notes,
        "lowest": _lowest(actor, result),
        "table": Table(_("What was considered"), _STEP_COLUMNS, result.steps,
                       empty=_("No price list has this product.")),
    }  # fmt: skip


def _lowest(actor: Actor, result: PriceExplanation) -> Decimal | None:
    if result.price is None:
        return None
    return price_authority(actor, result.product_id).lowest(result.price, result.floor)


def _outcome(step: PriceStep) -> Chip:
    if step.is_chosen:
        return Chip(OUTCOMES["chosen"], "done")
    return Chip(OUTCOMES[step.outcome], title=step.beaten_by)


_SCOPES = dict(ListScope.choices)
_STEP_COLUMNS = (
    Column("list", _("Price list"), value=lambda s: s.candidate.list_name, phone="title",
           link=lambda s: reverse("catalog:price_list", args=[s.candidate.list_id])),
    Column("scope", _("For"), value=lambda s: _SCOPES[s.candidate.scope]),
    Column("from", _("Valid from"), kind="day", value=lambda s: s.candidate.valid_from),
    Column("until", _("Valid until"), kind="day", value=lambda s: s.candidate.valid_until),
    Column("min", _("From quantity"), kind="quantity", value=lambda s: s.candidate.min_quantity),
    Column("listed", _("Listed price"), kind="money", value=lambda s: s.candidate.price),
    Column("price", _("In the unit asked for"), kind="money", value=lambda s: s.price),
    Column("outcome", _("Result"), kind="chip", value=_outcome),
)  # fmt: skip
