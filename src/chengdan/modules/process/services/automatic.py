"""What the steps do that nobody has to decide: check, decision, wait, notify, start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chengdan.modules.process import audit_codes
from chengdan.modules.process.models import StepRun
from chengdan.modules.process.rules import conditions
from chengdan.modules.process.rules.decisions import first_row
from chengdan.modules.process.rules.definition import NEXT, Step
from chengdan.modules.process.selectors.assignees import resolve
from chengdan.modules.process.services import timing
from chengdan.modules.process.services.evidence import plain, verdict_evidence
from chengdan.modules.process.services.holding import hold
from chengdan.modules.process.subjects import check_get
from chengdan.modules.process.vocabulary import StepState

if TYPE_CHECKING:
    from chengdan.modules.process.services.running import Run


def check(engine: Run, step: Step, run: StepRun) -> None:
    """Ask a check, which may hold something for the round, and go where its verdict leads."""
    asked = check_get(step.check)
    if step.is_reserving:
        verdict = asked.reserve(engine.subject, engine.instance.round)
        hold(engine, step)
    else:
        verdict = asked.evaluate(engine.subject)
    run.evidence = {**run.evidence, **verdict_evidence(step, verdict)}
    run.outcome = verdict.outcome or verdict.code
    engine.route(step, run, "pass" if verdict.passed else "refuse")


def decide(engine: Run, step: Step, run: StepRun) -> None:
    """Follow the first row of the table that fits."""
    nodes = [conditions.parse(row.when) if row.when else None for row in step.rows]
    facts = engine.facts()
    index = first_row(nodes, facts)
    row = step.rows[index]
    used = sorted(set().union(*(conditions.facts_of(node) for node in nodes if node)))
    evidence = {"row": index + 1, "facts": {name: plain(facts[name]) for name in used}}
    if engine.act(step, row.do):
        if row.start:
            _start_other(engine, row.start, "")
        engine.end_step(step, run, StepState.DONE, f"row {index + 1}", row.goto, evidence)


def wait(engine: Run, step: Step, run: StepRun) -> None:
    """Stand until the condition holds, or go on when it holds already."""
    engine.limit(step, run)
    if not wait_check(engine, step, run):
        run.wake_at = timing.wake_at(step, run, engine.calendar, engine.facts)
        engine.step_save(run)
        engine.record(audit_codes.OPENED, {"step": step.code})


def wait_check(engine: Run, step: Step, run: StepRun) -> bool:
    """End a waiting step when what it waits for is true; return whether it ended."""
    facts = engine.facts()
    node = conditions.parse(step.until)
    if not conditions.evaluate(node, facts):
        return False
    used = sorted(conditions.facts_of(node))
    run.evidence = {**run.evidence, "facts": {name: plain(facts[name]) for name in used}}
    engine.route(step, run, "pass")
    return True


def notify(engine: Run, step: Step, run: StepRun) -> None:
    """Tell people something."""
    people = [item.user_id for item in resolve(engine.setting, step).people]
    engine.tell("notify", people, step.code, dict(step.message))
    engine.end_step(step, run, StepState.DONE, "told", NEXT, {"people": people})


def start(engine: Run, step: Step, run: StepRun) -> None:
    """Start another process on the document, or on related ones."""
    started = _start_other(engine, step.process, step.of)
    evidence = {"process": step.process, "instances": started}
    engine.end_step(step, run, StepState.DONE, "started", NEXT, evidence)


def _start_other(engine: Run, code: str, of: str) -> list[int]:
    from chengdan.modules.process.services.lifecycle import process_start

    instance = engine.instance
    targets = [(instance.subject_type, instance.subject_id)]
    if of:
        targets = engine.subject.linked(of)
    return [
        process_start(actor=engine.system, code=code, subject_type=kind, subject_id=pk).pk
        for kind, pk in targets
    ]
