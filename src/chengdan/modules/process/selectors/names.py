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


def persons_of(tasks: Iterable[Task]) -> list[int | None]:
    """Return everybody whom the texts about tasks name."""
    return [
        pk
        for task in tasks
        for pk in (
            task.assignee_id, task.decided_by_id, task.on_behalf_of_id, _giver_of(task)
        )
    ]  # fmt: skip


def _giver_of(task: Task) -> int | None:
    """Return who handed the task on to its assignee."""
    is_handed = task.reason.get("by") == "transfer"
    return int(task.reason["instead_of"]) if is_handed else None


def signer_text(task: Task, names: dict[int, str]) -> str:
    """Return who has the task or decided it, for whom (ORG-20), and who handed it on."""
    signer = task.decided_by_id if task.state == TaskState.DONE else task.assignee_id
    who = names.get(signer or 0, "")
    if task.on_behalf_of_id:
        who = deputy_text(who, names.get(task.on_behalf_of_id, ""))
    giver = names.get(_giver_of(task) or 0, "")
    if giver:
        who = _("%(person)s (handed on by %(giver)s)") % {"person": who, "giver": giver}
    return who


def deputy_text(deputy: str, principal: str) -> str:
    """Return in whose name somebody signs (ORG-20)."""
    return _("%(deputy)s on behalf of %(principal)s") % {"deputy": deputy, "principal": principal}


def consent_text(consent: str) -> str:
    """Return how the principal agreed, for readers; "" for nothing."""
    return _("Consent: %(consent)s") % {"consent": consent} if consent else ""


def remark_text(task: Task) -> str:
    """Return the remark of a decision, and the consent of whom it was given for."""
    return " · ".join(text for text in (task.comment, consent_text(task.consent)) if text)


def decision_text(task: Task, names: dict[int, str]) -> str:
    """Return who decided what, and on whose behalf (ORG-20)."""
    who = signer_text(task, names)
    if task.state != TaskState.DONE:
        return who
    word = str(Decision(task.decision).label)
    if task.is_automatic:
        word = _("%(decision)s by the same signature") % {"decision": word}
    return f"{who} {word}"
