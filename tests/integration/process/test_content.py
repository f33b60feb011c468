"""What was approved stays what is done: changed content opens the covering step again."""

from typing import Any

import pytest

from chengdan.modules.process import services
from chengdan.modules.process.selectors import changes_since_last_round
from tests.fixtures.process import TOY, Engine, ToyDocument, toy_step

pytestmark = pytest.mark.django_db

MONEY = toy_step("CC", "check", check="toy.money", reserve=True)
BOSS = toy_step("MA", "approval", assign={"responsible": "boss"}, covers=["lines.*.price"])
BG = toy_step("BG", "task", assign={"role": "csr"})


def changed(engine: Engine) -> list[tuple[int, str]]:
    place: dict[str, Any] = {"subject_type": TOY, "subject_id": 1}
    return services.process_content_changed(actor=engine.town.actor("sara"), **place)


def test_change_of_covered_content_opens_the_step_again(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(MONEY, BOSS, BG)
    instance = engine.start()
    engine.decide("mark")
    paper.price = "12"
    assert changed(engine) == [(instance.pk, "MA")]
    instance.refresh_from_db()
    assert instance.round == 2
    assert engine.states(instance)[-2:] == [("BG", "void"), ("MA", "open")]
    assert paper.held == [1]
    change = changes_since_last_round(instance)
    assert change == []


def test_change_of_other_content_opens_nothing(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(MONEY, BOSS, BG)
    engine.start()
    engine.decide("mark")
    paper.quality = "bad"
    assert changed(engine) == []
    paper.price = "12"
    assert len(changed(engine)) == 1


def test_what_changed_since_the_last_round(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(BOSS)
    instance = engine.start()
    engine.decide("mark", "return", comment="price")
    paper.price = "12"
    engine.decide("sara", "done")
    instance.refresh_from_db()
    (change,) = changes_since_last_round(instance)
    assert (change.field, change.before, change.after) == ("lines.1.price", "10", "12")
