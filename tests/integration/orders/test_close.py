"""Cancelling, closing, reopening: what is freed, and that nothing comes back unchecked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chengdan.kernel.errors import ConflictError, InvalidError, RuleError
from chengdan.kernel.transitions import TransitionError
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.orders.services import (
    LineDraft,
    Progress,
    amendment_ask,
    order_cancel,
    order_close,
    order_progress,
    order_reopen,
)
from tests.fixtures.play import Play, events_of


def delivered(play: Play, boxes: int, invoiced: int = 0) -> None:
    play.is_whole = False
    progress = [Progress(1, delivered=Decimal(boxes), invoiced=Decimal(invoiced))]
    order_progress(actor=play.house.system, order_id=play.order_id, progress=progress)


def act(play: Play, service: object, who: str = "ssg_leader", reason: str = "客户要求") -> None:
    service(actor=play.house.actor(who), order_id=play.order_id, reason=reason)  # type: ignore[operator]


def test_cancelling_a_released_order_frees_it_and_tells_the_later_rooms(play: Play) -> None:
    play.goes_out("和兴", 10)
    customer = play.order.customer_id
    assert exposure(customer) == Decimal("1180.00")
    act(play, order_cancel)
    assert (play.order.status, exposure(customer)) == ("cancelled", Decimal(0))
    assert events_of("orders.cancelled") == [{"order_id": play.order_id}]
    assert play.codes[-1] == "orders.order.cancelled"
    with pytest.raises(TransitionError):
        act(play, order_cancel)


def test_a_partly_delivered_order_is_closed_not_cancelled(play: Play) -> None:
    play.goes_out("和兴", 10)
    delivered(play, 4)
    with pytest.raises(ConflictError, match="partly_fulfilled"):
        act(play, order_cancel)
    with pytest.raises(InvalidError):
        act(play, order_close, reason="")
    act(play, order_close)
    assert play.order.status == "released"
    assert exposure(play.order.customer_id) == Decimal("472.00")
    with pytest.raises(ConflictError, match="nothing_left"):
        act(play, order_close)
    delivered(play, 0, invoiced=4)
    assert play.order.status == "closed"


@pytest.mark.requirement("CRD-15", partly="the race of both acts is in tests/concurrency")
def test_close_new_order_reopen_is_no_way_round_the_limit(play: Play) -> None:
    play.house.customer("恒泰", limit=2_000)
    play.goes_out("恒泰", 15)
    act(play, order_close)
    assert (play.order.status, exposure(play.order.customer_id)) == ("closed", Decimal(0))
    second = play.another().enters("order_clerk", "恒泰", 15).submits().accepted()
    assert second.order.credit_band == "within"
    with pytest.raises(RuleError):
        act(play, order_reopen)
    assert play.order.status == "closed"
    assert exposure(play.order.customer_id) == Decimal("1770.00")
    act(second, order_cancel)
    act(play, order_reopen)
    assert play.order.status == "released"
    assert exposure(play.order.customer_id) == Decimal("1770.00")
    assert play.codes[-2:] == ["orders.order.closed", "orders.order.reopened"]
    with pytest.raises(ConflictError):
        act(play, order_reopen)


def test_a_charge_that_was_never_invoiced_is_closed_with_the_goods(play: Play) -> None:
    lines = (
        LineDraft(product_id=play.house.products["HY-0712"], quantity=Decimal(1)),
        LineDraft(kind="charge", description="运费", price=Decimal(50)),
    )
    play.goes_out("和兴", 0, lines=lines)
    act(play, order_close)
    assert (play.order.status, exposure(play.order.customer_id)) == ("closed", Decimal(0))


def test_goods_that_come_back_open_a_closed_order_again(play: Play) -> None:
    play.goes_out("和兴", 10)
    delivered(play, 4, invoiced=4)
    act(play, order_close)
    assert play.order.status == "closed"
    delivered(play, -1, invoiced=-1)
    assert play.order.status == "released"
    assert exposure(play.order.customer_id) == Decimal("472.00") - Decimal("354.00")
    delivered(play, 1, invoiced=1)
    assert play.order.status == "closed"


@pytest.mark.parametrize("service", [order_cancel, order_close])
def test_a_change_that_is_being_decided_ends_with_its_order(play: Play, service: object) -> None:
    play.goes_out("和兴", 10)
    amendment = amendment_ask(
        actor=play.house.actor("key_account_manager"),
        order_id=play.order_id,
        draft=play.draft("和兴", 30),
        reason="追加",
    )
    assert exposure(play.order.customer_id) == Decimal("3540.00")
    act(play, service)
    amendment.refresh_from_db()
    assert (amendment.status, exposure(play.order.customer_id)) == ("withdrawn", Decimal(0))
