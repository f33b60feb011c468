"""Type-ahead pickers of people, units, seats and territories, and choices of roles."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.permissions import permissions_all, room_title
from chengdan.kernel.ui import PickerField, PickRow, page, pick_response
from chengdan.modules.people.models import OrgUnit, Position, Role, User
from chengdan.modules.people.selectors import slt_members
from chengdan.modules.people.selectors.choices import (
    person_choice,
    position_choice,
    territories_sounded,
    unit_choice,
)
from chengdan.modules.people.web.common import company_of

LIMIT = 20


@page(permission="")
def user_pick(request: HttpRequest) -> HttpResponseBase:
    """Offer active people of the company by name, pinyin, initials or user name."""
    return _people(request, User.objects.filter(company_id=company_of(request), is_active=True))


@page(permission="")
def slt_member_pick(request: HttpRequest) -> HttpResponseBase:
    """Offer the members of the company's sales leadership team, found like other people."""
    return _people(request, User.objects.filter(pk__in=slt_members(company_of(request))))


def _people(request: HttpRequest, rows: QuerySet[User]) -> HttpResponseBase:
    text = request.GET.get("q", "").strip()
    if text:
        rows = rows.filter(
            Q(username__istartswith=text)
            | Q(display_name__icontains=text)
            | Q(pinyin__istartswith=text)
            | Q(initials__istartswith=text)
        )
    rows = rows.select_related("unit")[:LIMIT]
    return pick_response(
        [
            PickRow(row.pk, row.username, row.display_name, [row.unit.name if row.unit else ""])
            for row in rows
        ],
        heads=[_("Unit")],
    )


@page(permission="people.unit:view")
def unit_pick(request: HttpRequest) -> HttpResponseBase:
    """Offer open units of the company by code or name."""
    text = request.GET.get("q", "").strip()
    rows = OrgUnit.objects.filter(company_id=company_of(request), closed_on=None)
    if text:
        rows = rows.filter(Q(code__istartswith=text) | Q(name__icontains=text))
    return pick_response([PickRow(row.pk, row.code, row.name) for row in rows[:LIMIT]])


@page(permission="people.unit:view")
def position_pick(request: HttpRequest) -> HttpResponseBase:
    """Offer open seats by unit, role, title or holder."""
    text = request.GET.get("q", "").strip()
    rows = Position.objects.filter(company_id=company_of(request), closed_on=None)
    if text:
        rows = rows.filter(
            Q(unit__name__icontains=text)
            | Q(title__icontains=text)
            | Q(role__code__istartswith=text)
            | Q(role__title_zh_hans__icontains=text)
        )
    rows = rows.select_related("unit", "role")[:LIMIT]
    return pick_response([PickRow(row.pk, row.unit.name, row.shown_title) for row in rows])


@page(permission="people.territory:view")
def territory_pick(request: HttpRequest) -> HttpResponseBase:
    """Offer territories by code, name, pinyin or initials."""
    text = request.GET.get("q", "")
    found = [row for row in territories_sounded(company_of(request)) if row.is_meant(text)]
    rows = [PickRow(row.id, row.code, row.name, [row.part_of]) for row in found[:LIMIT]]
    return pick_response(rows, heads=[_("Part of")])


def user_field(label: object, *, required: bool = True) -> PickerField:
    """Return a field that chooses a person."""
    return PickerField(
        label=label, url=reverse_lazy("people:user_pick"), find=person_choice, required=required
    )


def unit_field(label: object, *, required: bool = True) -> PickerField:
    """Return a field that chooses a unit."""
    return PickerField(
        label=label, url=reverse_lazy("people:unit_pick"), find=unit_choice, required=required
    )


def position_field(label: object, *, required: bool = False) -> PickerField:
    """Return a field that chooses a seat."""
    return PickerField(
        label=label,
        url=reverse_lazy("people:position_pick"),
        find=position_choice,
        required=required,
    )


def role_choices() -> list[tuple[int | str, str]]:
    """Return the open roles for a select, with an empty row on top."""
    return [("", "–"), *((role.pk, role.title) for role in Role.objects.filter(is_active=True))]


def permission_choices() -> list[tuple[str, Any]]:
    """Return all permissions for a select by room, with an empty row on top."""
    rooms: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for item in permissions_all():
        rooms[room_title(item.code)].append((item.code, item.title))
    return [("", "–"), *rooms.items()]
