"""What a person may do: resolved once per request from seats, grants and deputies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.permissions import permissions_all
from chengdan.kernel.reference import remembered
from chengdan.modules.people.models import (
    Assignment,
    Deputy,
    Grant,
    OrgClosure,
    Position,
    RolePermission,
    User,
)
from chengdan.modules.people.selectors.signing import seen_with
from chengdan.modules.people.vocabulary import Scope

_EMPTY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one permission reaches: everything, or rows of these owners or units."""

    is_all: bool = False
    owner_ids: frozenset[int] = _EMPTY
    unit_ids: frozenset[int] = _EMPTY


@dataclass(frozen=True, slots=True)
class Source:
    """Where a right comes from, for "why may this person do this?" (ADM-04).

    Attributes:
        kind: "seat", "grant" or "deputy".
        unit_id: the unit that unit scopes start from.
        id: of the assignment, grant or deputy.
    """

    kind: str
    id: int
    permission: str
    scope: str
    unit_id: int | None
    position_id: int | None
    user_id: int


@dataclass(slots=True)
class _Collected:
    is_all: bool = False
    owners: set[int] = field(default_factory=set)
    units: set[int] = field(default_factory=set)


def rights_of(actor: Actor) -> dict[str, Reach]:
    """Return permission → reach of the actor in the actor's company, cached for the request."""
    if actor.user_id is None or actor.company_id is None:
        return {}
    known: dict[str, Reach] | None = actor.memo.get("rights")
    if known is None:
        known = rights_resolve(actor.user_id, actor.company_id, clock.today())
        actor.memo["rights"] = known
    return known


@remembered("people")
def rights_resolve(user_id: int, company_id: int, on: date) -> dict[str, Reach]:
    """Return permission → reach of a person in a company on a day."""
    sources = rights_sources(user_id, company_id, on)
    below = _units_below({item.unit_id for item in sources if item.unit_id is not None})
    subordinates: dict[int, frozenset[int]] = {}
    collected: dict[str, _Collected] = defaultdict(_Collected)
    for source in sources:
        target = collected[source.permission]
        target.owners.add(source.user_id)
        if source.scope == Scope.ALL:
            target.is_all = True
        elif source.scope == Scope.OWN_SUBORDINATES:
            if source.user_id not in subordinates:
                subordinates[source.user_id] = subordinates_of(source.user_id, company_id, on)
            target.owners |= subordinates[source.user_id]
        elif source.scope == Scope.UNIT and source.unit_id is not None:
            target.units.add(source.unit_id)
        elif source.scope == Scope.UNIT_BELOW and source.unit_id is not None:
            target.units |= below[source.unit_id]
    # Many permissions share one scope, and a manager's set of people may be long.
    shared: dict[frozenset[int], frozenset[int]] = {}

    def kept(ids: set[int]) -> frozenset[int]:
        frozen = frozenset(ids)
        return shared.setdefault(frozen, frozen)

    return {
        code: Reach(item.is_all, kept(item.owners), kept(item.units))
        for code, item in collected.items()
    }


def rights_sources(user_id: int, company_id: int, on: date) -> list[Source]:
    """Return every source of a right of the person in the company on the day."""
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        return []
    own = _own_sources(user_id, company_id, on)
    lent = []
    for deputy in deputies_in_force(on, company_id).filter(
        deputy_id=user_id, principal__is_active=True
    ):
        covered = set(deputy.document_types)
        given = _lent(covered)
        lent += [
            Source(
                "deputy", deputy.pk, item.permission, item.scope, item.unit_id, None, item.user_id
            )
            for item in _own_sources(deputy.principal_id, company_id, on)
            if item.permission in given
        ]
    return own + lent


def _lent(covered: set[str]) -> set[str]:
    """Return the permissions that a deputy for the document types gets from the principal.

    A deputy sees what is to be signed, and may do what ends a step in the principal's inbox; the
    acts themselves ask whose step it is.
    """
    seen = seen_with(covered)
    found = set()
    for item in permissions_all():
        is_view = item.code.endswith(":view") and not item.code.startswith("people.")
        if item.model and (
            (is_view and (not covered or item.model in seen))
            or (item.is_step and (not covered or item.model in covered))
        ):
            found.add(item.code)
    return found


def _own_sources(user_id: int, company_id: int, on: date) -> list[Source]:
    found = []
    held = assignments_in_force(on).filter(user_id=user_id, position__company_id=company_id)
    seats = list(held.values_list("id", "position_id", "position__unit_id", "position__role_id"))
    grants = list(
        grants_in_force(on, company_id)
        .filter(user_id=user_id)
        .values_list("id", "role_id", "permission", "scope", "unit_id", "user__unit_id")
    )
    role_ids = {seat[3] for seat in seats} | {grant[1] for grant in grants if grant[1]}
    permissions: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = RolePermission.objects.filter(role_id__in=role_ids, role__is_active=True)
    for role_id, code, scope in rows.values_list("role_id", "permission", "scope"):
        permissions[role_id].append((code, scope))
    for pk, position_id, unit_id, role_id in seats:
        for code, scope in permissions[role_id]:
            found.append(Source("seat", pk, code, scope, unit_id, position_id, user_id))
    for pk, role_id, code, scope, unit_id, home_id in grants:
        given = permissions[role_id] if role_id else [(code, scope)]
        for one, role_scope in given:
            place = unit_id or home_id
            found.append(Source("grant", pk, one, scope or role_scope, place, None, user_id))
    return found


def assignments_in_force(on: date) -> QuerySet[Assignment]:
    """Return the assignments that count on the day."""
    return Assignment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on),
        Q(position__closed_on__isnull=True) | Q(position__closed_on__gte=on),
        starts_on__lte=on,
    )


def grants_in_force(on: date, company_id: int) -> QuerySet[Grant]:
    """Return the grants that count on the day."""
    return Grant.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on),
        company_id=company_id,
        starts_on__lte=on,
        revoked_at__isnull=True,
    )


def deputies_in_force(on: date, company_id: int | None = None) -> QuerySet[Deputy]:
    """Return the deputies that count on the day."""
    found = Deputy.objects.filter(starts_on__lte=on, ends_on__gte=on, revoked_at__isnull=True)
    return found if company_id is None else found.filter(company_id=company_id)


@remembered("people")
def subordinates_of(user_id: int, company_id: int, on: date) -> frozenset[int]:
    """Return the people in seats at units below mine and along reporting lines (ORG-63).

    A seat below brings its own lines with it, so both are followed until nothing is new.
    """
    lines: dict[int, list[int]] = defaultdict(list)
    by_unit: dict[int, list[int]] = defaultdict(list)
    unit_of: dict[int, int] = {}
    seats = Position.objects.filter(company_id=company_id)
    seats = seats.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=on))
    for pk, unit_id, superior_id in seats.values_list("id", "unit_id", "reports_to_id"):
        unit_of[pk] = unit_id
        by_unit[unit_id].append(pk)
        if superior_id is not None:
            lines[superior_id].append(pk)
    held = assignments_in_force(on).filter(position__company_id=company_id)
    holders = list(held.values_list("position_id", "user_id"))
    start = [position for position, holder in holders if holder == user_id]
    below = _units_below(unit_of.values())
    seen: set[int] = set()
    waiting = list(start)
    while waiting:
        position = waiting.pop()
        unit = unit_of[position]
        under = [seat for other in below[unit] - {unit} for seat in by_unit[other]]
        fresh = set(under + lines[position]) - seen
        seen |= fresh
        waiting += fresh
    people = {holder for position, holder in holders if position in seen}
    return frozenset(people - {user_id})


def _units_below(unit_ids: Iterable[int]) -> dict[int, set[int]]:
    """Return unit → ids of the unit and everything below it."""
    wanted = set(unit_ids)
    found: dict[int, set[int]] = {unit: set() for unit in wanted}
    rows = OrgClosure.objects.filter(ancestor_id__in=wanted)
    for ancestor, descendant in rows.values_list("ancestor_id", "descendant_id"):
        found[ancestor].add(descendant)
    return found
