"""Who may not sign: the initiator as deputy, one person twice, people who left, strangers."""

from datetime import date

import pytest

from chengdan.kernel.errors import ForbiddenError, NotFoundError
from chengdan.kernel.transactions import unguarded
from chengdan.modules.people.models import Assignment, Company, Deputy, User
from chengdan.modules.process import errors, services
from tests.fixtures.process import NOW, Engine, ToyDocument, toy_step

pytestmark = pytest.mark.usefixtures("frozen_clock")
BOSS = toy_step("BOSS", "approval", assign={"responsible": "boss"})
ALL = toy_step(
    "ALL", "approval", mode="all", assign=[{"role": "general_manager"}, {"responsible": "boss"}]
)


def deputy(engine: Engine, principal: str, name: str) -> None:
    user = engine.town.user
    with unguarded():
        Deputy.objects.create(
            company_id=engine.town.company_id, principal_id=user[principal], deputy_id=user[name],
            starts_on=date(2026, 11, 16), ends_on=date(2026, 11, 20), consent_text="by phone",
            consented_at=NOW,
        )  # fmt: skip


def test_nobody_approves_the_own_document_as_a_deputy(engine: Engine) -> None:
    engine.publish(BOSS)
    engine.start()
    deputy(engine, "mark", "sara")
    with pytest.raises(errors.OwnDocumentError):
        engine.decide("sara", task=engine.task("mark"))
    engine.decide("mark")


def test_two_signatures_come_from_two_people(engine: Engine) -> None:
    engine.publish(ALL)
    instance = engine.start()
    deputy(engine, "mark", "gina")
    engine.decide("gina", task=engine.task("gina"))
    with pytest.raises(errors.SignedAlreadyError):
        engine.decide("gina", task=engine.task("mark"))
    engine.decide("mark")
    assert engine.state(instance) == "done"


def test_nobody_signs_for_a_person_who_is_disabled(engine: Engine) -> None:
    engine.publish(BOSS)
    engine.start()
    deputy(engine, "mark", "dora")
    task = engine.task("mark")
    with unguarded():
        User.objects.filter(pk=engine.town.user["mark"]).update(is_active=False)
    with pytest.raises((ForbiddenError, NotFoundError)):
        engine.decide("dora", task=task)


def test_a_lost_seat_neither_decides_nor_hands_on(engine: Engine, paper: ToyDocument) -> None:
    engine.publish(BOSS)
    engine.start()
    task = engine.task("mark")
    paper.people["boss"] = [engine.town.user["lena"]]
    with pytest.raises(errors.NotAssignedError):
        engine.decide("mark", task=task)
    act = {"actor": engine.town.actor("mark"), "task_id": task.pk, "comment": "yours"}
    with pytest.raises(errors.NotAssignedError):
        services.task_transfer(to_user_id=engine.town.user["dora"], **act)


def test_tasks_stay_in_the_company(engine: Engine) -> None:
    engine.publish(BOSS)
    engine.start()
    with unguarded():
        other = Company.objects.create(code="T2", name="Other", created_at=NOW)
        stranger = User.objects.create(
            username="stranger", display_name="Stranger", company=other, password="!",
            created_at=NOW,
        )  # fmt: skip
    assert not Assignment.objects.filter(user=stranger).exists()
    with pytest.raises(errors.TransferError):
        services.task_transfer(
            actor=engine.town.actor("mark"), task_id=engine.task("mark").pk,
            to_user_id=stranger.pk, comment="yours",
        )  # fmt: skip
