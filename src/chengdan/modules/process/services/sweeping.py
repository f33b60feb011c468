"""The sweep of deadlines: reminders, missed promises, escalations, timers, waits.

Idempotent and safe with several workers: each open step that is due a look is handled in its own
short transaction under the lock of its document, and says itself when it wants to be seen next.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack
from datetime import datetime, timedelta

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.transactions import derived, write
from chengdan.kernel.zones import company_time
from chengdan.modules.people import selectors as people
from chengdan.modules.process import audit_codes
from chengdan.modules.process.models import StepRun
from chengdan.modules.process.rules.definition import Step
from chengdan.modules.process.selectors.assignees import owners
from chengdan.modules.process.services import timing
from chengdan.modules.process.services.faults import parked
from chengdan.modules.process.services.lifecycle import wait_look
from chengdan.modules.process.services.loading import run_load
from chengdan.modules.process.services.problems import ProblemDraft, problem_open
from chengdan.modules.process.services.running import Run
from chengdan.modules.process.vocabulary import (
    ProblemSource,
    PromiseMissed,
    StepState,
    TaskState,
)

log = logging.getLogger(__name__)
CHUNK = 200
SWEEP_MAX = 20_000
HELD_PAUSE = timedelta(hours=1)


def deadlines_sweep(limit: int = SWEEP_MAX) -> int:
    """Handle every open step whose moment has come; return how many were handled."""
    handled = 0
    seen: tuple[datetime, int] | None = None
    while handled < limit:
        rows = _due(seen)
        if not rows:
            break
        for pk, instance_id, moment in rows:
            seen = (moment, pk)
            try:
                handled += step_look(pk, instance_id)
            except Exception:
                # One broken document must not stop the clocks of all others.
                log.exception("sweep of step %s", pk)
    return handled


def _due(after: tuple[datetime, int] | None) -> list[tuple[int, int, datetime]]:
    rows = StepRun.objects.filter(state=StepState.OPEN, wake_at__lte=clock.now())
    if after is not None:
        later = rows.filter(wake_at__gt=after[0])
        same = rows.filter(wake_at=after[0], pk__gt=after[1])
        found = [
            *same.order_by("wake_at", "pk").values_list("pk", "instance_id", "wake_at")[:CHUNK],
            *later.order_by("wake_at", "pk").values_list("pk", "instance_id", "wake_at")[:CHUNK],
        ]
        return [(pk, instance, at) for pk, instance, at in found if at is not None][:CHUNK]
    found = list(rows.order_by("wake_at", "pk").values_list("pk", "instance_id", "wake_at")[:CHUNK])
    return [(pk, instance, at) for pk, instance, at in found if at is not None]


def step_look(step_id: int, instance_id: int) -> int:
    """Do what is due for one open step; return 1, or 0 when another worker was faster."""
    actor = Actor.system("deadlines")
    with ExitStack() as stack, write():
        run = run_load(actor, instance_id)
        stack.enter_context(company_time(run.instance.company_id))
        actor = actor.at_company(run.instance.company_id)
        run.actor = actor
        now = clock.now()
        standing = run.current()
        if (
            standing is None
            or standing.pk != step_id
            or standing.state != StepState.OPEN
            or standing.wake_at is None
            or standing.wake_at > now
        ):
            return 0
        step = run.process.step(standing.code)
        if step.kind == "wait" and run.is_running and wait_look(run, standing):
            run.drive()
            return 1
        if standing.state == StepState.OPEN:
            _clock_look(run, step, standing, now)
        crashpoint("process.sweep.step")
    return 1


def _clock_look(run: Run, step: Step, standing: StepRun, now: datetime) -> None:
    """Remind, note a miss, escalate, fire timers, and say when to look again."""
    stamps_before = [
        standing.reminded_at, standing.breached_at, standing.escalated_at, standing.evidence,
    ]  # fmt: skip
    if standing.due_at is not None:
        _remind(run, step, standing, now)
        _breach(run, step, standing, now)
        _escalate(run, step, standing, now)
    if run.is_running and not _timers(run, step, standing, now):
        return
    standing.wake_at = timing.wake_at(step, standing, run.calendar, run.facts)
    if not run.is_running and standing.wake_at is not None:
        standing.wake_at = max(standing.wake_at, now + HELD_PAUSE)
    stamps = ["reminded_at", "breached_at", "escalated_at", "evidence"]
    if stamps_before == [getattr(standing, name) for name in stamps]:
        # When to look next is no change of the document: nothing to audit.
        with derived():
            standing.save(update_fields=["wake_at"])
        return
    standing.save(update_fields=["wake_at", *stamps])
    if standing.breached_at == now and step.is_promise:
        _problem(run, step, standing)


def _workers(standing: StepRun) -> list[int]:
    open_tasks = standing.tasks.filter(state=TaskState.OPEN)
    return list(open_tasks.order_by("order").values_list("assignee_id", flat=True))


def _remind(run: Run, step: Step, standing: StepRun, now: datetime) -> None:
    if step.remind is None or standing.reminded_at is not None or standing.due_at is None:
        return
    if run.calendar.before(standing.due_at, step.remind) <= now:
        standing.reminded_at = now
        run.record(audit_codes.REMINDED, {"step": step.code})
        if now < standing.due_at:
            run.tell("reminder", _workers(standing), step.code)


def _breach(run: Run, step: Step, standing: StepRun, now: datetime) -> None:
    if standing.breached_at is not None or standing.due_at is None or standing.due_at > now:
        return
    standing.breached_at = now
    run.tell("overdue", _workers(standing), step.code)
    run.record(audit_codes.BREACHED, {"step": step.code, "promise": step.is_promise})
    if step.is_promise:
        instance = run.instance
        event_publish(
            run.actor,
            PromiseMissed(
                instance.pk,
                standing.pk,
                run.process.code,
                step.code,
                instance.subject_type,
                instance.subject_id,
            ),
        )


def _escalate(run: Run, step: Step, standing: StepRun, now: datetime) -> None:
    if step.escalate is None or standing.escalated_at is not None or standing.due_at is None:
        return
    if run.calendar.due(step.escalate.after, standing.due_at) > now:
        return
    standing.escalated_at = now
    told = _escalation_targets(run, step, standing)
    standing.evidence = {**standing.evidence, "escalated_to": told}
    run.tell("escalation", told, step.code)
    run.record(audit_codes.ESCALATED, {"step": step.code})


def _escalation_targets(run: Run, step: Step, standing: StepRun) -> list[int]:
    found: list[int] = []
    if step.escalate is not None and step.escalate.to == "superior":
        for worker in _workers(standing):
            found += people.superiors_of(worker, run.instance.company_id)[:1]
    return list(dict.fromkeys(found)) or owners(run.setting)[0][:1]


def _timers(run: Run, step: Step, standing: StepRun, now: datetime) -> bool:
    """Fire the timers that are due; return False when the step or instance ended by one."""
    for index, at in timing.timers_open(step, standing, run.calendar, run.facts):
        if at > now:
            continue
        fired = [*standing.evidence.get("timers", []), index]
        standing.evidence = {**standing.evidence, "timers": fired}
        standing.save(update_fields=["evidence"])
        run.record(audit_codes.TIMED, {"step": step.code, "timer": index + 1})
        name = step.timers[index].do
        if name == "remind":
            run.tell("reminder", _workers(standing) or _waiting(run), step.code)
            continue
        with parked(run, standing, "begin"):
            if not run.act(step, (name,)):
                return False
        standing.refresh_from_db()
        if standing.state != StepState.OPEN:
            return False
    return True


def _waiting(run: Run) -> list[int]:
    initiator = run.instance.initiator_id
    return [initiator] if initiator is not None else owners(run.setting)[0][:1]


def _problem(run: Run, step: Step, standing: StepRun) -> None:
    instance = run.instance
    workers = _workers(standing) or _waiting(run)
    if not workers:
        return
    facts = {
        "titles": instance.titles,
        "step_titles": dict(step.title),
        "process": run.process.code,
        "due_at": standing.due_at.isoformat() if standing.due_at else "",
        "limit": dict(step.limit or {}),
    }
    draft = ProblemDraft(
        company_id=instance.company_id,
        owner_id=workers[0],
        source=ProblemSource.BREACH,
        topic=f"{run.process.code}.{step.code}",
        unit_id=instance.unit_id,
        subject_type=instance.subject_type,
        subject_id=instance.subject_id,
        step_run_id=standing.pk,
        key=f"step:{standing.pk}",
        facts=facts,
    )
    problem_open(actor=run.actor, draft=draft)
