"""Reactions: notices to people, new owners for the tasks of people who are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import override

from chengdan.kernel.actor import Actor
from chengdan.kernel.notices import notices_send
from chengdan.kernel.outbox import event_handler, job_enqueue, job_handler
from chengdan.kernel.transactions import write
from chengdan.modules.people import selectors as people
from chengdan.modules.people.vocabulary import AssignmentChanged, UserDisabled
from chengdan.modules.process.models import Instance, ProblemRecord, Task
from chengdan.modules.process.notices import KINDS, TASK
from chengdan.modules.process.rules.definition import RESUBMIT, text_of
from chengdan.modules.process.selectors.definitions import process_of
from chengdan.modules.process.selectors.names import person_name
from chengdan.modules.process.selectors.running import step_title
from chengdan.modules.process.services import task_rehome_one, tasks_held
from chengdan.modules.process.vocabulary import PeopleTold, TasksOpened, TaskState

REHOME = "process.task_rehome"


@event_handler(UserDisabled.code, name="process.tasks_rehome_disabled")
def on_user_disabled(actor: Actor, payload: dict[str, Any]) -> None:
    """Find somebody else for what the person still had to do, in every company."""
    _rehome_all(actor, payload["user_id"])


@event_handler(AssignmentChanged.code, name="process.tasks_rehome_seat")
def on_assignment_changed(actor: Actor, payload: dict[str, Any]) -> None:
    """Hand on the tasks that came with a seat when somebody else holds it now."""
    _rehome_all(actor, payload["user_id"])


def _rehome_all(actor: Actor, user_id: int) -> None:
    """Leave each task to a job of its own: together they would lock documents in any order."""
    for task_id in tasks_held(user_id):
        job_enqueue(actor, REHOME, {"task_id": task_id})


@job_handler(REHOME)
def rehome(actor: Actor, payload: dict[str, Any]) -> None:
    """Give one task to whoever is right now."""
    task_rehome_one(
        actor=Actor.system("tasks-rehome", actor.company_id), task_id=payload["task_id"]
    )


def _by_language(user_ids: Iterable[int]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for pk, user in people.users_by_ids(user_ids).items():
        if user.is_active:
            groups[user.language].append(pk)
    return groups


def _step_title(instance: Instance, code: str, language: str) -> str:
    process = process_of(instance.definition_version)
    if code != RESUBMIT and not process.has_step(code):
        return code
    with override(language):
        return step_title(process, code)


@event_handler(TasksOpened.code, name="process.tasks_tell")
def on_tasks_opened(actor: Actor, payload: dict[str, Any]) -> None:
    """Tell the assignees of new tasks, and nobody whose task is done already."""
    tasks = Task.objects.filter(pk__in=payload["task_ids"], state=TaskState.OPEN).select_related(
        "instance__definition_version", "step_run"
    )
    with write():
        for task in tasks:
            if task.assignee_id == actor.user_id:
                continue
            for language, ids in _by_language([task.assignee_id]).items():
                params = {
                    "title": text_of(task.instance.titles, language),
                    "step": _step_title(task.instance, task.step_run.code, language),
                }
                url = reverse("process:task", args=[task.pk])
                notices_send(actor, TASK, ids, params=params, url=url, key=f"task:{task.pk}")


@event_handler(PeopleTold.code, name="process.people_tell")
def on_people_told(actor: Actor, payload: dict[str, Any]) -> None:
    """Turn what the engine says into notices in each reader's language."""
    kind = KINDS[payload["kind"]]
    key = f"{payload['kind']}:{payload['instance_id']}:{payload['step']}:{payload['at']}"
    with write():
        if payload["kind"] in ("problem", "explained", "passed"):
            _problem_tell(actor, kind, payload, key)
            return
        rows = Instance.objects.select_related("definition_version")
        instance = rows.filter(pk=payload["instance_id"]).first()
        if instance is None:
            return
        url = reverse("process:instance", args=[instance.pk])
        for language, ids in _by_language(payload["user_ids"]).items():
            params = {
                "title": text_of(instance.titles, language),
                "step": _step_title(instance, payload["step"], language),
                "text": text_of(payload["texts"] or {}, language),
            }
            notices_send(actor, kind, ids, params=params, url=url, key=key)


def _problem_tell(actor: Actor, kind: str, payload: dict[str, Any], key: str) -> None:
    rows = ProblemRecord.objects.filter(number=payload["step"], company_id=actor.company_id or 0)
    problem = rows.first()
    if problem is None:
        return
    # Who had the record may not be allowed to open it any more.
    is_passed = payload["kind"] == "passed"
    said = person_name(problem.owner_id) if is_passed else problem.explanation
    params = {"step": problem.number, "text": said[:200]}
    url = "" if is_passed else reverse("process:problem", args=[problem.pk])
    notices_send(actor, kind, payload["user_ids"], params=params, url=url, key=key)
