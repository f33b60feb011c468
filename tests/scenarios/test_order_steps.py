"""The seven steps of OP, each with who acts, by when, and on what evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client

from chengdan.kernel import clock
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import InvalidError
from chengdan.kernel.transactions import unguarded
from chengdan.modules.catalog.services import product_discontinue, product_resume
from chengdan.modules.orders.models import Handover, OrderMemo
from chengdan.modules.orders.promises import same_day_gauge
from chengdan.modules.orders.services import (
    StoppedError,
    order_accept,
    order_hand_over,
    order_place,
    order_print_bill,
    order_stops,
    order_update,
)
from chengdan.modules.people.models import Role, Territory
from chengdan.modules.process.errors import StepNotOpenError
from chengdan.modules.process.models import ProblemRecord, StepRun
from chengdan.modules.process.selectors import open_task_for, step_open, strip
from chengdan.modules.process.services import deadlines_sweep, problem_explain
from chengdan.modules.shipping.jobs import explain_sweep
from tests.fixtures.play import ORDER, Play, told

END_OF_DAY = datetime(2026, 11, 16, 15, 59, 59, 999999, tzinfo=UTC)
LATE = datetime(2026, 11, 16, 16, 30, tzinfo=UTC)


def has_task(play: Play, who: str) -> bool:
    return open_task_for(ORDER, play.order_id, "", play.house.actor(who)) is not None


def approved(play: Play) -> Play:
    """Bring an ordinary order to finance."""
    play.enters("order_clerk", "和兴", 10).submits().accepted()
    return play.decides("deputy_sales_director")


@pytest.mark.requirement("PRL-24")
def test_an_order_takes_the_seven_steps_one_after_the_other(play: Play) -> None:
    approved(play).released()
    found = strip(ORDER, play.order_id)
    assert found is not None
    assert [node.code for node in found.nodes] == ["OG", "OA", "QC", "AC", "CC", "MA", "BG"]
    runs = StepRun.objects.filter(instance__subject_id=play.order_id).order_by("pk")
    done = [run.code for run in runs if run.state == "done"]
    assert done == ["OG2", "OG3", "OA", "QC", "AC", "CC", "MA", "BG1", "BG2"]


@pytest.mark.requirement("ORD-01")
def test_the_customers_plan_is_checked_approved_sent_on_and_logged(play: Play) -> None:
    """OG-1: what the customer plans to take; the clerk enters it under the customer's number."""
    plan = play.draft("和兴", 40, customer_order_number="PLAN-11")
    play.order_id = order_place(actor=play.house.actor("order_clerk"), draft=plan).pk
    play.submits()
    assert has_task(play, "key_account_manager")
    assert not has_task(play, "market_manager")
    play.decides("key_account_manager", comment="与客户核对过")
    assert has_task(play, "market_manager")
    assert not has_task(play, "csr")
    play.decides("market_manager")
    assert has_task(play, "csr")
    assert play.house.people["csr"] in told("process.task")
    people = play.house.people
    for step, who in (("OG2", "key_account_manager"), ("OG3", "market_manager")):
        task = play.run(step).tasks.get(decided_by=people[who])
        assert task.decided_at == clock.now()
    log = [entry.code for entry in audit_history(play.run("OG3").instance)]
    assert log.count("process.task.approved") == 2
    assert play.codes[:2] == ["orders.order.placed", "orders.order.submitted"]


@pytest.mark.requirement("ORD-02")
def test_market_and_customer_are_told_within_thirty_minutes_or_it_is_flagged(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits()
    play.decides("key_account_manager").decides("market_manager")
    start = clock.now()
    assert play.run("OA").due_at == start + timedelta(minutes=30)
    with clock.at(start + timedelta(minutes=30)):
        deadlines_sweep()
    assert play.run("OA").breached_at == start + timedelta(minutes=30)
    record = ProblemRecord.objects.get(topic="op.OA")
    assert record.owner_id == play.house.people["csr"]
    other = play.another().enters("order_clerk", "和兴", 5).submits()
    other.decides("key_account_manager").decides("market_manager")
    with clock.at(start + timedelta(minutes=29)):
        csr = play.house.actor("csr")
        order_accept(actor=csr, order_id=other.order_id, memo="周五前到货")
        deadlines_sweep()
        assert play.house.people["market_department"] in told("orders.accepted")
    memo = OrderMemo.objects.get(order_id=other.order_id)
    assert (memo.text, memo.customer_told_at) == ("周五前到货", start + timedelta(minutes=29))
    assert [message.to for message in mail.outbox[-1:]] == [["luo@example.com"]]
    assert other.order.number in mail.outbox[-1].subject
    assert other.run("OA").breached_at is None
    assert ProblemRecord.objects.count() == 1


@pytest.mark.requirement("ORD-03")
def test_qualification_looks_again_at_product_amount_and_signatures(play: Play) -> None:
    product, csr = play.house.products["HY-0712"], play.house.actor("csr")
    play.enters("order_clerk", "和兴", 10).submits()
    product_discontinue(actor=play.house.system, product_id=product, reason="停产")
    play.accepted()
    assert (play.order.status, stopped_by(play)) == ("draft", {"QC-1"})
    product_resume(actor=play.house.system, product_id=product)
    # Nobody accepts an order whose generation is not approved.
    play.submits()
    for who in ("key_account_manager", "market_manager"):
        with pytest.raises(StepNotOpenError):
            order_accept(actor=csr, order_id=play.order_id, customer_told_how="电话")
        play.decides(who)
    with unguarded():
        play.order.lines.update(gross=Decimal(1))
    order_accept(actor=csr, order_id=play.order_id, customer_told_how="电话")
    assert (play.order.status, stopped_by(play)) == ("draft", {"QC-3"})
    clerk = play.house.actor("order_clerk")
    order_update(actor=clerk, order_id=play.order_id, draft=play.draft("和兴", 10))
    play.submits().accepted()
    assert (play.run("QC").state, play.order.gross) == ("done", Decimal("1180.00"))


def stopped_by(play: Play) -> set[str]:
    """Return the rules that the qualification check stopped the order by."""
    run = play.run("QC")
    assert run.state == "refused"
    return {stop["rule"] for stop in run.evidence["evidence"]["stops"]}


@pytest.mark.requirement("ORD-06")
@pytest.mark.requirement("ORG-06")
@pytest.mark.requirement("ORG-07")
def test_the_slt_member_of_the_market_approves_after_the_three_checks(play: Play) -> None:
    house = play.house
    card = Role.objects.get(code="deputy_sales_director").duties["en"]
    assert all(duty in card for duty in ("secretaries", "training", "new markets"))
    markets = Territory.objects.filter(company=house.company, level="market").order_by("sort")
    members = ["sales_director"] * 4 + ["deputy_sales_director"] * 4
    for market, member in zip(markets, members, strict=True):
        house.customer(market.code, territory_id=market.pk)
        order = play.another().enters("key_account_manager", market.code, 10)
        order.submits("key_account_manager")
        while order.step == "OG":
            first = order.run(order.stands_at).tasks.filter(state="open").first()
            order.decides(seat_of(play, first.assignee_id))
        order_accept(actor=house.actor("csr"), order_id=order.order_id, customer_told_how="电话")
        done = {code: node for code, node in order.nodes.items() if node == "done"}
        assert set(done) == {"OG", "OA", "QC", "AC", "CC"}
        asked = [task.assignee_id for task in order.run("MA").tasks.filter(state="open")]
        assert (market.code, asked) == (market.code, [house.people[member]])
        order.decides(member)
        assert order.order.step == "BG"


def seat_of(play: Play, user_id: int) -> str:
    return next(seat for seat, pk in play.house.people.items() if pk == user_id)


@pytest.mark.requirement("ORD-07")
@pytest.mark.requirement("ORD-08")
def test_print_and_handover_are_due_the_same_day_and_measured(play: Play) -> None:
    approved(play)
    assert play.run("BG1").due_at == END_OF_DAY
    assert has_task(play, "finance_clerk")
    order_print_bill(actor=play.house.actor("finance_clerk"), order_id=play.order_id)
    assert play.run("BG2").due_at == END_OF_DAY
    assert has_task(play, "csr")
    order_hand_over(actor=play.house.actor("csr"), order_id=play.order_id, received_by="刘志强")
    viewer = play.house.actor("general_manager")
    assert same_day_gauge(viewer).value == Decimal(100)
    late = approved(play.another())
    order_print_bill(actor=play.house.actor("finance_clerk"), order_id=late.order_id)
    with clock.at(LATE):
        deadlines_sweep()
        order_hand_over(actor=play.house.actor("csr"), order_id=late.order_id, received_by="刘")
        gauge = same_day_gauge(viewer)
        client = Client()
        client.force_login(get_user_model().objects.get(pk=viewer.user_id))
        rows = client.get(gauge.url).context["rows"]
        assert {row.pk for row in rows} == {play.order_id, late.order_id}
        rows = client.get("/orders/?same_day=missed").context["rows"]
        assert [row.pk for row in rows] == [late.order_id]
    assert (gauge.value, gauge.target) == (Decimal(50), Decimal(100))
    record = ProblemRecord.objects.get()
    assert (record.topic, record.owner_id) == ("op.BG2", play.house.people["csr"])


@pytest.mark.requirement("ORD-12")
def test_lateness_is_explained_in_the_problem_record_to_the_leadership(play: Play) -> None:
    approved(play)
    with clock.at(LATE):
        deadlines_sweep()
        record = ProblemRecord.objects.get(topic="op.BG1")
        people = play.house.people
        clerk = play.house.actor("finance_clerk")
        assert record.owner_id == people["finance_clerk"]
        assert told("process.problem") == {people["finance_clerk"]}
        with pytest.raises(InvalidError):
            problem_explain(actor=clerk, problem_id=record.pk, explanation=" ", action="加班")
        problem_explain(
            actor=clerk, problem_id=record.pk, explanation="打印机故障", action="备一台打印机"
        )
        leaders = {"general_manager", "sales_director", "deputy_sales_director"}
        assert told("process.explained") == {people[who] for who in leaders}
    record.refresh_from_db()
    assert (record.state, record.explanation) == ("explained", "打印机故障")


@pytest.mark.requirement("ORD-19")
def test_who_enters_an_order_never_checks_it_alone(play: Play) -> None:
    play.enters("key_account_manager", "和兴", 10).submits("key_account_manager")
    assert not has_task(play, "key_account_manager")
    assert has_task(play, "market_manager")
    play.decides("market_manager").decides("market_manager")
    assert play.stands_at == "OA"
    runs = [play.run(step) for step in ("OG2", "OG3")]
    signed = {task.decided_by_id for run in runs for task in run.tasks.exclude(decided_by=None)}
    assert signed == {play.house.people["market_manager"]}
    assert play.order.submitted_by_id not in signed


@pytest.mark.requirement("ORD-20")
def test_every_rule_is_checked_at_entry_with_its_numbers(play: Play) -> None:
    house = play.house
    house.customer("桂香", limit=5_000)
    play.enters("order_clerk", "桂香", 100, price=Decimal("90"), requested_on=None)
    found = order_stops(house.actor("order_clerk"), play.order)
    assert found.is_blocked
    stops = {stop.rule: stop for stop in found.stops}
    assert {"OG-1", "QC-2", "CC-4"} <= set(stops)
    assert "4,000.00" in str(stops["CC-4"].title)
    with pytest.raises(StoppedError):
        play.submits()
    assert play.order.status == "draft"


@pytest.mark.requirement("ORD-29")
def test_the_handover_has_time_and_receiver_ends_op_and_starts_the_shipping_clocks(
    depot: Any,
) -> None:
    depot.stock("HY-0712", 50)
    order_id, house = depot.order("和兴", {"HY-0712": 5}), depot.house
    order_print_bill(actor=house.actor("finance_clerk"), order_id=order_id)
    at = clock.now() + timedelta(hours=3)
    viewer = house.actor("general_manager")
    with clock.at(at + timedelta(minutes=5)):
        assert depot.note_of(order_id) is None
        assert same_day_gauge(viewer).value is None
        order_hand_over(
            actor=house.actor("csr"), order_id=order_id, received_by="刘志强", received_at=at
        )
        assert same_day_gauge(viewer).value == Decimal(100)
    found = Handover.objects.get(order_id=order_id)
    assert (found.received_at, found.received_by) == (at, "刘志强")
    assert step_open(ORDER, order_id) == ""
    note = depot.note_of(order_id)
    assert (note.received_at, note.due_at) == (at, at + timedelta(hours=24))
    with clock.at(at + timedelta(hours=47, minutes=59)):
        assert explain_sweep() == 0
    with clock.at(at + timedelta(hours=48)):
        assert explain_sweep() == 1
