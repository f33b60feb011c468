"""What people do with tasks: modes, return, withdraw, transfer, deputies, comments, urging."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.transactions import unguarded
from chengdan.kernel.transitions import TransitionError
from chengdan.modules.people.models import Deputy
from chengdan.modules.process import errors, services
from chengdan.modules.process.models import Task
from chengdan.modules.process.selectors.names import decision_text
from chengdan.modules.process.selectors.running import timeline
from tests.fixtures.process import NOW, TOY, Engine, ToyDocument, toy_step
from tests.toys import ToySubject

pytestmark = pytest.mark.django_db

OG = toy_step("OG", "task", assign="initiator")
MONEY = toy_step("CC", "check", check="toy.money", reserve=True)
BOSS = toy_step("MA", "approval", assign={"responsible": "boss"})
BG = toy_step("BG", "task", assign={"role": "csr"})


def several(mode: str) -> dict[str, object]:
    assign = [{"role": "general_manager"}, {"role": "csr"}, {"responsible": "boss"}]
    return toy_step("ST", "approval", assign=assign, mode=mode)


def test_mode_any_ends_with_the_first_approval(engine: Engine) -> None:
    engine.publish(several("any"))
    instance = engine.start()
    engine.decide("dora")
    assert engine.state(instance) == "done"
    assert sorted(Task.objects.values_list("state", flat=True)) == ["done", "void", "void"]


def test_mode_any_ends_with_the_first_refusal(engine: Engine) -> None:
    engine.publish(several("any"))
    instance = engine.start()
    engine.decide("dora", "refuse", comment="no")
    assert engine.state(instance) == "refused"
    assert sorted(Task.objects.values_list("state", flat=True)) == ["done", "void", "void"]


@pytest.mark.requirement("ORD-10", partly="the business record and the three seats stand in orders")
def test_mode_all_needs_everybody(engine: Engine) -> None:
    engine.publish(several("all"))
    instance = engine.start()
    engine.decide("dora")
    engine.decide("gina")
    assert engine.state(instance) == "running"
    engine.decide("mark")
    assert engine.state(instance) == "done"


def test_mode_all_one_refusal_refuses(engine: Engine) -> None:
    engine.publish(several("all"))
    instance = engine.start()
    engine.decide("dora")
    engine.decide("gina", "refuse", comment="no")
    assert engine.state(instance) == "refused"


def test_mode_in_turn_opens_one_after_the_other(engine: Engine) -> None:
    engine.publish(several("in_turn"))
    instance = engine.start()
    assert engine.task().assignee_id == engine.town.user["gina"]
    for name in ("gina", "dora", "mark"):
        engine.decide(name)
    assert engine.state(instance) == "done"


def test_second_decision_is_told_who_was_faster_and_when(engine: Engine) -> None:
    engine.publish(several("any"))
    engine.start()
    late = engine.task("gina")
    engine.decide("dora")
    with pytest.raises(errors.AlreadyDecidedError) as caught:
        engine.decide("gina", task=late)
    assert caught.value.params == {"name": "Dora", "at": "2026-11-16 09:00"}


def test_somebody_elses_task_is_invisible_or_refused(engine: Engine) -> None:
    engine.publish(BOSS)
    engine.start()
    task = engine.task("mark")
    with pytest.raises(NotFoundError):
        engine.decide("fred", task=task)
    with pytest.raises(ForbiddenError):
        engine.decide("sara", task=task)


def test_refusal_and_return_need_a_comment(engine: Engine) -> None:
    engine.publish(BOSS)
    engine.start()
    for decision in ("refuse", "return"):
        with pytest.raises(InvalidError):
            engine.decide("mark", decision)
    with pytest.raises(InvalidError):
        engine.decide("mark", "done")


def test_shown_version_must_be_the_current_one(engine: Engine) -> None:
    engine.publish(BOSS)
    engine.start()
    with pytest.raises(ConflictError):
        engine.decide("mark", expected_version=7)


def test_return_to_the_initiator_twice_counts_rounds_and_frees_reservations(
    engine: Engine, paper: ToyDocument
) -> None:
    engine.publish(MONEY, BOSS)
    instance = engine.start()
    for round_number in (1, 2):
        assert paper.held == [round_number]
        engine.decide("mark", "return", comment="price")
        assert paper.held == []
        engine.decide("sara", "done")
    instance.refresh_from_db()
    assert (instance.round, paper.held) == (3, [3])
    engine.decide("mark")
    assert engine.state(instance) == "done"


def test_return_to_an_earlier_step(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(OG, MONEY, BOSS, BG)
    instance = engine.start()
    engine.decide("sara", "done")
    with pytest.raises(errors.ReturnTargetError):
        engine.decide("mark", "return", comment="x", return_to="BG")
    engine.decide("mark", "return", comment="x", return_to="OG")
    assert paper.held == []
    assert engine.states(instance)[-1] == ("OG", "open")
    engine.decide("sara", "done")
    assert paper.held == [2]


def test_withdraw_frees_everything_and_only_the_initiator_may(
    engine: Engine, paper: ToyDocument
) -> None:
    engine.publish(MONEY, BOSS, hooks={"withdrawn": ["toy.paper.withdrawn"]})
    instance = engine.start()
    with pytest.raises(ForbiddenError):
        services.process_withdraw(actor=engine.town.actor("mark"), instance_id=instance.pk)
    services.process_withdraw(actor=engine.town.actor("sara"), instance_id=instance.pk)
    assert engine.state(instance) == "withdrawn"
    assert (paper.held, paper.happened) == ([], ["withdrawn"])
    assert not Task.objects.filter(state="open").exists()
    with pytest.raises(TransitionError):
        services.process_withdraw(actor=engine.town.actor("sara"), instance_id=instance.pk)


def test_cancel_ends_the_run_and_its_tasks(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(MONEY, BOSS)
    instance = engine.start()
    task = engine.task("mark")
    services.process_cancel(
        actor=engine.town.actor("sara"), subject_type=TOY, subject_id=1, reason="gone"
    )
    assert (engine.state(instance), paper.held) == ("cancelled", [])
    with pytest.raises(errors.TaskClosedError):
        engine.decide("mark", task=task)


def test_hold_stops_decisions_and_resume_lets_them_go_on(engine: Engine) -> None:
    engine.publish(BOSS)
    instance = engine.start()
    place = {"subject_type": TOY, "subject_id": 1}
    services.process_hold(actor=engine.town.actor("sara"), reason="audit", **place)
    with pytest.raises(errors.HeldError):
        engine.decide("mark")
    services.process_resume(actor=engine.town.actor("sara"), **place)
    engine.decide("mark")
    assert engine.state(instance) == "done"


def test_transfer_to_another_person(engine: Engine) -> None:
    engine.publish(several("all"))
    engine.start()
    task = engine.task("mark")
    act: dict[str, Any] = {
        "actor": engine.town.actor("mark"), "task_id": task.pk, "comment": "yours",
    }  # fmt: skip
    for name in ("mark", "dora", "sara"):
        with pytest.raises(errors.TransferError):
            services.task_transfer(to_user_id=engine.town.user[name], **act)
    # An approval keeps its authority: not for anybody, but for a superior or a named deputy.
    lena = engine.town.user["lena"]
    with pytest.raises(errors.TakerError):
        services.task_transfer(to_user_id=lena, **act)
    deputy(engine, deputy_id=lena, max_amount=1)
    with pytest.raises(errors.TakerError):
        services.task_transfer(to_user_id=lena, **act)
    deputy(engine, deputy_id=lena)
    with pytest.raises(InvalidError):
        services.task_transfer(to_user_id=lena, **act | {"comment": " "})
    services.task_transfer(to_user_id=lena, **act)
    assert engine.task("lena").transferred_from_id == task.pk
    run = timeline(task.instance)[0]
    shown = [decision_text(item, run.names) for item in run.tasks if item.state == "open"]
    assert any("Mark" in text and "Lena" in text for text in shown)
    with pytest.raises(errors.TaskClosedError):
        engine.decide("mark", task=task)


def deputy(engine: Engine, **more: object) -> None:
    values = {
        "company_id": engine.town.company_id, "principal_id": engine.town.user["mark"],
        "deputy_id": engine.town.user["dora"], "starts_on": date(2026, 11, 16),
        "ends_on": date(2026, 11, 20), "consent_text": "by phone 08:40", "consented_at": NOW,
    }  # fmt: skip
    with unguarded():
        Deputy.objects.create(**(values | more))


@pytest.mark.requirement("ORG-20")
def test_deputy_signs_on_recorded_consent_and_both_names_are_kept(engine: Engine) -> None:
    engine.publish(BOSS)
    instance = engine.start()
    deputy(engine, document_types=[TOY])
    task = engine.decide("dora", task=engine.task("mark"), comment="ok")
    assert task.decided_by_id == engine.town.user["dora"]
    assert task.on_behalf_of_id == engine.town.user["mark"]
    assert task.consent == "by phone 08:40"
    entry = next(e for e in audit_history(instance) if e.code == "process.task.approved_for")
    assert (entry.actor_name, entry.params["principal"]) == ("Dora", "Mark")
    assert entry.on_behalf_of_id == engine.town.user["mark"]
    assert engine.state(instance) == "done"


@pytest.mark.parametrize(
    "more",
    [
        {"document_types": ["other.paper"]},
        {"ends_on": date(2026, 11, 16), "starts_on": date(2026, 11, 16)},
        {"revoked_at": NOW},
    ],
)
def test_deputy_of_another_kind_or_day_may_not(engine: Engine, more: dict[str, object]) -> None:
    engine.publish(BOSS)
    engine.start()
    deputy(engine, **more)
    with clock.at(NOW + timedelta(days=1)), pytest.raises((ForbiddenError, NotFoundError)):
        engine.decide("dora", task=engine.task("mark"))


def test_deputy_above_the_amount_may_not(engine: Engine) -> None:
    engine.publish(BOSS)
    engine.start()
    deputy(engine, max_amount=Decimal(99))
    with pytest.raises(errors.AmountAboveDeputyError):
        engine.decide("dora", task=engine.task("mark"))


def test_urge_is_rate_limited(engine: Engine) -> None:
    engine.publish(BOSS)
    engine.start()
    task = engine.task("mark")
    services.task_urge(actor=engine.town.actor("sara"), task_id=task.pk)
    with pytest.raises(errors.UrgedAlreadyError):
        services.task_urge(actor=engine.town.actor("sara"), task_id=task.pk)
    with clock.at(NOW + timedelta(minutes=61)):
        services.task_urge(actor=engine.town.actor("sara"), task_id=task.pk)
    with pytest.raises(ForbiddenError):
        services.task_urge(actor=engine.town.actor("mark"), task_id=task.pk)


def test_comment_by_everybody_who_takes_part(engine: Engine) -> None:
    engine.publish(BOSS)
    instance = engine.start()
    services.task_comment(
        actor=engine.town.actor("sara"), instance_id=instance.pk, text="please hurry"
    )
    with pytest.raises(NotFoundError):
        services.task_comment(
            actor=engine.town.actor("fred"), instance_id=instance.pk, text="hello"
        )
    assert instance.comments.get().author_name == "Sara"


def test_act_on_the_document_completes_its_step(engine: Engine) -> None:
    engine.publish(BG, BOSS)
    instance = engine.start()
    act = {"subject_type": TOY, "subject_id": 1, "step_code": "BG"}
    with pytest.raises(ForbiddenError):
        services.process_step_complete(actor=engine.town.actor("fred"), **act)
    subject = services.process_step_complete(
        actor=engine.town.actor("dora"), data={"copies": 3}, **act
    )
    assert (type(subject), instance.tasks.get(state="done").data) == (ToySubject, {"copies": 3})
    with pytest.raises(errors.StepNotOpenError):
        services.process_step_complete(actor=engine.town.actor("dora"), **act)
