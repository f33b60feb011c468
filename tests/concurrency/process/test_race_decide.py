"""Race C1: two approvers at once – one decision, one next step, the other is told who and when."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.concurrency.harness import Race

pytestmark = [pytest.mark.race]

ACTS = "tests.concurrency.process.acts"
ROUNDS = 5
Starter = Callable[..., Any]


def race(start: Starter, decisions: tuple[str, str], *, locks: bool = True) -> tuple[list, dict]:
    pause = "chengdan.modules.process.services.deciding:task_require_open"
    runner = Race(start, f"{ACTS}:decide", 2, pause=pause, locks=locks)
    made = runner.call(f"{ACTS}:prepare", documents=ROUNDS)
    answers = []
    for number, tasks in enumerate(made["tasks"], 1):
        pairs = zip(("dora", "lena"), tasks, decisions, strict=True)
        answers.append(
            runner.run(
                [
                    {"town": made["town"], "number": number, "name": name, "task": task,
                     "decision": decision}
                    for name, task, decision in pairs
                ]
            )
        )  # fmt: skip
    return answers, runner.call(f"{ACTS}:counts")


def test_two_approvers_one_decision_and_the_other_is_told(python_process: Starter) -> None:
    answers, counted = race(python_process, ("approve", "approve"))
    for pair in answers:
        told = sorted(str(answer.get("ok")) for answer in pair)
        assert told[1] == "done", pair
        assert told[0] in ("already_decided Dora", "already_decided Lena")
    assert [counted[name] for name in ("decided", "following", "audited")] == [ROUNDS] * 3
    assert counted["differences"] == []


def test_approve_against_refuse_never_both_count(python_process: Starter) -> None:
    """One refusal refuses in an any-step, so the first decision stands and the other is told."""
    answers, counted = race(python_process, ("approve", "refuse"))
    for pair in answers:
        assert [answer.get("ok") for answer in pair] in (
            ["done", "already_decided Dora"],
            ["already_decided Lena", "done"],
        )
    approved = sum(pair[0] == {"ok": "done"} for pair in answers)
    assert counted["following"] == counted["audited"] == approved
    assert counted["decided"] == ROUNDS
    assert counted["differences"] == []


def test_twin_without_locks_goes_wrong(python_process: Starter) -> None:
    answers, counted = race(python_process, ("approve", "approve"), locks=False)
    is_clean = all("ok" in answer for pair in answers for answer in pair)
    once = [counted[name] for name in ("decided", "following", "audited")] == [ROUNDS] * 3
    assert not (is_clean and once)
