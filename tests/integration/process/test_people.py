"""Who gets a step: every way to find people and every policy, by name."""

from typing import Any

import pytest

from chengdan.kernel.transactions import unguarded
from chengdan.modules.people.models import Assignment, User
from chengdan.modules.process.models import Task
from tests.fixtures.process import Engine, ToyDocument, toy_step

pytestmark = pytest.mark.django_db


def assignees(engine: Engine) -> list[str]:
    names = {pk: name for name, pk in engine.town.user.items()}
    tasks = Task.objects.filter(state__in=["open", "queued"]).order_by("order")
    return [names[pk] for pk in tasks.values_list("assignee_id", flat=True)]


@pytest.mark.parametrize(
    ("assign", "found"),
    [
        ("initiator", ["sara"]),
        ("unit_head", ["mark"]),
        ({"responsible": "boss"}, ["mark"]),
        ({"role": "market_manager"}, ["mark"]),
        ({"role": "finance_clerk", "unit": "company"}, ["finn"]),
        ({"seat": "csr"}, ["dora"]),
        ({"person": "Gina"}, ["gina"]),
        ({"field": "boss"}, ["mark"]),
        ({"superior": "initiator"}, ["mark"]),
        ({"superior": "initiator", "levels": 2}, ["gina"]),
        ([{"responsible": "nobody"}, {"role": "csr"}], ["dora"]),
    ],
)
def test_ways_to_find_people(
    engine: Engine, paper: ToyDocument, assign: Any, found: list[str]
) -> None:
    engine.publish(toy_step("DO", "task", assign=assign))
    engine.start()
    assert assignees(engine) == found


def test_superior_chain_in_turn(engine: Engine) -> None:
    engine.publish(
        toy_step("DO", "approval", mode="in_turn", assign={"superior": "initiator", "levels": 3})
    )
    engine.start()
    assert assignees(engine) == ["mark", "gina"]


def test_nobody_found_goes_to_the_owner_of_the_process_visibly(engine: Engine) -> None:
    engine.publish(toy_step("DO", "approval", assign={"responsible": "nobody"}))
    instance = engine.start()
    assert assignees(engine) == ["lena"]
    assert instance.steps.get().evidence["policies"] == ["nobody_owner"]


def test_nobody_found_and_no_owner_goes_to_an_administrator(engine: Engine) -> None:
    engine.publish(
        toy_step("DO", "approval", assign={"responsible": "nobody"}, if_nobody="administrator")
    )
    instance = engine.start()
    assert assignees(engine) == ["adam"]
    assert instance.steps.get().evidence["policies"] == ["nobody_administrator"]


def test_nobody_at_all_is_a_fault_and_never_a_pass(engine: Engine) -> None:
    with unguarded():
        User.objects.filter(username__in=["lena", "adam"]).update(is_active=False)
    engine.publish(toy_step("DO", "approval", assign={"responsible": "nobody"}))
    instance = engine.start()
    assert engine.state(instance) == "fault"
    assert "NobodyError" in instance.steps.get().evidence["fault"]["error"]


def test_disabled_person_is_never_asked(engine: Engine) -> None:
    with unguarded():
        User.objects.filter(username="finn").update(is_active=False)
    engine.publish(toy_step("DO", "task", assign={"role": "finance_clerk"}))
    engine.start()
    assert assignees(engine) == ["fred"]


def test_approver_is_initiator_hand_to_superior(engine: Engine, paper: ToyDocument) -> None:
    paper.people["boss"] = [engine.town.user["sara"]]
    engine.publish(toy_step("DO", "approval", assign={"responsible": "boss"}))
    instance = engine.start()
    assert assignees(engine) == ["mark"]
    assert instance.steps.get().evidence["policies"] == ["initiator_superior"]


def test_approver_is_initiator_allowed_where_declared(engine: Engine, paper: ToyDocument) -> None:
    paper.people["boss"] = [engine.town.user["sara"]]
    engine.publish(toy_step("DO", "approval", assign={"responsible": "boss"}, if_initiator="allow"))
    engine.start()
    assert assignees(engine) == ["sara"]


def test_approver_is_initiator_skipped_where_declared(engine: Engine, paper: ToyDocument) -> None:
    paper.people["boss"] = [engine.town.user["sara"]]
    step = toy_step("DO", "approval", assign={"responsible": "boss"}, if_initiator="skip")
    engine.publish(step, toy_step("BG", "task", assign={"role": "csr"}))
    instance = engine.start()
    assert engine.states(instance) == [("DO", "skipped"), ("BG", "open")]
    assert instance.steps.first().evidence["policies"] == ["initiator_skipped"]


@pytest.mark.requirement("ORD-28", partly="the order's own steps are wired in the room orders")
def test_same_approver_twice_signs_once_and_both_steps_are_logged(engine: Engine) -> None:
    first = toy_step("CC", "approval", assign={"responsible": "boss"})
    second = toy_step("MA", "approval", assign={"responsible": "boss"}, if_repeated="pass")
    engine.publish(first, second, toy_step("BG", "task", assign={"role": "csr"}))
    instance = engine.start()
    engine.decide("mark", comment="ok")
    assert engine.states(instance) == [("CC", "done"), ("MA", "done"), ("BG", "open")]
    repeated = Task.objects.get(step_run__code="MA")
    assert (repeated.is_automatic, repeated.data) == (True, {"repeats": "CC"})
    assert repeated.decided_by_id == engine.town.user["mark"]


def test_same_approver_twice_is_asked_twice_unless_declared(engine: Engine) -> None:
    steps = [toy_step(code, "approval", assign={"responsible": "boss"}) for code in ("A", "B")]
    engine.publish(*steps)
    engine.start()
    engine.decide("mark")
    assert assignees(engine) == ["mark"]


def test_disabled_meanwhile_the_next_right_person_gets_the_task(engine: Engine) -> None:
    from chengdan.kernel.actor import Actor
    from chengdan.modules.process.services import tasks_rehome

    engine.publish(toy_step("DO", "task", assign={"role": "finance_clerk"}))
    engine.start()
    with unguarded():
        User.objects.filter(username="finn").update(is_active=False)
    moved = tasks_rehome(actor=Actor.system("test"), user_id=engine.town.user["finn"])
    assert (moved, assignees(engine)) == (1, ["fred"])


def test_seat_lost_between_load_and_click_is_refused(engine: Engine) -> None:
    from chengdan.modules.process.errors import NotAssignedError

    engine.publish(toy_step("DO", "approval", assign={"role": "market_manager"}))
    engine.start()
    task = engine.task("mark")
    with unguarded():
        Assignment.objects.filter(user_id=engine.town.user["mark"]).delete()
    with pytest.raises(NotAssignedError):
        engine.decide("mark", task=task)
    task.refresh_from_db()
    assert task.state == "open"


def test_account_disabled_between_load_and_click_is_refused(engine: Engine) -> None:
    from chengdan.modules.process.errors import NotAssignedError

    engine.publish(toy_step("DO", "approval", assign={"responsible": "boss"}))
    engine.start()
    with unguarded():
        User.objects.filter(username="mark").update(is_active=False)
    with pytest.raises(NotAssignedError):
        engine.decide("mark")
