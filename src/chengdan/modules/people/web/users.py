"""Pages of people: list, person, account acts, and what a person may do and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.pages import history_entries
from chengdan.kernel.permissions import SCOPES, permissions_all
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    Chip,
    ChoiceFilter,
    Column,
    Crumb,
    DocumentPage,
    Fact,
    ListPage,
    Note,
    PageHead,
    Table,
    Toast,
    View,
    done,
    form_answer,
    page,
)
from chengdan.modules.people import vocabulary as words
from chengdan.modules.people.access import can, visible
from chengdan.modules.people.models import Assignment, User
from chengdan.modules.people.selectors import open_work_of
from chengdan.modules.people.selectors.explain import RightLine, rights_explained
from chengdan.modules.people.selectors.rights import assignments_in_force
from chengdan.modules.people.services.users import (
    user_create,
    user_disable,
    user_edit,
    user_enable,
    user_invite,
)
from chengdan.modules.people.web.account import base_url
from chengdan.modules.people.web.common import row_get
from chengdan.modules.people.web.forms import ReasonForm, UserEditForm, UserForm

BOTH = ("GET", "HEAD", "POST")
FILE_MAIL = "django.core.mail.backends.filebased.EmailBackend"


def _state(user: User) -> Chip:
    return Chip(_("active"), "done") if user.is_active else Chip(_("disabled"), "idle")


class UserList(ListPage[User]):
    """Everybody whom the reader may see."""

    code, title, permission = "people.user", _("Staff"), words.USER_VIEW
    columns = (
        Column("display_name", _("Name"), sort="name", phone="title"),
        Column("username", _("User name"), sort="username"),
        Column("unit", _("Home unit"), value=lambda row: row.unit.name if row.unit else ""),
        Column("seats", _("Positions"), value=lambda row: row.seat_titles, clip=True),
        Column("state", _("State"), kind="chip", value=_state, phone="side"),
    )
    sorts = {"name": "display_name", "username": "username"}
    default_sort = "username"
    filters = (
        ChoiceFilter(
            name="active", title=_("State"), field="is_active", multiple=False,
            choices=[("True", _("active")), ("False", _("disabled"))],
        ),
    )  # fmt: skip
    views = (
        View("active", _("Active"), "active=True"),
        View("disabled", _("Disabled"), "active=False"),
    )
    search_hint = _("Name, pinyin, initials, user name")

    def queryset(self, actor: Actor) -> QuerySet[User]:
        return visible(actor, words.USER_VIEW, User.objects.select_related("unit"))

    def search(self, queryset: QuerySet[User], text: str) -> QuerySet[User]:
        return queryset.filter(
            Q(display_name__icontains=text)
            | Q(username__istartswith=text)
            | Q(pinyin__istartswith=text)
            | Q(initials__istartswith=text)
        )

    def prepare(self, rows: list[User], actor: Actor) -> None:
        held = assignments_in_force(clock.today()).filter(user__in=rows)
        titles: dict[int, list[str]] = {}
        for item in held.select_related("position__role", "position__unit"):
            seat = item.position
            text = f"{seat.unit.name} {seat.shown_title}"
            titles.setdefault(item.user_id, []).append(text)
        for row in rows:
            row.seat_titles = " · ".join(titles.get(row.pk, []))  # type: ignore[attr-defined]

    def row_url(self, row: User) -> str:
        return reverse("people:user", args=[row.pk])

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [
            Act("new", _("New person"), reverse("people:user_new"), icon="plus", primary=True,
                permission=words.USER_EDIT),
        ]  # fmt: skip


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Staff"), reverse("people:user_list"))]


def _acts(actor: Actor, user: User) -> list[Act]:
    acts = []
    if can(actor, words.USER_EDIT, user):
        url = reverse("people:user_edit", args=[user.pk])
        acts.append(Act("edit", _("Edit"), url, icon="edit", primary=True))
        missing = "" if user.is_active and user.email else _("The account has no mail address.")
        url = reverse("people:user_invite", args=[user.pk])
        acts.append(Act("invite", _("Invite"), url, method="post", icon="mail", disabled=missing))
    if can(actor, words.USER_RIGHTS, user):
        url = reverse("people:user_rights", args=[user.pk])
        acts.append(Act("rights", _("What may this person do?"), url, icon="key"))
    if can(actor, words.USER_DISABLE, user) and user.pk != actor.user_id:
        if user.is_active:
            url = reverse("people:user_disable", args=[user.pk])
            acts.append(Act("disable", _("Disable"), url, icon="lock", danger=True))
        else:
            url = reverse("people:user_enable", args=[user.pk])
            acts.append(Act("enable", _("Enable"), url, icon="check"))
    return acts


@page(permission=words.USER_VIEW)
def user_show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a person with seats, grants and history."""
    actor = actor_of(request)
    rows = User.objects.select_related("unit", "company")
    user = row_get(actor, rows, pk, words.USER_VIEW)
    seats = Assignment.objects.filter(user=user, position__company_id=actor.company_id or 0)
    columns = [
        Column("unit", _("Unit"), value="position.unit.name", phone="title",
               link=lambda row: reverse("people:unit", args=[row.position.unit_id])),
        Column("role", _("Role"), value=lambda row: row.position.shown_title),
        Column("starts_on", _("From"), kind="day"),
        Column("ends_on", _("To"), kind="day"),
    ]  # fmt: skip
    return DocumentPage(
        "people.user",
        user,
        head=PageHead(
            user.display_name, user.username, crumbs=_crumbs(), chips=[_state(user)],
            acts=_acts(actor, user),
        ),
        facts=[
            Fact(_("Home unit"), user.unit.name if user.unit else "–"),
            Fact(_("E-mail"), user.email or "–"),
            Fact(_("Phone"), user.phone or "–"),
            Fact(_("Company"), user.company.name),
        ],
        tables=[
            Table(
                _("Positions"),
                columns,
                list(seats.select_related("position__unit", "position__role")),
            )
        ],
        history=history_entries(user),
    ).render(request)  # fmt: skip


@page(permission=words.USER_EDIT, methods=BOTH)
def user_new(request: HttpRequest) -> HttpResponseBase:
    """Open an account."""
    actor = actor_of(request)

    def act(data: dict[str, Any]) -> None:
        unit = data.pop("unit")
        user_create(actor=actor, company_id=actor.company_id or 0, unit_id=unit, **data)

    head = PageHead(_("New person"), crumbs=_crumbs())
    url = reverse("people:user_list")
    form = UserForm(request.POST or None, initial={"language": get_language()})
    return form_answer(request, form, head, act, url=url, toast=_("Account opened."))


@page(permission=words.USER_EDIT, methods=BOTH)
def user_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a person."""
    actor = actor_of(request)
    user = row_get(actor, User.objects.all(), pk, words.USER_EDIT)
    initial = {
        "display_name": user.display_name, "email": user.email, "phone": user.phone,
        "unit": user.unit_id,
    }  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        unit = data.pop("unit")
        version = version_of(request)
        user_edit(actor=actor, user_id=pk, unit_id=unit, expected_version=version, **data)

    head = PageHead(user.display_name, crumbs=_crumbs())
    url = reverse("people:user", args=[pk])
    form = UserEditForm(request.POST or None, initial=initial)
    return form_answer(request, form, head, act, url=url, toast=_("Saved."), version=user.version)


@page(permission=words.USER_EDIT, methods=["POST"])
def user_send_invite(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send an invitation."""
    user_invite(actor=actor_of(request), user_id=pk, base_url=base_url(request))
    toast = Toast(_("The invitation is on its way."))
    if settings.EMAIL_BACKEND == FILE_MAIL:
        text = _("There is no mail server; the invitation lies in the data folder, in “mail”.")
        toast = Toast(text, "soon")
    return done(request, reverse("people:user", args=[pk]), toast)


@page(permission=words.USER_DISABLE, methods=BOTH)
def user_close(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Disable an account, and say what the person leaves behind."""
    actor = actor_of(request)
    user = row_get(actor, User.objects.all(), pk, words.USER_DISABLE)
    form = ReasonForm(request.POST or None)
    url = reverse("people:user", args=[pk])

    def act(data: dict[str, Any]) -> None:
        user_disable(
            actor=actor, user_id=pk, reason=data["reason"], expected_version=version_of(request)
        )

    head = PageHead(gettext("Disable %(name)s") % {"name": user.display_name}, crumbs=_crumbs())
    notes = [
        Note("soon", item.title, item.text, acts=[show] if item.url else ())
        for item in open_work_of(pk)
        for show in [Act("open", _("Show"), item.url, permission=item.permission)]
    ]
    return form_answer(
        request, form, head, act, url=url, toast=_("Disabled; all sessions have ended."),
        version=user.version, notes=notes, submit=_("Disable"),
    )  # fmt: skip


@page(permission=words.USER_DISABLE, methods=BOTH)
def user_open(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Enable an account."""
    actor = actor_of(request)
    user = row_get(actor, User.objects.all(), pk, words.USER_DISABLE)

    def act(data: dict[str, Any]) -> None:
        user_enable(
            actor=actor, user_id=pk, reason=data["reason"], expected_version=version_of(request)
        )

    head = PageHead(gettext("Enable %(name)s") % {"name": user.display_name}, crumbs=_crumbs())
    url = reverse("people:user", args=[pk])
    form = ReasonForm(request.POST or None)
    return form_answer(
        request,
        form,
        head,
        act,
        url=url,
        toast=_("Enabled."),
        version=user.version,
        submit=_("Enable"),
    )


@page(permission=words.USER_RIGHTS)
def user_rights(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show everything a person may do, over which rows and why (ADM-04)."""
    actor = actor_of(request)
    user = row_get(actor, User.objects.select_related("unit"), pk, words.USER_RIGHTS)
    titles = {item.code: item.title for item in permissions_all()}
    lines = rights_explained(user.pk, actor.company_id or 0, clock.today())
    columns = [
        Column(
            "permission", _("Allowed to"), value=lambda row: titles[row.permission], phone="title"
        ),
        Column("code", _("Code"), value="permission", optional=True),
        Column("scope", _("Rows covered"), value=lambda row: SCOPES[row.scope]),
        Column("place", _("From unit"), value="place"),
        Column("reach", _("Reaches"), value=_reach_text),
        Column("why", _("Because of"), value="why", clip=True),
    ]
    crumbs = [*_crumbs(), Crumb(user.display_name, reverse("people:user", args=[pk]))]
    rooms = list(dict.fromkeys(line.permission.split(".")[0] for line in lines))
    tables = [
        Table(
            room,
            columns,
            [line for line in lines if line.permission.startswith(f"{room}.")],
            code=f"room-{room}",
        )
        for room in rooms
    ]
    return DocumentPage(
        "people.rights",
        user,
        head=PageHead(_("What may this person do?"), user.display_name, crumbs=crumbs),
        facts=[
            Fact(_("Person"), user.display_name),
            Fact(_("Home unit"), user.unit.name if user.unit else "–"),
            Fact(_("Rights"), len({line.permission for line in lines})),
        ],
        tables=tables,
    ).render(request)


def _reach_text(line: RightLine) -> str:
    if line.reach.is_all:
        return gettext("everything of the company")
    people = ngettext("%(count)s person", "%(count)s people", len(line.reach.owner_ids))
    units = ngettext("%(count)s unit", "%(count)s units", len(line.reach.unit_ids))
    parts = [people % {"count": len(line.reach.owner_ids)}]
    if line.reach.unit_ids:
        parts.append(units % {"count": len(line.reach.unit_ids)})
    return ", ".join(parts)
