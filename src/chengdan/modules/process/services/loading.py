"""Locking a document with its processes, and the runs that an act drives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.prepared import prepared
from chengdan.modules.process.access import Locked, instance_lock
from chengdan.modules.process.models import Instance, Task
from chengdan.modules.process.selectors.definitions import process_of_version
from chengdan.modules.process.services.running import Run
from chengdan.modules.process.subjects import subject_lock, subject_of
from chengdan.modules.process.vocabulary import OPEN_STATES, STANDING


def run_of(actor: Actor, locked: Locked) -> Run:
    """Return the run of a locked instance."""
    process = process_of_version(locked.instance.definition_version_id)
    return Run(actor, locked.instance, process, locked.subject)


def runs_standing(
    actor: Actor, subject_type: str, subject_id: int, document: Any = None
) -> Iterator[Run]:
    """Lock a document, then its processes that wait for people, and yield their runs.

    The runs share the document as it was read: drive one of them, not several.

    Args:
        document: the room's object when it holds the lock already.
    """
    if document is None:
        subject = subject_lock(subject_type, subject_id)
    else:
        subject = subject_of(subject_type, document)
    tasks: dict[int, list[Task]] = {}
    instances: dict[int, Instance] = {}
    for task in _tasks_standing(subject_type, subject_id):
        instances.setdefault(task.instance_id, task.instance)
        tasks.setdefault(task.instance_id, []).append(task)
    for pk, instance in sorted(instances.items()):
        run = run_of(actor, Locked(instance, subject))
        run.tasks_take(tasks[pk])
        yield run


@prepared
def _tasks_standing(subject_type: str, subject_id: int) -> QuerySet[Task]:
    """Lock the open processes of a document and the tasks of their standing steps."""
    rows = Task.objects.filter(
        instance__subject_type=subject_type,
        instance__subject_id=subject_id,
        instance__state__in=OPEN_STATES,
        step_run__state__in=STANDING,
    )
    locked = rows.select_related("instance").select_for_update(of=("self", "instance"))
    return locked.order_by("order", "pk")


def run_load(actor: Actor, instance_id: int, subject_of: tuple[str, int] | None = None) -> Run:
    """Lock the document of an instance, then the instance; see `access.instance_lock`."""
    return run_of(actor, instance_lock(instance_id, subject_of))
