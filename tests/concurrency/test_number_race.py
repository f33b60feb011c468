"""Processes that take numbers at once: each number once and none left out."""

import json
from collections import Counter
from collections.abc import Callable

import pytest

from tests.forks import Fork

PROCESSES = 5
EACH = 6

TAKE = """
import json, sys
from datetime import date
from chengdan.kernel.actor import Actor
from chengdan.kernel.numbering import number_take
from chengdan.kernel.transactions import retry_on_conflict, write

actor = Actor.system("race", 1)

def take():
    with write():
        return number_take(actor, 1, "tests.race", date(2026, 11, 16))
"""
SETUP = (
    TAKE
    + """
from chengdan.kernel.numbering.services import SeriesValues, series_save
values = SeriesValues("R{yy}{n:4}", "yearly", is_gapless=True)
series_save(actor=actor, company_id=1, document_type="tests.race", values=values)
"""
)
RUN = """
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps([retry_on_conflict(take) for _number in range(int(sys.argv[1]))]))
"""
# The twin reads the counter before the transaction that counts, as if nothing were locked.
BLIND = """
import time
from chengdan.kernel.numbering import services
from chengdan.kernel.numbering.models import NumberCounter

def take():
    stale = NumberCounter.objects.first()
    time.sleep(0.05)
    def blind(series, period, count):
        stale.last += count
        stale.save()
        return stale

    services._counted = blind
    with write():
        return number_take(actor, 1, "tests.race", date(2026, 11, 16))
"""
Start = Callable[..., Fork]


def race(start: Start, code: str) -> Counter[str]:
    processes = [start(code + RUN, str(EACH)) for _process in range(PROCESSES)]
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    taken: Counter[str] = Counter()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        taken.update(json.loads(out))
    return taken


def set_up(start: Start, code: str) -> None:
    process = start(code)
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err


@pytest.mark.race
def test_each_number_is_given_once_without_a_gap(python_process: Start) -> None:
    set_up(python_process, SETUP)
    taken = race(python_process, TAKE)
    expected = {f"R26{number:04}" for number in range(1, PROCESSES * EACH + 1)}
    assert set(taken) == expected
    assert set(taken.values()) == {1}


@pytest.mark.race
def test_the_race_finds_a_counter_that_is_not_locked(python_process: Start) -> None:
    set_up(python_process, SETUP + "\ntake()\n")
    taken = race(python_process, TAKE + BLIND)
    assert max(taken.values()) > 1
