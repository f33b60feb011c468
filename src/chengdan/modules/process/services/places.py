"""Where a run stands, reduced to what lists show."""

from __future__ import annotations

from collections.abc import Mapping

from chengdan.kernel.workcalendar import Pace
from chengdan.modules.process.models import Instance, StepRun
from chengdan.modules.process.rules.definition import Process
from chengdan.modules.process.subjects import Place
from chengdan.modules.process.vocabulary import OPEN_STATES, InstanceState, StepState

_STANDING = (StepState.OPEN, StepState.FAULT)
_SHOWN = {StepState.DONE: "done", StepState.SKIPPED: "skip", StepState.REFUSED: "late"}


def place_of(process: Process, instance: Instance, latest: Mapping[str, StepRun]) -> Place:
    """Return the place of a run from the latest pass through each step."""
    groups: dict[str, list[str]] = {}
    for step in process.steps:
        if step.strip:
            groups.setdefault(step.strip, []).append(step.code)
    current = next((run for run in latest.values() if run.state in _STANDING), None)
    states = tuple(
        _state(instance, [latest[code] for code in codes if code in latest], len(codes))
        for codes in groups.values()
    )
    codes_of = groups.items()
    name = next((name for name, codes in codes_of if current and current.code in codes), "")
    return Place(
        code=process.code,
        states=states,
        step=name,
        due_at=current.due_at if current else None,
        is_open=instance.state in OPEN_STATES,
        standing=current.code if current and name else "",
        pace=current.due_pace if current else Pace.WORKING.value,
    )


def _state(instance: Instance, runs: list[StepRun], size: int) -> str:
    standing = next((run for run in runs if run.state in _STANDING), None)
    if standing is not None:
        if standing.state == StepState.FAULT or instance.state == InstanceState.HELD:
            return "late"
        return "wait" if standing.kind == "wait" else "run"
    if not runs or runs[-1].state not in _SHOWN:
        return "todo"
    if len(runs) < size and instance.state in OPEN_STATES:
        return "run"
    if all(run.state == StepState.SKIPPED for run in runs):
        return "skip"
    shown = [run for run in runs if run.state != StepState.SKIPPED]
    return _SHOWN[StepState(shown[-1].state)]
