"""The first working Monday of a year whose holidays are only provisionally known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from chengdan.kernel import clock
from chengdan.kernel.workcalendar import due_at, limit_parse
from chengdan.modules.orders.models import Order
from chengdan.modules.process.models import StepRun
from tests.fixtures.play import Play

MONDAY = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)


def test_numbers_begin_anew_and_deadlines_still_count(house: Any) -> None:
    """2027 ships provisionally: limits work and say so, they never fail."""
    house.customer("和兴")
    with clock.at(MONDAY):
        play = Play(house).enters("order_clerk", "和兴", 10, requested_on=date(2027, 1, 8))
        play.submits("order_clerk")
        order = Order.objects.get(pk=play.order_id)
        assert order.number == "SO2701-0001"
        step = StepRun.objects.get(code="OG2")
        local = step.due_at.astimezone(clock.local_zone()) if step.due_at else None
        assert local is not None
        assert (local.date(), local.hour) == (date(2027, 1, 4), 23)
        play.accepted()
        assert play.step == "MA"


def test_a_limit_in_a_provisional_year_carries_its_warning(house: Any) -> None:
    due = due_at(limit_parse({"working_days": 2}), MONDAY, "cn", house.company.pk)
    assert due.warning is not None
    assert due.warning.code == "provisional_year"
