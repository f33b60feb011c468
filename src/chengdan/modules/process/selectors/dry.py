"""Who would have to approve this, and why? A run without writing anything."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from chengdan.modules.process.rules import conditions
from chengdan.modules.process.rules.decisions import first_row
from chengdan.modules.process.rules.definition import END, INITIATOR, NEXT, REFUSE, Process, text_of
from chengdan.modules.process.selectors.assignees import Candidate, Setting, resolve
from chengdan.modules.process.selectors.definitions import process_current
from chengdan.modules.process.selectors.facts import facts_with, step_facts
from chengdan.modules.process.selectors.names import names_of
from chengdan.modules.process.subjects import ProcessSubject, Verdict, check_get


@dataclass(frozen=True, slots=True)
class DryStep:
    """What one step would do.

    Attributes:
        effect: runs, skipped, passes, refuses, waits, ends or asks.
        people: (name, how the person was found).
        policies: policies that would have to be used; see `assignees.Resolution`.
        condition: what decided the effect, as the definition writes it; "" when nothing did.
    """

    code: str
    kind: str
    title: str
    effect: str
    verdict: Verdict | None = None
    people: Sequence[tuple[str, dict[str, Any]]] = ()
    policies: Sequence[str] = ()
    goto: str = ""
    row: int = 0
    condition: str = ""


@dataclass(slots=True)
class _Simulation:
    process: Process
    subject: ProcessSubject
    initiator_id: int | None
    facts: ChainMap[str, Any]
    found: list[DryStep] = field(default_factory=list)

    def run(self) -> list[DryStep]:
        code: str = self.process.steps[0].code if self.process.steps else END
        seen: set[str] = set()
        while code not in (END, REFUSE, INITIATOR) and code not in seen:
            seen.add(code)
            code = self.step(code)
        return self.found

    def after(self, code: str, goto: str) -> str:
        if goto != NEXT:
            return goto
        index = self.process.step(code).index + 1
        return self.process.steps[index].code if index < len(self.process.steps) else END

    def add(self, code: str, effect: str, goto: str, **more: Any) -> str:
        step = self.process.step(code)
        target = self.after(code, goto)
        title = text_of(step.title, get_language() or "zh-hans")
        self.found.append(DryStep(code, step.kind, title, effect, goto=target, **more))
        return target

    def holds(self, text: str) -> bool:
        return conditions.evaluate(conditions.parse(text), self.facts)

    def step(self, code: str) -> str:
        step = self.process.step(code)
        if step.when and not self.holds(step.when):
            return self.add(code, "skipped", NEXT, condition=step.when)
        if step.kind == "check":
            verdict = check_get(step.check).evaluate(self.subject)
            self.facts[f"{code}.outcome"] = verdict.outcome or verdict.code
            self.facts[f"{code}.passed"] = verdict.passed
            route = step.on_pass if verdict.passed else step.on_refuse
            goto = REFUSE if not verdict.passed and route.goto == END else route.goto
            effect = "passes" if verdict.passed else "refuses"
            return self.add(code, effect, goto, verdict=verdict)
        if step.kind == "decision":
            nodes = [conditions.parse(row.when) if row.when else None for row in step.rows]
            index = first_row(nodes, self.facts)
            row = step.rows[index]
            return self.add(code, "runs", row.goto, row=index + 1, condition=row.when)
        if step.kind == "wait":
            effect = "passes" if self.holds(step.until) else "waits"
            return self.add(code, effect, step.on_pass.goto, condition=step.until)
        if step.kind == "start":
            return self.add(code, "runs", NEXT)
        return self.people(code)

    def people(self, code: str) -> str:
        step = self.process.step(code)
        subject = self.subject
        company, unit = subject.company_id(), subject.unit()
        setting = Setting(self.process, subject, self.initiator_id, company, unit)
        found = resolve(setting, step)
        if found.is_skipped:
            return self.add(code, "skipped", NEXT, policies=found.policies)
        if step.is_human:
            self.facts[f"{code}.outcome"] = "approve" if step.kind == "approval" else "done"
        effect = "asks" if step.is_human else "runs"
        shown = _named(found.people[:1] if step.mode == "one" else found.people)
        return self.add(code, effect, step.on_pass.goto, people=shown, policies=found.policies)


def _named(people: Sequence[Candidate]) -> list[tuple[str, dict[str, Any]]]:
    names = names_of(item.user_id for item in people)
    return [(names.get(item.user_id, ""), item.reason) for item in people]


def dry_run(code: str, subject: ProcessSubject, initiator_id: int | None = None) -> list[DryStep]:
    """Return the steps that would run if everybody approved; writes nothing.

    Args:
        code: process; its current version counts.
        initiator_id: who would submit; default the subject's own initiator.
    """
    return dry_run_of(process_current(code), subject, initiator_id)


def dry_run_of(
    process: Process, subject: ProcessSubject, initiator_id: int | None = None
) -> list[DryStep]:
    """Return the same for any version, for instance a draft."""
    initiator = initiator_id if initiator_id is not None else subject.initiator()
    facts = facts_with(subject.facts(), step_facts(process))
    return _Simulation(process, subject, initiator, facts).run()
