"""For whom an actor may sign today."""

from __future__ import annotations

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.reference import remembered
from chengdan.modules.people.selectors.rights import deputies_in_force


def principals_of(actor: Actor, subject_type: str = "") -> dict[int, list[str]]:
    """Return principal → document types (empty list: all) for which the actor is deputy today.

    Args:
        subject_type: leave out principals whose deputy does not cover this type.
    """
    if actor.user_id is None:
        return {}
    found = _principals(actor.user_id, actor.company_id)
    if not subject_type:
        return found
    return {pk: types for pk, types in found.items() if not types or subject_type in types}


@remembered("people")
def _principals(user_id: int, company_id: int | None) -> dict[int, list[str]]:
    rows = deputies_in_force(clock.today(), company_id).filter(
        deputy_id=user_id, principal__is_active=True
    )
    found: dict[int, list[str]] = {}
    for principal_id, types in rows.values_list("principal_id", "document_types"):
        known = found.get(principal_id)
        is_all = not types or known == []
        found[principal_id] = [] if is_all else [*(known or []), *types]
    return found
