"""Who answers today for a document that names somebody: the rights go with the seat."""

from __future__ import annotations

from datetime import date

from chengdan.kernel import clock
from chengdan.kernel.errors import DomainError
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.reference import remembered
from chengdan.modules.people.selectors.org import order_seats, slt_member_of_market, slt_members
from chengdan.modules.people.selectors.persons import holders_of
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
    the shipping coordinator answers for it no more.

    Args:
        role: csr, scr, bcr or slt_member.
        territory_id: the customer's, which says whose seat it is (ORG-06, ORG-07, ORG-65).

    Returns:
        None when the document names nobody, or nobody holds the seat now.
    """
    if named_id is None or named_id in _holding(role, company_id):
        return named_id
    if territory_id is None:
        return None
    if role == "slt_member":
        return slt_member_of_market(territory_id)
    try:
        seats = order_seats(territory_id)
    except DomainError:
        return None
    return {"csr": seats.csr_id, "scr": seats.scr_id, "bcr": seats.bcr_id}[role]


def _holding(role: str, company_id: int) -> list[int]:
    if role == "slt_member":
        return slt_members(company_id)
    if role == "scr":
        return holders_of(parameter_value(company_id, SCR_ROLE), company_id)
    return ssg_members(company_id)
