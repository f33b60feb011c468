"""C2: many orders, limit cuts and reversed receipts against one credit limit."""

from decimal import Decimal

import pytest

from tests.concurrency.harness import Race

pytestmark = pytest.mark.race

ROUNDS, WORKERS, LIMIT, AMOUNT = 20, 5, 1000, 300
PASSING = LIMIT // AMOUNT
ACTS = "tests.concurrency.credit_acts"
CHECK = "chengdan.modules.credit.rules:reservation_allowed"


def race(start, *, locks):
    runner = Race(start, f"{ACTS}:act", WORKERS, pause=CHECK, locks=locks)
    customers = runner.call(f"{ACTS}:prepare", customers=ROUNDS, limit=LIMIT)
    results = []
    for customer in customers:
        values = {"verb": "reserve", "customer": customer, "amount": AMOUNT}
        results.append(runner.run([{**values, "pk": pk} for pk in range(1, WORKERS + 1)]))
    return results, runner.call(f"{ACTS}:open_amounts", customers=customers)


@pytest.mark.requirement("CRD-15", partly="order acts race in their room")
def test_exactly_as_many_orders_pass_as_the_limit_holds(python_process):
    results, after = race(python_process, locks=True)
    for answers in results:
        assert sum("ok" in answer for answer in answers) == PASSING
        refused = {answer["error"] for answer in answers if "error" in answer}
        assert refused == {"credit_over_limit"}
    assert {Decimal(amount) for amount in after["open"]} == {Decimal(PASSING * AMOUNT)}
    assert after["differences"] == []


def test_the_twin_without_locks_oversells(python_process):
    results, after = race(python_process, locks=False)
    oversold = [sum("ok" in answer for answer in answers) > PASSING for answers in results]
    assert any(oversold)
    assert after["differences"]


def test_orders_against_a_limit_cut_and_a_reversed_receipt_never_pass_unreleased(python_process):
    runner = Race(python_process, f"{ACTS}:act", WORKERS, pause=CHECK)
    customers = runner.call(f"{ACTS}:prepare", customers=ROUNDS, limit=LIMIT)
    for customer in customers:
        base = {"customer": customer, "pk": 99}
        runner.run(
            [{"verb": "receipt", "amount": 300, **base}]
            + [
                {"verb": "reserve", "customer": customer, "amount": 1, "pk": pk}
                for pk in range(1, WORKERS)
            ]
        )
        acts = [
            {"verb": "cut", "amount": 600, **base},
            {"verb": "receipt", "amount": -300, **base},
        ]
        acts += [
            {"verb": "reserve", "customer": customer, "amount": 300, "pk": pk}
            for pk in range(10, 10 + WORKERS - len(acts))
        ]
        answers = runner.run(acts)
        assert [answer.get("ok") for answer in answers[:2]] == ["cut", "receipt"]
        assert {answer.get("error", "credit_over_limit") for answer in answers} == {
            "credit_over_limit"
        }
    after = runner.call(f"{ACTS}:open_amounts", customers=customers)
    assert after["differences"] == []
