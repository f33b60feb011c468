"""Names of people for texts."""

from __future__ import annotations

from collections.abc import Iterable

from chengdan.modules.people import selectors as people


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Return id → name with one query."""
    wanted = {pk for pk in ids if pk is not None}
    if not wanted:
        return {}
    return {pk: user.display_name for pk, user in people.users_by_ids(wanted).items()}


def person_name(user_id: int | None) -> str:
    """Return one name, "" for nobody."""
    return names_of([user_id]).get(user_id or 0, "")
