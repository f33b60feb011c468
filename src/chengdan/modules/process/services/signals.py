"""Things that happen to a document from outside: events that end waits, changes of content."""

from __future__ import annotations

import json
from functools import partial

from django.db.models import QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.prepared import prepared, rows_save
from chengdan.kernel.transactions import current_unit, write
from chengdan.modules.people import selectors as people
from chengdan.modules.process import audit_codes
from chengdan.modules.process.access import instances_open_for
from chengdan.modules.process.models import StepRun, Task
from chengdan.modules.process.rules.definition import NEXT, RESUBMIT, RESUBMIT_STEP, Step
from chengdan.modules.process.rules.differences import content_diff, is_covered
from chengdan.modules.process.selectors.assignees import still_counts
from chengdan.modules.process.services.evidence import digest_of
from chengdan.modules.process.services.faults import parked, together
from chengdan.modules.process.services.lifecycle import wait_look
from chengdan.modules.process.services.loading import run_load
from chengdan.modules.process.services.opening import task_rehome
from chengdan.modules.process.services.rounds import round_next
from chengdan.modules.process.services.running import Run
from chengdan.modules.process.transitions import TASK
from chengdan.modules.process.vocabulary import OPEN_STATES, StepState, TaskState


def process_signal(*, actor: Actor, subject_type: str, subject_id: int, event: str = "") -> int:
    """Look again at the waits of a document; return how many ended.

    Args:
        event: code of what happened; "" looks at every wait, otherwise only at those that name
            it or name none.
    """
    ended = 0
    with write():
        for instance_id in _waiting(subject_type, subject_id):
            if _is_acting(instance_id):
                continue
            run = run_load(actor, instance_id, (subject_type, subject_id))
            current = run.current()
            if current is None or current.kind != "wait" or not run.is_running:
                continue
            events = run.process.step(current.code).events
            if event and events and event not in events:
                continue
            together(run, partial(_look, run, current))
            ended += current.state == StepState.DONE
    return ended


def _look(run: Run, standing: StepRun) -> None:
    if wait_look(run, standing):
        run.drive()


@prepared
def _waiting(subject_type: str, subject_id: int) -> QuerySet[StepRun, int]:
    """Return the open processes of a document that stand at a wait, oldest first."""
    rows = StepRun.objects.filter(
        instance__subject_type=subject_type,
        instance__subject_id=subject_id,
        instance__state__in=OPEN_STATES,
        kind="wait",
        state=StepState.OPEN,
    )
    return rows.order_by("instance_id").values_list("instance_id", flat=True)


def _is_acting(instance_id: int) -> bool:
    """True while an action of this very instance runs; the engine looks by itself afterwards."""
    return instance_id in current_unit().memo.get("process_acting", set())


def process_content_changed(
    *, actor: Actor, subject_type: str, subject_id: int
) -> list[tuple[int, str]]:
    """Re-open the first finished step that covers what changed; return (instance, step) pairs.

    Later steps run again, and what they held is released. Content that an action of the process
    itself changed is acknowledged by the engine and re-opens nothing.
    """
    reopened = []
    with write():
        for instance_id in instances_open_for(subject_type, subject_id):
            if _is_acting(instance_id):
                continue
            run = run_load(actor, instance_id, (subject_type, subject_id))
            standing = run.current()
            content = run.content()
            if content == run.instance.content or _is_corrected(run, standing):
                continue
            step = _first_covering(run, content)
            run.instance.content = content
            run.is_changed = True
            if step is None:
                run.save()
                run.record(audit_codes.CONTENT_NOTED, {"digest": digest_of(content)})
                continue
            run.stop(standing)
            round_next(run, "changed", step.index)
            run.record(audit_codes.REOPENED, {"step": step.code})
            run.cursor = step.code
            run.drive()
            reopened.append((instance_id, step.code))
    return reopened


def _is_corrected(run: Run, standing: StepRun | None) -> bool:
    """True while the initiator corrects (all steps follow anyway) or nothing runs."""
    return not run.is_running or (standing is not None and standing.code == RESUBMIT)


def _first_covering(run: Run, content: str) -> Step | None:
    changes = content_diff(json.loads(run.instance.content or "{}"), json.loads(content))
    done = {item.code for item in run.steps if item.state == StepState.DONE}
    standing = run.current()
    for step in run.process.steps:
        is_open = standing is not None and standing.code == step.code
        if step.code not in done or is_open:
            continue
        if any(is_covered(change.path, step.covers) for change in changes):
            return step
    return None


def tasks_rehome(*, actor: Actor, user_id: int, company_id: int | None = None) -> int:
    """Give the open tasks of a person who was disabled or lost a seat to whoever is right now.

    Each in its own transaction, since each locks its own document; call it outside `write()`.

    Returns:
        How many tasks changed hands.
    """
    found = tasks_held(user_id, company_id)
    return sum(task_rehome_one(actor=actor, task_id=task_id) for task_id in found)


def tasks_held(user_id: int, company_id: int | None = None) -> list[int]:
    """Return the open and queued tasks of a person, by run."""
    tasks = Task.objects.filter(
        assignee_id=user_id, state__in=[TaskState.OPEN, TaskState.QUEUED]
    ).order_by("instance_id", "pk")
    if company_id is not None:
        tasks = tasks.filter(company_id=company_id)
    return list(tasks.values_list("pk", flat=True))


def task_rehome_one(*, actor: Actor, task_id: int) -> int:
    """Give one task to whoever is right now, when its holder is not; return 1 when it moved."""
    owner = Task.objects.filter(pk=task_id).values_list("instance_id", flat=True).first()
    if owner is None:
        return 0
    with write():
        return _rehome(run_load(actor, owner), task_id)


def _rehome(run: Run, task_id: int) -> int:
    standing = run.current()
    tasks = run.tasks(standing) if standing is not None else []
    task = next((task for task in tasks if task.pk == task_id), None)
    if task is None or task.state not in (TaskState.OPEN, TaskState.QUEUED):
        return 0
    code = task.step_run.code
    step = RESUBMIT_STEP if code == RESUBMIT else run.process.step(code)
    holder = people.users_by_ids([task.assignee_id]).get(task.assignee_id)
    is_active = holder is not None and holder.is_active
    if is_active and still_counts(run.setting, step, task.assignee_id, task.reason):
        return 0
    with parked(run, task.step_run, "begin"):
        taker = task_rehome(run, step, task)
        task.state = TASK.resolve(task.state, "void")
        task.version += 1
        rows_save([task], ["state", "version"])
        names = {"step": code, "giver": str(task.assignee_id), "taker": str(taker or NEXT)}
        run.record(audit_codes.TRANSFERRED, names)
    return 1
