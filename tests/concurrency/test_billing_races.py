"""C5: two payments on one invoice, and a payment against its reversal."""

import pytest

from tests.concurrency.harness import Race

pytestmark = pytest.mark.race

ACTS = "tests.concurrency.billing_acts"
ROUNDS = 5


def race(start, verbs, *, locks):
    runner = Race(
        start, f"{ACTS}:act", len(verbs), locks=locks,
        pause="chengdan.modules.billing.services.allocate:_parts_check",
    )  # fmt: skip
    world = runner.call(f"{ACTS}:prepare", rounds=ROUNDS)
    answers = [
        runner.run([{"verb": verb, "world": world, "number": number} for verb in verbs])
        for number in range(ROUNDS)
    ]
    return answers, runner.call(f"{ACTS}:state")


def test_two_payments_never_exceed_the_invoice(python_process):
    answers, after = race(python_process, ["first", "second"], locks=True)
    for pair in answers:
        assert sorted(next(iter(answer)) for answer in pair) == ["error", "ok"]
        assert {answer.get("error") for answer in pair} == {None, "billing_money"}
    left = [(status, float(amount)) for status, amount in after["invoices"]]
    assert left == [("posted", 30)] * ROUNDS
    assert after["differences"] == []


def test_payment_and_reversal_exclude_each_other(python_process):
    answers, after = race(python_process, ["first", "reverse"], locks=True)
    for pair in answers:
        assert sorted(next(iter(answer)) for answer in pair) == ["error", "ok"]
    states = {status for status, _open in after["invoices"]}
    assert states <= {"posted", "reversed"}
    assert after["differences"] == []


def test_the_twin_without_locks_pays_twice(python_process):
    answers, after = race(python_process, ["first", "second"], locks=False)
    paid = [sum("ok" in answer for answer in pair) for pair in answers]
    assert max(paid) > 1 or after["differences"]
