"""Pages of rights: roles with their table, grants, deputies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.permissions import SCOPES, permission_title, permissions_all, room_title
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    Chip,
    Column,
    Crumb,
    FlagFilter,
    ListPage,
    PageHead,
    Table,
    Toast,
    done,
    form_answer,
    page,
    render_page,
)
from chengdan.modules.people import vocabulary as words
from chengdan.modules.people.access import can, visible
from chengdan.modules.people.models import Deputy, Grant, Role, RolePermission
from chengdan.modules.people.selectors.signing import signable_titles
from chengdan.modules.people.services import (
    deputy_name,
    deputy_revoke,
    grant_end,
    grant_give,
    role_create,
    role_edit,
    role_permissions_set,
)
from chengdan.modules.people.web.common import row_get
from chengdan.modules.people.web.forms import (
    DeputyForm,
    DeputyForOtherForm,
    GrantForm,
    ReasonForm,
    RoleEditForm,
    RoleForm,
)

BOTH = ("GET", "HEAD", "POST")


class RoleList(ListPage[Role]):
    """All role cards."""

    code, title, permission = "people.role", _("Roles"), words.ROLE_VIEW
    columns = (
        Column("title", _("Role"), phone="title"),
        Column("code", _("Code"), sort="code"),
        Column("duties", _("Duties"), value="duty_text", clip=True),
        Column("state", _("State"), kind="chip", phone="side",
               value=lambda row: Chip(_("in use"), "done") if row.is_active
               else Chip(_("closed"), "idle")),
    )  # fmt: skip
    sorts = {"sort": "sort", "code": "code"}
    default_sort = "sort"
    search_fields = ("code", "title_zh_hans", "title_en")

    def queryset(self, actor: Actor) -> QuerySet[Role]:
        return visible(actor, words.ROLE_VIEW, Role.objects.all())

    def row_url(self, row: Role) -> str:
        return reverse("people:role", args=[row.pk])

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [
            Act("new", _("New role"), reverse("people:role_new"), icon="plus", primary=True,
                permission=words.ROLE_EDIT),
        ]  # fmt: skip


def _role_crumbs() -> list[Crumb]:
    return [Crumb(_("Roles"), reverse("people:role_list"))]


@page(permission=words.ROLE_VIEW)
def role_show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the table of a role: every permission with its scope; editors can change it."""
    actor = actor_of(request)
    role = row_get(actor, Role.objects.all(), pk, words.ROLE_VIEW)
    held = dict(RolePermission.objects.filter(role=role).values_list("permission", "scope"))
    rooms: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in permissions_all():
        scope = held.get(item.code, "")
        rooms[room_title(item.code)].append(
            {"code": item.code, "title": item.title, "scope": scope,
             "scope_title": SCOPES.get(scope, "–")}
        )  # fmt: skip
    is_editor = can(actor, words.ROLE_EDIT)
    acts = []
    if is_editor:
        acts.append(
            Act("edit", _("Edit card"), reverse("people:role_edit", args=[pk]), icon="edit")
        )
        acts.append(Act("save", _("Save rights"), method="submit", form="cd-role", primary=True))
    head = PageHead(role.title, role.code, crumbs=_role_crumbs(), acts=acts)
    context: dict[str, Any] = {
        "role": role,
        "rooms": dict(rooms),
        "scopes": SCOPES,
        "is_editor": is_editor,
    }
    return render_page(request, "people/role.html", head=head, **context)


@page(permission=words.ROLE_EDIT, methods=["POST"])
def role_rights(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Replace the table of a role."""
    declared = [item.code for item in permissions_all()]
    chosen = {code: request.POST.get(f"scope:{code}", "") for code in declared}
    role_permissions_set(
        actor=actor_of(request),
        role_id=pk,
        scopes={code: scope for code, scope in chosen.items() if scope},
        reason=request.POST.get("reason", "")[:300],
        expected_version=version_of(request),
    )
    return done(request, reverse("people:role", args=[pk]), Toast(_("Rights saved.")))


@page(permission=words.ROLE_EDIT, methods=BOTH)
def role_new(request: HttpRequest) -> HttpResponseBase:
    """Add a role."""
    form = RoleForm(request.POST or None)

    def act(data: dict[str, Any]) -> None:
        role_create(
            actor=actor_of(request), code=data["code"], titles=form.titles(),
            is_central=data["is_central"],
        )  # fmt: skip

    head = PageHead(_("New role"), crumbs=_role_crumbs())
    url = reverse("people:role_list")
    return form_answer(request, form, head, act, url=url, toast=_("Role created."))


@page(permission=words.ROLE_EDIT, methods=BOTH)
def role_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a role card."""
    actor = actor_of(request)
    role = row_get(actor, Role.objects.all(), pk, words.ROLE_EDIT)
    names = ("title_zh_hans", "title_zh_hant", "title_en", "is_central", "is_active")
    form = RoleEditForm(request.POST or None, initial={name: getattr(role, name) for name in names})

    def act(data: dict[str, Any]) -> None:
        role_edit(
            actor=actor, role_id=pk, titles=form.titles(), is_central=data["is_central"],
            is_active=data["is_active"], expected_version=version_of(request),
        )  # fmt: skip

    url = reverse("people:role", args=[pk])
    head = PageHead(role.title, crumbs=_role_crumbs())
    return form_answer(request, form, head, act, url=url, toast=_("Saved."), version=role.version)


def _in_force(actor: Actor) -> Q:
    on = clock.today()
    open_end = Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    return open_end & Q(starts_on__lte=on, revoked_at__isnull=True)


def _grant_state(row: Grant) -> Chip:
    on = clock.today()
    if row.revoked_at is not None or (row.ends_on is not None and row.ends_on < on):
        return Chip(_("no longer in force"), "idle")
    return Chip(_("in force"), "done") if row.starts_on <= on else Chip(_("to come"), "run")


def _granted(row: Grant) -> str:
    return row.role.title if row.role else permission_title(row.permission)


class GrantList(ListPage[Grant]):
    """Rights given to single persons."""

    code, title, permission = "people.grant", _("Grants"), words.GRANT_VIEW
    columns = (
        Column("user", _("Person"), value="user.display_name", phone="title"),
        Column("right", _("Granted right"),
               value=_granted),
        Column("scope", _("Scope"), value=lambda row: SCOPES.get(row.scope, "")),
        Column("unit", _("Unit"), value=lambda row: row.unit.name if row.unit else ""),
        Column("starts_on", _("From"), kind="day", sort="from"),
        Column("ends_on", _("To"), kind="day"),
        Column("reason", _("Reason"), clip=True),
        Column("state", _("State"), kind="chip", value=_grant_state, phone="side"),
    )  # fmt: skip
    sorts = {"from": "starts_on"}
    default_sort = "-from"
    filters = (FlagFilter(name="force", title=_("In force"), apply=_in_force),)
    search_fields = ("user__display_name", "user__username", "permission")

    def queryset(self, actor: Actor) -> QuerySet[Grant]:
        rows = Grant.objects.select_related("user", "role", "unit")
        return visible(actor, words.GRANT_VIEW, rows)

    def row_url(self, row: Grant) -> str:
        if row.revoked_at is None and can(self.actor, words.GRANT_EDIT, row):
            return reverse("people:grant_end", args=[row.pk])
        return ""

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [
            Act("new", _("New grant"), reverse("people:grant_new"), icon="plus", primary=True,
                permission=words.GRANT_EDIT),
        ]  # fmt: skip


def _grant_crumbs() -> list[Crumb]:
    return [Crumb(_("Grants"), reverse("people:grant_list"))]


@page(permission=words.GRANT_EDIT, methods=BOTH)
def grant_new(request: HttpRequest) -> HttpResponseBase:
    """Give a right to a person."""
    actor = actor_of(request)

    def act(data: dict[str, Any]) -> None:
        grant_give(
            actor=actor, company_id=actor.company_id or 0, user_id=data["user"],
            role_id=data["role"] or None, permission=data["permission"], scope=data["scope"],
            unit_id=data["unit"], starts_on=data["starts_on"], ends_on=data["ends_on"],
            reason=data["reason"],
        )  # fmt: skip

    form = GrantForm(request.POST or None, initial={"starts_on": clock.today()})
    head = PageHead(_("New grant"), crumbs=_grant_crumbs())
    url = reverse("people:grant_list")
    return form_answer(
        request, form, head, act, url=url, toast=_("Right granted."), submit=_("Grant the right")
    )


@page(permission=words.GRANT_EDIT, methods=BOTH)
def grant_stop(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a grant back at once."""
    actor = actor_of(request)
    rows = Grant.objects.select_related("user", "role")
    grant = row_get(actor, rows, pk, words.GRANT_EDIT)

    def act(data: dict[str, Any]) -> None:
        grant_end(
            actor=actor, grant_id=pk, reason=data["reason"], expected_version=version_of(request)
        )

    head = PageHead(
        _("End grant"), f"{grant.user.display_name} · {_granted(grant)}", crumbs=_grant_crumbs()
    )
    form = ReasonForm(request.POST if request.method == "POST" else None)
    url = reverse("people:grant_list")
    return form_answer(
        request,
        form,
        head,
        act,
        url=url,
        toast=_("The grant has ended."),
        version=grant.version,
        submit=head.title,
    )


def _deputy_state(row: Deputy) -> Chip:
    on = clock.today()
    if row.revoked_at is not None:
        return Chip(_("revoked"), "idle")
    if row.ends_on < on:
        return Chip(_("no longer in force"), "idle")
    return Chip(_("in force"), "done") if row.starts_on <= on else Chip(_("to come"), "run")


def _documents(row: Deputy) -> str:
    """Return what the deputy signs, in words."""
    titles = signable_titles()
    return str(_(", ")).join(titles.get(one, one) for one in row.document_types) or str(_("all"))


@page(permission=words.DEPUTY_NAME)
def deputies(request: HttpRequest) -> HttpResponseBase:
    """Show my deputies and for whom I sign; administrators see everybody's."""
    actor = actor_of(request)
    is_editor = can(actor, words.DEPUTY_EDIT)
    rows = Deputy.objects.filter(company_id=actor.company_id or 0)
    rows = rows.select_related("principal", "deputy", "recorded_by")
    mine = rows.filter(principal_id=actor.user_id or 0)
    columns = [
        Column("principal", _("Signs for"), value="principal.display_name"),
        Column("deputy", _("Deputy"), value="deputy.display_name", phone="title"),
        Column("starts_on", _("From"), kind="day"),
        Column("ends_on", _("To"), kind="day"),
        Column("documents", _("Documents"), value=_documents),
        Column("max_amount", _("Highest amount"), kind="money"),
        Column("consent_text", _("Consent"), clip=True),
        Column("recorded", _("Recorded by"),
               value=lambda row: row.recorded_by.display_name if row.recorded_by else ""),
        Column("state", _("State"), kind="chip", value=_deputy_state, phone="side"),
        Column("revoke", "", kind="html", template="people/_deputy_end.html",
               value=lambda row: row.pk if row.revoked_at is None and row.ends_on >= clock.today()
               and (is_editor or row.principal_id == actor.user_id) else ""),
    ]  # fmt: skip
    tables = [
        Table(_("My deputies"), columns, list(mine), code="mine"),
        Table(
            _("I sign for"), columns, list(rows.filter(deputy_id=actor.user_id or 0)), code="for"
        ),
    ]
    acts = [Act("new", _("Name a deputy"), reverse("people:deputy_new"), icon="plus", primary=True)]
    if is_editor:
        tables.append(Table(_("Everybody's deputies"), columns, list(rows[:500]), code="all"))
        url = reverse("people:deputy_new_other")
        acts.append(Act("other", _("Record one for somebody else"), url, icon="signature"))
    head = PageHead(_("Deputies"), acts=acts)
    return render_page(request, "ui/tables.html", head=head, tables=tables)


@page(permission=words.DEPUTY_NAME, methods=BOTH)
def deputy_new(request: HttpRequest) -> HttpResponseBase:
    """Name one's own deputy."""
    actor = actor_of(request)

    def act(data: dict[str, Any]) -> None:
        deputy = data.pop("deputy")
        deputy_name(actor=actor, principal_id=actor.user_id or 0, deputy_id=deputy, **data)

    form = DeputyForm(
        request.POST or None,
        types=list(signable_titles().items()),
        initial={"starts_on": clock.today()},
    )
    url = reverse("people:deputies")
    head = PageHead(_("Name a deputy"), crumbs=[Crumb(_("Deputies"), url)])
    return form_answer(
        request, form, head, act, url=url, toast=_("Deputy named."), submit=head.title
    )


@page(permission=words.DEPUTY_EDIT, methods=BOTH)
def deputy_new_other(request: HttpRequest) -> HttpResponseBase:
    """Record that somebody agreed to be signed for."""
    actor = actor_of(request)

    def act(data: dict[str, Any]) -> None:
        deputy, principal = data.pop("deputy"), data.pop("principal")
        deputy_name(actor=actor, principal_id=principal, deputy_id=deputy, **data)

    form = DeputyForOtherForm(
        request.POST or None,
        types=list(signable_titles().items()),
        initial={"starts_on": clock.today()},
    )
    url = reverse("people:deputies")
    head = PageHead(_("Record a deputy"), crumbs=[Crumb(_("Deputies"), url)])
    return form_answer(
        request, form, head, act, url=url, toast=_("Deputy named."), submit=head.title
    )


@page(permission=words.DEPUTY_NAME, methods=["POST"])
def deputy_stop(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a deputy's power back."""
    deputy_revoke(actor=actor_of(request), deputy_id=pk)
    return done(request, reverse("people:deputies"), Toast(_("Revoked.")))
