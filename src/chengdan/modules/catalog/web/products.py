"""Pages of products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.pages import history_entries
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.search import match_q
from chengdan.kernel.ui import (
    Act,
    ChoiceFilter,
    Column,
    DocumentPage,
    Empty,
    Fact,
    ListPage,
    PageHead,
    PickRow,
    Table,
    Toast,
    View,
    done,
    form_answer,
    page,
    pick_response,
)
from chengdan.kernel.ui.ids import ids_read
from chengdan.modules.catalog import services
from chengdan.modules.catalog.models import Product
from chengdan.modules.catalog.selectors import (
    categories_of,
    prices_of_product,
    product_get,
    product_units,
    products_pick,
    products_visible,
    restrictions_of,
)
from chengdan.modules.catalog.vocabulary import rights
from chengdan.modules.catalog.web.common import GET_POST, product_chip, product_crumbs
from chengdan.modules.catalog.web.forms import NewProductForm, ProductForm, ReasonForm
from chengdan.modules.people.access import can

LIMIT = 20
_NOT_FIELDS = {"units"}


def _category_choices(actor: Actor) -> list[tuple[int, str]]:
    if actor.company_id is None:
        return []
    return [(row.pk, row.name) for row in categories_of(actor.company_id)]


def _in_categories(values: list[str], actor: Actor) -> Q:
    found = Q(pk__in=[])
    for value in ids_read(values):
        found |= Q(category__path__contains=f"/{value}/")
    return found


class ProductList(ListPage[Product]):
    """Products of the company."""

    code, title, permission = "catalog.product", _("Products"), rights.PRODUCT_VIEW
    export_permission = rights.PRODUCT_EXPORT
    columns = (
        Column("code", _("Code"), sort="code"),
        Column("name", _("Name"), sort="name", phone="title", clip=True),
        Column("spec", _("Specification"), clip=True),
        Column("category", _("Category"), value="category.name", phone=""),
        Column("unit", _("Base unit"), value="base_unit.name", phone=""),
        Column("tax", _("Tax rate"), kind="percent", value="tax_rate", phone=""),
        Column("state", _("State"), kind="chip", value=product_chip, phone="side"),
        Column("updated_at", _("Changed"), kind="day", sort="changed", optional=True, phone=""),
    )  # fmt: skip
    sorts = {"code": "code", "name": "name", "changed": "updated_at"}
    default_sort = "code"
    filters = (
        ChoiceFilter(name="category", title=_("Category"), choices=_category_choices,
                     apply=_in_categories),
        ChoiceFilter(name="gone", title=_("State"), field="is_discontinued", multiple=False,
                     choices=[("False", _("on sale")), ("True", _("discontinued"))]),
        ChoiceFilter(name="batch", title=_("Kept by batch"), field="is_batch_managed",
                     multiple=False, choices=[("True", _("yes")), ("False", _("no"))],
                     main=False),
    )  # fmt: skip
    views = (
        View("sale", _("On sale"), "gone=False"),
        View("gone", _("Discontinued"), "gone=True"),
    )
    search_hint = _("Code, name, pinyin, initials")
    empty = Empty(
        _("No products yet"), _("Create the first one, or import a list."), "package",
        Act("new", _("New product"), reverse_lazy("catalog:create"),
            permission=rights.PRODUCT_EDIT),
    )  # fmt: skip

    def queryset(self, actor: Actor) -> QuerySet[Product]:
        return products_visible(actor)

    def search(self, queryset: QuerySet[Product], text: str) -> QuerySet[Product]:
        return queryset.filter(match_q(text) | Q(barcode=text))

    def row_url(self, row: Product) -> str:
        return reverse("catalog:show", args=[row.pk])

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [
            Act("new", _("New product"), reverse("catalog:create"), icon="plus", primary=True,
                permission=rights.PRODUCT_EDIT, shortcut="N"),
            Act("categories", _("Categories"), reverse("catalog:categories"), icon="sitemap",
                permission=rights.PRODUCT_VIEW),
            Act("units", _("Units"), reverse("catalog:units"), icon="box",
                permission=rights.PRODUCT_VIEW),
            Act("restrictions", _("Sale restrictions"), reverse("catalog:restrictions"),
                icon="hand-stop", permission=rights.PRODUCT_VIEW),
        ]  # fmt: skip


@page(permission=rights.PRODUCT_VIEW)
def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A product with its units, prices and restrictions."""
    actor = actor_of(request)
    product = product_get(actor, pk)
    key = [pk]
    switch = (
        Act("resume", _("Sell again"), reverse("catalog:resume", args=key), method="post",
            icon="check", permission=rights.PRODUCT_EDIT)
        if product.is_discontinued
        else Act("discontinue", _("Discontinue"), reverse("catalog:discontinue", args=key),
                 icon="hand-stop", permission=rights.PRODUCT_EDIT, danger=True)
    )  # fmt: skip
    acts = [
        Act("edit", _("Change"), reverse("catalog:edit", args=key), icon="edit", primary=True,
            permission=rights.PRODUCT_EDIT, shortcut="E"),
        Act("explain", _("Explain a price"), f"{reverse('catalog:explain')}?product={pk}",
            icon="help-circle", permission=rights.PRICE_EXPLAIN),
        switch,
    ]  # fmt: skip
    return DocumentPage(
        "catalog.product",
        product,
        head=PageHead(
            str(product), product.code, crumbs=product_crumbs(), chips=[product_chip(product)],
            acts=acts,
        ),
        facts=_facts(product),
        tables=_tables(actor, product),
        history=history_entries(product),
    ).render(request)  # fmt: skip


def _facts(product: Product) -> list[Fact]:
    return [
        Fact(_("Category"), product.category.name if product.category else ""),
        Fact(_("Base unit"), product.base_unit.name),
        Fact(_("Tax rate"), product.tax_rate, "percent"),
        Fact(_("Kept by batch"), _("yes") if product.is_batch_managed else _("no")),
        Fact(_("Shelf life (days)"), product.shelf_life_days or ""),
        Fact(_("On sale from"), product.on_sale_from, "day"),
        Fact(_("On sale until"), product.on_sale_until, "day"),
        Fact(_("Over-delivery tolerance (%)"), product.over_delivery_percent, "quantity"),
        Fact(_("Weight (kg)"), product.weight_kg, "quantity"),
        Fact(_("Volume (m³)"), product.volume_m3, "quantity"),
        Fact(_("Barcode"), product.barcode),
    ]


def _tables(actor: Actor, product: Product) -> list[Table]:
    tables = [
        Table(
            _("Units"),
            [
                Column("name", _("Unit")),
                Column("factor", _("Base units in one"), kind="quantity"),
                Column("first", _("Offered first"), kind="label",
                       value=lambda row: _("yes") if row.is_sales_default else ""),
            ],
            product_units([product.pk], products=[product])[product.pk],
        )
    ]  # fmt: skip
    if can(actor, rights.PRICE_VIEW):
        tables.append(
            Table(
                _("Prices"),
                [
                    Column("list", _("Price list"), value="price_list.name",
                           link=lambda row: reverse("catalog:price_list",
                                                    args=[row.price_list_id])),
                    Column("scope", _("For"), value=lambda r: r.price_list.get_scope_display()),
                    Column("unit", _("Unit"), value="unit.name"),
                    Column("min_quantity", _("From quantity"), kind="quantity"),
                    Column("price", _("Price"), kind="money", places=2),
                    Column("floor_price", _("Floor price"), kind="money", places=2),
                    Column("until", _("Valid until"), kind="day",
                           value="price_list.valid_until"),
                ],
                prices_of_product(product.pk),
            )
        )  # fmt: skip
    tables.append(
        Table(
            _("Sale restrictions"),
            [
                Column("kind", _("Kind"), value=lambda row: row.get_kind_display()),
                Column("place", _("Where"), value=lambda row: row.territory or row.customer),
                Column("valid_from", _("From"), kind="day"),
                Column("valid_until", _("Until"), kind="day"),
                Column("reason", _("Reason"), clip=True),
            ],
            restrictions_of(product, clock.today()),
            empty=_("Sold everywhere and to everybody."),
        )
    )
    return tables


def _values(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in _NOT_FIELDS}


@page(permission=rights.PRODUCT_EDIT, methods=GET_POST)
def create(request: HttpRequest) -> HttpResponseBase:
    """A new product."""
    actor = actor_of(request)
    form = NewProductForm(request.POST or None, company_id=actor.company_id or 0)

    def run(data: dict[str, Any]) -> Product:
        draft = services.ProductDraft(**_values(data), units=form.unit_drafts())
        return services.product_create(actor=actor, draft=draft)

    return form_answer(
        request, form, PageHead(_("New product"), crumbs=product_crumbs()), run,
        url=reverse("catalog:list"), toast=_("Product created."), lines="units",
    )  # fmt: skip


@page(permission=rights.PRODUCT_EDIT, methods=GET_POST)
def edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a product and its further units."""
    actor = actor_of(request)
    product = product_get(actor, pk)
    initial = {name: getattr(product, name) for name in ProductForm.base_fields
               if name not in _NOT_FIELDS}  # fmt: skip
    initial["units"] = [
        {"unit_id": row.unit_id, "factor": row.factor, "is_sales_default": row.is_sales_default}
        for row in product_units([pk], products=[product])[pk]
        if not row.is_base
    ]
    form = ProductForm(request.POST or None, initial=initial, company_id=product.company_id)

    def run(data: dict[str, Any]) -> Product:
        values = _values(data)
        if values["tax_rate"] is None:
            del values["tax_rate"]
        return services.product_update(
            actor=actor, product_id=pk, values=values, units=form.unit_drafts(),
            expected_version=version_of(request),
        )  # fmt: skip

    head = PageHead(_("Change product"), product.code, crumbs=product_crumbs(product))
    return form_answer(
        request, form, head, run, url=reverse("catalog:show", args=[pk]),
        toast=_("Product changed."), version=product.version, lines="units",
    )  # fmt: skip


@page(permission=rights.PRODUCT_EDIT, methods=GET_POST)
def discontinue(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Stop selling a product."""
    actor = actor_of(request)
    product = product_get(actor, pk)

    def run(data: dict[str, Any]) -> Product:
        return services.product_discontinue(
            actor=actor, product_id=pk, reason=data["reason"],
            expected_version=version_of(request),
        )  # fmt: skip

    head = PageHead(_("Discontinue product"), product.code, crumbs=product_crumbs(product))
    return form_answer(
        request, ReasonForm(request.POST or None), head, run,
        url=reverse("catalog:show", args=[pk]), toast=_("Product discontinued."),
        version=product.version, submit=head.title,
    )  # fmt: skip


@page(permission=rights.PRODUCT_EDIT, methods=["POST"])
def resume(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Sell a product again."""
    services.product_resume(actor=actor_of(request), product_id=pk)
    return done(request, reverse("catalog:show", args=[pk]), Toast(_("Product is back on sale.")))


@page(permission=rights.PRODUCT_VIEW)
def pick(request: HttpRequest) -> HttpResponseBase:
    """Offer products by code, name, pinyin or initials; discontinued ones only with `all=1`."""
    rows = products_pick(
        actor_of(request), request.GET.get("q", "")[:100], limit=LIMIT,
        is_on_sale_only=request.GET.get("all") != "1",
    )  # fmt: skip
    units = product_units([row.pk for row in rows], products=rows)
    found = []
    for row in rows:
        first = next((unit for unit in units[row.pk] if unit.is_sales_default), units[row.pk][0])
        found.append(
            PickRow(
                row.pk, row.code, str(row), [first.name],
                fills={"name": str(row), "unit_id": first.unit_id, "unit": first.name},
            )
        )  # fmt: skip
    return pick_response(found, heads=[_("Unit")])
