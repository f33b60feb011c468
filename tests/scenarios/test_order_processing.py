"""The sales process told as a salesperson knows it: one order per band and outcome of OP."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.orders.services import (
    StoppedError,
    order_cancel,
    order_hold,
    order_print_bill,
    order_resume,
    order_way_pay_first,
    order_way_special,
)
from tests.fixtures.play import Play


@pytest.mark.requirement("ORD-01", partly="the page shows the log of OG; see the order page")
def test_an_order_within_the_limit_is_signed_printed_and_handed_over(play: Play) -> None:
    play.enters("order_clerk", "和兴", 100).submits("order_clerk")
    assert play.order.number.startswith("SO2611-")
    assert play.step == "OG"
    play.accepted()
    assert play.step == "MA"
    assert play.order.credit_band == "within"
    assert exposure(play.house.customers["和兴"]) == Decimal("11800.00")
    play.decides("deputy_sales_director").released()
    assert play.order.status == "released"
    assert set(play.nodes.values()) == {"done"}
    assert play.order.progress.startswith("ddddddd")


@pytest.mark.requirement("CRD-05", partly="the area manager's notice stands in the credit bands")
def test_twenty_percent_over_is_decided_by_the_slt_member_and_refusal_sends_it_back(
    play: Play,
) -> None:
    play.house.customer("恒泰", limit=10_000)
    play.enters("order_clerk", "恒泰", 100).submits("order_clerk").accepted()
    assert play.order.credit_band == "over_small"
    assert play.order.credit_over == Decimal("1800.00")
    play.decides("deputy_sales_director", "refuse", "先把上月货款结清")
    assert play.order.status == "draft"
    assert exposure(play.house.customers["恒泰"]) == 0
    play.submits("order_clerk").accepted().decides("deputy_sales_director").released()
    assert play.order.status == "released"


@pytest.mark.requirement("CRD-06", partly="the notice to the region manager is not asserted")
def test_more_than_twenty_percent_over_must_be_paid_first(play: Play) -> None:
    play.house.customer("桂香", limit=5_000)
    play.enters("order_clerk", "桂香", 100).submits("order_clerk").accepted()
    assert play.order.credit_band == "stop"
    assert exposure(play.house.customers["桂香"]) == 0
    order_way_pay_first(actor=play.house.actor("region_manager"), order_id=play.order_id)
    play.decides("deputy_sales_director")
    assert play.order.pays_first
    assert play.nodes["BG"] == "wait"
    with pytest.raises(ConflictError):
        order_print_bill(actor=play.house.actor("finance_clerk"), order_id=play.order_id)


@pytest.mark.requirement("ORD-10", partly="the travelling member is tested with the deputies")
def test_special_treatment_needs_all_three_signatures(play: Play) -> None:
    play.house.customer("桂香", limit=5_000)
    play.enters("order_clerk", "桂香", 100).submits("order_clerk").accepted()
    order_way_special(
        actor=play.house.actor("region_manager"),
        order_id=play.order_id,
        reason_kind="fair",
        reason="春季订货会",
        business_record="近 12 月销售 860,000，无逾期",
    )
    assert play.step == "MA"
    for person in ("general_manager", "sales_director"):
        play.decides(person)
        assert play.nodes["BG"] == "todo"
    play.decides("deputy_sales_director").released()
    assert play.order.status == "released"
    assert exposure(play.house.customers["桂香"]) == Decimal("11800.00")


def test_refused_special_treatment_falls_back_to_paying_first(play: Play) -> None:
    play.house.customer("桂香", limit=5_000)
    play.enters("order_clerk", "桂香", 100).submits("order_clerk").accepted()
    order_way_special(
        actor=play.house.actor("region_manager"),
        order_id=play.order_id,
        reason_kind="growth",
        reason="增长超预期",
        business_record="月均增长 40%",
    )
    play.decides("general_manager", "refuse", "风险太大")
    assert play.order.pays_first
    assert play.step == "MA"
    play.decides("deputy_sales_director")
    assert play.nodes["BG"] == "wait"


def test_everything_wrong_is_said_at_once(play: Play) -> None:
    play.enters("order_clerk", "和兴", 100, price=Decimal("90"), requested_on=None)
    with pytest.raises(StoppedError) as refusal:
        play.submits("order_clerk")
    assert {item.rule for item in refusal.value.items} == {"OG-1", "QC-2"}
    assert play.order.status == "draft"
    assert play.order.number == ""


def test_a_price_the_market_manager_may_give_passes_after_the_signature(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10, price=Decimal("113"))
    play.submits("order_clerk").accepted()
    assert play.step == "MA"


@pytest.mark.requirement("ORD-18")
def test_only_people_with_the_right_enter_orders(play: Play) -> None:
    with pytest.raises(ForbiddenError):
        play.enters("warehouse_keeper", "和兴", 1)


def test_a_held_order_waits_and_goes_on(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits("order_clerk")
    order_hold(actor=play.house.actor("csr"), order_id=play.order_id, reason="客户要求暂停")
    with pytest.raises(ConflictError):
        play.decides("key_account_manager")
    order_resume(actor=play.house.actor("csr"), order_id=play.order_id)
    play.decides("key_account_manager")


def test_a_cancelled_order_frees_what_it_held(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits("order_clerk").accepted()
    assert exposure(play.house.customers["和兴"]) > 0
    with pytest.raises(InvalidError):
        order_cancel(actor=play.house.actor("csr"), order_id=play.order_id, reason=" ")
    order_cancel(actor=play.house.actor("csr"), order_id=play.order_id, reason="客户取消")
    assert exposure(play.house.customers["和兴"]) == 0
    assert play.order.status == "cancelled"
