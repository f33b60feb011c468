"""Submitting: coordinators, number, every stop at once; returned orders go again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError
from chengdan.kernel.transactions import unguarded
from chengdan.kernel.transitions import TransitionError
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.customers.models import Customer
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order, OrderMemo
from chengdan.modules.orders.promises import same_day_gauge
from chengdan.modules.orders.services import (
    LineDraft,
    StoppedError,
    draft_of,
    order_accept,
    order_hold,
    order_submit,
    order_update,
)
from chengdan.modules.people.services import assignment_end
from chengdan.modules.process.selectors import instance_latest
from tests.fixtures.play import ORDER, Play


@pytest.mark.requirement("ORG-18")
def test_submitting_names_exactly_one_of_each_coordinator(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits()
    order, people = play.order, play.house.people
    assert (order.csr_id, order.scr_id, order.bcr_id) == (
        people["csr"], people["shipping_coordinator"], people["ssg_leader"],
    )  # fmt: skip
    assert order.slt_member_id == people["deputy_sales_director"]
    assert order.submitted_by_id == people["order_clerk"]
    assert play.codes == ["orders.order.placed", "orders.order.submitted"]
    assert exposure(order.customer_id) == 0


def test_an_empty_seat_stops_the_order_and_says_which(play: Play) -> None:
    from chengdan.modules.people.models import Assignment

    play.enters("order_clerk", "和兴", 10)
    seat = Assignment.objects.get(user_id=play.house.people["shipping_coordinator"])
    assignment_end(actor=play.house.system, assignment_id=seat.pk, ends_on=date(2026, 11, 1))
    with pytest.raises(StoppedError) as refusal:
        play.submits()
    assert [item.rule for item in refusal.value.items] == ["ORG-18"]
    assert play.order.csr_id is None


@pytest.mark.requirement("ORD-03", partly="special sale dates are tested in the catalog")
def test_all_stops_come_at_once_with_rule_row_and_numbers(play: Play) -> None:
    play.house.customer("停", limit=1)
    play.enters(
        "order_clerk", "停", 100, price=Decimal("60"), requested_on=None,
        quota_choice="over",
    )  # fmt: skip
    with pytest.raises(StoppedError) as refusal:
        play.submits()
    found = {(item.rule, item.row) for item in refusal.value.items}
    assert found == {("OG-1", None), ("QC-2", 1), ("AC-4", None)}
    warnings = {stop.rule: stop for stop in refusal.value.stops.stops if stop.kind == "warn"}
    assert "CC-4" in warnings
    assert "5,999.00" in str(warnings["CC-4"].title)
    assert play.order.status == "draft"


def test_an_order_saved_in_another_currency_is_saved_again(play: Play) -> None:
    """It stays in that currency when the customer's is put right."""
    play.enters("order_clerk", "和兴", 10)
    with unguarded():
        Order.objects.filter(pk=play.order_id).update(currency="USD")
    with pytest.raises(StoppedError) as refusal:
        play.submits()
    assert [item.rule for item in refusal.value.items] == ["QC-0"]
    order_update(
        actor=play.house.actor("order_clerk"), order_id=play.order_id,
        draft=draft_of(play.order),
    )  # fmt: skip
    assert play.submits().order.currency == "CNY"


def test_an_order_in_another_currency_is_stopped(play: Play) -> None:
    """Nobody could pay it: limits, receipts and ages are kept in the company's currency."""
    play.enters("order_clerk", "和兴", 10)
    with unguarded():
        Customer.objects.filter(pk=play.order.customer_id).update(currency="USD")
    with pytest.raises(StoppedError) as refusal:
        play.submits()
    (item,) = refusal.value.items
    assert (item.field, item.rule) == ("customer", "QC-0")
    (stop,) = [stop for stop in refusal.value.stops.stops if stop.kind == "stop"]
    assert str(stop.text) == "只接受 CNY 订单；该客户的币种是 USD。"


def test_submitting_twice_or_without_the_right_is_refused(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10)
    with pytest.raises(ForbiddenError):
        play.submits("auditor")
    play.submits()
    with pytest.raises(TransitionError):
        play.submits()
    with pytest.raises(ConflictError):
        order_submit(
            actor=play.house.actor("order_clerk"), order_id=play.order_id, expected_version=0
        )


def test_a_held_draft_is_not_submitted(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10)
    order_hold(actor=play.house.actor("csr"), order_id=play.order_id, reason="等客户回话")
    with pytest.raises(ConflictError):
        play.submits()


def test_the_clock_of_an_order_runs_from_its_first_submission(play: Play) -> None:
    """The whole way counts what returns cost (ORD-15); rounds and history keep their own times."""
    first = clock.now()
    play.enters("order_clerk", "和兴", 10).submits()
    play.decides("key_account_manager").decides("market_manager", "refuse", "数量不对")
    later = first + timedelta(days=1)
    with clock.at(later):
        play.submits("key_account_manager")
    order = play.order
    assert order.submitted_at == first
    assert order.submitted_by_id == play.house.people["key_account_manager"]
    instance = instance_latest("op", ORDER, order.pk)
    assert instance is not None
    assert list(instance.rounds.values_list("started_at", flat=True)) == [first, later]
    sent = [entry for entry in audit_history(order) if entry.code == words.SUBMITTED]
    assert {entry.at for entry in sent} == {first, later}


def test_a_returned_order_is_to_be_accepted_anew(play: Play) -> None:
    """Market department and customer are told of what is submitted now, not of what it was."""
    play.enters("order_clerk", "和兴", 10).submits().accepted()
    first = play.order.accepted_at
    play.decides("deputy_sales_director", "refuse", "价格不对")
    assert first is not None
    with clock.at(first + timedelta(days=1)):
        viewer = play.house.actor("general_manager")
        assert same_day_gauge(viewer).value is None
        play.submits()
        play.decides("key_account_manager").decides("market_manager")
        assert (play.stands_at, play.order.accepted_at) == ("OA", None)
        with pytest.raises(InvalidError):
            play.decides("csr")
        order_accept(actor=play.house.actor("csr"), order_id=play.order_id,
                     customer_told_how="电话")  # fmt: skip
        assert play.order.accepted_at == clock.now()
        assert OrderMemo.objects.get().accepted_at == clock.now()


def test_a_returned_order_is_corrected_and_goes_the_whole_way_again(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits()
    number = play.order.number
    play.decides("key_account_manager").decides("market_manager", "refuse", "数量不对")
    assert play.order.status == "draft"
    assert "orders.order.returned" in play.codes
    order_update(
        actor=play.house.actor("order_clerk"), order_id=play.order_id, draft=play.draft("和兴", 20)
    )
    play.submits().accepted()
    assert (play.step, play.order.number) == ("MA", number)
    assert play.order.reserved_round == 2
    assert exposure(play.order.customer_id) == Decimal("2360.00")


def test_what_is_counted_whole_is_ordered_whole(play: Play) -> None:
    product = play.house.products["HY-0712"]
    line = LineDraft(product_id=product, quantity=Decimal("0.5"))
    with pytest.raises(InvalidError) as refusal:
        play.enters("order_clerk", "和兴", 1, lines=(line,))
    assert [(item.field, item.code, item.row) for item in refusal.value.items] == [
        ("quantity", "places", 1)
    ]
