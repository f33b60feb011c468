"""Killed in the middle of an order's act: nothing is half done, and the act can be done again."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

pytestmark = [pytest.mark.race]

ACTS = "tests.concurrency.orders_acts"
PLACES = ("orders.ac.reserved", "credit.reserved", "orders.cc.reserved", "process.task.decided")
Starter = Callable[..., Any]


def alone(start: Starter, act: str, **values: Any) -> Any:
    """Run one act in a process of its own; a killed process gives None."""
    code = (
        "import json, sys\n"
        f"from {ACTS} import {act}\n"
        f"print('answer ' + json.dumps({act}(**json.loads(sys.argv[1]))))\n"
    )
    process = start(code, json.dumps(values))
    out, error = process.communicate(timeout=240)
    if process.returncode == -9:
        return None
    assert process.returncode == 0, error
    return json.loads(out.strip().splitlines()[-1].removeprefix("answer "))


def test_an_act_killed_at_any_numbered_step_never_happened(
    python_process: Starter, process_environment: dict[str, str]
) -> None:
    world = alone(
        python_process, "prepare", rounds=1, orders=1, limit=100_000, boxes=10, stage="OA"
    )
    order = world["rounds"][0]["orders"][0]
    accept = {"verb": "accept", "world": world, "order": order}
    for place in PLACES:
        process_environment["CHENGDAN_CRASH_AT"] = place
        assert alone(python_process, "act", **accept) is None, place
        del process_environment["CHENGDAN_CRASH_AT"]
        status, step, held, *differences = alone(python_process, "state", world=world, order=order)
        assert (status, step, Decimal(held), differences) == ("processing", "OA", 0, []), place
    assert alone(python_process, "act", **accept) == "within"
    status, step, held, *differences = alone(python_process, "state", world=world, order=order)
    assert (status, step, Decimal(held), differences) == ("processing", "MA", 1180, [])


@pytest.mark.parametrize("place", ["outbox.leased", "outbox.performed"])
def test_a_killed_drain_tells_everybody_once(
    python_process: Starter, process_environment: dict[str, str], place: str
) -> None:
    world = alone(
        python_process, "prepare", rounds=1, orders=1, limit=100_000, boxes=10, stage="OA"
    )
    accept = {"verb": "accept", "world": world, "order": world["rounds"][0]["orders"][0]}
    assert alone(python_process, "act", **accept) == "within"
    process_environment["CHENGDAN_CRASH_AT"] = place
    assert alone(python_process, "drain", minutes=0) is None
    del process_environment["CHENGDAN_CRASH_AT"]
    alone(python_process, "drain", minutes=10)
    told = alone(python_process, "told", world=world)
    assert told["pending"] == 0
    assert told["most"] == 1
    assert told["differences"] == []
