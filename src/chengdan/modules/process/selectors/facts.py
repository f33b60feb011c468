"""The facts that conditions of a running process see."""

from __future__ import annotations

from typing import Any

from chengdan.modules.process.models import Instance, StepRun
from chengdan.modules.process.rules.definition import Process
from chengdan.modules.process.subjects import ProcessSubject
from chengdan.modules.process.vocabulary import StepState


def step_facts(process: Process) -> dict[str, Any]:
    """Return the facts that steps give, all still empty."""
    return {**dict.fromkeys(process.outcome_facts({})), "process.round": 1}


def facts_of_run(process: Process, subject: ProcessSubject, instance: Instance) -> dict[str, Any]:
    """Return the subject's facts with round, outcomes and verdicts of the steps so far."""
    facts = {**subject.facts(), **step_facts(process), "process.round": instance.round}
    ended = [StepState.DONE, StepState.REFUSED, StepState.RETURNED, StepState.SKIPPED]
    runs = StepRun.objects.filter(instance=instance, state__in=ended).order_by("sequence")
    for code, kind, state, outcome in runs.values_list("code", "kind", "state", "outcome"):
        if f"{code}.outcome" in facts:
            facts[f"{code}.outcome"] = outcome
        if kind == "check":
            facts[f"{code}.passed"] = state == StepState.DONE
    return facts
