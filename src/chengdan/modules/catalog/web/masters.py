"""Pages of categories, units, restrictions and price authority."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    ChoiceFilter,
    Column,
    DayField,
    Empty,
    ListPage,
    PageHead,
    Toast,
    UiForm,
    done,
    form_answer,
    page,
    render_page,
)
from chengdan.kernel.ui.hooks import allowed
from chengdan.modules.catalog import services
from chengdan.modules.catalog.models import Category, SaleRestriction
from chengdan.modules.catalog.selectors import (
    authorities_of,
    categories_of,
    restrictions_visible,
    units_all,
)
from chengdan.modules.catalog.vocabulary import RestrictionKind, rights
from chengdan.modules.catalog.web import forms
from chengdan.modules.catalog.web.common import GET_POST, product_crumbs
from chengdan.modules.people.selectors import role_titles


@page(permission=rights.PRODUCT_VIEW)
def categories(request: HttpRequest) -> HttpResponseBase:
    """The tree of categories."""
    rows = [
        {"row": row, "depth": row.path.count("/") - 2}
        for row in categories_of(actor_of(request).company_id or 0)
    ]
    acts = [Act("new", _("New category"), reverse("catalog:category_new"), icon="plus",
                primary=True, permission=rights.PRODUCT_EDIT)]  # fmt: skip
    head = PageHead(_("Categories"), crumbs=product_crumbs(), acts=acts)
    return render_page(request, "catalog/categories.html", head=head, rows=rows)


@page(permission=rights.PRODUCT_EDIT, methods=GET_POST)
def category_new(request: HttpRequest) -> HttpResponseBase:
    """A new category."""
    actor = actor_of(request)
    known = {row.pk: row.code for row in categories_of(actor.company_id or 0)}

    def run(data: dict[str, Any]) -> object:
        draft = services.CategoryDraft(
            data["code"], data["name"], known.get(data["parent_id"], ""), data["sort"]
        )
        return services.categories_place(actor=actor, drafts=[draft])

    form = forms.NewCategoryForm(request.POST or None, company_id=actor.company_id or 0)
    return form_answer(
        request, form, PageHead(_("New category"), crumbs=product_crumbs()), run,
        url=reverse("catalog:categories"), toast=_("Category created."),
    )  # fmt: skip


@page(permission=rights.PRODUCT_EDIT, methods=GET_POST)
def category_edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Rename or move a category."""
    actor = actor_of(request)
    row = Category.objects.filter(pk=pk, company_id=actor.company_id or 0).first()
    if row is None:
        raise NotFoundError
    initial = {"name": row.name, "parent_id": row.parent_id, "sort": row.sort}
    form = forms.CategoryForm(
        request.POST or None, initial=initial, company_id=actor.company_id or 0
    )

    def run(data: dict[str, Any]) -> object:
        return services.category_update(
            actor=actor, category_id=pk, expected_version=version_of(request), **data
        )

    return form_answer(
        request, form, PageHead(_("Change category"), row.code, crumbs=product_crumbs()), run,
        url=reverse("catalog:categories"), toast=_("Category changed."), version=row.version,
    )  # fmt: skip


@page(permission=rights.PRODUCT_VIEW, methods=GET_POST)
def units(request: HttpRequest) -> HttpResponseBase:
    """The units of measure."""
    acts = [Act("new", _("New unit of measure"), reverse("catalog:unit_new"), icon="plus",
                primary=True, permission=rights.PRODUCT_EDIT)]  # fmt: skip
    head = PageHead(_("Units"), crumbs=product_crumbs(), acts=acts)
    return render_page(request, "catalog/units.html", head=head, rows=units_all())


@page(permission=rights.PRODUCT_EDIT, methods=GET_POST)
def unit_new(request: HttpRequest) -> HttpResponseBase:
    """A new unit of measure."""
    actor = actor_of(request)

    def run(data: dict[str, Any]) -> object:
        return services.unit_place(actor=actor, **data)

    return form_answer(
        request, forms.UnitForm(request.POST or None),
        PageHead(_("New unit of measure"), crumbs=product_crumbs()), run,
        url=reverse("catalog:units"), toast=_("Unit of measure added."),
    )  # fmt: skip


class RestrictionList(ListPage[SaleRestriction]):
    """Where and to whom products are not sold, or only sold."""

    code, title = "catalog.restriction", _("Sale restrictions")
    permission = rights.PRODUCT_VIEW
    columns = (
        Column("kind", _("Kind"), value=lambda row: row.get_kind_display()),
        Column("thing", _("Product or category"), value=lambda row: row.product or row.category,
               phone="title", clip=True),
        Column("place", _("Where"), value=lambda row: row.territory or row.customer),
        Column("valid_from", _("From"), kind="day", sort="from"),
        Column("valid_until", _("Until"), kind="day"),
        Column("reason", _("Reason"), clip=True),
    )  # fmt: skip
    sorts = {"from": "valid_from"}
    default_sort = "-from"
    filters = (ChoiceFilter(name="kind", title=_("Kind"), choices=RestrictionKind.choices),)
    search_fields = ("reason", "product__code", "product__name")
    empty = Empty(
        _("No restrictions"), _("Everything is sold everywhere and to everybody."), "check",
        Act("new", _("New restriction"), reverse_lazy("catalog:restriction_new"),
            permission=rights.RESTRICTION_EDIT),
    )  # fmt: skip

    def queryset(self, actor: Actor) -> QuerySet[SaleRestriction]:
        return restrictions_visible(actor)

    def acts(self, actor: Actor) -> list[Act]:
        return [Act("new", _("New restriction"), reverse("catalog:restriction_new"), icon="plus",
                    primary=True, permission=rights.RESTRICTION_EDIT)]  # fmt: skip

    def row_url(self, row: SaleRestriction) -> str:
        return reverse("catalog:restriction_end", args=[row.pk])


@page(permission=rights.RESTRICTION_EDIT, methods=GET_POST)
def restriction_new(request: HttpRequest) -> HttpResponseBase:
    """A new restriction."""
    actor = actor_of(request)
    form = forms.RestrictionForm(
        request.POST or None, company_id=actor.company_id or 0,
        initial={"valid_from": clock.today()},
    )  # fmt: skip

    def run(data: dict[str, Any]) -> object:
        return services.restriction_add(actor=actor, **data)

    return form_answer(
        request, form, PageHead(_("New restriction"), crumbs=product_crumbs()), run,
        url=reverse("catalog:restrictions"), toast=_("Restriction added."),
    )  # fmt: skip


class _EndForm(UiForm):
    last_day = DayField(label=_("Last day"))


@page(permission=rights.RESTRICTION_EDIT, methods=GET_POST)
def restriction_end(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let a restriction end."""
    actor = actor_of(request)
    row = restrictions_visible(actor).filter(pk=pk).first()
    if row is None:
        raise NotFoundError

    def run(data: dict[str, Any]) -> object:
        return services.restriction_end(actor=actor, restriction_id=pk, **data)

    day = row.valid_until or max(row.valid_from, clock.today() - timedelta(days=1))
    head = PageHead(_("End the restriction"), hint=row.reason, crumbs=product_crumbs())
    return form_answer(
        request, _EndForm(request.POST or None, initial={"last_day": day}), head, run,
        url=reverse("catalog:restrictions"), toast=_("Restriction ended."), submit=head.title,
    )  # fmt: skip


@page(permission=rights.AUTHORITY_VIEW)
def authorities(request: HttpRequest) -> HttpResponseBase:
    """Who may go how far below the list."""
    titles = role_titles()
    rows = [
        {"row": row, "role": titles.get(row.role_code, row.role_code)}
        for row in authorities_of(actor_of(request).company_id or 0)
    ]
    acts = [Act("new", _("Set authority"), reverse("catalog:authority_new"), icon="plus",
                primary=True, permission=rights.AUTHORITY_EDIT)]  # fmt: skip
    head = PageHead(_("Price authority"), crumbs=product_crumbs(), acts=acts)
    may_edit = allowed(actor_of(request), rights.AUTHORITY_EDIT)
    return render_page(request, "catalog/authorities.html", head=head, rows=rows, may_edit=may_edit)


@page(permission=rights.AUTHORITY_EDIT, methods=GET_POST)
def authority_new(request: HttpRequest) -> HttpResponseBase:
    """Set the authority of a role."""
    actor = actor_of(request)
    form = forms.AuthorityForm(request.POST or None, company_id=actor.company_id or 0)

    def run(data: dict[str, Any]) -> object:
        return services.authority_set(actor=actor, expected_version=0, **data)

    return form_answer(
        request, form, PageHead(_("Price authority"), crumbs=product_crumbs()), run,
        url=reverse("catalog:authorities"), toast=_("Price authority set."),
    )  # fmt: skip


@page(permission=rights.AUTHORITY_EDIT, methods=GET_POST)
def authority_edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change how far the holders of a role may go."""
    actor = actor_of(request)
    row = next((item for item in authorities_of(actor.company_id or 0) if item.pk == pk), None)
    if row is None:
        raise NotFoundError
    initial = {name: getattr(row, name) for name in forms.AuthorityForm.base_fields}
    form = forms.AuthorityForm(
        request.POST or None, initial=initial, company_id=row.company_id, is_known=True
    )

    def run(data: dict[str, Any]) -> object:
        return services.authority_set(actor=actor, expected_version=version_of(request), **data)

    return form_answer(
        request, form, PageHead(_("Price authority"), crumbs=product_crumbs()), run,
        url=reverse("catalog:authorities"), toast=_("Price authority set."), version=row.version,
    )  # fmt: skip


@page(permission=rights.AUTHORITY_EDIT, methods=["POST"])
def authority_remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take an authority away."""
    services.authority_remove(actor=actor_of(request), authority_id=pk)
    return done(request, reverse("catalog:authorities"), Toast(_("Price authority removed.")))
