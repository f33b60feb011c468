"""Faults: the human decision stays, the rest is undone, a retry goes on."""

import pytest

from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ForbiddenError
from chengdan.kernel.verification import verify_all
from chengdan.modules.process import services
from chengdan.modules.process.models import Task
from tests.fixtures.process import TOY, Engine, ToyDocument, toy_step

pytestmark = pytest.mark.django_db

BOSS = toy_step(
    "MA", "approval", assign={"responsible": "boss"}, on_pass=["toy.paper.approved"]
)  # fmt: skip
QC = toy_step("QC", "check", check="toy.quality")


def test_failing_check_parks_with_owner_and_error(engine: Engine) -> None:
    engine.toy.broken.add("quality")
    engine.publish(QC, BOSS)
    instance = engine.start()
    assert engine.state(instance) == "fault"
    assert instance.fault_owner_id == engine.town.user["lena"]
    fault = instance.steps.get().evidence["fault"]
    assert fault == {"phase": "begin", "error": "ZeroDivisionError: quality is broken"}


def test_retry_by_the_fault_owner_goes_on(engine: Engine) -> None:
    engine.toy.broken.add("quality")
    engine.publish(QC, BOSS)
    instance = engine.start()
    with pytest.raises(ForbiddenError):
        services.instance_retry(actor=engine.town.actor("sara"), instance_id=instance.pk)
    engine.toy.broken.clear()
    services.instance_retry(actor=engine.town.actor("lena"), instance_id=instance.pk)
    assert engine.states(instance) == [("QC", "void"), ("QC", "done"), ("MA", "open")]


def test_retry_that_fails_again_stays_a_fault(engine: Engine) -> None:
    engine.toy.broken.add("quality")
    engine.publish(QC, BOSS)
    instance = engine.start()
    services.instance_retry(actor=engine.town.actor("lena"), instance_id=instance.pk)
    assert engine.state(instance) == "fault"


def test_decision_is_kept_when_the_action_after_it_fails(
    engine: Engine, paper: ToyDocument
) -> None:
    engine.toy.broken.add("approved")
    engine.publish(BOSS)
    instance = engine.start()
    engine.decide("mark", comment="fine")
    task = Task.objects.get()
    assert (task.state, task.decision, task.comment) == ("done", "approve", "fine")
    assert engine.state(instance) == "fault"
    engine.toy.broken.clear()
    services.instance_retry(actor=engine.town.actor("lena"), instance_id=instance.pk)
    assert (engine.state(instance), paper.happened) == ("done", ["approved"])


def test_decision_is_kept_when_the_next_step_fails(engine: Engine, paper: ToyDocument) -> None:
    engine.toy.broken.add("quality")
    engine.publish(BOSS, QC)
    instance = engine.start()
    engine.decide("mark")
    assert engine.states(instance) == [("MA", "done"), ("QC", "fault")]
    # The toy lives in memory only, so it also remembers what the database undid before the steps
    # were done again one by one.
    assert set(paper.happened) == {"approved"}


def test_audit_chain_and_invariants_hold_after_a_fault(engine: Engine) -> None:
    engine.toy.broken.add("approved")
    engine.publish(BOSS, QC)
    instance = engine.start()
    engine.decide("mark")
    assert list(verify_all()) == []
    assert audit_history(instance)[0].code == "process.instance.faulted"


def test_a_wait_whose_end_fails_is_parked_and_did_not_end(
    engine: Engine, paper: ToyDocument
) -> None:
    wait = toy_step("PAY", "wait", until="is_paid = true", on_pass=["toy.paper.approved"])
    engine.publish(wait, BOSS)
    instance = engine.start()
    paper.is_paid = True
    engine.toy.broken.add("approved")
    actor = engine.town.actor("finn")
    ended = services.process_signal(actor=actor, subject_type=TOY, subject_id=1)
    assert (ended, engine.state(instance)) == (0, "fault")
    engine.toy.broken.clear()
    services.instance_retry(actor=engine.town.actor("lena"), instance_id=instance.pk)
    assert engine.states(instance)[-1] == ("MA", "open")
