"""Clocks: reminders, misses, problem records, escalation, timers, waits."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.outbox.models import OutboxMessage
from chengdan.kernel.transactions import unguarded
from chengdan.modules.people.models import Company
from chengdan.modules.process import services, subjects
from chengdan.modules.process.models import ProblemRecord, StepRun
from tests.fixtures.process import NOW, TOY, Engine, ToyDocument, toy_step

pytestmark = pytest.mark.django_db

CALL = toy_step(
    "OA", "task", assign={"role": "csr"}, limit={"working_minutes": 30},
    remind={"working_minutes": 10}, escalate={"after": {"working_minutes": 60}}, promise=True,
)  # fmt: skip


def sweep(at: datetime) -> int:
    with clock.at(at):
        return services.deadlines_sweep()


def minutes(count: int) -> datetime:
    return NOW + timedelta(minutes=count)


def codes(instance: Any) -> list[str]:
    return [entry.code.removeprefix("process.step.") for entry in audit_history(instance)][::-1][2:]


@pytest.mark.requirement("ORD-02", partly="the engine's clock; the notices stand in orders")
@pytest.mark.requirement("ORD-12", partly="the explanation is tested beside it")
def test_reminder_then_miss_with_problem_record_then_escalation(engine: Engine) -> None:
    engine.publish(CALL)
    instance = engine.start()
    assert instance.steps.get().due_at == minutes(30)
    assert sweep(minutes(19)) == 0
    assert sweep(minutes(20)) == 1
    assert codes(instance) == ["reminded"]
    assert sweep(minutes(30)) == 1
    problem = ProblemRecord.objects.get()
    assert (problem.number, problem.owner_id) == ("OSB26-0001", engine.town.user["dora"])
    assert problem.topic == "toy.flow.OA"
    assert sweep(minutes(90)) == 1
    assert codes(instance) == ["reminded", "breached", "escalated"]
    assert instance.steps.get().evidence["escalated_to"] == [engine.town.user["gina"]]
    assert instance.steps.get().wake_at is None


def test_sweep_twice_does_nothing_more(engine: Engine) -> None:
    engine.publish(CALL)
    instance = engine.start()
    assert [sweep(minutes(200)), sweep(minutes(200))] == [1, 0]
    assert codes(instance) == ["reminded", "breached", "escalated"]
    assert ProblemRecord.objects.count() == 1
    told = OutboxMessage.objects.filter(topic="process.people_told")
    assert told.count() == 3  # overdue, escalation, problem record


def test_late_work_is_done_all_the_same_and_stays_marked(engine: Engine) -> None:
    engine.publish(CALL)
    instance = engine.start()
    sweep(minutes(31))
    with clock.at(minutes(40)):
        engine.decide("dora", "done")
    assert engine.state(instance) == "done"
    assert instance.steps.get().breached_at == minutes(31)


def test_limit_without_promise_opens_no_problem_record(engine: Engine) -> None:
    engine.publish({**CALL, "promise": False})
    engine.start()
    sweep(minutes(31))
    assert not ProblemRecord.objects.exists()


def test_working_minutes_pause_over_the_weekend(engine: Engine) -> None:
    engine.publish(CALL)
    friday = datetime(2026, 11, 20, 9, 20, tzinfo=UTC)  # 17:20 in Shanghai, closing 17:30
    with clock.at(friday):
        instance = engine.start()
    assert instance.steps.get().due_at == datetime(2026, 11, 23, 0, 50, tzinfo=UTC)


def test_the_sweep_works_on_the_day_it_is_where_the_company_is(
    engine: Engine, paper: ToyDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unguarded():
        Company.objects.filter(pk=engine.town.company_id).update(timezone="America/New_York")
    days: list[date] = []

    def act(*_args: object) -> None:
        days.append(clock.today())

    monkeypatch.setitem(subjects._actions._items, "toy.paper.printed", act)
    timer = {"after": {"hours": 24}, "do": "toy.paper.printed"}
    engine.publish({**CALL, "timers": [timer]})
    engine.start()
    sweep(NOW + timedelta(hours=24))
    assert days == [date(2026, 11, 16)], "09:00 in the Shanghai of the 17th"


PAY = toy_step(
    "PAY", "wait", until="is_paid = true", events=["toy.paid"],
    timers=[{"after": {"working_days": 2}, "do": "remind"},
            {"after": {"working_days": 10}, "do": "toy.paper.cancel"}],
)  # fmt: skip
BG = toy_step("BG", "task", assign={"role": "csr"})


def test_wait_ends_by_its_event(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(PAY, BG)
    instance = engine.start()
    actor = engine.town.actor("finn")
    place: dict[str, Any] = {"actor": actor, "subject_type": TOY, "subject_id": 1}
    assert services.process_signal(event="toy.paid", **place) == 0
    paper.is_paid = True
    assert services.process_signal(event="toy.other", **place) == 0
    assert services.process_signal(event="toy.paid", **place) == 1
    assert engine.states(instance) == [("PAY", "done"), ("BG", "open")]


def test_wait_ends_by_the_sweep_without_an_event(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(PAY, BG)
    instance = engine.start()
    paper.is_paid = True
    assert sweep(minutes(61)) == 1
    assert engine.states(instance)[-1] == ("BG", "open")


def test_look_that_finds_nothing_only_sets_the_next_one(engine: Engine) -> None:
    engine.publish(PAY, BG)
    instance = engine.start()
    assert sweep(minutes(61)) == 1
    assert codes(instance) == []
    assert instance.steps.get().wake_at == minutes(121)


def test_wait_that_is_already_true_is_no_wait(engine: Engine, paper: ToyDocument) -> None:
    paper.is_paid = True
    engine.publish(PAY, BG)
    assert engine.states(engine.start()) == [("PAY", "done"), ("BG", "open")]


def test_timers_remind_and_cancel_inside_a_wait(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(PAY, BG)
    instance = engine.start()
    sweep(NOW + timedelta(days=3))
    assert instance.steps.get().evidence["timers"] == [0]
    sweep(NOW + timedelta(days=15))
    assert (engine.state(instance), paper.happened) == ("cancelled", ["cancelled"])
    assert StepRun.objects.get().state == "void"


def test_clock_goes_on_while_held_but_timers_wait(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(PAY, BG)
    instance = engine.start()
    place: dict[str, Any] = {"subject_type": TOY, "subject_id": 1}
    services.process_hold(actor=engine.town.actor("sara"), reason="x", **place)
    late = NOW + timedelta(days=15)
    sweep(late)
    assert (engine.state(instance), sweep(late)) == ("held", 0)
    with clock.at(late):
        services.process_resume(actor=engine.town.actor("sara"), **place)
    sweep(late + timedelta(hours=2))
    assert engine.state(instance) == "cancelled"
