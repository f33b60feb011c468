"""Roles: cards with titles, and the table of permissions and scopes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.permissions import permissions_all
from chengdan.kernel.transactions import write
from chengdan.modules.people import audit_codes as codes
from chengdan.modules.people.access import access_row, authorise, org_lock
from chengdan.modules.people.errors import InUseError
from chengdan.modules.people.models import Role, RolePermission
from chengdan.modules.people.rules import rights_widened
from chengdan.modules.people.selectors.rights import assignments_in_force, grants_in_force
from chengdan.modules.people.services.edits import fields_change, text_required
from chengdan.modules.people.services.guards import administrator_kept, check_for_own_rights
from chengdan.modules.people.vocabulary import ROLE_EDIT, ROLE_VIEW, Scope

_CODE = re.compile(r"^[a-z][a-z0-9_]{1,39}$")


def role_create(
    *, actor: Actor, code: str, titles: Mapping[str, str], is_central: bool = False
) -> Role:
    """Add a role without any right yet.

    Args:
        titles: "zh-hans", "zh-hant" and "en".

    Raises:
        ForbiddenError: no right to change roles.
        InvalidError: code taken or not of small letters and digits; a title is missing.
    """
    with write():
        org_lock(actor, all_companies=True)
        authorise(actor, ROLE_EDIT)
        if not _CODE.match(code):
            message = _("Use small letters, digits and underscores, beginning with a letter.")
            raise InvalidError(FieldIssue("code", "form", message))
        if Role.objects.filter(code=code).exists():
            raise InvalidError(FieldIssue("code", "taken", _("Another role has this code.")))
        role = Role(code=code, is_central=is_central)
        for field, title in _titles(titles).items():
            setattr(role, field, title)
        role.save()
        audit_record(actor, codes.ROLE_CREATED, role, after={"code": code, **_titles(titles)})
        return role


def _titles(titles: Mapping[str, str]) -> dict[str, str]:
    missing = _("Give the title in all three languages.")
    return {
        f"title_{language.replace('-', '_')}": text_required(
            f"title_{language.replace('-', '_')}", titles.get(language, ""), missing
        )
        for language in ("zh-hans", "zh-hant", "en")
    }


def role_edit(
    *,
    actor: Actor,
    role_id: int,
    titles: Mapping[str, str],
    is_central: bool,
    is_active: bool = True,
    expected_version: int | None = None,
) -> Role:
    """Change titles; close or open a role that the software did not bring.

    Raises:
        InUseError: a role that is held, or came with the software, can't be closed.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
        InvalidError: a title is missing.
    """
    with write(), administrator_kept():
        role = access_row(
            actor, Role, role_id, view=ROLE_VIEW, act=ROLE_EDIT, expected_version=expected_version
        )
        if not is_active and role.is_active:
            _check_for_close(role)
        values = {**_titles(titles), "is_central": is_central, "is_active": is_active}
        fields_change(actor, codes.ROLE_CHANGED, role, values)
        return role


def _check_for_close(role: Role) -> None:
    uses = []
    if role.is_shipped:
        uses.append(_("it came with the software"))
    if role.positions.filter(closed_on__isnull=True).exists():
        uses.append(_("positions"))
    if role.grants.exists():
        uses.append(_("grants"))
    if uses:
        raise InUseError(name=role.title, uses=", ".join(uses))


def role_permissions_set(
    *,
    actor: Actor,
    role_id: int,
    scopes: Mapping[str, str],
    reason: str = "",
    expected_version: int | None = None,
) -> Role:
    """Replace the table of a role.

    Args:
        scopes: permission → scope; what is absent is taken away.

    Raises:
        OwnRightsError: it widens a role that the actor holds.
        LastAdministratorError: nobody could grant rights any more.
        InvalidError: unknown permission or scope.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
    """
    with write(), administrator_kept():
        role = access_row(
            actor, Role, role_id, view=ROLE_VIEW, act=ROLE_EDIT, expected_version=expected_version
        )
        _check_table(scopes)
        rows = RolePermission.objects.filter(role=role)
        before = dict(rows.values_list("permission", "scope"))
        after = dict(scopes)
        if before == after:
            return role
        if rights_widened(before, after) and _holds(actor, role):
            check_for_own_rights(actor, actor.user_id)
        _rows_replace(role, before, after)
        role.version += 1
        role.save(update_fields=["version"])
        audit_record(
            actor,
            codes.ROLE_RIGHTS_CHANGED,
            role,
            before={code: before.get(code) for code in _differing(before, after)},
            after={code: after.get(code) for code in _differing(before, after)},
            reason=reason,
        )
        return role


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return sorted(code for code in {*before, *after} if before.get(code) != after.get(code))


def _rows_replace(role: Role, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    differing = _differing(before, after)
    RolePermission.objects.filter(role=role, permission__in=differing).delete()
    RolePermission.objects.bulk_create(
        RolePermission(role=role, permission=code, scope=after[code])
        for code in differing
        if code in after
    )


def _check_table(scopes: Mapping[str, str]) -> None:
    known = {item.code for item in permissions_all()}
    issues = [
        FieldIssue(code, "unknown", _("There is no such permission or scope."))
        for code, scope in scopes.items()
        if code not in known or scope not in Scope.values
    ]
    if issues:
        raise InvalidError(issues)


def _holds(actor: Actor, role: Role) -> bool:
    if actor.user_id is None:
        return False
    on = clock.today()
    seats = assignments_in_force(on).filter(user_id=actor.user_id, position__role=role)
    grants = grants_in_force(on, actor.company_id or 0).filter(user_id=actor.user_id, role=role)
    return seats.exists() or grants.exists()
