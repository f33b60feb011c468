"""For whom an actor may sign today."""

from __future__ import annotations

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.modules.people.selectors.rights import deputies_in_force


def principals_of(actor: Actor, subject_type: str = "") -> dict[int, list[str]]:
    """Return principal → document types (empty list: all) for which the actor is deputy today.

    Args:
        subject_type: leave out principals whose deputy does not cover this type.
    """
    if actor.user_id is None:
        return {}
    memo = actor.memo.get("process_principals")
    if memo is None:
        rows = deputies_in_force(clock.today(), actor.company_id).filter(
            deputy_id=actor.user_id, principal__is_active=True
        )
        memo = {}
        for principal_id, types in rows.values_list("principal_id", "document_types"):
            known = memo.get(principal_id)
            is_all = not types or known == []
            memo[principal_id] = [] if is_all else [*(known or []), *types]
        actor.memo["process_principals"] = memo
    if not subject_type:
        return dict(memo)
    return {pk: types for pk, types in memo.items() if not types or subject_type in types}
