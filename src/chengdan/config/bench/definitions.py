"""The short way: the shipped processes without the steps that other suites don't have."""

from __future__ import annotations

from typing import Any

from chengdan.kernel.actor import Actor
from chengdan.modules.process.services import definition_publish, definitions_publish
from chengdan.modules.process.services.definitions import sources_shipped

# What stays is what no version may leave out, and the acts of the plain way.
_LEFT_OUT = {
    "op": {"OG2", "OG3", "OA", "BG1"},
    "sp": {"CA", "FB", "CF"},
    "bc": {"IV2"},
}


def short_publish(actor: Actor) -> None:
    """Let new documents run through the short processes."""
    for name, data in sources_shipped():
        if data["id"] in _LEFT_OUT:
            short = _without(data, _LEFT_OUT[data["id"]])
            definition_publish(actor=actor, data=short, source=name, note="bench")


def whole_publish(actor: Actor) -> None:
    """Let new documents run through the processes as they ship."""
    definitions_publish(actor)


def _without(data: dict[str, Any], codes: set[str]) -> dict[str, Any]:
    steps = [dict(step) for step in data["steps"] if step["code"] not in codes]
    for step in steps:
        target = step.get("on_refuse")
        if isinstance(target, dict) and target.get("goto") in codes:
            del step["on_refuse"]
    return {**data, "steps": steps}
