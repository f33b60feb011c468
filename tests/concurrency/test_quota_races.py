"""C3: many orders against one quota; transfers in both directions at once."""

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
