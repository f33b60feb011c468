"""Names of people for texts."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from chengdan.modules.people import selectors as people
from chengdan.modules.process.models import Task
from chengdan.modules.process.vocabulary import Decision, TaskState


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Return id → name with one query."""
    wanted = {pk for pk in ids if pk is not None}
    if not wanted:
        return {}
    return {pk: user.display_name for pk, user in people.users_by_ids(wanted).items()}


def person_name(user_id: int | None) -> str:
    """Return one name, "" for nobody."""
    return names_of([user_id]).get(user_id or 0, "")


def decision_text(task: Task, names: dict[int, str]) -> str:
    """Return who decided what, and on whose behalf (ORG-20)."""
    who = names.get(task.decided_by_id or 0, "")
    if task.state != TaskState.DONE:
        return names.get(task.assignee_id, "")
    if task.on_behalf_of_id:
        principal = names.get(task.on_behalf_of_id, "")
        who = _("%(deputy)s on behalf of %(principal)s") % {"deputy": who, "principal": principal}
    word = str(Decision(task.decision).label)
    if task.is_automatic:
        word = _("%(decision)s by the same signature") % {"decision": word}
    return f"{who} {word}"
