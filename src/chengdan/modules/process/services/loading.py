"""Locking a document with its processes, and the runs that an act drives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.prepared import prepared
from chengdan.kernel.transactions import LOCKED_ROWS, current_unit
from chengdan.modules.process.access import Locked, instance_lock
from chengdan.modules.process.models import Instance, Task
from chengdan.modules.process.selectors.definitions import process_of_version
from chengdan.modules.process.services.running import Run
from chengdan.modules.process.subjects import ProcessSubject, subject_lock, subject_of
from chengdan.modules.process.vocabulary import OPEN_STATES, STANDING


def run_of(actor: Actor, locked: Locked) -> Run:
    """Return the run of a locked instance, driven apart from those that the act has kept."""
    runs_keep(locked.instance.subject_type, locked.instance.subject_id, None)
    process = process_of_version(locked.instance.definition_version_id)
    return Run(actor, locked.instance, process, locked.subject)


def runs_standing(
    actor: Actor, subject_type: str, subject_id: int, document: Any = None
) -> Iterator[Run]:
    """Lock a document, then its processes that wait for people, and yield their runs.

    The runs share the document as it was read: drive one of them, not several. What an act has
    driven it knows: its next decision on the same document reads nothing again.

    Args:
        document: the room's object when it holds the lock already.
    """
    if document is None:
        subject = subject_lock(subject_type, subject_id)
    else:
        subject = subject_of(subject_type, document)
    known = _kept().get((subject_type, subject_id))
    if known is None:
        runs = _runs_read(actor, subject, _tasks_standing(subject_type, subject_id))
    else:
        runs = [run.again(actor, subject) for run in known if run.is_open]
    runs_keep(subject_type, subject_id, runs)
    yield from runs


def step_standing(actor: Actor, subject_type: str, subject_id: int, document: Any) -> str:
    """Return the code of the step at which people are asked about a locked document, or "".

    The act's decision there reads nothing again.
    """
    runs = runs_standing(actor, subject_type, subject_id, document)
    return next((step.code for run in runs if (step := run.current()) is not None), "")


def _runs_read(actor: Actor, subject: ProcessSubject, found: list[Task]) -> list[Run]:
    tasks: dict[int, list[Task]] = {}
    instances: dict[int, Instance] = {}
    for task in found:
        instances.setdefault(task.instance_id, task.instance)
        tasks.setdefault(task.instance_id, []).append(task)
    runs = []
    for pk, instance in sorted(instances.items()):
        run = run_of(actor, Locked(instance, subject))
        run.tasks_take(tasks[pk])
        runs.append(run)
    return runs


def runs_keep(subject_type: str, subject_id: int, runs: list[Run] | None) -> None:
    """Keep the runs of a locked document while the act goes on: all of them, or none.

    They go with the locked rows when the act goes back to a savepoint.
    """
    if runs is None:
        _kept().pop((subject_type, subject_id), None)
    else:
        _kept()[subject_type, subject_id] = runs


def _kept() -> dict[tuple[str, int], list[Run]]:
    kept: dict[Any, Any] = current_unit().memo.setdefault(LOCKED_ROWS, {})
    runs: dict[tuple[str, int], list[Run]] = kept.setdefault(Run, {})
    return runs


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
