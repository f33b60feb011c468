"""Killed between decision and next step, or inside the sweep: nothing is half done."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.concurrency.harness import Race

pytestmark = [pytest.mark.race]

ACTS = "tests.concurrency.process.acts"
PLACES = ("process.task.decided", "process.step.begun", "process.task.driven")
Starter = Callable[..., Any]


def alone(start: Starter, act: str, **values: Any) -> Any:
    """Run one act in a process of its own; a killed process gives None."""
    code = (
        "import json, sys\n"
        f"from {ACTS} import {act}\n"
        "print('answer ' + json.dumps("
        f"{act}(**json.loads(sys.argv[1]))))\n"
    )
    process = start(code, json.dumps(values))
    out, error = process.communicate(timeout=120)
    if process.returncode == -9:
        return None
    assert process.returncode == 0, error
    return json.loads(out.strip().splitlines()[-1].removeprefix("answer "))


@pytest.mark.parametrize("place", PLACES)
def test_killed_while_deciding(
    python_process: Starter, process_environment: dict[str, str], place: str
) -> None:
    made = alone(python_process, "prepare", documents=1)
    click = {"town": made["town"], "number": 1, "name": "dora", "task": made["tasks"][0][0],
             "decision": "approve"}  # fmt: skip
    process_environment["CHENGDAN_CRASH_AT"] = place
    assert alone(python_process, "decide", **click) is None
    del process_environment["CHENGDAN_CRASH_AT"]
    found = alone(python_process, "counts")
    assert (found["states"], found["audited"], found["differences"]) == ([["MA", "open"]], 0, [])
    assert alone(python_process, "decide", **click) == "done"
    found = alone(python_process, "counts")
    assert found["states"] == [["MA", "done"], ["BG", "open"]]
    assert found["differences"] == []


def test_killed_sweep_does_its_work_once_afterwards(
    python_process: Starter, process_environment: dict[str, str]
) -> None:
    town = alone(python_process, "late_prepare", documents=1)
    process_environment["CHENGDAN_CRASH_AT"] = "process.sweep.step"
    assert alone(python_process, "sweep", town=town, documents=1) is None
    del process_environment["CHENGDAN_CRASH_AT"]
    assert alone(python_process, "records") == [0, 0]
    assert alone(python_process, "sweep", town=town, documents=1) == 1
    assert alone(python_process, "sweep", town=town, documents=1) == 0
    assert alone(python_process, "records") == [1, 1]


def test_two_sweeps_at_once_do_everything_once(python_process: Starter) -> None:
    documents = 6
    pause = "chengdan.modules.process.services.sweeping:_due"
    race = Race(python_process, f"{ACTS}:sweep", 2, pause=pause)
    town = race.call(f"{ACTS}:late_prepare", documents=documents)
    answers = race.run([{"town": town, "documents": documents}] * 2)
    assert sum(answer["ok"] for answer in answers) == documents, answers
    assert race.call(f"{ACTS}:records") == [documents] * 2
