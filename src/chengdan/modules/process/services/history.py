"""Taking over finished runs from another system, in bulk, along the definition in force.

A run comes in done: every step in its order, people's steps with their decided tasks. Checks do
not run and nothing is reserved; the documents were taken over by their own rooms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record_many
from chengdan.kernel.errors import FieldIssue, ForbiddenError, InvalidError
from chengdan.kernel.transactions import write
from chengdan.modules.process import audit_codes
from chengdan.modules.process.models import Instance, InstanceRound, StepRun, Task
from chengdan.modules.process.rules.definition import END, Process, Step
from chengdan.modules.process.selectors.definitions import definition_current, process_of
from chengdan.modules.process.services.evidence import digest_of
from chengdan.modules.process.vocabulary import Decision, InstanceState, StepState, TaskState


@dataclass(frozen=True, slots=True)
class StepDone:
    """How one step went.

    Attributes:
        by: who did a step of people; None for automatic ones.
        breached_at: when its deadline was missed.
    """

    started_at: datetime
    ended_at: datetime
    by: Actor | None = None
    due_at: datetime | None = None
    outcome: str = "pass"
    comment: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    breached_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunDone:
    """A finished run of a document.

    Attributes:
        steps: by code, those that ran; the others of the definition were skipped.
        content: canonical JSON of what the approvals covered.
    """

    subject_type: str
    subject_id: int
    company_id: int
    unit_id: int | None
    initiator: Actor
    titles: Mapping[str, str]
    party: str
    amount: Decimal
    steps: Mapping[str, StepDone]
    content: str = "{}"


def runs_load(*, actor: Actor, code: str, rows: Sequence[RunDone]) -> list[Instance]:
    """Store finished runs of a process, all or none, with a constant number of queries.

    Raises:
        ForbiddenError: a person asks; only imports and commands of the installation may.
        NotPublishedError: no version of the process is published.
        InvalidError: an unconditional step is missing, a step of people has nobody, an approval
            is by the initiator; items name the row.
    """
    if not actor.is_system:
        raise ForbiddenError
    version = definition_current(code)
    process = process_of(version)
    issues = [issue for place, row in enumerate(rows, 1) for issue in _issues(process, row, place)]
    if issues:
        raise InvalidError(issues)
    with write():
        instances = Instance.objects.bulk_create(
            [_instance(version, row) for row in rows], batch_size=500
        )
        pairs = list(zip(instances, rows, strict=True))
        InstanceRound.objects.bulk_create([_round(*pair) for pair in pairs], batch_size=500)
        runs = [run for pair in pairs for run in _steps(process, *pair)]
        StepRun.objects.bulk_create(runs, batch_size=500)
        people = {step.code for step in process.steps if step.is_human}
        done = {(instance.pk, code): step for instance, row in pairs
                for code, step in row.steps.items() if code in people}  # fmt: skip
        tasks = [
            _task(run, done[run.instance_id, run.code])
            for run in runs
            if (run.instance_id, run.code) in done
        ]
        Task.objects.bulk_create(tasks, batch_size=500)
        entries = [entry for pair in pairs for entry in _entries(process, version.number, *pair)]
        audit_record_many(actor, audit_codes.STARTED, entries)
        return instances


def _issues(process: Process, row: RunDone, place: int) -> list[FieldIssue]:
    issues = []
    for step in process.steps:
        done = row.steps.get(step.code)
        if done is None:
            if not step.when or step.is_mandatory:
                text = _("The step %(step)s is missing.") % {"step": step.code}
                issues.append(FieldIssue("steps", "missing", text, place))
            continue
        if step.is_human and (done.by is None or done.by.user_id is None):
            text = _("Nobody did the step %(step)s.") % {"step": step.code}
            issues.append(FieldIssue("steps", "nobody", text, place))
        elif (
            step.kind == "approval" and done.by and done.by.user_id == row.initiator.user_id
        ) and step.if_initiator != "allow":
            text = _("The step %(step)s was approved by the initiator.") % {"step": step.code}
            issues.append(FieldIssue("steps", "initiator", text, place))
    return issues


def _instance(version: Any, row: RunDone) -> Instance:
    times = sorted((step.started_at, step.ended_at) for step in row.steps.values())
    return Instance(
        definition_id=version.definition_id,
        definition_version=version,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        company_id=row.company_id,
        unit_id=row.unit_id,
        initiator_id=row.initiator.user_id,
        state=InstanceState.DONE,
        titles=dict(row.titles),
        party=row.party[:200],
        amount=row.amount,
        content=row.content,
        started_at=times[0][0],
        ended_at=max(ended for _started, ended in times),
    )


def _round(instance: Instance, row: RunDone) -> InstanceRound:
    return InstanceRound(
        instance=instance,
        round=1,
        reason="start",
        started_at=instance.started_at,
        content=row.content,
        ended_at=instance.ended_at,
        end_content=row.content,
    )


def _steps(process: Process, instance: Instance, row: RunDone) -> list[StepRun]:
    codes = [step.code for step in process.steps]
    seen = digest_of(row.content)
    made: list[StepRun] = []
    at = instance.started_at
    for sequence, step in enumerate(process.steps, 1):
        done = row.steps.get(step.code)
        goto = codes[sequence] if sequence < len(codes) else END
        run = StepRun(
            instance=instance, code=step.code, kind=step.kind, round=1, sequence=sequence,
            content_hash=seen, goto=goto,
        )  # fmt: skip
        if done is None:
            run.state, run.outcome = StepState.SKIPPED, "skip"
            run.started_at = run.ended_at = at
            run.evidence = {"when": step.when}
        else:
            run.state = StepState.DONE
            run.outcome = _decision(step) if step.is_human else done.outcome
            run.started_at, run.ended_at, run.due_at = done.started_at, done.ended_at, done.due_at
            run.breached_at, run.evidence = done.breached_at, dict(done.evidence)
            at = done.ended_at
        made.append(run)
    return made


def _decision(step: Step) -> Decision:
    return Decision.APPROVE if step.kind == "approval" else Decision.DONE


def _task(run: StepRun, done: StepDone) -> Task:
    by_id = (done.by.user_id if done.by else None) or 0
    return Task(
        step_run=run,
        instance=run.instance,
        company_id=run.instance.company_id,
        subject_type=run.instance.subject_type,
        assignee_id=by_id,
        reason={"by": "history"},
        state=TaskState.DONE,
        opened_at=done.started_at,
        due_at=done.due_at,
        decision=Decision.APPROVE if run.kind == "approval" else Decision.DONE,
        comment=done.comment,
        decided_by_id=by_id,
        decided_at=done.ended_at,
        seen_hash=run.content_hash,
    )


def _entries(process: Process, version: int, instance: Instance, row: RunDone) -> list[AuditRow]:
    found = [
        AuditRow(
            instance,
            after={"state": InstanceState.RUNNING},
            params={"process": process.code, "version": version, "subject": row.subject_type},
            at=instance.started_at,
            by=row.initiator,
        )
    ]
    for step in process.steps:
        done = row.steps.get(step.code)
        if done is None or not step.is_human:
            continue
        decision = _decision(step)
        found.append(
            AuditRow(
                instance, params={"step": step.code, "decision": decision}, reason=done.comment,
                at=done.ended_at, by=done.by, code=audit_codes.DECIDED[decision],
            )
        )  # fmt: skip
    found.append(
        AuditRow(
            instance,
            before={"state": InstanceState.RUNNING},
            after={"state": InstanceState.DONE},
            params={},
            at=instance.ended_at,
            code=audit_codes.FINISHED,
        )
    )
    return found
