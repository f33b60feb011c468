"""The credit check told band by band: who decides, by when, who is told, what the order holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.errors import ConflictError, ForbiddenError
from chengdan.modules.billing.models import Receipt
from chengdan.modules.billing.services import (
    OpeningRow,
    ReceiptDraft,
    receipt_confirm,
    receipt_earmark,
    receipt_register,
    receivables_open,
)
from chengdan.modules.credit.selectors import credit_prepayment, exposure, releases
from chengdan.modules.credit.services import Source, credit_shortfall_release
from chengdan.modules.orders.models import SpecialTreatment
from chengdan.modules.orders.services import (
    order_accept,
    order_hand_over,
    order_print_bill,
    order_way_pay_first,
    order_way_special,
)
from chengdan.modules.people.models import User
from chengdan.modules.people.services import deputy_name
from chengdan.modules.process.errors import StandInError, StepNotOpenError, TakerError
from chengdan.modules.process.models import Instance, Task
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.process.services import instance_retry, task_transfer
from chengdan.modules.quota.services import CellDraft, quota_cells_set
from tests.fixtures.play import ORDER, Play, differences, told
from tests.fixtures.succession import leaves, succeeds, takes, vacates

TONIGHT = datetime(2026, 11, 16, 15, 59, 59, 999999, tzinfo=UTC)
TOMORROW = TONIGHT + timedelta(days=1)
GROSS = Decimal("11800.00")
LEADERS = ("general_manager", "sales_director", "deputy_sales_director")


def checked(play: Play, customer: str, boxes: int = 100, paid: Decimal | int = 0) -> Play:
    """Bring an order to the credit check; money set aside for it is there already."""
    order = play.another().enters("order_clerk", customer, boxes).submits()
    if paid:
        pays(order, Decimal(paid))
    return order.accepted()


def pays(play: Play, amount: Decimal) -> Receipt:
    """Money comes in, is confirmed and set aside for the order."""
    clerk = play.house.actor("finance_clerk")
    draft = ReceiptDraft(play.order.customer_id, amount, clock.today())
    receipt = receipt_register(actor=clerk, draft=draft)
    receipt_confirm(actor=clerk, receipt_id=receipt.pk)
    return receipt_earmark(
        actor=clerk, receipt_id=receipt.pk, order_id=play.order_id, amount=amount
    )


def owes(play: Play, customer: str, amount: int = 100) -> None:
    """The customer owes an invoice that fell due yesterday."""
    due = clock.today() - timedelta(days=1)
    row = OpeningRow(
        play.house.customers[customer], f"OLD-{customer}", due - timedelta(days=30), due,
        Decimal(amount),
    )  # fmt: skip
    receivables_open(actor=play.house.system, rows=[row])


def asked(play: Play, step: str) -> set[int]:
    return {task.assignee_id for task in play.run(step).tasks.filter(state="open")}


@pytest.mark.requirement("CRD-04")
def test_enough_credit_and_nothing_overdue_is_signed_the_same_day(play: Play) -> None:
    order = checked(play, "和兴")
    assert order.order.credit_band == "within"
    assert asked(order, "MA") == {play.house.people["deputy_sales_director"]}
    assert order.run("MA").due_at == TONIGHT
    order.decides("deputy_sales_director")
    assert order.stands_at == "BG1"
    owes(play, "和兴")
    assert checked(play, "和兴", 1).order.credit_band == "stop"


@pytest.mark.requirement("CRD-05")
@pytest.mark.requirement("ORD-28")
def test_up_to_twenty_percent_over_one_member_decides_for_both_steps(play: Play) -> None:
    """MA is the signature of CC as well: who released how much, and the approval, are logged."""
    house = play.house
    limit = GROSS * 100 / 120
    house.customer("恒泰", limit=limit.quantize(Decimal("0.01")) + Decimal("0.01"))
    order = checked(play, "恒泰")
    assert order.order.credit_band == "over_small"
    member = house.people["deputy_sales_director"]
    assert asked(order, "MA") == {member}
    order.decides("deputy_sales_director", "refuse", "先把上月货款结清")
    assert (order.order.status, exposure(house.customers["恒泰"])) == ("draft", Decimal(0))
    assert house.people["region_manager"] in told("orders.returned")
    order.submits().accepted().decides("deputy_sales_director")
    found = releases(house.customers["恒泰"])[0]
    assert (found.by_id, found.amount) == (member, order.order.credit_over)
    assert {"orders.order.credit_checked", "orders.order.approved"} <= set(order.codes)
    assert (order.run("CC").state, order.run("MA").state) == ("done", "done")
    assert asked(order, "BG1") == {house.people["finance_clerk"]}


@pytest.mark.requirement("CRD-06")
@pytest.mark.parametrize("cause", ["over", "overdue"])
def test_beyond_twenty_percent_or_overdue_is_paid_first_unless_special(
    play: Play, cause: str
) -> None:
    house = play.house
    house.customer("桂香", limit=5_000 if cause == "over" else 100_000)
    if cause == "overdue":
        owes(play, "桂香")
    order = checked(play, "桂香")
    assert (order.order.credit_band, order.stands_at) == ("stop", "WAY")
    assert asked(order, "WAY") == {house.people["region_manager"]}
    assert house.people["region_manager"] in told("process.task")
    with pytest.raises(StepNotOpenError):
        order_print_bill(actor=house.actor("finance_clerk"), order_id=order.order_id)
    order_way_pay_first(actor=house.actor("region_manager"), order_id=order.order_id)
    order.decides("deputy_sales_director")
    assert order.stands_at == "PAY"
    pays(order, GROSS)
    assert order.stands_at == "BG1"
    other = checked(play, "桂香")
    special(other)
    assert other.stands_at == "ST"


def special(order: Play) -> None:
    order_way_special(
        actor=order.house.actor("region_manager"), order_id=order.order_id, reason_kind="fair",
        reason="春季订货会", business_record="近 12 月销售 860,000，无逾期",
    )  # fmt: skip


@pytest.mark.requirement("ORD-10")
def test_nobody_but_a_member_gives_the_third_signature(play: Play) -> None:
    house = play.house
    house.customer("桂香", limit=5_000)
    order = checked(play, "桂香")
    special(order)
    order.decides("general_manager").decides("sales_director")
    leaves(house, "deputy_sales_director")
    leader = house.actor("ssg_leader")
    task = open_task_for(ORDER, order.order_id, "ST", leader)
    assert task is not None
    assert task.reason == {"by": "nobody_owner"}
    with pytest.raises(StandInError):
        order.decides("ssg_leader")
    pane = page_of(house, "ssg_leader", task.pk)
    assert 'value="refuse"' in pane
    assert 'value="approve"' not in pane
    stranger = house.people["region_manager"]
    with pytest.raises(TakerError):
        task_transfer(actor=leader, task_id=task.pk, to_user_id=stranger, comment="请代签")
    house.people["successor"] = succeeds(house, "deputy_sales_director")
    task_transfer(
        actor=leader, task_id=task.pk, to_user_id=house.people["successor"], comment="新任副总监"
    )
    order.decides("successor")
    assert order.stands_at == "BG1"
    assert differences() == []


@pytest.mark.requirement("ORG-20")
def test_a_deputy_signs_in_the_members_name_and_not_by_a_task_handed_on(play: Play) -> None:
    house = play.house
    house.customer("桂香", limit=5_000)
    deputy = house.people["csr_billing"]
    deputy_name(
        actor=house.actor("deputy_sales_director"),
        principal_id=house.people["deputy_sales_director"], deputy_id=deputy,
        starts_on=date(2026, 11, 16), ends_on=date(2026, 11, 20), consent_text="电话同意代签",
    )  # fmt: skip
    order = checked(play, "桂香")
    special(order)
    member = house.actor("deputy_sales_director")
    task = open_task_for(ORDER, order.order_id, "ST", member)
    assert task is not None
    with pytest.raises(TakerError):
        task_transfer(actor=member, task_id=task.pk, to_user_id=deputy, comment="请代签")
    order.decides("general_manager").decides("sales_director").decides("csr_billing")
    signed = Task.objects.get(pk=task.pk)
    assert (signed.on_behalf_of_id, signed.consent) == (member.user_id, "电话同意代签")
    assert order.stands_at == "BG1"


def test_who_was_handed_the_signature_and_lost_the_seat_does_not_give_it(play: Play) -> None:
    house = play.house
    house.customer("桂香", limit=5_000)
    order = checked(play, "桂香")
    special(order)
    order.decides("general_manager").decides("sales_director")
    leaves(house, "deputy_sales_director")
    leader = house.actor("ssg_leader")
    task = open_task_for(ORDER, order.order_id, "ST", leader)
    assert task is not None
    house.people["successor"] = succeeds(house, "deputy_sales_director")
    task_transfer(
        actor=leader, task_id=task.pk, to_user_id=house.people["successor"], comment="新任副总监"
    )
    with clock.at(clock.now() + timedelta(days=2)):
        vacates(house, "successor")
        with pytest.raises(StandInError):
            order.decides("successor")


def test_a_seat_that_was_empty_is_asked_when_the_fault_is_tried_again(play: Play) -> None:
    """Two signed a release that needs three; the third is asked, the two stand."""
    house = play.house
    month = {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 30)}
    cell = CellDraft(limit=Decimal(24), product_id=house.products["HY-0712"], **month)
    quota_cells_set(actor=house.system, company_id=house.company.pk, drafts=[cell])
    held = vacates(house, "deputy_sales_director")
    order = play.enters(
        "order_clerk", "和兴", 10, quota_choice="over", quota_reason="旺季备货"
    ).submits().accepted()  # fmt: skip
    order.decides("general_manager").decides("sales_director")
    instance = Instance.objects.get(subject_type=ORDER, subject_id=order.order_id)
    assert instance.state == "fault"
    house.people["successor"] = takes(house, held)
    instance_retry(actor=house.system, instance_id=instance.pk)
    assert asked(order, "ACX") >= {house.people["successor"]}
    order.decides("successor")
    assert order.run("ACX").state == "done"
    assert differences() == []


def page_of(house: Any, key: str, task_id: int) -> str:
    """Return the decision pane of a task as its holder reads it."""
    client = Client()
    client.force_login(User.objects.get(pk=house.people[key]))
    html = client.get(reverse("process:task", args=[task_id])).content.decode()
    return html[html.index("pane-act") :].partition("<ol")[0]


@pytest.mark.requirement("CRD-07")
def test_who_pays_first_passes_the_check_by_itself(play: Play) -> None:
    play.house.customer("新客", limit=None, pay_first=True)
    owes(play, "新客")
    order = checked(play, "新客")
    assert (order.order.credit_band, order.run("CC").state) == ("prepaid", "done")
    assert not Task.objects.filter(step_run=order.run("CC")).exists()
    assert asked(order, "MA") == {play.house.people["deputy_sales_director"]}
    order.decides("deputy_sales_director")
    pays(order, GROSS - 1)
    assert order.stands_at == "PAY"
    pays(order, Decimal(1))
    order.released()
    assert exposure(play.house.customers["新客"]) == Decimal(100)


@pytest.mark.requirement("CRD-08")
def test_the_member_in_charge_may_let_a_small_part_come_later(play: Play) -> None:
    house = play.house
    customer = house.customer("新客", limit=None, pay_first=True)
    order = checked(play, "新客", paid=GROSS - 10_000)
    order.decides("deputy_sales_director")
    source = Source(ORDER, order.order_id)
    act = {"customer_id": customer, "source": source, "until": date(2026, 11, 20)}
    for who in ("sales_director", "general_manager", "finance_manager"):
        with pytest.raises(ForbiddenError):
            credit_shortfall_release(actor=house.actor(who), reason="余款周五到", **act)
    assert order.stands_at == "PAY"
    member = house.actor("deputy_sales_director")
    assert credit_shortfall_release(actor=member, reason="余款周五到", **act) == 10_000
    assert order.stands_at == "BG1"
    assert credit_prepayment(source).is_covered


@pytest.mark.requirement("CRD-17")
@pytest.mark.requirement("ORD-05")
def test_the_outcome_is_decided_in_a_fixed_order(play: Play) -> None:
    """Each customer would also meet the rows below its own; the first that holds counts."""
    house = play.house
    for customer in ("付清", "差一点", "逾期"):
        house.customer(customer, limit=100)
        owes(play, customer)
    house.customer("逾期够", limit=100_000)
    owes(play, "逾期够")
    house.customer("超一点", limit=10_000)
    house.customer("超很多", limit=9_000)
    seen = {}
    for customer, paid in (
        ("付清", GROSS), ("逾期", 0), ("逾期够", 0), ("超一点", 0), ("超很多", 0), ("和兴", 0),
    ):  # fmt: skip
        order = checked(play, customer, paid=paid)
        seen[customer] = (order.order.credit_band, order.stands_at)
        if customer == "付清":
            order.decides("deputy_sales_director")
            assert order.stands_at == "BG1"
    assert seen == {
        "付清": ("prepaid", "MA"),
        "逾期": ("stop", "WAY"),
        "逾期够": ("stop", "WAY"),
        "超一点": ("over_small", "MA"),
        "超很多": ("stop", "WAY"),
        "和兴": ("within", "MA"),
    }
    short = checked(play, "差一点", paid=GROSS - 10_000)
    order_way_pay_first(actor=house.actor("region_manager"), order_id=short.order_id)
    short.decides("deputy_sales_director")
    assert short.stands_at == "PAY"
    credit_shortfall_release(
        actor=house.actor("deputy_sales_director"), customer_id=house.customers["差一点"],
        source=Source(ORDER, short.order_id), until=date(2026, 11, 20), reason="余款周五到",
    )  # fmt: skip
    assert short.stands_at == "BG1"


@pytest.mark.requirement("CRD-15")
def test_an_order_at_risk_is_blocked_at_every_door(play: Play) -> None:
    house = play.house
    house.customer("桂香", limit=5_000)
    order = checked(play, "桂香")
    act = {"order_id": order.order_id}
    for service, who, more in (
        (order_accept, "csr", {"customer_told_how": "电话"}),
        (order_print_bill, "finance_clerk", {}),
        (order_hand_over, "csr", {"received_by": "刘志强"}),
    ):
        with pytest.raises((StepNotOpenError, ConflictError)):
            service(actor=house.actor(who), **act, **more)
    for who in LEADERS:
        assert open_task_for(ORDER, order.order_id, "", house.actor(who)) is None
    assert (order.stands_at, exposure(house.customers["桂香"])) == ("WAY", Decimal(0))
    order_way_pay_first(actor=house.actor("region_manager"), **act)
    order.decides("deputy_sales_director")
    with pytest.raises(StepNotOpenError):
        order_print_bill(actor=house.actor("finance_clerk"), **act)


@pytest.mark.requirement("ORD-10")
def test_all_three_sign_special_treatment_the_travelling_one_by_phone(play: Play) -> None:
    house = play.house
    people = house.people
    house.customer("桂香", limit=5_000)
    deputy_name(
        actor=house.actor("general_manager"), principal_id=people["general_manager"],
        deputy_id=people["market_department"], starts_on=date(2026, 11, 16),
        ends_on=date(2026, 11, 20), consent_text="11 月 16 日电话同意，秘书吴梅代签",
    )  # fmt: skip
    order = checked(play, "桂香")
    special(order)
    assert asked(order, "ST") == {people[who] for who in LEADERS}
    assert {people[who] for who in LEADERS} <= told("process.task")
    record = SpecialTreatment.objects.get(order_id=order.order_id)
    assert record.business_record == "近 12 月销售 860,000，无逾期"
    order.decides("sales_director").decides("deputy_sales_director")
    assert order.stands_at == "ST"
    order.decides("market_department")
    task = order.run("ST").tasks.get(decided_by=people["market_department"])
    assert (task.on_behalf_of_id, task.consent) == (
        people["general_manager"], "11 月 16 日电话同意，秘书吴梅代签",
    )  # fmt: skip
    assert order.stands_at == "BG1"


@pytest.mark.requirement("ORD-11")
@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_special_treatment_is_due_tomorrow_and_told_at_once(play: Play, decision: str) -> None:
    play.house.customer("桂香", limit=5_000)
    order = checked(play, "桂香")
    special(order)
    assert order.run("ST").due_at == TOMORROW
    told("orders.accepted")
    mail.outbox.clear()
    signers = LEADERS if decision == "approve" else LEADERS[:1]
    for who in signers:
        order.decides(who, decision, "" if decision == "approve" else "风险太大")
    kind = "orders.special_approved" if decision == "approve" else "orders.special_refused"
    assert order.order.owner_id in told(kind)
    letters = [item for item in mail.outbox if item.to == ["luo@example.com"]]
    assert len(letters) == 1
    assert order.order.number in letters[0].subject
    assert ("11,800.00" in letters[0].body) == (decision == "refuse")
