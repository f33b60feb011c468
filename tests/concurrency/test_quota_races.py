"""C3: many orders against one quota; transfers both ways at once; a quota that is ended."""

from decimal import Decimal

import pytest

from tests.concurrency.harness import Race

pytestmark = pytest.mark.race

ROUNDS, WORKERS, LIMIT, WANTED = 20, 5, 100, 30
ACTS = "tests.concurrency.quota_acts"
CHECK = "chengdan.modules.quota.rules:quota_verdicts"


def world_of(runner):
    return runner.call(f"{ACTS}:prepare", periods=ROUNDS, north=LIMIT, south=LIMIT)


def race(start, *, locks):
    runner = Race(start, f"{ACTS}:act", WORKERS, pause=CHECK, locks=locks)
    world = world_of(runner)
    allowed = []
    for period in range(ROUNDS):
        answers = runner.run(
            [
                {
                    "verb": "reserve",
                    "world": world,
                    "period": period,
                    "pk": 100 * period + number,
                    "quantity": WANTED,
                }
                for number in range(WORKERS)
            ]
        )
        allowed.append(answers)
    return allowed, world, runner.call(f"{ACTS}:state")


@pytest.mark.requirement("QTA-02", partly="notice of the cut is given by the order process")
def test_together_the_orders_get_the_quota_and_not_one_more(python_process):
    allowed, world, after = race(python_process, locks=True)
    for answers in allowed:
        assert sum(Decimal(answer["ok"]) for answer in answers) == LIMIT
    north = [pair[0] for pair in world["cells"]]
    assert {Decimal(after["cells"][str(pk)][1]) for pk in north} == {Decimal(LIMIT)}
    assert after["differences"] == []


def test_the_twin_without_locks_oversubscribes(python_process):
    allowed, _world, after = race(python_process, locks=False)
    sums = [sum(Decimal(answer.get("ok", 0)) for answer in answers) for answers in allowed]
    assert any(total > LIMIT for total in sums)
    assert after["differences"]


@pytest.mark.requirement("QTA-03", partly="the request form of the receiving region lacks")
def test_transfers_both_ways_beside_orders_conserve_the_sum_without_deadlock(python_process):
    runner = Race(python_process, f"{ACTS}:act", WORKERS, pause=CHECK)
    world = world_of(runner)
    verbs = ["north_gives", "south_gives", "north_gives", "south_gives", "reserve"]
    for period in range(ROUNDS):
        answers = runner.run(
            [
                {
                    "verb": verb,
                    "world": world,
                    "period": period,
                    "pk": 100 * period + number,
                    "quantity": 40,
                }
                for number, verb in enumerate(verbs)
            ]
        )
        refused = {answer["error"] for answer in answers if "error" in answer}
        assert refused <= {"quota_short"}
    after = runner.call(f"{ACTS}:state")
    for north, south in world["cells"]:
        limits = [Decimal(after["cells"][str(pk)][0]) for pk in (north, south)]
        assert sum(limits) == 2 * LIMIT
        assert min(limits) >= 0
    assert after["differences"] == []


def race_the_end(start, *, locks):
    """Let four orders of 30 meet a cell of 100 that is ended at the same time."""
    runner = Race(start, f"{ACTS}:act", WORKERS, pause=CHECK, locks=locks)
    world = world_of(runner)
    verbs = ["end", *["reserve"] * (WORKERS - 1)]
    answers = [
        runner.run(
            [
                {
                    "verb": verb,
                    "world": world,
                    "period": period,
                    "pk": 100 * period + number,
                    "quantity": WANTED,
                }
                for number, verb in enumerate(verbs)
            ]
        )
        for period in range(ROUNDS)
    ]
    return answers, world, runner.call(f"{ACTS}:state")


def test_a_reservation_holds_before_the_end_or_does_not_see_the_cell(python_process):
    answers, world, after = race_the_end(python_process, locks=True)
    assert [found for found in answers if any("error" in answer for answer in found)] == []
    assert after["late"] == []
    held = [Decimal(after["cells"][str(pair[0])][1]) for pair in world["cells"]]
    assert max(held) <= LIMIT
    for (_end, *found), inside in zip(answers, held, strict=True):
        allowed = [Decimal(answer["ok"]) for answer in found]
        # Only what came after three others while the cell was live is cut.
        assert sorted(allowed)[1:] == [WANTED] * 3
        assert inside in {0, 30, 60, 90, 100}
        assert (min(allowed) < WANTED) == (inside == LIMIT)
    assert after["differences"] == []


def test_the_twin_without_locks_reserves_in_an_ended_cell(python_process):
    _answers, _world, after = race_the_end(python_process, locks=False)
    assert after["late"]
