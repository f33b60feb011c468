"""Documents keep the names of those who answered for them; the rights go with the seat."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from chengdan.kernel.errors import DomainError, NotFoundError
from chengdan.modules.credit.services import Source, credit_shortfall_release
from chengdan.modules.orders.access import access_order_for_view
from chengdan.modules.orders.selectors import orders_visible
from chengdan.modules.orders.services import order_accept, order_hold, order_resume
from chengdan.modules.process.models import Task
from chengdan.modules.process.selectors.inbox import tasks_open
from chengdan.modules.process.services import task_decide
from tests.fixtures.play import Play, told
from tests.fixtures.succession import succeeds, vacates


@pytest.mark.parametrize("seat", ["csr", "deputy_sales_director"])
def test_who_lost_the_seat_sees_and_decides_nothing_any_more(play: Play, seat: str) -> None:
    play.enters("order_clerk", "和兴", 10).submits()
    play.decides("key_account_manager").decides("market_manager")
    if seat != "csr":
        play_accept(play)
    before = play.house.people[seat]
    task = Task.objects.get(assignee_id=before, state="open")
    successor = succeeds(play.house, seat)
    gone = play.house.actor(seat)
    assert before in (play.order.csr_id, play.order.slt_member_id)
    assert not orders_visible(gone).exists()
    assert not tasks_open(gone).exists()
    with pytest.raises(NotFoundError):
        access_order_for_view(gone, play.order_id)
    with pytest.raises(DomainError):
        task_decide(actor=gone, task_id=task.pk, decision="approve")
    with pytest.raises(DomainError):
        order_accept(actor=gone, order_id=play.order_id, customer_told_how="电话")
    with pytest.raises(DomainError):
        order_hold(actor=gone, order_id=play.order_id, reason="不再管")
    assert [item.assignee_id for item in Task.objects.filter(state="open")] == [successor]


def play_accept(play: Play) -> None:
    csr = play.house.actor("csr")
    order_accept(actor=csr, order_id=play.order_id, customer_told_how="电话")


@pytest.mark.parametrize("seat", ["csr", "deputy_sales_director"])
def test_a_step_that_opens_later_goes_to_the_one_on_the_seat(play: Play, seat: str) -> None:
    play.enters("order_clerk", "和兴", 10).submits()
    before, successor = play.house.people[seat], succeeds(play.house, seat)
    play.house.people[seat] = successor
    order_hold(actor=play.house.actor("ssg_leader"), order_id=play.order_id, reason="等回话")
    order_resume(actor=play.house.actor("ssg_leader"), order_id=play.order_id)
    assert before not in told("orders.held")
    assert (successor in told("orders.held")) == (seat == "csr")
    play.decides("key_account_manager").decides("market_manager")
    if seat != "csr":
        play_accept(play)
    asked = [task.assignee_id for task in Task.objects.filter(state="open")]
    assert before not in asked
    assert asked == [successor]


def test_the_successor_in_charge_releases_shortfalls_the_former_does_not(
    play: Play,
) -> None:
    house = play.house
    house.customer("新客", limit=None, pay_first=True)
    play.enters("order_clerk", "新客", 50).submits().accepted().decides("deputy_sales_director")
    assert play.stands_at == "PAY"
    former = house.actor("deputy_sales_director")
    house.people["deputy_sales_director"] = succeeds(play.house, "deputy_sales_director")
    act = {
        "customer_id": house.customers["新客"], "source": Source("orders.order", play.order_id),
        "until": date(2026, 11, 30), "reason": "余款周五到",
    }  # fmt: skip
    with pytest.raises(DomainError):
        credit_shortfall_release(actor=former, **act)
    successor = house.actor("deputy_sales_director")
    assert credit_shortfall_release(actor=successor, **act) == Decimal(5900)


def test_while_the_seat_in_charge_is_empty_its_superior_is_asked_for_the_approval(
    play: Play,
) -> None:
    play.enters("order_clerk", "和兴", 10).submits().decides("key_account_manager")
    vacates(play.house, "deputy_sales_director")
    play.decides("market_manager")
    play_accept(play)
    assert play.stands_at == "MA"
    asked = [task.assignee_id for task in Task.objects.filter(state="open")]
    assert asked == [play.house.people["general_manager"]]
