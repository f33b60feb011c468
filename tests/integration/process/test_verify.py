"""The verifiers: silent when right, loud when somebody tampers."""

import pytest

from chengdan.kernel.transactions import unguarded
from chengdan.modules.process import verification
from chengdan.modules.process.models import Instance, StepRun, Task
from tests.fixtures.process import Engine, ToyDocument, toy_step

pytestmark = pytest.mark.django_db

QC = toy_step("QC", "check", check="toy.quality")
MA = toy_step("MA", "approval", assign={"responsible": "boss"})
ALL = toy_step("ST", "approval", mode="all", assign=[{"role": "csr"}, {"role": "ssg_leader"}])
BG = toy_step("BG", "task", assign={"role": "csr"})


def differences() -> list[str]:
    found = [*verification.approvals_verify(), *verification.states_verify()]
    return [str(difference) for difference in found]


def whole(engine: Engine) -> Instance:
    engine.publish(QC, MA, ALL, BG)
    instance: Instance = engine.start()
    engine.decide("mark", "return", comment="again")
    engine.decide("sara", "done")
    engine.decide("mark")
    engine.decide("dora")
    engine.decide("lena")
    engine.decide("dora", "done")
    return instance


def test_right_histories_are_silent(engine: Engine, paper: ToyDocument) -> None:
    instance = whole(engine)
    assert engine.state(instance) == "done"
    assert differences() == []


def test_every_kind_of_tampering_is_found(engine: Engine) -> None:
    instance = whole(engine)
    with unguarded():
        Task.objects.filter(step_run__code="ST").first().delete()
        assert differences() == []  # one task less is no proof: the other one is complete
        Task.objects.filter(step_run__code="MA").update(decided_by=engine.town.user["sara"])
        assert any("another approver" in text for text in differences())
        Task.objects.filter(step_run__code="MA").update(decided_by=engine.town.user["mark"])
        Task.objects.filter(step_run__code="ST").delete()
        assert any("every approval given" in text for text in differences())
        StepRun.objects.filter(code="BG").delete()
        assert any("stops at BG" in text for text in differences())
        Instance.objects.filter(pk=instance.pk).update(state="running")
        found = differences()
        assert any("I11" in text and "expected done" in text for text in found)
        assert any("one open step" in text for text in found)


def test_run_stopped_by_hand_is_silent(engine: Engine) -> None:
    from chengdan.modules.process import services

    engine.publish(QC, MA)
    instance = engine.start()
    services.process_withdraw(actor=engine.town.actor("sara"), instance_id=instance.pk)
    assert differences() == []
