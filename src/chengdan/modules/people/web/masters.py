"""Pages of companies, territories and settings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.pages import history_entries
from chengdan.kernel.parameters import parameter_shown, parameter_values, parameters_all
from chengdan.kernel.permissions import room_title
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    Chip,
    Column,
    Crumb,
    DocumentPage,
    Fact,
    ListPage,
    PageHead,
    Table,
    form_answer,
    page,
    render_page,
)
from chengdan.kernel.workcalendar import calendar_choices
from chengdan.modules.people import vocabulary as words
from chengdan.modules.people.access import can, visible
from chengdan.modules.people.models import Company, Territory, User
from chengdan.modules.people.selectors import slt_member_of_market, users_by_ids
from chengdan.modules.people.services import (
    company_create,
    company_edit,
    company_lock,
    market_route,
    parameter_change,
    territory_create,
    territory_edit,
)
from chengdan.modules.people.vocabulary import TerritoryLevel
from chengdan.modules.people.web.common import row_get
from chengdan.modules.people.web.forms import (
    CompanyEditForm,
    CompanyForm,
    LockForm,
    ParameterForm,
    RouteForm,
    TerritoryEditForm,
    TerritoryForm,
)

BOTH = ("GET", "HEAD", "POST")


class CompanyList(ListPage[Company]):
    """The company that the reader works in; others show after switching."""

    code, title, permission = "people.company", _("Companies"), words.COMPANY_VIEW
    columns = (
        Column("name", _("Name"), phone="title"),
        Column("code", _("Code"), sort="code"),
        Column("currency", _("Currency")),
        Column("lock_date", _("Closed up to"), kind="day"),
    )
    sorts = {"code": "code"}
    default_sort = "code"
    search_fields = ("code", "name")

    def queryset(self, actor: Actor) -> QuerySet[Company]:
        return visible(actor, words.COMPANY_VIEW, Company.objects.all())

    def row_url(self, row: Company) -> str:
        return reverse("people:company", args=[row.pk])

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [
            Act("new", _("New company"), reverse("people:company_new"), icon="plus",
                permission=words.COMPANY_EDIT, primary=True),
        ]  # fmt: skip


def _company_crumbs() -> list[Crumb]:
    return [Crumb(_("Companies"), reverse("people:company_list"))]


@page(permission=words.COMPANY_VIEW)
def company_show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a company."""
    actor = actor_of(request)
    company = row_get(actor, Company.objects.all(), pk, words.COMPANY_VIEW)
    calendars = calendar_choices(pk)
    acts = [
        Act("edit", _("Edit"), reverse("people:company_edit", args=[pk]), icon="edit",
            permission=words.COMPANY_EDIT, primary=True),
        Act("lock", _("Close a period"), reverse("people:company_lock", args=[pk]), icon="lock",
            permission=words.COMPANY_EDIT),
    ]  # fmt: skip
    return DocumentPage(
        "people.company",
        company,
        head=PageHead(company.name, company.code, crumbs=_company_crumbs(), acts=acts),
        facts=[
            Fact(_("Currency"), company.currency),
            Fact(_("Decimal places"), company.exponent),
            Fact(_("Time zone"), company.timezone),
            Fact(_("Working calendar"), calendars.get(company.calendar_code)),
            Fact(_("Prices include tax"), _("yes") if company.is_tax_inclusive else _("no")),
            Fact(_("Closed up to"), company.lock_date, kind="day"),
        ],
        history=history_entries(company),
    ).render(request)


@page(permission=words.COMPANY_EDIT, methods=BOTH)
def company_new(request: HttpRequest) -> HttpResponseBase:
    """Add a company."""

    def act(data: dict[str, Any]) -> None:
        company_create(actor=actor_of(request), **data)

    head = PageHead(_("New company"), crumbs=_company_crumbs())
    url = reverse("people:company_list")
    form = CompanyForm(request.POST or None, calendars=calendar_choices(None))
    return form_answer(request, form, head, act, url=url, toast=_("Company created."))


@page(permission=words.COMPANY_EDIT, methods=BOTH)
def company_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a company."""
    actor = actor_of(request)
    company = row_get(actor, Company.objects.all(), pk, words.COMPANY_EDIT)
    names = ("name", "timezone", "calendar_code", "is_tax_inclusive")
    initial = {name: getattr(company, name) for name in names}

    def act(data: dict[str, Any]) -> None:
        company_edit(actor=actor, company_id=pk, expected_version=version_of(request), **data)

    form = CompanyEditForm(request.POST or None, initial=initial, calendars=calendar_choices(pk))
    url = reverse("people:company", args=[pk])
    head = PageHead(company.name, crumbs=_company_crumbs())
    return form_answer(
        request, form, head, act, url=url, toast=_("Saved."), version=company.version
    )


@page(permission=words.COMPANY_EDIT, methods=BOTH)
def company_close_period(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Move the lock date."""
    actor = actor_of(request)
    company = row_get(actor, Company.objects.all(), pk, words.COMPANY_EDIT)

    def act(data: dict[str, Any]) -> None:
        company_lock(actor=actor, company_id=pk, expected_version=version_of(request), **data)

    form = LockForm(request.POST or None, initial={"lock_date": company.lock_date})
    url = reverse("people:company", args=[pk])
    head = PageHead(_("Close a period"), company.name, crumbs=_company_crumbs())
    return form_answer(
        request,
        form,
        head,
        act,
        url=url,
        toast=_("Saved."),
        version=company.version,
        submit=head.title,
    )


@page(permission=words.TERRITORY_VIEW)
def territories(request: HttpRequest) -> HttpResponseBase:
    """Show markets with their routing, and regions and cities below them."""
    actor = actor_of(request)
    rows = visible(actor, words.TERRITORY_VIEW, Territory.objects.all())
    found = list(rows.select_related("parent", "unit", "billing_position__role"))
    markets = [row for row in found if row.level == TerritoryLevel.MARKET]
    heads = {row.pk: slt_member_of_market(row.pk) for row in markets}
    names = users_by_ids(pk for pk in heads.values() if pk is not None)
    place = Column("name", _("Name"), phone="title",
                   link=lambda row: reverse("people:territory", args=[row.pk]))  # fmt: skip
    unit = Column("unit", _("Worked by"), value=lambda row: row.unit.name if row.unit else "")
    market_columns = [
        place,
        Column("code", _("Code")),
        unit,
        Column("slt", _("Approves"),
               value=lambda row: _name_of(names, heads[row.pk])),
        Column("billing", _("Billing seat"), value=lambda row: row.billing_position.role.title
               if row.billing_position else ""),
    ]  # fmt: skip
    columns = [
        place,
        Column("code", _("Code")),
        Column("level", _("Level"), value="get_level_display"),
        Column("parent", _("Part of"), value=lambda row: row.parent.name if row.parent else ""),
        unit,
        Column("state", _("State"), kind="chip",
               value=lambda row: None if row.is_active else Chip(_("closed"), "idle")),
    ]  # fmt: skip
    others = [row for row in found if row.level != TerritoryLevel.MARKET]
    tables = [
        Table(_("Markets"), market_columns, markets, code="markets"),
        Table(_("Country, regions and cities"), columns, others, code="others"),
    ]
    head = PageHead(_("Territories"))
    return render_page(request, "ui/tables.html", head=head, tables=tables)


def _name_of(names: dict[int, User], pk: int | None) -> str:
    return names[pk].display_name if pk in names else ""


def _territory_crumbs() -> list[Crumb]:
    return [Crumb(_("Territories"), reverse("people:territories"))]


@page(permission=words.TERRITORY_VIEW)
def territory_show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a territory with what lies in it."""
    actor = actor_of(request)
    rows = Territory.objects.select_related(
        "parent", "unit", "slt_position__role", "billing_position__role"
    )
    row = row_get(actor, rows, pk, words.TERRITORY_VIEW)
    acts = []
    if can(actor, words.TERRITORY_EDIT, row):
        acts.append(
            Act("edit", _("Edit"), reverse("people:territory_edit", args=[pk]), icon="edit",
                primary=True)
        )  # fmt: skip
        if row.level == TerritoryLevel.MARKET:
            url = reverse("people:territory_route", args=[pk])
            acts.append(Act("route", _("Routing"), url, icon="signature"))
        if row.level != TerritoryLevel.CITY:
            url = reverse("people:territory_new", args=[pk])
            acts.append(Act("below", _("New territory below"), url, icon="plus"))
    columns = [
        Column("name", _("Name"), link=lambda item: reverse("people:territory", args=[item.pk])),
        Column("code", _("Code")),
    ]
    return DocumentPage(
        "people.territory",
        row,
        head=PageHead(row.name, row.code, crumbs=_territory_crumbs(), acts=acts),
        facts=[
            Fact(_("Level"), row.get_level_display()),
            Fact(_("Part of"), row.parent.name if row.parent else "–"),
            Fact(_("Worked by"), row.unit.name if row.unit else "–"),
            Fact(_("Leadership seat"), row.slt_position.role.title if row.slt_position else "–"),
            Fact(
                _("Billing seat"), row.billing_position.role.title if row.billing_position else "–"
            ),
        ],
        tables=[Table(_("Territories in it"), columns, list(row.children.all()))],
        history=history_entries(row),
    ).render(request)


@page(permission=words.TERRITORY_EDIT, methods=BOTH)
def territory_new(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Add a territory below another."""
    actor = actor_of(request)
    parent = row_get(actor, Territory.objects.all(), pk, words.TERRITORY_EDIT)

    def act(data: dict[str, Any]) -> None:
        unit = data.pop("unit")
        territory_create(
            actor=actor, company_id=parent.company_id, parent_id=pk, unit_id=unit, **data
        )

    form = TerritoryForm(request.POST or None)
    url = reverse("people:territory", args=[pk])
    head = PageHead(_("New territory"), parent.name, crumbs=_territory_crumbs())
    return form_answer(request, form, head, act, url=url, toast=_("Territory created."))


@page(permission=words.TERRITORY_EDIT, methods=BOTH)
def territory_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a territory."""
    actor = actor_of(request)
    row = row_get(actor, Territory.objects.all(), pk, words.TERRITORY_EDIT)
    initial = {"name": row.name, "unit": row.unit_id, "is_active": row.is_active}

    def act(data: dict[str, Any]) -> None:
        unit = data.pop("unit")
        territory_edit(
            actor=actor, territory_id=pk, unit_id=unit, expected_version=version_of(request),
            **data,
        )  # fmt: skip

    form = TerritoryEditForm(request.POST or None, initial=initial)
    url = reverse("people:territory", args=[pk])
    head = PageHead(row.name, crumbs=_territory_crumbs())
    return form_answer(request, form, head, act, url=url, toast=_("Saved."), version=row.version)


@page(permission=words.TERRITORY_EDIT, methods=BOTH)
def territory_route(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say who approves and who bills for a market."""
    actor = actor_of(request)
    row = row_get(actor, Territory.objects.all(), pk, words.TERRITORY_EDIT)
    initial = {"slt_position": row.slt_position_id, "billing_position": row.billing_position_id}

    def act(data: dict[str, Any]) -> None:
        market_route(
            actor=actor, territory_id=pk, slt_position_id=data["slt_position"],
            billing_position_id=data["billing_position"], reason=data["reason"],
            expected_version=version_of(request),
        )  # fmt: skip

    form = RouteForm(request.POST or None, initial=initial)
    url = reverse("people:territory", args=[pk])
    head = PageHead(_("Routing"), row.name, crumbs=_territory_crumbs())
    return form_answer(request, form, head, act, url=url, toast=_("Saved."), version=row.version)


@page(permission=words.PARAMETER_VIEW)
def parameters(request: HttpRequest) -> HttpResponseBase:
    """Show every figure that can be changed, with its default and its source."""
    actor = actor_of(request)
    items = parameters_all()
    values = parameter_values(actor.company_id, [item.code for item in items])
    rows = [
        {
            "code": item.code,
            "title": item.title,
            "value": parameter_shown(item.code, values[item.code]),
            "default": parameter_shown(item.code, item.default),
            "requirement": item.requirement,
        }
        for item in items
    ]
    columns = [
        Column("title", _("Setting"), value=lambda row: row["title"], phone="title",
               link=lambda row: reverse("people:parameter", args=[row["code"]])
               if can(actor, words.PARAMETER_EDIT) else ""),
        Column("value", _("Value"), value=lambda row: row["value"]),
        Column("default", _("Default"), value=lambda row: row["default"]),
        Column("source", _("Source"), value=lambda row: row["requirement"]),
    ]  # fmt: skip
    rooms: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        rooms[room_title(row["code"])].append(row)
    tables = [Table(room, columns, found) for room, found in rooms.items()]
    head = PageHead(_("Settings"))
    return render_page(request, "ui/tables.html", head=head, tables=tables, is_even=True)


@page(permission=words.PARAMETER_EDIT, methods=BOTH)
def parameter(request: HttpRequest, code: str) -> HttpResponseBase:
    """Change a figure."""
    actor = actor_of(request)
    item = next((item for item in parameters_all() if item.code == code), None)
    if item is None:
        raise Http404
    value = parameter_values(actor.company_id, [code])[code]

    def act(data: dict[str, Any]) -> None:
        parameter_change(
            actor=actor, company_id=actor.company_id or 0, code=code, text=data["value"],
            reason=data["reason"], expected=data["seen"],
        )  # fmt: skip

    form = ParameterForm(item, value, request.POST or None)
    url = reverse("people:parameters")
    head = PageHead(item.title, item.requirement, crumbs=[Crumb(_("Settings"), url)])
    return form_answer(request, form, head, act, url=url, toast=_("Saved."))
