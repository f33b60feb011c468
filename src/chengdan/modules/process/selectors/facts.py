"""The facts that conditions of a running process see."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import Any, cast

from chengdan.modules.process.models import Instance, StepRun
from chengdan.modules.process.rules.definition import Process
from chengdan.modules.process.vocabulary import StepState

_ENDED = (StepState.DONE, StepState.REFUSED, StepState.RETURNED, StepState.SKIPPED)


def step_facts(process: Process) -> dict[str, Any]:
    """Return the facts that steps give, all still empty."""
    return {**dict.fromkeys(process.outcome_facts({})), "process.round": 1}


def facts_of_run(
    process: Process, subject_facts: Mapping[str, Any], instance: Instance, steps: Iterable[StepRun]
) -> Mapping[str, Any]:
    """Return the subject's facts with round, outcomes and verdicts of the steps so far.

    Args:
        steps: the passes through steps, by sequence.
    """
    facts = {**step_facts(process), "process.round": instance.round}
    for run in steps:
        if run.state not in _ENDED:
            continue
        if f"{run.code}.outcome" in facts:
            facts[f"{run.code}.outcome"] = run.outcome
        if run.kind == "check":
            facts[f"{run.code}.passed"] = run.state == StepState.DONE
    return facts_with(subject_facts, facts)


def facts_with(subject_facts: Mapping[str, Any], facts: dict[str, Any]) -> ChainMap[str, Any]:
    """Return both; late ones of the subject stay late."""
    return ChainMap(facts, cast("dict[str, Any]", subject_facts))
