"""Starting, submitting again, withdrawing, cancelling, holding and retrying."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.prepared import prepared
from chengdan.kernel.transactions import write
from chengdan.modules.process import audit_codes
from chengdan.modules.process.access import (
    access_instance_for_manage,
    access_instance_for_withdraw,
    instances_open_for,
)
from chengdan.modules.process.errors import AlreadyRunningError
from chengdan.modules.process.models import Instance, StepRun
from chengdan.modules.process.rules.definition import RESUBMIT
from chengdan.modules.process.selectors.definitions import definition_current, process_of
from chengdan.modules.process.services.automatic import wait_check
from chengdan.modules.process.services.faults import parked
from chengdan.modules.process.services.holding import release
from chengdan.modules.process.services.loading import run_load, run_of, runs_keep
from chengdan.modules.process.services.opening import signers_add
from chengdan.modules.process.services.rounds import round_add
from chengdan.modules.process.services.running import Run
from chengdan.modules.process.subjects import action_get, subject_lock, subject_of
from chengdan.modules.process.transitions import INSTANCE, STEP, TASK
from chengdan.modules.process.vocabulary import (
    OPEN_STATES,
    Decision,
    InstanceState,
    StepState,
    TaskState,
)


def process_start(
    *,
    actor: Actor,
    code: str,
    subject_type: str,
    subject_id: int,
    document: Any = None,
    is_first: bool = False,
) -> Instance:
    """Start a process for a document and run its automatic steps; one that was returned goes on.

    Who may submit the document is the calling room's decision; it calls inside its own `write()`.

    Args:
        document: the room's object when it holds the lock already, or has just stored it.
        is_first: the document is new and has never run.

    Raises:
        NotPublishedError: no version of the process is published.
        AlreadyRunningError: it runs already and does not wait for its initiator.
    """
    version = definition_current(code)
    process = process_of(version)
    with write():
        if document is None:
            subject = subject_lock(subject_type, subject_id)
        else:
            subject = subject_of(subject_type, document)
        newest = [] if is_first else _newest(code, subject_type, subject_id)
        earlier = next(iter(newest), None)
        if earlier is not None and earlier.state in OPEN_STATES:
            return _again(actor, earlier)
        instance = Instance(
            definition=version.definition,
            definition_version=version,
            subject_type=subject_type,
            subject_id=subject_id,
            company_id=subject.company_id(),
            unit_id=subject.unit(),
            initiator_id=subject.initiator() or actor.user_id,
            round=earlier.round + 1 if earlier else 1,
            started_at=clock.now(),
        )
        run = Run(actor, instance, process, subject, _steps=[])
        instance.content = run.content()
        try:
            run.save()
        except IntegrityError:  # a subject without a lock: the whole act is taken back
            raise AlreadyRunningError from None
        round_add(run, "start")
        audit_record(
            actor,
            audit_codes.STARTED,
            instance,
            after={"state": instance.state},
            params={"process": code, "version": version.number, "subject": subject_type},
            is_first=True,
        )
        run.cursor = process.steps[0].code
        runs_keep(subject_type, subject_id, [run] if is_first else None)
        run.drive()
        return instance


@prepared
def _newest(code: str, subject_type: str, subject_id: int) -> QuerySet[Instance]:
    found = Instance.objects.filter(
        definition__code=code, subject_type=subject_type, subject_id=subject_id
    )
    return found.order_by("-id")[:1]


def _again(actor: Actor, instance: Instance) -> Instance:
    run = run_load(actor, instance.pk, (instance.subject_type, instance.subject_id))
    standing = run.current()
    if standing is None or standing.code != RESUBMIT or not run.is_running:
        raise AlreadyRunningError
    task = next((task for task in run.tasks(standing) if task.state == TaskState.OPEN), None)
    if task is None:
        raise AlreadyRunningError
    task.state = TASK.resolve(task.state, "decide")
    task.decision, task.decided_at = Decision.DONE, clock.now()
    task.decided_by_id = actor.user_id or task.assignee_id
    task.version += 1
    task.save()
    params = {"step": RESUBMIT, "decision": Decision.DONE, "task": task.pk}
    run.record(audit_codes.DECIDED[Decision.DONE], params)
    resubmitted(run, standing)
    run.drive()
    return run.instance


def resubmitted(run: Run, standing: StepRun) -> None:
    """Begin the next round from the first step; the initiator has submitted again."""
    with parked(run, standing, "pass"):
        if not run.act(None, run.process.hooks.get("resubmitted", ())):
            return
        standing.state = STEP.resolve(standing.state, "pass")
        standing.ended_at = clock.now()
        first = run.process.steps[0].code
        standing.goto = first
        standing.save()
        run.instance.round += 1
        run.is_changed = True
        round_add(run, "resubmit")
        run.record(audit_codes.RESUBMITTED, {"round": run.instance.round})
        run.cursor = first


def process_withdraw(*, actor: Actor, instance_id: int, reason: str = "") -> Instance:
    """Take a submission back; what it reserved is free again at once.

    Raises:
        NotFoundError, ForbiddenError: only the initiator may.
        TransitionError: it has ended.
    """
    with write():
        run = run_of(actor, access_instance_for_withdraw(actor, instance_id))
        INSTANCE.resolve(run.instance.state, "withdraw")
        _end_from_outside(run, "withdraw", audit_codes.WITHDRAWN, reason, "withdrawn")
        return run.instance


def process_cancel(
    *, actor: Actor, subject_type: str, subject_id: int, reason: str
) -> list[Instance]:
    """End every open process of a document because the document itself is cancelled.

    The calling room has checked the right to cancel the document and holds its lock.
    """
    ended = []
    with write():
        for instance_id in instances_open_for(subject_type, subject_id):
            run = run_load(actor, instance_id, (subject_type, subject_id))
            _end_from_outside(run, "cancel", audit_codes.CANCELLED, reason, "")
            ended.append(run.instance)
    return ended


def _end_from_outside(run: Run, verb: str, code: str, reason: str, hook: str) -> None:
    run.stop(run.current())
    release(run, 0)
    for name in run.process.hooks.get(hook, ()):
        action_get(name)(run.system, run.subject, None)
    run.close(verb, code, reason)


def process_hold(
    *, actor: Actor, subject_type: str, subject_id: int, reason: str
) -> list[Instance]:
    """Put the running processes of a document on hold; their clocks go on."""
    held = []
    with write():
        for instance_id in instances_open_for(subject_type, subject_id):
            run = run_load(actor, instance_id, (subject_type, subject_id))
            if run.is_running:
                _move(run, "hold", audit_codes.HELD, reason)
                held.append(run.instance)
    return held


def process_resume(*, actor: Actor, subject_type: str, subject_id: int) -> list[Instance]:
    """Let the held processes of a document go on where they stand."""
    resumed = []
    with write():
        for instance_id in instances_open_for(subject_type, subject_id):
            run = run_load(actor, instance_id, (subject_type, subject_id))
            if run.instance.state == InstanceState.HELD:
                _move(run, "resume", audit_codes.RESUMED, "")
                standing = run.current()
                if standing is not None and standing.kind == "wait":
                    wait_look(run, standing)
                run.drive()
                resumed.append(run.instance)
    return resumed


def instance_hold(*, actor: Actor, instance_id: int, reason: str) -> Instance:
    """Put one process on hold.

    Raises:
        ForbiddenError: without the right to manage processes.
        InvalidError: no reason.
    """
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Say why.")))
    with write():
        run = run_of(actor, access_instance_for_manage(actor, instance_id))
        _move(run, "hold", audit_codes.HELD, reason)
        return run.instance


def instance_resume(*, actor: Actor, instance_id: int) -> Instance:
    """Let one held process go on."""
    with write():
        run = run_of(actor, access_instance_for_manage(actor, instance_id))
        _move(run, "resume", audit_codes.RESUMED, "")
        return run.instance


def instance_retry(*, actor: Actor, instance_id: int) -> Instance:
    """Try again what stopped by a fault; decisions made before stay as they are.

    Raises:
        NotFoundError: invisible.
        ForbiddenError: the actor neither owns the fault nor may manage processes.
        TransitionError: there is no fault.
    """
    with write():
        run = run_of(actor, access_instance_for_manage(actor, instance_id))
        standing = run.current()
        before = run.instance.state
        run.instance.state = INSTANCE.resolve(before, "retry")
        run.instance.fault_owner_id = None
        run.is_changed = True
        if standing is None:
            raise NotFoundError
        fault = standing.evidence.get("fault", {})
        standing.state = STEP.resolve(standing.state, "retry")
        standing.evidence = {k: v for k, v in standing.evidence.items() if k != "fault"}
        standing.save(update_fields=["state", "evidence"])
        run.save()
        run.record(audit_codes.RETRIED, {"step": standing.code}, before={"state": before})
        _retry(run, standing, str(fault.get("phase", "begin")))
        run.drive()
        return run.instance


def _retry(run: Run, standing: StepRun, phase: str) -> None:
    if standing.code == RESUBMIT:
        resubmitted(run, standing)
        return
    step = run.process.step(standing.code)
    if phase == "begin":
        run.stop(standing)
        run.cursor = step.code
    elif phase == "return":
        from chengdan.modules.process.services.deciding import returned

        returned(run, step, standing)
    elif phase != "pass" or not signers_add(run, step, standing):
        run.settle(step, standing, phase)


def _move(run: Run, verb: str, code: str, reason: str) -> None:
    before = run.instance.state
    run.instance.state = INSTANCE.resolve(before, verb)
    run.is_changed = True
    run.save()
    run.record(code, {}, before={"state": before}, reason=reason)


def wait_look(run: Run, standing: StepRun) -> bool:
    """Look whether an open wait is over; return whether it ended."""
    step = run.process.step(standing.code)
    ended = False
    with parked(run, standing, "pass"):
        ended = wait_check(run, step, standing)
    return ended and standing.state != StepState.OPEN
