"""The acts of OP on the order's page: accept, print, hand over, hold, each with its refusals."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from chengdan.kernel import clock
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError
from chengdan.kernel.outbox import outbox_drain
from chengdan.kernel.transactions import unguarded
from chengdan.modules.orders.models import Handover, OrderLine, OrderMemo
from chengdan.modules.orders.printing import paper_data
from chengdan.modules.orders.services import (
    order_accept,
    order_hand_over,
    order_hold,
    order_print_bill,
    order_resume,
    orders_accept,
)
from chengdan.modules.orders.vocabulary import ORDER
from chengdan.modules.people.models import User
from chengdan.modules.process.errors import NotAssignedError, StepNotOpenError
from chengdan.modules.process.selectors import open_task_for, strip
from chengdan.modules.process.services import task_decide
from tests.fixtures.play import Play, events_of


def at_oa(play: Play) -> Play:
    play.enters("order_clerk", "和兴", 10).submits()
    return play.decides("key_account_manager").decides("market_manager")


def people_of(play: Play) -> dict[str, User]:
    return {key: User.objects.get(pk=pk) for key, pk in play.house.people.items()}


def at_bg(play: Play) -> Play:
    play.enters("order_clerk", "和兴", 10).submits().accepted()
    return play.decides("deputy_sales_director")


@pytest.mark.requirement("ORD-02", partly="timer and breach stand in the steps of OP")
def test_accepting_writes_the_memo_and_tells_market_department_and_customer(play: Play) -> None:
    at_oa(play)
    csr = play.house.actor("csr")
    with clock.at(clock.now() + timedelta(minutes=12)):
        order_accept(actor=csr, order_id=play.order_id, memo="周五前到货", customer_told_how="电话")
    memo = OrderMemo.objects.get(order_id=play.order_id)
    assert (memo.text, memo.customer_told_how, memo.accepted_by_id) == (
        "周五前到货", "电话", csr.user_id,
    )  # fmt: skip
    assert memo.market_told_at == memo.customer_told_at == play.order.accepted_at
    assert "orders.order.accepted" in play.codes
    assert [item["order_id"] for item in events_of("orders.accepted")] == [play.order_id]
    with clock.at(clock.now() + timedelta(minutes=13)):
        outbox_drain()
    from chengdan.kernel.notices.models import Notice

    told = set(Notice.objects.filter(kind="orders.accepted").values_list("user_id", flat=True))
    assert {play.house.people["market_department"], play.order.owner_id} <= told


def test_only_the_csr_of_the_order_accepts_and_only_once(play: Play) -> None:
    at_oa(play)
    with pytest.raises(ForbiddenError):
        order_accept(actor=play.house.actor("finance_clerk"), order_id=play.order_id)
    with pytest.raises((NotAssignedError, ForbiddenError)):
        order_accept(actor=play.house.actor("ssg_leader"), order_id=play.order_id)
    csr = play.house.actor("csr")
    results = orders_accept(actor=csr, order_ids=[play.order_id, play.order_id, 999_999])
    assert [item.error is None for item in results] == [True, False, False]
    assert isinstance(results[1].error, StepNotOpenError)
    assert OrderMemo.objects.count() == 1


@pytest.mark.requirement("ORD-29", partly="the ratio per day is shown by the control tower")
def test_the_note_is_printed_then_handed_over_with_time_and_receiver(play: Play) -> None:
    at_bg(play)
    csr, clerk = play.house.actor("csr"), play.house.actor("finance_clerk")
    with pytest.raises(ConflictError, match="not_printed"):
        order_hand_over(actor=csr, order_id=play.order_id, received_by="刘志强")
    with pytest.raises(ForbiddenError):
        order_print_bill(actor=csr, order_id=play.order_id)
    order_print_bill(actor=clerk, order_id=play.order_id)
    with pytest.raises(StepNotOpenError):
        order_print_bill(actor=clerk, order_id=play.order_id)
    with pytest.raises(InvalidError):
        order_hand_over(actor=csr, order_id=play.order_id, received_by=" ")
    early = clock.now() - timedelta(minutes=1)
    late = clock.now() + timedelta(minutes=1)
    for at in (early, late):
        with pytest.raises(InvalidError):
            order_hand_over(actor=csr, order_id=play.order_id, received_by="刘志强", received_at=at)
    assert play.order.status == "processing"
    order_hand_over(actor=csr, order_id=play.order_id, received_by="刘志强")
    found = Handover.objects.get(order_id=play.order_id)
    assert (found.received_by, found.handed_by_id) == ("刘志强", csr.user_id)
    assert play.order.released_at == found.received_at
    assert play.codes[-2:] == ["orders.order.printed", "orders.order.released"]
    assert events_of("orders.released") == [{"order_id": play.order_id}]


def test_the_strip_names_who_did_what_it_says(play: Play) -> None:
    at_bg(play)
    order_print_bill(actor=play.house.actor("finance_clerk"), order_id=play.order_id)
    order_hand_over(actor=play.house.actor("csr"), order_id=play.order_id, received_by="刘")
    with translation.override("zh-hans"):
        found = strip(ORDER, play.order_id)
    assert found is not None
    said = {node.code: (node.title, node.who) for node in found.nodes}
    names = {key: user.display_name for key, user in people_of(play).items()}
    assert said["OG"] == ("核对", names["key_account_manager"])
    assert said["BG"] == ("打单", names["finance_clerk"])


def test_what_is_printed_before_finance_prints_the_note_is_no_delivery_note(play: Play) -> None:
    at_bg(play)
    with translation.override("en"):
        before = paper_data(play.order)
        order_print_bill(actor=play.house.actor("finance_clerk"), order_id=play.order_id)
        after = paper_data(play.order)
    assert (before["title"], before["copies"]) == ("Order, not a delivery note", [])
    assert before["signatures"] == ["Customer", "Salesperson"]
    assert after["signatures"] == ["Finance", "Storage and transport", "Receiver"]
    assert (after["title"], len(after["copies"])) == ("Delivery note", 3)
    assert after["rows"] == before["rows"]


def test_quantities_on_paper_have_separators(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10)
    with unguarded():
        OrderLine.objects.filter(order_id=play.order_id).update(quantity=Decimal("12345.5"))
    assert [row[4] for row in paper_data(play.order)["rows"]] == ["12,345.5"]


def test_an_act_of_a_step_that_does_not_stand_open_leaves_nothing_behind(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits()
    before = play.codes
    with pytest.raises(StepNotOpenError):
        order_accept(actor=play.house.actor("csr"), order_id=play.order_id)
    with pytest.raises(StepNotOpenError):
        order_print_bill(actor=play.house.actor("finance_clerk"), order_id=play.order_id)
    assert play.codes == before
    assert not OrderMemo.objects.exists()
    assert play.order.accepted_at is None


def test_holding_needs_a_reason_and_stops_every_act_until_resumed(play: Play) -> None:
    at_bg(play)
    csr, clerk = play.house.actor("csr"), play.house.actor("finance_clerk")
    with pytest.raises(InvalidError):
        order_hold(actor=csr, order_id=play.order_id, reason=" ")
    order_hold(actor=csr, order_id=play.order_id, reason="客户暂停")
    assert (play.order.is_held, play.order.held_by_id) == (True, csr.user_id)
    with pytest.raises(ConflictError):
        order_hold(actor=csr, order_id=play.order_id, reason="再次")
    with pytest.raises(ConflictError):
        order_print_bill(actor=clerk, order_id=play.order_id)
    order_resume(actor=csr, order_id=play.order_id)
    with pytest.raises(ConflictError):
        order_resume(actor=csr, order_id=play.order_id)
    assert play.codes[-2:] == ["orders.order.held", "orders.order.resumed"]
    play.released()


def test_what_was_accepted_before_a_return_is_accepted_anew(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits().accepted()
    manager = play.house.actor("deputy_sales_director")
    task = open_task_for(ORDER, play.order_id, "", manager)
    assert task is not None
    with clock.at(clock.now() + timedelta(minutes=5)):
        task_decide(
            actor=manager, task_id=task.pk, decision="return", comment="价格不对", return_to="OG3"
        )
        play.decides("market_manager")
        with pytest.raises(InvalidError):
            play.decides("csr", "done")
        csr = play.house.actor("csr")
        order_accept(actor=csr, order_id=play.order_id, customer_told_how="电话")
        assert OrderMemo.objects.get().accepted_at == clock.now()
        assert play.order.accepted_at == clock.now()
