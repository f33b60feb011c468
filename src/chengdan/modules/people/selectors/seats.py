"""Who answers today for a document that names somebody: the rights go with the seat."""

from __future__ import annotations

from datetime import date

from chengdan.kernel import clock
from chengdan.kernel.errors import DomainError
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.reference import remembered
from chengdan.modules.people.models import OrgUnit
from chengdan.modules.people.selectors.org import (
    market_of,
    order_seats,
    slt_member_of_market,
    slt_members,
    unit_head,
)
from chengdan.modules.people.selectors.persons import holders_above, holders_of
from chengdan.modules.people.selectors.rights import assignments_in_force
from chengdan.modules.people.vocabulary import SCR_ROLE, UnitKind


@remembered("people")
def ssg_members(company_id: int, on: date | None = None) -> list[int]:
    """Return the holders of the secretary group's seats, by seat (ORG-03)."""
    held = assignments_in_force(on or clock.today()).filter(
        position__company_id=company_id, position__unit__kind=UnitKind.SSG, user__is_active=True
    )
    return list(held.order_by("position__seat_number").values_list("user_id", flat=True))


def answering(
    role: str, named_id: int | None, company_id: int, territory_id: int | None
) -> int | None:
    """Return the person a document names for a role, or the successor on the seat.

    The name stays on the document; who left the leadership team, the secretaries or the seat of
    the shipping coordinator answers for it no more. While the leadership seat is empty, who
    stands above it answers.

    Args:
        role: csr, scr, bcr or slt_member.
        territory_id: the customer's, which says whose seat it is (ORG-06, ORG-07, ORG-65).

    Returns:
        None when the document names nobody, or nobody holds the seat (nor one above it) now.
    """
    if named_id is None or named_id in _holding(role, company_id):
        return named_id
    if role == "slt_member":
        return slt_member_in_charge(company_id, territory_id)
    if territory_id is None:
        return None
    try:
        seats = order_seats(territory_id)
    except DomainError:
        return None
    return {"csr": seats.csr_id, "scr": seats.scr_id, "bcr": seats.bcr_id}[role]


@remembered("people")
def slt_member_in_charge(
    company_id: int, territory_id: int | None, on: date | None = None
) -> int | None:
    """Return who answers today for the leadership seat of the territory's market.

    While nobody holds it, the nearest holder of a seat above it does; without a seat to start
    from, the head of the leadership team does. None only when all of these are empty.
    """
    market = None if territory_id is None else market_of(territory_id)
    seat = None if market is None else market.slt_position
    if market is None or seat is None:
        return _slt_head(company_id, on)
    holder = slt_member_of_market(market.pk, on)
    return holder or next(iter(holders_above(seat, on)), None)


def _slt_head(company_id: int, on: date | None) -> int | None:
    teams = OrgUnit.objects.filter(company_id=company_id, kind=UnitKind.SLT).order_by("pk")
    found = (unit_head(pk, on) for pk in teams.values_list("pk", flat=True))
    return next((head for head in found if head is not None), None)


def _holding(role: str, company_id: int) -> list[int]:
    if role == "slt_member":
        return slt_members(company_id)
    if role == "scr":
        return holders_of(parameter_value(company_id, SCR_ROLE), company_id)
    return ssg_members(company_id)
