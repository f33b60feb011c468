"""People: who holds which seat, who stands above whom, who signs for whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import models

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.reference import remembered, remembered_rows
from chengdan.modules.people.models import (
    Assignment,
    Deputy,
    Grant,
    OrgClosure,
    Position,
    Role,
    RolePermission,
    User,
)
from chengdan.modules.people.selectors.org import companies_of, superior_positions, territory_line
from chengdan.modules.people.selectors.rights import assignments_in_force, deputies_in_force

SUPERIORS_MAX = 20


def user_get(user_id: int) -> User:
    """Return the person.

    Raises:
        NotFoundError: there is none.
    """
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise NotFoundError
    return found


@remembered("people")
def user_name(user_id: int) -> str | None:
    """Return the name of the person, None when there is nobody."""
    return User.objects.filter(pk=user_id).values_list("display_name", flat=True).first()


def users_by_ids(ids: Iterable[int]) -> dict[int, User]:
    """Return id → person, for reading only."""
    return remembered_rows("people", "user", ids, User.objects.in_bulk)


def user_ids_by_logins(company_id: int, logins: Iterable[str]) -> dict[str, int]:
    """Return login name → id of people of the company who may sign in; for imports."""
    rows = User.objects.filter(company_id=company_id, username__in=set(logins), is_active=True)
    return dict(rows.values_list("username", "id"))


@remembered("people")
def home_unit(user_id: int, company_id: int, on: date | None = None) -> int | None:
    """Return the unit of new documents of the person: first seat held, else the home unit."""
    held = assignments_in_force(on or clock.today())
    seats = held.filter(user_id=user_id, position__company_id=company_id)
    first = seats.order_by("-position__is_head", "starts_on", "id")
    unit = first.values_list("position__unit_id", flat=True).first()
    if unit is not None:
        return unit
    own = User.objects.filter(pk=user_id, company_id=company_id)
    return own.values_list("unit_id", flat=True).first()


def role_titles() -> dict[str, str]:
    """Return code → title of the roles in use, in the reader's language."""
    return {role.code: role.title for role in Role.objects.filter(is_active=True)}


@remembered("people")
def roles_allowed(permission: str, company_id: int, on: date | None = None) -> list[Role]:
    """Return the roles with a permission that somebody of the company holds on the day."""
    held = assignments_in_force(on or clock.today()).filter(
        position__company_id=company_id, user__is_active=True
    )
    allowed = RolePermission.objects.filter(permission=permission).values("role_id")
    seated = held.values("position__role_id")
    return list(Role.objects.filter(pk__in=allowed, is_active=True).filter(pk__in=seated))


@remembered("people")
def role_codes_of(user_id: int, company_id: int, on: date | None = None) -> frozenset[str]:
    """Return the codes of the roles that the person holds on the day, by seat or by grant."""
    day = on or clock.today()
    held = assignments_in_force(day).filter(user_id=user_id, position__company_id=company_id)
    seats = held.values_list("position__role__code", flat=True)
    dated = models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=day)
    grants = Grant.objects.filter(
        dated, user_id=user_id, company_id=company_id, role__isnull=False, starts_on__lte=day
    )
    return frozenset([*seats, *grants.values_list("role__code", flat=True)])


@remembered("people")
def holders_of(
    role_code: str,
    company_id: int,
    unit_id: int | None = None,
    territory_id: int | None = None,
    on: date | None = None,
) -> list[int]:
    """Return the active people who hold the role today, nearest first found.

    Args:
        unit_id: look in this unit, then in the ones above it.
        territory_id: look for seats of the territory, then of the ones around it, then in the
            units that work them.
        on: day, default today.

    A role that serves the whole company is found from anywhere; another one only on the way up.
    """
    held = assignments_in_force(on or clock.today()).filter(
        position__company_id=company_id, position__role__code=role_code, user__is_active=True
    )
    seats = list(
        held.order_by("position__seat_number", "position_id").values_list(
            "user_id", "position_id", "position__unit_id"
        )
    )
    if not seats or (unit_id is None and territory_id is None):
        return list(dict.fromkeys(seat[0] for seat in seats))
    if territory_id is not None:
        found = _nearest_by_territory(held, seats, territory_id)
        if found:
            return found
    if unit_id is not None:
        found = _nearest_by_unit(seats, unit_id)
        if found:
            return found
    is_central = Role.objects.filter(code=role_code, is_central=True).exists()
    return list(dict.fromkeys(seat[0] for seat in seats)) if is_central else []


def _nearest_by_territory(
    held: models.QuerySet[Assignment], seats: list[tuple[int, int, int]], territory_id: int
) -> list[int]:
    line = territory_line(territory_id)
    for territory in line:
        named = held.filter(position__territories=territory)
        found = list(named.order_by("position_id").values_list("user_id", flat=True))
        if found:
            return list(dict.fromkeys(found))
    unit = next((item.unit_id for item in line if item.unit_id is not None), None)
    return _nearest_by_unit(seats, unit) if unit is not None else []


def _nearest_by_unit(seats: list[tuple[int, int, int]], unit_id: int) -> list[int]:
    rows = OrgClosure.objects.filter(descendant_id=unit_id).order_by("depth")
    for ancestor in rows.values_list("ancestor_id", flat=True):
        found = [user for user, _position, unit in seats if unit == ancestor]
        if found:
            return list(dict.fromkeys(found))
    return []


@remembered("people")
def superiors_of(user_id: int, company_id: int, on: date | None = None) -> list[int]:
    """Return the chain of superiors, nearest first, without the person.

    A reporting line of a seat goes before the head of its unit (ORG-63).
    """
    held = assignments_in_force(on or clock.today()).filter(
        position__company_id=company_id, user_id=user_id
    )
    own = held.select_related("position").order_by("-position__is_head", "starts_on", "id").first()
    if own is None:
        return []
    return [holder for holder in holders_above(own.position, on) if holder != user_id]


def holders_above(position: Position, on: date | None = None) -> list[int]:
    """Return who holds the seats above a seat, nearest first; empty ones are passed over."""
    held = assignments_in_force(on or clock.today()).filter(
        position__company_id=position.company_id, user__is_active=True
    )
    chain: list[int] = []
    seen = {position.pk}
    while len(chain) < SUPERIORS_MAX:
        above = superior_positions(position)
        found = next((seat for seat in above if seat.pk not in seen), None)
        if found is None:
            break
        position = found
        seen.add(position.pk)
        holder = held.filter(position=position).values_list("user_id", flat=True).first()
        if holder is not None and holder not in chain:
            chain.append(holder)
    return chain


@remembered("people")
def deputies_for(
    principal_id: int, on: date | None = None, document_type: str = ""
) -> list[Deputy]:
    """Return who may sign for the person on the day; `document_type` like "orders.order"."""
    found = deputies_in_force(on or clock.today()).filter(
        principal_id=principal_id, deputy__is_active=True
    )
    rows = found.select_related("deputy").order_by("id")
    return [row for row in rows if not row.document_types or document_type in row.document_types]


def caller_of(user_id: int, company_id: int | None = None) -> Actor | None:
    """Return the actor of a person in a company (default the own one).

    None for people who may not sign in or have nothing to do in that company.
    """
    user = users_by_ids([user_id]).get(user_id)
    if user is None or not user.is_active:
        return None
    actor = Actor(user_id=user.pk, name=user.display_name, company_id=user.company_id)
    if company_id is None or company_id == user.company_id:
        return actor
    if company_id not in {company.pk for company in companies_of(actor)}:
        return None
    return actor.at_company(company_id)
