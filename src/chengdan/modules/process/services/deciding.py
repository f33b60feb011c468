"""What people do with their tasks: decide, hand on, comment, urge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.errors import (
    ConflictError,
    FieldIssue,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.prepared import prepared, rows_save
from chengdan.kernel.transactions import write
from chengdan.modules.people import selectors as people
from chengdan.modules.process import audit_codes
from chengdan.modules.process.access import (
    Signature,
    may_see,
    require_authority,
    require_other_person,
    require_still_counts,
    signature_for,
    task_require_open,
)
from chengdan.modules.process.errors import (
    NotAssignedError,
    ReturnTargetError,
    StepNotOpenError,
    TakerError,
    TakerRightError,
    TransferError,
    UrgedAlreadyError,
)
from chengdan.modules.process.models import StepRun, Task, TaskComment
from chengdan.modules.process.rules.definition import INITIATOR, RESUBMIT, RESUBMIT_STEP, Step
from chengdan.modules.process.selectors.assignees import takers
from chengdan.modules.process.selectors.deputies import principals_of
from chengdan.modules.process.selectors.names import names_of, person_name
from chengdan.modules.process.selectors.running import step_named
from chengdan.modules.process.services.evidence import digest_of
from chengdan.modules.process.services.faults import parked, together
from chengdan.modules.process.services.lifecycle import resubmitted
from chengdan.modules.process.services.loading import run_load, runs_standing
from chengdan.modules.process.services.opening import judge, turn_next
from chengdan.modules.process.services.running import Run
from chengdan.modules.process.subjects import ProcessSubject
from chengdan.modules.process.transitions import TASK
from chengdan.modules.process.vocabulary import (
    URGE_MINUTES,
    Decision,
    StepState,
    TasksOpened,
    TaskState,
)

COMMENT_LENGTH_MAX = 4000
CONSENT_LENGTH_MAX = 500
DECIDED_FIELDS = (
    "state", "decision", "comment", "data", "decided_by", "decided_at", "on_behalf_of",
    "consent", "seen_hash", "version",
)  # fmt: skip
_ALLOWED = {
    "approval": (Decision.APPROVE, Decision.REFUSE, Decision.RETURN),
    "task": (Decision.DONE, Decision.REFUSE, Decision.RETURN),
}


def task_decide(
    *,
    actor: Actor,
    task_id: int,
    decision: str,
    comment: str = "",
    return_to: str | None = None,
    data: dict[str, Any] | None = None,
    expected_version: int | None = None,
) -> Task:
    """Decide a task; the automatic steps that follow run in the same transaction.

    Args:
        decision: approve, refuse or return for approvals; done, refuse or return for tasks.
        return_to: code of an earlier step; None returns to the initiator.
        data: what the act recorded; `consent` replaces a deputy's standing consent text.
        expected_version: version of the task that was shown.

    Raises:
        NotFoundError: missing or invisible.
        ForbiddenError: somebody else's, or the seat is lost (403).
        AlreadyDecidedError, TaskClosedError, HeldError, ConflictError: too late (409).
        InvalidError: no comment on a refusal or return, or a decision the step does not know.
        ReturnTargetError: no earlier step that was done.

    Source: ORD-06, ORD-10, ORG-20, ORD-28; race C1.
    """
    with write():
        run, task = _load(actor, task_id)
        if expected_version is not None and expected_version != task.version:
            task_require_open(task, run.instance)
            raise ConflictError
        decide(run, task, decision, comment, return_to=return_to, data=data or {})
        return task


@prepared
def _place_of(task_id: int) -> QuerySet[Task, tuple[int, int, str, int]]:
    columns = ("instance_id", "step_run_id", "instance__subject_type", "instance__subject_id")
    return Task.objects.filter(pk=task_id).values_list(*columns)


def _load(actor: Actor, task_id: int) -> tuple[Run, Task]:
    found = _place_of(task_id)
    if not found:
        raise NotFoundError
    instance_id, step_id, subject_type, subject_id = found[0]
    standing = runs_standing(actor, subject_type, subject_id)
    run = next((run for run in standing if run.instance.pk == instance_id), None)
    # A step that has ended, or a process: the document is locked now, whatever was found.
    run = run or run_load(actor, instance_id, (subject_type, subject_id))
    step = next(step for step in run.steps if step.pk == step_id)
    tasks = run.tasks(step)
    if not may_see(actor, run.instance, run.subject, tasks):
        raise NotFoundError
    return run, next(task for task in tasks if task.pk == task_id)


def decide(
    run: Run,
    task: Task,
    decision: str,
    comment: str = "",
    *,
    return_to: str | None = None,
    data: dict[str, Any] | None = None,
    by_room: bool = False,
) -> None:
    """Record a decision on a locked task and drive the instance on; see `task_decide`.

    Args:
        by_room: the room's own act did the work and has written what the step asks for.
    """
    data = dict(data or {})
    signature = signature_for(run.actor, task, run.instance)
    task_require_open(task, run.instance)
    standing = task.step_run
    step = _step_of(run, standing)
    require_still_counts(task, step, run.setting)
    require_other_person(run.actor, task, step, run.instance, run.tasks(standing))
    if decision == Decision.APPROVE:
        require_authority(run.setting, task, step)
    _check_input(run, step, decision, comment, return_to)
    if decision == Decision.DONE and not by_room:
        _check_evidence(run, step, standing)
    consent = _consent(data, signature)
    task.state = TASK.resolve(task.state, "decide")
    task.decision, task.comment, task.data = decision, comment.strip(), data
    task.decided_by_id, task.decided_at = run.actor.user_id, clock.now()
    task.on_behalf_of_id = signature.on_behalf_of_id
    task.consent = consent
    task.seen_hash = digest_of(run.content())
    task.version += 1
    rows_save([task], DECIDED_FIELDS)
    _record(run, task, standing.code)
    crashpoint("process.task.decided")

    def go_on() -> None:
        if standing.code == RESUBMIT:
            resubmitted(run, standing)
        else:
            _follow(run, step, standing, decision, return_to)
        run.drive()

    together(run, go_on)
    crashpoint("process.task.driven")


def _consent(data: dict[str, Any], signature: Signature) -> str:
    """Take the consent to this very act out of the data; else the standing one counts."""
    given = data.pop("consent", None)
    if signature.on_behalf_of_id is None:
        return ""
    if given is None:
        return signature.consent
    consent = str(given).strip()
    if not consent:
        message = _("Write down how the person you sign for agreed.")
        raise InvalidError(FieldIssue("consent", "required", message))
    return consent[:CONSENT_LENGTH_MAX]


def _step_of(run: Run, standing: StepRun) -> Step:
    return RESUBMIT_STEP if standing.code == RESUBMIT else run.process.step(standing.code)


def _check_input(run: Run, step: Step, decision: str, comment: str, return_to: str | None) -> None:
    allowed: tuple[str, ...] = _ALLOWED[step.kind]
    if step.code == RESUBMIT:
        allowed = (Decision.DONE,)
    if decision not in allowed:
        raise InvalidError(FieldIssue("decision", "choice", _("This step can't be decided so.")))
    if len(comment) > COMMENT_LENGTH_MAX:
        raise InvalidError(FieldIssue("comment", "length", _("The comment is too long.")))
    if decision in (Decision.REFUSE, Decision.RETURN) and not comment.strip():
        raise InvalidError(FieldIssue("comment", "required", _("Say why in a few words.")))
    if decision == Decision.RETURN and return_to is not None:
        known = {step.code for step in return_targets(run.steps, run.process.steps, step)}
        if return_to not in known:
            raise ReturnTargetError(step=return_to)


def _check_evidence(run: Run, step: Step, standing: StepRun) -> None:
    missing = run.subject.missing_for(step.code, standing.started_at)
    if missing:
        raise InvalidError(missing)


def return_targets(
    history: Iterable[StepRun], steps: tuple[Step, ...], current: Step
) -> list[Step]:
    """Return the earlier steps of people that were done and may be returned to."""
    done = {run.code for run in history if run.state == StepState.DONE}
    return [
        step for step in steps if step.index < current.index and step.is_human and step.code in done
    ]


def _record(run: Run, task: Task, code: str) -> None:
    params: dict[str, Any] = {"step": code, "decision": task.decision, "task": task.pk}
    if task.on_behalf_of_id is None:
        run.record(audit_codes.DECIDED[task.decision], params, reason=task.comment[:500])
        return
    params |= {"principal": person_name(task.on_behalf_of_id), "consent": task.consent}
    run.tell("signed", [task.on_behalf_of_id], code, {"en": person_name(run.actor.user_id)})
    deputy = replace(run.actor, on_behalf_of_id=task.on_behalf_of_id)
    run.record(
        audit_codes.DECIDED_FOR[task.decision], params, reason=task.comment[:500], actor=deputy
    )


def _follow(run: Run, step: Step, standing: StepRun, decision: str, return_to: str | None) -> None:
    if decision == Decision.RETURN:
        standing.outcome = decision
        standing.evidence = {**standing.evidence, "return_to": return_to or INITIATOR}
        returned(run, step, standing)
        return
    verb = judge(step, run.tasks(standing))
    if not verb:
        turn_next(run, standing)
        return
    standing.outcome = decision
    run.settle(step, standing, verb)


def returned(run: Run, step: Step, standing: StepRun) -> None:
    """Leave a step by a return to the initiator or an earlier step; a new round follows."""
    with parked(run, standing, "return"):
        target = str(standing.evidence.get("return_to", INITIATOR))
        run.end_step(step, standing, StepState.RETURNED, Decision.RETURN, target)


def process_step_complete(
    *,
    actor: Actor,
    subject_type: str,
    subject_id: int,
    step_code: str,
    data: dict[str, Any] | None = None,
    decision: str = Decision.DONE,
    comment: str = "",
    document: Any = None,
) -> ProcessSubject:
    """Close the actor's task of a step because the room's own act did the work.

    The room calls it inside its own `write()`, for instance when the bill was printed.

    Args:
        document: the room's object, locked and saved, read with what the subject asks for; None
            reads it here.

    Returns:
        The document as it stands then.

    Raises:
        StepNotOpenError: the step does not stand open for this document.
        NotAssignedError: it is somebody else's step.
    """
    name = step_code
    with write():
        for run in runs_standing(actor, subject_type, subject_id, document):
            standing = run.current()
            if standing is None or standing.code != step_code:
                if run.process.has_step(step_code):
                    name = step_named(run.process, step_code)
                continue
            task = _own_task(run, standing)
            decide(run, task, decision, comment, data=data, by_room=True)
            return run.subject
    raise StepNotOpenError(step=name)


def _own_task(run: Run, standing: StepRun) -> Task:
    actor = run.actor
    tasks = [task for task in run.tasks(standing) if task.state == TaskState.OPEN]
    own = [task for task in tasks if task.assignee_id == actor.user_id]
    principals = principals_of(actor, run.instance.subject_type)
    lent = [task for task in tasks if task.assignee_id in principals]
    if not own and not lent:
        raise NotAssignedError
    return (own or lent)[0]


def task_transfer(*, actor: Actor, task_id: int, to_user_id: int, comment: str) -> Task:
    """Hand a task to somebody else, who decides it as their own.

    Raises:
        NotFoundError, ForbiddenError: not the actor's task, or the seat is lost.
        InvalidError: no reason given.
        TransferError: to oneself, a current signer, a disabled person, somebody of another
            company, or the initiator of an approval.
        TakerError: an approval to somebody without the authority for it; see `takers`.
        TakerRightError: a task whose act on the document the person has no right to.
    """
    with write():
        run, task = _load(actor, task_id)
        signature_for(actor, task, run.instance)
        task_require_open(task, run.instance)
        step = task.step_run
        require_still_counts(task, _step_of(run, step), run.setting)
        taken = {other.assignee_id for other in run.tasks(step)} | {actor.user_id}
        target = people.caller_of(to_user_id, run.instance.company_id)
        is_own = step.kind == "approval" and to_user_id == run.instance.initiator_id
        if target is None or to_user_id in taken or is_own:
            raise TransferError
        entitled = takers(run.setting, _step_of(run, step), task)
        if entitled is not None and to_user_id not in entitled:
            raise TakerError
        if step.kind == "task" and not run.subject.may_act(target, step.code):
            raise TakerRightError(name=person_name(to_user_id))
        if not comment.strip():
            raise InvalidError(FieldIssue("comment", "required", _("Say why in a few words.")))
        task.state = TASK.resolve(task.state, "void")
        task.version += 1
        rows_save([task], ["state", "version"])
        other = Task(
            step_run=step,
            instance=run.instance,
            company_id=run.instance.company_id,
            subject_type=task.subject_type,
            assignee_id=to_user_id,
            reason={"by": "transfer", "instead_of": task.assignee_id},
            order=task.order,
            opened_at=clock.now(),
            due_at=task.due_at,
            due_pace=task.due_pace,
            transferred_from=task,
        )
        run.tasks_add(step, [other])
        names = names_of([task.assignee_id, to_user_id])
        params = {
            "step": step.code,
            "giver": names.get(task.assignee_id, ""),
            "taker": names.get(to_user_id, ""),
        }
        run.record(audit_codes.TRANSFERRED, params, reason=comment[:500])
        event_publish(actor, TasksOpened(run.instance.pk, [other.pk]))
        return other


def task_comment(*, actor: Actor, instance_id: int, text: str, task_id: int | None = None) -> Any:
    """Add a remark that everybody who takes part can read.

    Raises:
        NotFoundError: missing or invisible.
        InvalidError: empty or too long.
    """
    if not 0 < len(text.strip()) <= COMMENT_LENGTH_MAX:
        raise InvalidError(FieldIssue("text", "required", _("Write 1 to 4,000 characters.")))
    with write():
        run = run_load(actor, instance_id)
        if not may_see(actor, run.instance, run.subject):
            raise NotFoundError
        task = run.instance.tasks.filter(pk=task_id).first() if task_id else None
        comment = TaskComment.objects.create(
            instance=run.instance,
            task=task,
            author_id=actor.user_id,
            author_name=actor.name,
            text=text.strip(),
            at=clock.now(),
        )
        run.record(audit_codes.COMMENTED, {"comment": comment.pk})
        return comment


def task_urge(*, actor: Actor, task_id: int) -> Task:
    """Ask the assignee of an open task to hurry.

    Raises:
        NotFoundError: missing or invisible.
        ForbiddenError: the actor's own task.
        TaskClosedError, AlreadyDecidedError: no longer open.
        UrgedAlreadyError: urged a moment ago.
    """
    with write():
        run, task = _load(actor, task_id)
        if actor.user_id == task.assignee_id:
            raise ForbiddenError
        task_require_open(task, run.instance)
        minutes = parameter_value(run.instance.company_id, URGE_MINUTES)
        if task.urged_at and clock.now() < task.urged_at + timedelta(minutes=minutes):
            at = date_format(localtime(task.urged_at), "H:i")
            raise UrgedAlreadyError(at=at, minutes=minutes)
        task.urged_at = clock.now()
        rows_save([task], ["urged_at"])
        run.record(audit_codes.URGED, {"step": task.step_run.code, "task": task.pk})
        run.tell("urge", [task.assignee_id], task.step_run.code)
        return task
