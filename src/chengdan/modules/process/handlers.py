"""Reactions to what happens in other rooms."""

from __future__ import annotations

from typing import Any

from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox import event_handler
from chengdan.modules.people.vocabulary import AssignmentChanged, UserDisabled
from chengdan.modules.process.services import tasks_rehome


@event_handler(UserDisabled.code, name="process.tasks_rehome_disabled")
def on_user_disabled(actor: Actor, payload: dict[str, Any]) -> None:
    """Find somebody else for what the person still had to do, in every company."""
    tasks_rehome(actor=Actor.system("tasks-rehome", actor.company_id), user_id=payload["user_id"])


@event_handler(AssignmentChanged.code, name="process.tasks_rehome_seat")
def on_assignment_changed(actor: Actor, payload: dict[str, Any]) -> None:
    """Hand on the tasks that came with a seat when somebody else holds it now."""
    tasks_rehome(actor=Actor.system("tasks-rehome", actor.company_id), user_id=payload["user_id"])
