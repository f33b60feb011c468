"""Pages of the organisation: the tree, a unit, its seats and their holders."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.audit.pages import history_entries
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    Chip,
    Column,
    Crumb,
    DocumentPage,
    Fact,
    PageHead,
    Table,
    form_answer,
    page,
    render_page,
)
from chengdan.kernel.workcalendar import calendar_choices
from chengdan.modules.people import vocabulary as words
from chengdan.modules.people.access import can, visible
from chengdan.modules.people.models import Assignment, OrgUnit, Position
from chengdan.modules.people.selectors import unit_path
from chengdan.modules.people.selectors.rights import assignments_in_force
from chengdan.modules.people.services import (
    assignment_end,
    assignment_start,
    org_unit_close,
    org_unit_create,
    org_unit_move,
    org_unit_rename,
    position_close,
    position_create,
    position_edit,
)
from chengdan.modules.people.vocabulary import UnitKind
from chengdan.modules.people.web.common import row_get
from chengdan.modules.people.web.forms import (
    AssignmentForm,
    EndForm,
    PositionForm,
    ReasonForm,
    UnitEditForm,
    UnitForm,
    UnitMoveForm,
)

# What is most often opened below a unit of a kind.
_KIND_BELOW: dict[str, UnitKind] = {
    UnitKind.MARKET: UnitKind.REGION, UnitKind.REGION: UnitKind.OFFICE,
    UnitKind.FSF: UnitKind.TEAM,
}  # fmt: skip
BOTH = ("GET", "HEAD", "POST")
OPEN_DEPTH = 3


@dataclass(slots=True)
class Node:
    """One unit of the tree with its seats and the units below.

    Attributes:
        depth: 0 for the company; units far down are folded until somebody opens them.
    """

    unit: OrgUnit
    seats: list[tuple[Position, str]]
    children: list[Node] = field(default_factory=list)
    depth: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the tree shows what stands below."""
        return self.depth <= OPEN_DEPTH and bool(self.seats or self.children)

    @property
    def head(self) -> str:
        """Who leads the unit."""
        return next((holder for seat, holder in self.seats if seat.is_head), "")

    @property
    def vacant(self) -> int:
        """How many seats nobody holds."""
        return sum(not holder for _seat, holder in self.seats)


def _crumbs(unit: OrgUnit | None = None) -> list[Crumb]:
    crumbs = [Crumb(_("Organisation"), reverse("people:org"))]
    if unit is not None:
        crumbs += [
            Crumb(item.name, reverse("people:unit", args=[item.pk])) for item in unit_path(unit.pk)
        ]
    return crumbs


def _holders(company_id: int | None) -> dict[int, str]:
    held = assignments_in_force(clock.today()).filter(position__company_id=company_id or 0)
    return dict(held.values_list("position_id", "user__display_name"))


@page(permission=words.UNIT_VIEW)
def org_tree(request: HttpRequest) -> HttpResponseBase:
    """Show the whole organisation with seats and holders."""
    actor = actor_of(request)
    units = list(visible(actor, words.UNIT_VIEW, OrgUnit.objects.filter(closed_on=None)))
    holders = _holders(actor.company_id)
    seats: dict[int, list[tuple[Position, str]]] = defaultdict(list)
    rows = Position.objects.filter(company_id=actor.company_id or 0, closed_on=None)
    for seat in rows.select_related("role"):
        seats[seat.unit_id].append((seat, holders.get(seat.pk, "")))
    nodes = {unit.pk: Node(unit, seats[unit.pk]) for unit in units}
    roots: list[Node] = []
    for unit in units:
        above = nodes.get(unit.parent_id or 0)
        (above.children if above else roots).append(nodes[unit.pk])
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        for child in node.children:
            child.depth = node.depth + 1
        waiting += node.children
    return render_page(request, "people/org.html", head=PageHead(_("Organisation")), roots=roots)


@page(permission=words.UNIT_VIEW)
def unit_show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a unit with its seats, people and history."""
    actor = actor_of(request)
    unit = row_get(actor, OrgUnit.objects.select_related("parent"), pk, words.UNIT_VIEW)
    rows = list(Position.objects.filter(unit=unit).select_related("role", "reports_to__role"))
    holders = _holders(actor.company_id)
    columns = [
        Column("title", _("Position"), value=lambda row: row.shown_title, phone="title",
               link=lambda row: reverse("people:position", args=[row.pk])),
        Column("holder", _("Holder"), value=lambda row: holders.get(row.pk, "")),
        Column("head", _("Leads the unit"), kind="chip",
               value=lambda row: Chip(_("head"), "acc") if row.is_head else None),
        Column("line", _("Reports to"), value=lambda row: row.reports_to.role.title
               if row.reports_to else ""),
        Column("closed_on", _("Closed on"), kind="day"),
    ]  # fmt: skip
    below = [
        Column("name", _("Unit"), link=lambda row: reverse("people:unit", args=[row.pk])),
        Column("code", _("Code")),
        Column("kind", _("Kind"), value="get_kind_display"),
    ]
    chips = [Chip(_("closed"), "idle")] if unit.closed_on else []
    calendar = calendar_choices(unit.company_id).get(unit.calendar_code)
    return DocumentPage(
        "people.orgunit",
        unit,
        head=PageHead(
            unit.name,
            unit.code,
            crumbs=_crumbs(unit)[:-1],
            chips=chips,
            acts=_unit_acts(request, unit),
        ),
        facts=[
            Fact(_("Kind"), unit.get_kind_display()),
            Fact(_("Working calendar"), calendar or _("as above")),
            Fact(_("Fixed seats"), unit.seat_count or "–"),
        ],
        tables=[
            Table(_("Positions"), columns, rows, code="positions"),
            Table(_("Units below"), below, list(unit.children.all()), code="units"),
        ],
        history=history_entries(unit),
    ).render(request)


def _unit_acts(request: HttpRequest, unit: OrgUnit) -> list[Act]:
    actor = actor_of(request)
    acts = []
    if unit.closed_on is None and can(actor, words.POSITION_EDIT, unit):
        url = reverse("people:position_new", args=[unit.pk])
        acts.append(Act("position", _("New position"), url, icon="plus", primary=True))
    if unit.closed_on is None and can(actor, words.UNIT_EDIT, unit):
        acts += [
            Act("edit", _("Edit"), reverse("people:unit_edit", args=[unit.pk]), icon="edit"),
            Act("below", _("New unit below"), reverse("people:unit_new", args=[unit.pk]),
                icon="plus"),
            Act("move", _("Move"), reverse("people:unit_move", args=[unit.pk]),
                icon="arrows-exchange"),
            Act("close", _("Close"), reverse("people:unit_close", args=[unit.pk]), icon="x",
                danger=True),
        ]  # fmt: skip
    return acts


@page(permission=words.UNIT_EDIT, methods=BOTH)
def unit_new(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Add a unit below another."""
    actor = actor_of(request)
    parent = row_get(actor, OrgUnit.objects.all(), pk, words.UNIT_EDIT)

    def act(data: dict[str, Any]) -> None:
        org_unit_create(actor=actor, company_id=parent.company_id, parent_id=pk, **data)

    head = PageHead(_("New unit"), crumbs=_crumbs(parent))
    url = reverse("people:unit", args=[pk])
    own_kinds = parameter_value(parent.company_id, words.UNIT_KINDS)
    form = UnitForm(
        request.POST or None, own_kinds=own_kinds, calendars=calendar_choices(parent.company_id),
        initial={"kind": _KIND_BELOW.get(parent.kind, UnitKind.DEPARTMENT)},
    )  # fmt: skip
    return form_answer(request, form, head, act, url=url, toast=_("Unit created."))


@page(permission=words.UNIT_EDIT, methods=BOTH)
def unit_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a unit."""
    actor = actor_of(request)
    unit = row_get(actor, OrgUnit.objects.all(), pk, words.UNIT_EDIT)
    initial = {"name": unit.name, "calendar_code": unit.calendar_code, "sort": unit.sort}

    def act(data: dict[str, Any]) -> None:
        org_unit_rename(actor=actor, unit_id=pk, expected_version=version_of(request), **data)

    calendars = calendar_choices(unit.company_id)
    form = UnitEditForm(request.POST or None, initial=initial, calendars=calendars)
    url = reverse("people:unit", args=[pk])
    head = PageHead(unit.name, crumbs=_crumbs(unit))
    return form_answer(request, form, head, act, url=url, toast=_("Saved."), version=unit.version)


@page(permission=words.UNIT_EDIT, methods=BOTH)
def unit_shift(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hang a unit under another one."""
    actor = actor_of(request)
    unit = row_get(actor, OrgUnit.objects.all(), pk, words.UNIT_EDIT)

    def act(data: dict[str, Any]) -> None:
        org_unit_move(
            actor=actor, unit_id=pk, parent_id=data["parent"], reason=data["reason"],
            expected_version=version_of(request),
        )  # fmt: skip

    form = UnitMoveForm(request.POST or None, initial={"parent": unit.parent_id})
    url = reverse("people:unit", args=[pk])
    head = PageHead(gettext("Move %(name)s") % {"name": unit.name}, crumbs=_crumbs(unit))
    return form_answer(
        request, form, head, act, url=url, toast=_("Moved."), version=unit.version, submit=_("Move")
    )


@page(permission=words.UNIT_EDIT, methods=BOTH)
def unit_end(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close a unit."""
    actor = actor_of(request)
    unit = row_get(actor, OrgUnit.objects.all(), pk, words.UNIT_EDIT)

    def act(data: dict[str, Any]) -> None:
        org_unit_close(
            actor=actor, unit_id=pk, reason=data["reason"], expected_version=version_of(request)
        )

    form = ReasonForm(request.POST or None)
    url = reverse("people:unit", args=[pk])
    head = PageHead(gettext("Close %(name)s") % {"name": unit.name}, crumbs=_crumbs(unit))
    return form_answer(
        request,
        form,
        head,
        act,
        url=url,
        toast=_("Closed."),
        version=unit.version,
        submit=_("Close"),
    )


@page(permission=words.UNIT_VIEW)
def position_show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a seat with all its holders, past and coming."""
    actor = actor_of(request)
    rows = Position.objects.select_related("unit", "role", "reports_to__role", "reports_to__unit")
    position = row_get(actor, rows, pk, words.UNIT_VIEW)
    is_editor = can(actor, words.POSITION_EDIT, position)
    columns = [
        Column("user", _("Person"), value="user.display_name", phone="title"),
        Column("starts_on", _("From"), kind="day"),
        Column("ends_on", _("To"), kind="day"),
    ]
    if is_editor:
        columns.append(
            Column("end", "", value=lambda row: "" if row.ends_on else gettext("End"),
                   link=lambda row: reverse("people:assignment_end", args=[row.pk])),
        )  # fmt: skip
    acts = []
    if is_editor and position.closed_on is None:
        acts = [
            Act("fill", _("Give to a person"), reverse("people:assignment_new", args=[pk]),
                icon="user", primary=True),
            Act("edit", _("Edit"), reverse("people:position_edit", args=[pk]), icon="edit"),
            Act("close", _("Close"), reverse("people:position_close", args=[pk]), icon="x",
                danger=True),
        ]  # fmt: skip
    line = position.reports_to
    above = f"{line.unit.name} {line.shown_title}" if line else "–"
    names = ", ".join(position.territories.values_list("name", flat=True))
    return DocumentPage(
        "people.position",
        position,
        head=PageHead(position.shown_title, crumbs=_crumbs(position.unit), acts=acts),
        facts=[
            Fact(_("Role"), position.role.title),
            Fact(_("Head of the unit"), _("yes") if position.is_head else _("no")),
            Fact(_("Reports to"), above),
            Fact(_("Territories"), names or "–"),
            Fact(_("Duties"), position.role.duty_text or "–"),
        ],
        tables=[Table(_("Holders"), columns, list(position.assignments.select_related("user")))],
        history=history_entries(position),
    ).render(request)


def _position_values(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "role_id": data["role"], "title": data["title"], "is_head": data["is_head"],
        "reports_to_id": data["reports_to"], "territory_ids": data["territories"],
    }  # fmt: skip


@page(permission=words.POSITION_EDIT, methods=BOTH)
def position_new(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Add a seat to a unit."""
    actor = actor_of(request)
    unit = row_get(actor, OrgUnit.objects.all(), pk, words.POSITION_EDIT)

    def act(data: dict[str, Any]) -> None:
        position_create(actor=actor, unit_id=pk, **_position_values(data))

    form = PositionForm(request.POST or None, company_id=unit.company_id)
    url = reverse("people:unit", args=[pk])
    head = PageHead(_("New position"), crumbs=_crumbs(unit))
    return form_answer(request, form, head, act, url=url, toast=_("Position created."))


@page(permission=words.POSITION_EDIT, methods=BOTH)
def position_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a seat."""
    actor = actor_of(request)
    position = row_get(actor, Position.objects.select_related("unit"), pk, words.POSITION_EDIT)
    initial = {
        "role": position.role_id, "title": position.title, "is_head": position.is_head,
        "reports_to": position.reports_to_id,
        "territories": list(position.territories.values_list("pk", flat=True)),
    }  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        position_edit(
            actor=actor, position_id=pk, expected_version=version_of(request),
            **_position_values(data),
        )  # fmt: skip

    form = PositionForm(request.POST or None, initial=initial, company_id=position.company_id)
    head = PageHead(_("Edit position"), crumbs=_crumbs(position.unit))
    url = reverse("people:position", args=[pk])
    return form_answer(
        request, form, head, act, url=url, toast=_("Saved."), version=position.version
    )


@page(permission=words.POSITION_EDIT, methods=BOTH)
def position_end(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close a seat."""
    actor = actor_of(request)
    position = row_get(actor, Position.objects.select_related("unit"), pk, words.POSITION_EDIT)

    def act(data: dict[str, Any]) -> None:
        position_close(
            actor=actor, position_id=pk, reason=data["reason"],
            expected_version=version_of(request),
        )  # fmt: skip

    head = PageHead(_("Close position"), crumbs=_crumbs(position.unit))
    url = reverse("people:position", args=[pk])
    form = ReasonForm(request.POST or None)
    return form_answer(
        request,
        form,
        head,
        act,
        url=url,
        toast=_("Closed."),
        version=position.version,
        submit=head.title,
    )


@page(permission=words.POSITION_EDIT, methods=BOTH)
def assignment_new(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give a seat to a person."""
    actor = actor_of(request)
    position = row_get(actor, Position.objects.select_related("unit"), pk, words.POSITION_EDIT)

    def act(data: dict[str, Any]) -> None:
        user = data.pop("user")
        assignment_start(actor=actor, position_id=pk, user_id=user, **data)

    head = PageHead(_("Give to a person"), crumbs=_crumbs(position.unit))
    url = reverse("people:position", args=[pk])
    form = AssignmentForm(request.POST or None, initial={"starts_on": clock.today()})
    return form_answer(request, form, head, act, url=url, toast=_("Saved."), submit=head.title)


@page(permission=words.POSITION_EDIT, methods=BOTH)
def assignment_stop(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let a person give up a seat."""
    actor = actor_of(request)
    seats = Position.objects.filter(assignments=pk).select_related("unit")
    row = Assignment.objects.filter(pk=pk).values_list("position_id", flat=True).first()
    position = row_get(actor, seats, row or 0, words.POSITION_EDIT)

    def act(data: dict[str, Any]) -> None:
        assignment_end(actor=actor, assignment_id=pk, **data)

    head = PageHead(_("End of the assignment"), crumbs=_crumbs(position.unit))
    url = reverse("people:position", args=[position.pk])
    form = EndForm(request.POST or None, initial={"ends_on": clock.today()})
    return form_answer(request, form, head, act, url=url, toast=_("Saved."), submit=_("End"))
