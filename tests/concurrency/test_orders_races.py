"""Orders raced: one decision per step, one limit for all, one submission, one editor (C1 C2 C6 C9).

Every race has a twin without locks that must go wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.concurrency.harness import Race

pytestmark = [pytest.mark.race]

ACTS = "tests.concurrency.orders_acts"
CREDIT_CHECK = "chengdan.modules.credit.rules:reservation_allowed"
STILL_OPEN = "chengdan.modules.process.services.deciding:task_require_open"
VERSION_CHECK = "chengdan.modules.orders.access:version_check"
ROUNDS = 4
# What the one who was slower is told.
REFUSALS = ("already_decided", "task_closed")
Starter = Callable[..., Any]


def race(start: Starter, workers: int, pause: str, *, locks: bool = True, **made: Any) -> Any:
    """Return the race of `act` and the world it runs in."""
    act = made.pop("act", "act")
    runner = Race(start, f"{ACTS}:{act}", workers, pause=pause, locks=locks)
    world = runner.call(f"{ACTS}:prepare", rounds=ROUNDS, **made)
    return runner, world


def approvals(start: Starter, second: str, *, locks: bool) -> tuple[list[Any], dict[str, Any]]:
    """Let one signer click twice at once, in two windows."""
    runner, world = race(
        start, 2, STILL_OPEN, locks=locks, act="decide",
        orders=1, limit=100_000, boxes=1, stage="OG2",
    )  # fmt: skip
    world["step"] = "OG2"
    answers = []
    for made in world["rounds"]:
        click = {"world": world, "who": "key_account_manager", "order": made["orders"][0]}
        answers.append(
            runner.run([{**click, "decision": "approve"}, {**click, "decision": second}])
        )
    found = runner.call(f"{ACTS}:steps", world=world, code="OG2")
    after = runner.call(f"{ACTS}:counts", world=world)
    return answers, {**found, "differences": after["differences"]}


@pytest.mark.parametrize("second", ["approve", "return"])
def test_one_step_is_decided_once_whatever_is_clicked_beside(
    python_process: Starter, second: str
) -> None:
    answers, found = approvals(python_process, second, locks=True)
    for pair in answers:
        assert sum(answer.get("ok") == "done" for answer in pair) == 1, pair
        assert next(answer["error"] for answer in pair if "error" in answer) in REFUSALS
    assert (found["begun"], found["decided"]) == (ROUNDS, ROUNDS)
    assert found["differences"] == []


def test_the_twin_without_locks_refuses_nobody_in_time(python_process: Starter) -> None:
    """Both decide on SQLite; on PostgreSQL the second falls over the constraint of one open step.

    The constraint is the last line behind the lock: it keeps the data right, but it answers with
    a fault instead of saying who was faster.
    """
    answers, found = approvals(python_process, "approve", locks=False)
    is_refused = all(any(answer.get("error") in REFUSALS for answer in pair) for pair in answers)
    assert not (is_refused and found["differences"] == [])


def accepts(start: Starter, *, locks: bool) -> tuple[list[Any], dict[str, Any]]:
    """Let four orders of one customer reach the credit check at once; the limit holds two."""
    runner, world = race(
        start, 4, CREDIT_CHECK, locks=locks, orders=4, limit=2_500, boxes=10, stage="OA"
    )
    answers = [
        runner.run([{"verb": "accept", "world": world, "order": pk} for pk in made["orders"]])
        for made in world["rounds"]
    ]
    return answers, runner.call(f"{ACTS}:counts", world=world)


@pytest.mark.requirement("CRD-15", partly="receipts taken back race in credit")
@pytest.mark.requirement("ORD-20", partly="receipts taken back race in credit")
def test_as_many_orders_are_within_as_the_limit_holds(python_process: Starter) -> None:
    answers, after = accepts(python_process, locks=True)
    for bands in answers:
        assert sorted(answer.get("ok", str(answer)) for answer in bands) == [
            "stop", "stop", "within", "within",
        ]  # fmt: skip
    assert {Decimal(amount) for amount in after["exposures"]} == {Decimal(2360)}
    assert after["differences"] == []


def test_the_twin_without_locks_lets_too_many_pass(python_process: Starter) -> None:
    answers, after = accepts(python_process, locks=False)
    within = [sum(answer.get("ok") == "within" for answer in bands) for bands in answers]
    is_right = within == [2] * ROUNDS and not after["differences"]
    assert not is_right


def test_orders_against_a_limit_cut_never_pass_the_limit_of_their_moment(
    python_process: Starter,
) -> None:
    runner, world = race(
        python_process, 3, CREDIT_CHECK, orders=2, limit=2_500, boxes=10, stage="OA"
    )
    for made in world["rounds"]:
        acts = [{"verb": "accept", "world": world, "order": pk} for pk in made["orders"]]
        cut = {"verb": "cut", "world": world, "customer": made["customer"], "limit": 1_200}
        answers = runner.run([*acts, cut])
        assert answers[2] == {"ok": "cut"}
        assert {answer["ok"] for answer in answers[:2]} <= {"within", "stop"}
    assert runner.call(f"{ACTS}:counts", world=world)["differences"] == []


def test_reopening_against_a_new_order_one_of_them_waits(python_process: Starter) -> None:
    runner, world = race(
        python_process, 2, CREDIT_CHECK, orders=2, limit=2_000, boxes=15, stage="closed"
    )
    for made in world["rounds"]:
        closed, new = made["orders"]
        answers = runner.run(
            [
                {"verb": "reopen", "world": world, "order": closed},
                {"verb": "accept", "world": world, "order": new},
            ]
        )
        found = [answer.get("ok") or answer["error"] for answer in answers]
        assert found in (["reopen", "stop"], ["orders.reservation", "within"])
    after = runner.call(f"{ACTS}:counts", world=world)
    assert {Decimal(amount) for amount in after["exposures"]} == {Decimal(1770)}
    assert after["differences"] == []


def submits(start: Starter, *, locks: bool) -> tuple[list[Any], dict[str, Any]]:
    """Let three windows submit the same draft."""
    runner, world = race(
        start, 3, VERSION_CHECK, locks=locks, orders=1, limit=100_000, boxes=1, stage="draft"
    )
    answers = [
        runner.run([{"verb": "submit", "world": world, "order": made["orders"][0]}] * 3)
        for made in world["rounds"]
    ]
    return answers, runner.call(f"{ACTS}:counts", world=world)


def test_a_draft_is_submitted_once_however_often_it_is_clicked(python_process: Starter) -> None:
    answers, after = submits(python_process, locks=True)
    for answered in answers:
        assert sum("ok" in answer for answer in answered) == 1
        assert {answer["error"] for answer in answered if "error" in answer} == {"transition"}
    assert after["submitted"] == ROUNDS
    assert after["differences"] == []


def test_the_twin_without_locks_submits_twice_or_breaks(python_process: Starter) -> None:
    answers, after = submits(python_process, locks=False)
    is_clean = all(
        {answer.get("error", "transition") for answer in answered} == {"transition"}
        for answered in answers
    )
    assert not (is_clean and after["submitted"] == ROUNDS and not after["differences"])


def test_the_same_key_makes_one_order_and_one_answer(python_process: Starter) -> None:
    runner, world = race(python_process, 3, "", orders=1, limit=100_000, boxes=1, stage="draft")
    for number, made in enumerate(world["rounds"]):
        values = {"verb": "keyed", "world": world, "order": made["orders"][0], "key": f"k{number}"}
        answers = runner.run([{**values, "body": "a"}] * 3)
        assert len({answer["ok"] for answer in answers}) == 1
        again = runner.run([{**values, "body": "b"}] * 3)
        assert {answer["error"] for answer in again} == {"idempotency_key_reused"}
    after = runner.call(f"{ACTS}:counts", world=world)
    assert after["orders"] == 2 * ROUNDS
    assert after["differences"] == []


def edits(start: Starter, *, locks: bool) -> tuple[list[Any], dict[str, Any]]:
    """Let two people save the draft that both opened at the same version."""
    runner, world = race(
        start, 2, VERSION_CHECK, locks=locks, orders=1, limit=100_000, boxes=1, stage="draft"
    )
    answers = []
    for number, made in enumerate(world["rounds"]):
        values = {"verb": "edit", "world": world, "order": made["orders"][0], "version": 1,
                  "code": f"C{number}"}  # fmt: skip
        answers.append(runner.run([{**values, "boxes": 2}, {**values, "boxes": 3}]))
    return answers, runner.call(f"{ACTS}:counts", world=world)


def test_the_second_of_two_editors_is_told(python_process: Starter) -> None:
    answers, after = edits(python_process, locks=True)
    for pair in answers:
        assert sorted(str(answer.get("error")) for answer in pair) == ["None", "conflict"]
    assert {Decimal(gross) for gross in after["quantities"]} <= {Decimal(236), Decimal(354)}
    assert after["differences"] == []


def test_the_twin_without_locks_loses_an_edit(python_process: Starter) -> None:
    answers, _after = edits(python_process, locks=False)
    assert any([answer.get("error") for answer in pair].count("conflict") != 1 for pair in answers)
