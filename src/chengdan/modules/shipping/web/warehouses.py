"""Warehouses."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    Column,
    FormPage,
    PageHead,
    Table,
    Toast,
    done,
    page,
    refusals_on,
    render_page,
)
from chengdan.kernel.ui.parts import Crumb
from chengdan.modules.people.access import visible
from chengdan.modules.shipping import services
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import Warehouse
from chengdan.modules.shipping.services import WarehouseDraft
from chengdan.modules.shipping.web.common import GET_POST
from chengdan.modules.shipping.web.forms import WarehouseForm


def _list_url() -> str:
    return reverse("shipping:warehouses")


@page(permission=words.WAREHOUSE_VIEW)
def warehouses(request: HttpRequest) -> HttpResponseBase:
    """All warehouses of the company."""
    rows = visible(actor_of(request), words.WAREHOUSE_VIEW, Warehouse.objects.all())
    columns = [
        Column("code", _("Code"), link=lambda row: reverse("shipping:warehouse", args=[row.pk])),
        Column("name", _("Name")),
        Column("unit", _("Run by"), value="unit.name"),
        Column("address", _("Address"), clip=True),
        Column("is_default", _("The usual one"), value=lambda row: "✓" if row.is_default else ""),
        Column("is_active", _("In use"), value=lambda row: "✓" if row.is_active else ""),
    ]
    table = Table(_("Warehouses"), columns, list(rows.select_related("unit").order_by("code")))
    head = PageHead(
        _("Warehouses"),
        crumbs=[Crumb(_("Stock"), reverse("shipping:stock"))],
        acts=[
            Act("new", _("New warehouse"), reverse("shipping:warehouse_new"), icon="plus",
                primary=True, permission=words.WAREHOUSE_EDIT)
        ],
    )  # fmt: skip
    return render_page(request, "shipping/warehouses.html", head=head, table=table)


def _draft(data: dict[str, Any]) -> WarehouseDraft:
    return WarehouseDraft(
        code=data["code"],
        name=data["name"],
        unit_id=data["unit"] or 0,
        address=data["address"],
        is_default=data["is_default"],
        is_active=data["is_active"],
    )


@page(permission=words.WAREHOUSE_EDIT, methods=GET_POST)
def warehouse_new(request: HttpRequest) -> HttpResponseBase:
    """Open a warehouse."""
    form = WarehouseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            draft = _draft(form.cleaned_data)
            services.warehouse_place(actor=actor_of(request), draft=draft)
            return done(request, _list_url(), Toast(_("Warehouse opened.")))
    head = PageHead(_("New warehouse"), crumbs=[Crumb(_("Warehouses"), _list_url())])
    page = FormPage(form, head, submit=_("Open the warehouse"), cancel_url=_list_url())
    return page.render(request)


@page(permission=words.WAREHOUSE_EDIT, methods=GET_POST)
def warehouse(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a warehouse."""
    actor = actor_of(request)
    found = visible(actor, words.WAREHOUSE_EDIT, Warehouse.objects.filter(pk=pk)).first()
    if found is None:
        raise NotFoundError
    names = ("code", "name", "address", "is_default", "is_active")
    initial = {name: getattr(found, name) for name in names} | {"unit": found.unit_id}
    form = WarehouseForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form, newest=reverse("shipping:warehouse", args=[pk])):
            services.warehouse_change(
                actor=actor,
                warehouse_id=pk,
                draft=_draft(form.cleaned_data),
                expected_version=version_of(request),
            )
            return done(request, _list_url(), Toast(_("Saved.")))
    head = PageHead(_("Warehouse"), found.code, crumbs=[Crumb(_("Warehouses"), _list_url())])
    return FormPage(
        form,
        head,
        submit=_("Save"),
        cancel_url=_list_url(),
        values={"expected_version": found.version},
    ).render(request)
