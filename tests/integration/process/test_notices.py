"""Notices: new tasks, urging and misses reach people once, in their language."""

from datetime import timedelta

import pytest

from chengdan.kernel import clock
from chengdan.kernel.notices.models import Notice
from chengdan.kernel.outbox import outbox_drain
from chengdan.kernel.outbox.models import OutboxMessage
from chengdan.modules.process import services
from tests.fixtures.process import NOW, Engine, toy_step

pytestmark = pytest.mark.django_db

MA = toy_step("MA", "approval", assign={"responsible": "boss"}, promise=True,
              limit={"working_minutes": 60}, remind={"working_minutes": 10})  # fmt: skip


def kinds(engine: Engine, name: str) -> list[str]:
    rows = Notice.objects.filter(user_id=engine.town.user[name]).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def test_each_notice_once(engine: Engine) -> None:
    engine.publish(MA)
    engine.start()
    outbox_drain(50)
    assert kinds(engine, "mark") == ["process.task"]
    services.task_urge(actor=engine.town.actor("sara"), task_id=engine.task("mark").pk)
    outbox_drain(50)
    with clock.at(NOW + timedelta(minutes=55)):
        services.deadlines_sweep()
        outbox_drain(50)
    with clock.at(NOW + timedelta(minutes=65)):
        services.deadlines_sweep()
        outbox_drain(50)
        outbox_drain(50)
    assert kinds(engine, "mark") == [
        "process.task", "process.urge", "process.reminder", "process.overdue", "process.problem",
    ]  # fmt: skip
    assert not OutboxMessage.objects.exclude(error="").exists()


def test_nobody_is_told_of_a_task_that_is_done_already(engine: Engine) -> None:
    engine.publish(MA)
    engine.start()
    engine.decide("mark")
    outbox_drain(50)
    assert kinds(engine, "mark") == []
