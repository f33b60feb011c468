"""C3: many notes against one stock lot. C7: ship twice, ship against cancel. Crash in dispatch."""

import json

import pytest

from tests.concurrency.harness import Race

pytestmark = pytest.mark.race

ACTS = "tests.concurrency.shipping_acts"
ROUNDS, BOXES, WANTED, WORKERS = 4, 10, 4, 4
# Who gets less than wanted gets nothing.
GIVEN = BOXES // WANTED * WANTED
SHIP_ROUNDS = 3


def stock_race(start, *, locks):
    runner = Race(
        start, f"{ACTS}:reserve", WORKERS, locks=locks,
        pause="chengdan.modules.shipping.services.reserve:stock_reserve",
    )  # fmt: skip
    world = runner.call(f"{ACTS}:prepare", rounds=ROUNDS, boxes=BOXES)
    got = [
        runner.run(
            [
                {"world": world, "number": number, "customer": customer, "boxes": WANTED}
                for customer in range(WORKERS)
            ]
        )
        for number in range(ROUNDS)
    ]
    return got, runner.call(f"{ACTS}:state")


def test_together_the_notes_get_the_lot_and_not_one_more(python_process):
    got, after = stock_race(python_process, locks=True)
    for answers in got:
        assert sum(float(answer["ok"]) for answer in answers) == GIVEN
    assert after["differences"] == []


def test_the_twin_without_locks_promises_goods_twice(python_process):
    got, after = stock_race(python_process, locks=False)
    sums = [sum(float(answer.get("ok", 0)) for answer in answers) for answers in got]
    assert any(total != GIVEN for total in sums) or after["differences"]


def ship_race(start, verbs, *, locks):
    runner = Race(
        start, f"{ACTS}:ship", len(verbs), locks=locks,
        pause="chengdan.modules.shipping.services.dispatch:lines_of_note",
    )  # fmt: skip
    world = runner.call(f"{ACTS}:prepare_ready", rounds=SHIP_ROUNDS)
    answers = [
        runner.run([{"verb": verb, "world": world, "number": number} for verb in verbs])
        for number in range(SHIP_ROUNDS)
    ]
    return answers, runner.call(f"{ACTS}:state")


@pytest.mark.parametrize("verbs", [["scr", "keeper"], ["scr", "cancel"]])
def test_a_note_leaves_once_or_is_given_up(python_process, verbs):
    answers, after = ship_race(python_process, verbs, locks=True)
    for answer in answers:
        done = [item["ok"] for item in answer if "ok" in item]
        refused = {item["error"] for item in answer if "error" in item}
        assert len(done) == 1, answer
        assert refused <= {"transition", "conflict", "process.step_not_open"}
    assert len(after["moved"]) == len(set(after["moved"]))
    assert after["differences"] == []


def test_the_twin_without_locks_ships_twice(python_process):
    answers, after = ship_race(python_process, ["scr", "keeper"], locks=False)
    clean = all(
        len([item for item in answer if "ok" in item]) == 1
        and all(item.get("error") in {None, "transition"} for item in answer)
        for answer in answers
    )
    assert not clean or after["differences"]


CRASH = """
import os, sys, json
from tests.concurrency import shipping_acts
world = json.loads(sys.argv[1])
shipping_acts.ship("scr", world, int(sys.argv[2]))
"""
POINTS = ("shipping.dispatch.progressed", "shipping.dispatch.moved", "shipping.dispatch.done")


def test_a_crash_in_dispatch_leaves_nothing_half_done(python_process, process_environment):
    runner = Race(python_process, f"{ACTS}:ship", 1)
    world = runner.call(f"{ACTS}:prepare_ready", rounds=len(POINTS))
    for number, point in enumerate(POINTS):
        process_environment["CHENGDAN_CRASH_AT"] = point
        process = python_process(CRASH, json.dumps(world), str(number))
        process.wait(timeout=120)
        assert process.returncode == -9, process.stderr.read()
        after = runner.call(f"{ACTS}:state")
        assert after["moved"] == []
        assert after["differences"] == []
    process_environment.pop("CHENGDAN_CRASH_AT")
    for number in range(len(POINTS)):
        answers = runner.run([{"verb": "scr", "world": world, "number": number}])
        assert answers == [{"ok": "scr"}]
    after = runner.call(f"{ACTS}:state")
    assert len(after["moved"]) == len(POINTS)
    assert after["differences"] == []
