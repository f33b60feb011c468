"""Opening the steps that people do: who gets a task, and what their decisions add up to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.errors import RuleError
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.prepared import rows_save
from chengdan.modules.process import audit_codes
from chengdan.modules.process.models import StepRun, Task
from chengdan.modules.process.rules.definition import NEXT, RESUBMIT, RESUBMIT_STEP, Step
from chengdan.modules.process.selectors.assignees import (
    STAND_INS,
    Candidate,
    resolve,
    stand_ins,
)
from chengdan.modules.process.services import timing
from chengdan.modules.process.services.holding import release
from chengdan.modules.process.services.rounds import round_end
from chengdan.modules.process.vocabulary import (
    Decision,
    StepState,
    TasksOpened,
    TaskState,
)

if TYPE_CHECKING:
    from chengdan.modules.process.services.running import Run


class NobodyError(RuleError):
    """Not even an administrator could be found for a step."""

    default_code = "nobody"


def tasks_open(engine: Run, step: Step, run: StepRun) -> None:
    """Give the step's people their tasks; steps without anybody left to ask end at once."""
    found = resolve(engine.setting, step)
    evidence = {"policies": found.policies} if found.policies else {}
    if found.is_skipped:
        engine.end_step(step, run, StepState.SKIPPED, "skip", NEXT, evidence)
        return
    if not found.people:
        raise NobodyError(_("Nobody can do the step %(step)s.") % {"step": step.code})
    people = found.people[:1] if step.mode == "one" else found.people
    run.evidence = {**run.evidence, **evidence}
    engine.limit(step, run)
    run.wake_at = timing.wake_at(step, run, engine.calendar, engine.facts)
    engine.step_save(run)
    engine.steps_store()
    repeated = _earlier_signatures(engine, step) if step.if_repeated == "pass" else {}
    is_open = True
    tasks = []
    for order, candidate in enumerate(people):
        earlier = repeated.get(candidate.user_id)
        task = _task(engine, run, candidate, order, is_open=is_open)
        if earlier is not None:
            _sign_again(engine, step, task, earlier)
        elif step.mode == "in_turn":
            is_open = False
        tasks.append(task)
    engine.tasks_add(run, tasks)
    engine.record(audit_codes.OPENED, {"step": step.code})
    _announce(engine, tasks)
    verb = judge(step, tasks)
    if verb:
        run.outcome = Decision.APPROVE
        engine.route(step, run, verb)


def _task(engine: Run, run: StepRun, candidate: Candidate, order: int, *, is_open: bool) -> Task:
    instance = engine.instance
    return Task(
        step_run=run,
        instance=instance,
        company_id=instance.company_id,
        subject_type=instance.subject_type,
        assignee_id=candidate.user_id,
        reason=candidate.reason,
        order=order,
        state=TaskState.OPEN if is_open else TaskState.QUEUED,
        opened_at=clock.now() if is_open else None,
        due_at=run.due_at,
        due_pace=run.due_pace,
    )


def _announce(engine: Run, tasks: Sequence[Task]) -> None:
    fresh = [task.pk for task in tasks if task.state == TaskState.OPEN]
    if fresh:
        engine.opened += fresh
        event_publish(engine.actor, TasksOpened(engine.instance.pk, fresh))


def _earlier_signatures(engine: Run, step: Step) -> dict[int, Task]:
    """Return person → approval given in an earlier step of this round (ORD-28)."""
    given = Task.objects.filter(
        instance=engine.instance,
        state=TaskState.DONE,
        decision=Decision.APPROVE,
        step_run__round=engine.instance.round,
        step_run__kind="approval",
        step_run__state=StepState.DONE,
    ).exclude(step_run__code=step.code)
    rows = given.select_related("step_run").order_by("id")
    return {task.assignee_id: task for task in rows}


def _sign_again(engine: Run, step: Step, task: Task, earlier: Task) -> None:
    """Close a task by the signature already given; both steps keep their own record."""
    task.state = TaskState.DONE
    task.opened_at = task.opened_at or clock.now()
    task.decision = Decision.APPROVE
    task.decided_by_id = earlier.decided_by_id
    task.on_behalf_of_id = earlier.on_behalf_of_id
    task.consent = earlier.consent
    task.decided_at = clock.now()
    task.is_automatic = True
    task.data = {"repeats": earlier.step_run.code}
    task.seen_hash = earlier.seen_hash
    params = {"step": step.code, "earlier": earlier.step_run.code}
    engine.record(audit_codes.REPEATED, params)


def judge(step: Step, tasks: Sequence[Task]) -> str:
    """Return "pass", "refuse", or "" while the step goes on.

    One refusal refuses in every mode: nobody overrules a colleague by being asked beside one.
    One and any: the first approval passes; all and in turn: everybody's.
    """
    decided = [task.decision for task in tasks if task.state == TaskState.DONE]
    live = [task for task in tasks if task.state in (TaskState.OPEN, TaskState.QUEUED)]
    passed = [item for item in decided if item in (Decision.APPROVE, Decision.DONE)]
    if len(passed) < len(decided):
        return "refuse"
    is_enough = step.mode in ("one", "any") or not live
    return "pass" if passed and is_enough else ""


def turn_next(engine: Run, run: StepRun) -> None:
    """Open the next queued task of an in-turn step when none is open."""
    live = (TaskState.OPEN, TaskState.QUEUED)
    tasks = [task for task in engine.tasks(run) if task.state in live]
    if not tasks or tasks[0].state == TaskState.OPEN:
        return
    task = tasks[0]
    task.state, task.opened_at = TaskState.OPEN, clock.now()
    rows_save([task], ["state", "opened_at"])
    _announce(engine, [task])


def initiator_ask(engine: Run) -> None:
    """Hand the document back to its initiator, who corrects it and submits again."""
    release(engine, 0)
    round_end(engine)
    if not engine.act(None, engine.process.hooks.get("returned", ())):
        return
    run = engine.step_add(RESUBMIT, RESUBMIT_STEP.kind)
    found = resolve(engine.setting, RESUBMIT_STEP).people
    if not found:
        raise NobodyError(_("Nobody can correct the document."))
    engine.steps_store()
    task = _task(engine, run, found[0], 0, is_open=True)
    engine.tasks_add(run, [task])
    engine.record(audit_codes.OPENED, {"step": RESUBMIT})
    _announce(engine, [task])


def signers_add(engine: Run, step: Step, run: StepRun) -> bool:
    """Ask those whom a step of all names by now and who were not asked; True when there are any.

    A seat was empty when the step opened, and its end asks for more signatures than there are.
    """
    if step.kind != "approval" or step.mode != "all":
        return False
    asked = [task for task in engine.tasks(run) if task.state != TaskState.VOID]
    found = resolve(engine.setting, step)
    fresh = [item for item in found.people if item.reason.get("by") not in STAND_INS]
    known = {task.assignee_id for task in asked} | {task.decided_by_id for task in asked}
    fresh = [item for item in fresh if item.user_id not in known]
    tasks = [
        _task(engine, run, item, len(asked) + place, is_open=True)
        for place, item in enumerate(fresh)
    ]
    if tasks:
        engine.tasks_add(run, tasks)
        engine.record(audit_codes.OPENED, {"step": step.code})
        _announce(engine, tasks)
    return bool(tasks)


def task_rehome(engine: Run, step: Step, task: Task) -> int | None:
    """Give an open task whose person can't act any more to the next right person.

    Returns:
        The new person, or None when the step's other people are enough.
    """
    run = task.step_run
    taken = {other.assignee_id for other in engine.tasks(run) if other.pk != task.pk}
    found = resolve(engine.setting, step).people
    fresh = [item for item in found if item.user_id not in taken | {task.assignee_id}]
    if not fresh and taken and step.mode == "any":
        return None
    if not fresh:
        others = stand_ins(engine.setting, step)
        fresh = [item for item in others if item.user_id not in taken | {task.assignee_id}]
    if not fresh:
        raise NobodyError(_("Nobody can do the step %(step)s.") % {"step": step.code})
    other = _task(engine, run, fresh[0], task.order, is_open=task.state == TaskState.OPEN)
    other.transferred_from = task
    engine.tasks_add(run, [other])
    _announce(engine, [other])
    return other.assignee_id
