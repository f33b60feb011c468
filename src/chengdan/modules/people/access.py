"""The one permission function set: every list, page, search, export, API call and notice asks here.

A right is the union of what seats held today, grants in force and deputies give; a deputy lends
views and what ends a step in the principal's inbox.
Scopes: own, own + subordinates, unit, unit + below, all; wider scopes include one's own rows.
"""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.db.models import Q

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from chengdan.kernel.locking import LockRank, lock_rows
from chengdan.kernel.permissions import permission_get
from chengdan.modules.people.models import Company, Role, User
from chengdan.modules.people.ownership import ScopeFields
from chengdan.modules.people.selectors.rights import Reach, rights_of

M = TypeVar("M", bound=models.Model)


def scope_fields_of(model: type[models.Model]) -> ScopeFields:
    """Return where the model keeps owner, unit and company."""
    declared = getattr(model, "scope_fields", None)
    if isinstance(declared, ScopeFields):
        return declared
    names = {field.name for field in model._meta.concrete_fields}
    return ScopeFields(owner="", unit="", company="company_id" if "company" in names else "")


def reach_of(actor: Actor, permission: str) -> Reach | None:
    """Return how far the permission reaches for the actor, or None when it is not held.

    Raises:
        KeyError: the permission is not declared.
    """
    permission_get(permission)
    if actor.abilities is not None and permission not in actor.abilities:
        return None
    return rights_of(actor).get(permission)


def scope_branches(actor: Actor, permission: str, model: type[models.Model]) -> list[Q]:
    """Return conditions whose union is what the actor may see; [] is nothing.

    Each one can be answered by one index (company, owner or unit), so a list takes their
    UNION instead of one OR.
    """
    fields = scope_fields_of(model)
    if actor.is_system:
        return [_company(actor, fields)]
    reach = reach_of(actor, permission)
    if reach is None or actor.company_id is None:
        return []
    company = _company(actor, fields)
    if reach.is_all or not (fields.owner or fields.unit):
        return [company]
    branches = []
    if fields.owner:
        branches.append(company & _within(fields.owner, reach.owner_ids))
    if fields.unit and reach.unit_ids:
        branches.append(company & _within(fields.unit, reach.unit_ids))
    return branches


def visible(actor: Actor, permission: str, queryset: models.QuerySet[M]) -> models.QuerySet[M]:
    """Narrow `queryset` to the rows that the permission opens to the actor."""
    branches = scope_branches(actor, permission, queryset.model)
    if not branches:
        return queryset.none()
    condition = branches[0]
    for branch in branches[1:]:
        condition |= branch
    return queryset.filter(condition)


def can(actor: Actor, permission: str, obj: models.Model | None = None) -> bool:
    """True when the actor holds the permission – anywhere, or over `obj`."""
    if obj is None:
        return actor.is_system or reach_of(actor, permission) is not None
    fields = scope_fields_of(type(obj))
    if actor.is_system:
        return True
    reach = reach_of(actor, permission)
    if reach is None:
        return False
    if fields.company and _value(obj, fields.company) != actor.company_id:
        return False
    if reach.is_all or not (fields.owner or fields.unit):
        return True
    if fields.owner and _value(obj, fields.owner) in reach.owner_ids:
        return True
    return bool(fields.unit) and _value(obj, fields.unit) in reach.unit_ids


def authorise(actor: Actor, permission: str, obj: models.Model | None = None) -> None:
    """Pass when the actor may do this.

    Raises:
        ForbiddenError: the actor does not hold the permission there.
    """
    if not can(actor, permission, obj):
        raise ForbiddenError(permission=permission)


def require_visible(actor: Actor, view_permission: str, obj: models.Model) -> None:
    """Pass when the actor may know that `obj` exists.

    Raises:
        NotFoundError: invisible; the same answer as for a missing row.
    """
    if not can(actor, view_permission, obj):
        raise NotFoundError


def _company(actor: Actor, fields: ScopeFields) -> Q:
    if not fields.company or (actor.is_system and actor.company_id is None):
        return Q()
    return Q(**{fields.company: actor.company_id})


def _within(path: str, ids: frozenset[int]) -> Q:
    if len(ids) == 1:
        return Q(**{path: next(iter(ids))})
    return Q(**{f"{path}__in": sorted(ids)})


def _value(obj: models.Model, path: str) -> object:
    value: object = obj
    for name in path.split("__"):
        value = getattr(value, name, None)
    return value


def org_lock(actor: Actor, *, all_companies: bool = False) -> None:
    """Let one change of organisation and rights happen at a time in a company.

    Guards such as "the last administrator stays" look at many rows; the company's row is their
    common lock, so that two changes can't each leave the other as the last one.
    """
    ids = Company.objects.order_by("pk")
    if not all_companies and actor.company_id is not None:
        ids = ids.filter(pk=actor.company_id)
    lock_rows(Company, list(ids.values_list("pk", flat=True)), LockRank.MASTER)


def access_row(
    actor: Actor,
    model: type[M],
    pk: int,
    *,
    view: str,
    act: str,
    expected_version: int | None = None,
) -> M:
    """Lock organisation and rights, then return the row to change.

    Raises:
        NotFoundError: missing or invisible.
        ForbiddenError: visible, but not the actor's to change.
        ConflictError: somebody changed it meanwhile.
    """
    org_lock(actor, all_companies=model in {Role, User})
    found = model._default_manager.filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    require_visible(actor, view, found)
    authorise(actor, act, found)
    version_check(found, expected_version)
    return found


def version_check(obj: models.Model, expected_version: int | None) -> None:
    """Pass when nobody changed `obj` since the actor read it.

    Raises:
        ConflictError: the version is another one.
    """
    if expected_version is not None and getattr(obj, "version", expected_version) != (
        expected_version
    ):
        raise ConflictError
