"""Guards over rights: somebody can always grant, and nobody grants to himself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.modules.people.errors import LastAdministratorError, OwnRightsError
from chengdan.modules.people.models import Company, RolePermission
from chengdan.modules.people.selectors.rights import assignments_in_force, grants_in_force
from chengdan.modules.people.vocabulary import GRANT_EDIT


def administrators_of(company_id: int, on: date) -> set[int]:
    """Return the active people who can grant rights in the company on the day."""
    roles = RolePermission.objects.filter(permission=GRANT_EDIT, role__is_active=True)
    role_ids = list(roles.values_list("role_id", flat=True))
    seats = assignments_in_force(on).filter(
        position__company_id=company_id, position__role_id__in=role_ids, user__is_active=True
    )
    grants = grants_in_force(on, company_id).filter(user__is_active=True)
    by_role = grants.filter(role_id__in=role_ids)
    single = grants.filter(permission=GRANT_EDIT)
    return {
        user_id
        for rows in (seats, by_role, single)
        for user_id in rows.values_list("user_id", flat=True)
    }


@contextmanager
def administrator_kept(on: date | None = None) -> Iterator[None]:
    """Let the block change rights, unless a company with administrators ends up without any.

    Args:
        on: first day on which the change shows, default today.

    Raises:
        LastAdministratorError: nobody could grant rights any more.
    """
    day = on or clock.today()
    companies = list(Company.objects.filter(is_active=True).values_list("pk", flat=True))
    had = [pk for pk in companies if administrators_of(pk, day)]
    yield
    if not all(administrators_of(pk, day) for pk in had):
        raise LastAdministratorError


def check_for_own_rights(actor: Actor, user_id: int | None) -> None:
    """Refuse a change of rights in the actor's own favour.

    Raises:
        OwnRightsError: the person is the actor.
    """
    if user_id is not None and user_id == actor.user_id:
        raise OwnRightsError
