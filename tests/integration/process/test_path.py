"""A toy document on its way: pass, refuse, return, skip, branch."""

from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel.audit import audit_history
from chengdan.kernel.outbox.models import OutboxMessage
from tests.fixtures.process import Engine, ToyDocument, toy_step

pytestmark = pytest.mark.django_db

CHECK = toy_step("QC", "check", check="toy.quality")
MONEY = toy_step("CC", "check", check="toy.money", reserve=True)
BOSS = toy_step(
    "MA", "approval", assign={"responsible": "boss"}, on_pass=["toy.paper.approved"],
    on_refuse={"goto": "end", "do": ["toy.paper.refused"]},
)  # fmt: skip
PRINT = toy_step("BG", "task", assign={"role": "finance_clerk"}, mode="any")


def test_approves_and_prints(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(CHECK, MONEY, BOSS, PRINT, hooks={"done": ["toy.paper.printed"]})
    instance = engine.start()
    assert engine.states(instance) == [("QC", "done"), ("CC", "done"), ("MA", "open")]
    assert paper.held == [1]
    engine.decide("mark", comment="fine")
    assert paper.happened == ["approved"]
    engine.decide("fred", "done")
    assert engine.state(instance) == "done"
    assert paper.happened == ["approved", "printed"]
    assert paper.held == [1]
    codes = [entry.code for entry in audit_history(instance)]
    assert codes[0] == "process.instance.finished"
    assert codes.count("process.task.approved") == codes.count("process.task.done") == 1
    assert OutboxMessage.objects.filter(topic="process.instance_ended").count() == 1


def test_check_that_fails_returns_to_the_initiator(engine: Engine, paper: ToyDocument) -> None:
    paper.quality = "bad"
    hooks = {"returned": ["toy.paper.returned"], "resubmitted": ["toy.paper.resubmitted"]}
    engine.publish(MONEY, CHECK, BOSS, hooks=hooks)
    instance = engine.start()
    assert engine.states(instance)[-1] == ("resubmit", "open")
    assert paper.held == []
    assert engine.task("sara")
    paper.quality = "good"
    engine.start()
    instance.refresh_from_db()
    assert instance.round == 2
    assert engine.states(instance)[-1] == ("MA", "open")
    assert paper.happened == ["returned", "resubmitted"]
    assert paper.held == [2]


def test_refusal_ends_and_releases(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(MONEY, BOSS)
    instance = engine.start()
    engine.decide("mark", "refuse", comment="no")
    assert engine.state(instance) == "refused"
    assert paper.happened == ["refused"]
    assert paper.held == []
    again = engine.start()
    assert (again.pk != instance.pk, again.round) == (True, 2)


def test_refusal_that_goes_back_begins_a_new_round(engine: Engine, paper: ToyDocument) -> None:
    correct = toy_step("OG", "task", assign="initiator")
    boss = {**BOSS, "on_refuse": {"goto": "OG"}}
    engine.publish(correct, MONEY, boss)
    instance = engine.start()
    engine.decide("sara", "done")
    engine.decide("mark", "refuse", comment="too cheap")
    assert paper.held == []
    instance.refresh_from_db()
    assert instance.round == 2
    engine.decide("sara", "done")
    assert paper.held == [2]


@pytest.mark.parametrize(
    ("band", "codes"), [("small", ["B", "MA"]), ("big", ["B", "CSR", "MA"]), ("huge", ["B"])]
)
def test_decision_takes_the_first_row(
    engine: Engine, paper: ToyDocument, band: str, codes: list[str]
) -> None:
    rows: list[dict[str, Any]] = [
        {"when": "band = 'small'", "goto": "MA"},
        {"when": "band = 'big' and amount * 100 <= 100 * 100", "goto": "next"},
        {"else": True, "goto": "refuse"},
    ]
    helper = toy_step("CSR", "task", assign={"responsible": "helper"})
    engine.publish(toy_step("B", "decision", rows=rows), helper, BOSS)
    paper.band = band
    instance = engine.start()
    if band == "big":
        engine.decide("dora", "done")
    assert [code for code, _state in engine.states(instance)] == codes
    assert engine.state(instance) == ("refused" if band == "huge" else "running")


def test_outcome_of_a_check_feeds_a_decision(engine: Engine, paper: ToyDocument) -> None:
    rows = [{"when": "CC.outcome = 'over'", "goto": "refuse"}, {"else": True}]
    engine.publish(MONEY, toy_step("B", "decision", rows=rows), BOSS)
    paper.amount = Decimal(2000)
    instance = engine.start()
    assert engine.state(instance) == "refused"


def test_step_whose_condition_is_false_is_skipped(engine: Engine) -> None:
    engine.publish({**CHECK, "when": "amount > 1000"}, BOSS)
    instance = engine.start()
    assert engine.states(instance) == [("QC", "skipped"), ("MA", "open")]


def test_running_instance_stays_on_its_version(engine: Engine) -> None:
    first = engine.publish(BOSS, PRINT)
    instance = engine.start()
    second = engine.publish(BOSS)
    assert (first.number, second.number) == (1, 2)
    engine.decide("mark")
    assert engine.states(instance)[-1] == ("BG", "open")


def test_publishing_the_same_text_does_nothing(engine: Engine) -> None:
    assert engine.publish(BOSS).pk == engine.publish(BOSS).pk
