"""What follows a stop of the credit check: paying first, special treatment, and their ends."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from chengdan.kernel import clock
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError
from chengdan.modules.credit.selectors import credit_prepayment, exposure, releases
from chengdan.modules.credit.services import (
    Bucket,
    Move,
    ShortfallError,
    Source,
    credit_earmark,
    credit_post,
    credit_shortfall_release,
)
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import SpecialTreatment
from chengdan.modules.orders.services import order_way_pay_first, order_way_special
from chengdan.modules.orders.services.special import SignaturesError
from chengdan.modules.people.models import User
from chengdan.modules.people.services import deputy_name, parameter_change
from chengdan.modules.process.models import Task
from chengdan.modules.process.services import deadlines_sweep
from tests.fixtures.play import ORDER, Play, differences, events_of
from tests.fixtures.succession import vacates

GROSS = Decimal("11800.00")


@pytest.fixture
def stopped(play: Play) -> Play:
    """An order far beyond its customer's limit, whose way is not chosen yet."""
    play.house.customer("桂香", limit=5_000)
    return play.enters("order_clerk", "桂香", 100).submits().accepted()


def pays(play: Play, amount: Decimal) -> None:
    """Money comes in and is set aside for the order."""
    play.is_whole = False
    customer, receipt = play.order.customer_id, Source("tests.receipt", int(amount))
    system = play.house.system
    move = Move(Bucket.UNAPPLIED, amount, receipt)
    credit_post(actor=system, customer_id=customer, moves=[move], reason="receipt")
    credit_earmark(
        actor=system, customer_id=customer, receipt=receipt,
        order=Source(ORDER, play.order_id), amount=amount,
    )  # fmt: skip


def applies(play: Play, **values: str) -> None:
    words = {"reason_kind": "fair", "reason": "订货会", "business_record": "近 12 月无逾期"}
    order_way_special(
        actor=play.house.actor("region_manager"), order_id=play.order_id, **{**words, **values}
    )


@pytest.mark.requirement("CRD-07", partly="receipts are set aside by billing, tested there")
def test_goods_wait_until_the_whole_amount_is_set_aside(stopped: Play) -> None:
    play = stopped
    with pytest.raises(ForbiddenError):
        order_way_pay_first(actor=play.house.actor("order_clerk"), order_id=play.order_id)
    chosen = order_way_pay_first(actor=play.house.actor("region_manager"), order_id=play.order_id)
    assert (chosen.step, chosen.progress) == (play.order.step, play.order.progress)
    play.decides("deputy_sales_director")
    assert (play.stands_at, exposure(play.order.customer_id)) == ("PAY", Decimal(0))
    pays(play, GROSS - 1)
    assert play.nodes["BG"] == "wait"
    pays(play, Decimal(1))
    assert play.stands_at == "BG1"
    play.released()
    assert exposure(play.order.customer_id) == 0


@pytest.mark.requirement("CRD-08", partly="who is in charge stands in the credit bands")
def test_the_slt_member_may_release_a_small_shortfall_with_a_reason(stopped: Play) -> None:
    play = stopped
    order_way_pay_first(actor=play.house.actor("region_manager"), order_id=play.order_id)
    play.decides("deputy_sales_director")
    source, customer = Source(ORDER, play.order_id), play.order.customer_id
    member = play.house.actor("deputy_sales_director")
    act = {"customer_id": customer, "source": source, "until": date(2026, 11, 30)}
    with pytest.raises(ShortfallError):
        credit_shortfall_release(actor=member, reason="余款周五到", **act)
    pays(play, GROSS - 10_000)
    with pytest.raises(InvalidError):
        credit_shortfall_release(actor=member, reason="", **act)
    with pytest.raises(ForbiddenError):
        credit_shortfall_release(actor=play.house.actor("csr"), reason="余款周五到", **act)
    released = credit_shortfall_release(actor=member, reason="余款周五到", **act)
    assert (released, play.stands_at) == (Decimal(10_000), "BG1")
    assert exposure(customer) == Decimal(10_000)
    found = releases(customer)[0]
    assert (found.amount, found.until) == (Decimal(10_000), date(2026, 11, 30))


@pytest.mark.requirement("CRD-06", partly="that the area manager is told is tested in process")
def test_ten_working_days_without_money_remind_and_one_more_cancels(stopped: Play) -> None:
    play = stopped
    order_way_pay_first(actor=play.house.actor("region_manager"), order_id=play.order_id)
    play.decides("deputy_sales_director")
    customer = play.order.customer_id
    with clock.at(datetime(2026, 12, 1, 2, tzinfo=UTC)):
        deadlines_sweep()
        assert (play.order.status, play.stands_at) == ("processing", "PAY")
    with clock.at(datetime(2026, 12, 2, 2, tzinfo=UTC)):
        deadlines_sweep()
        assert play.order.status == "cancelled"
        assert play.codes[-1] == "orders.order.cancelled"
        assert events_of("orders.cancelled") == [{"order_id": play.order_id}]
        paid = credit_prepayment(Source(ORDER, play.order_id))
        assert (exposure(customer), paid.missing) == (Decimal(0), Decimal(0))
        deadlines_sweep()
        assert play.codes.count("orders.order.cancelled") == 1


@pytest.mark.requirement("ORD-09")
def test_special_treatment_asks_for_kind_reason_and_business_record(stopped: Play) -> None:
    play = stopped
    for wrong in ({"reason_kind": "friend"}, {"reason": " "}, {"business_record": ""}):
        with pytest.raises(InvalidError) as refusal:
            applies(play, **wrong)
        assert [item.field for item in refusal.value.items] == list(wrong)
    applies(play)
    special = SpecialTreatment.objects.get(order_id=play.order_id)
    assert (special.gross, special.over) == (GROSS, GROSS - 5_000)
    with pytest.raises(ConflictError):
        applies(play)
    for who in ("general_manager", "sales_director", "deputy_sales_director"):
        play.decides(who)


@pytest.mark.requirement("ORD-10")
def test_a_travelling_member_signs_by_deputy_on_recorded_consent(stopped: Play) -> None:
    play = stopped
    people = play.house.people
    deputy_name(
        actor=play.house.actor("general_manager"),
        principal_id=people["general_manager"],
        deputy_id=people["market_department"],
        starts_on=date(2026, 11, 16),
        ends_on=date(2026, 11, 20),
        consent_text="11 月 16 日电话同意，吴梅代签",
    )
    applies(play)
    play.decides("market_department").decides("sales_director")
    assert play.nodes["MA"] != "done"
    assert exposure(play.order.customer_id) == 0
    play.decides("deputy_sales_director")
    task = Task.objects.get(decided_by=people["market_department"])
    assert task.on_behalf_of_id == people["general_manager"]
    assert task.consent == "11 月 16 日电话同意，吴梅代签"
    assert play.stands_at == "BG1"
    found = releases(play.order.customer_id)[0]
    assert found.amount >= GROSS - 5_000
    leaders = ("general_manager", "sales_director", "deputy_sales_director")
    names = {User.objects.get(pk=people[who]).display_name for who in leaders}
    assert set(found.by_name.split(", ")) == names
    play.released()


@pytest.mark.requirement("ORD-11", partly="the customer's message is sent by the notices room")
def test_the_decision_is_told_at_once(stopped: Play) -> None:
    applies(stopped)
    stopped.decides("sales_director", "refuse", "风险大")
    assert events_of("orders.special_decided") == [
        {"order_id": stopped.order_id, "is_approved": False}
    ]
    from chengdan.kernel.notices.models import Notice

    told = Notice.objects.filter(kind="orders.special_refused")
    assert stopped.order.owner_id in set(told.values_list("user_id", flat=True))


def test_an_approved_application_does_not_outlive_its_round(stopped: Play) -> None:
    play = stopped
    applies(play)
    for who in ("general_manager", "sales_director", "deputy_sales_director"):
        play.decides(who)
    play.decides("finance_clerk", "return", "地址不对")
    assert (play.order.status, exposure(play.order.customer_id)) == ("draft", Decimal(0))
    play.submits().accepted()
    assert (play.order.credit_band, exposure(play.order.customer_id)) == ("stop", Decimal(0))
    assert SpecialTreatment.objects.get(order_id=play.order_id).status == "void"


def test_overdue_or_without_limit_nobody_ships_on_credit(play: Play) -> None:
    play.house.customer("新客", limit=None, pay_first=True)
    play.enters("order_clerk", "新客", 1).submits().accepted()
    assert (play.order.credit_band, play.order.pays_first) == ("prepaid", True)
    play.decides("deputy_sales_director")
    assert play.stands_at == "PAY"


def test_the_choice_is_open_only_to_orders_that_were_stopped(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits().accepted()
    with pytest.raises(ConflictError):
        order_way_pay_first(actor=play.house.actor("region_manager"), order_id=play.order_id)
    with pytest.raises(ConflictError):
        applies(play)


def test_with_an_empty_seat_special_treatment_is_not_applied_for(stopped: Play) -> None:
    """All three members sign (ORD-10): with two, the order is paid first."""
    vacates(stopped.house, "sales_director")
    with pytest.raises(SignaturesError) as refusal:
        applies(stopped)
    assert refusal.value.params == {"needed": 3, "found": 2}
    assert (stopped.stands_at, SpecialTreatment.objects.count()) == ("WAY", 0)


def test_a_signature_that_lacks_in_the_end_approves_nothing(stopped: Play) -> None:
    house = stopped.house
    needs(stopped, "2")
    vacates(house, "sales_director")
    applies(stopped)
    needs(stopped, "3")
    stopped.decides("general_manager").decides("deputy_sales_director")
    run = stopped.run("ST")
    assert (run.state, run.instance.state) == ("fault", "fault")
    assert run.evidence["fault"]["error"].startswith("SignaturesError")
    assert SpecialTreatment.objects.get().status == "open"
    assert exposure(stopped.order.customer_id) == 0


def test_a_company_may_ask_for_fewer_signatures(stopped: Play) -> None:
    needs(stopped, "2")
    vacates(stopped.house, "sales_director")
    applies(stopped)
    stopped.decides("general_manager").decides("deputy_sales_director").released()
    assert SpecialTreatment.objects.get().status == "approved"
    assert differences() == []


def needs(play: Play, count: str) -> None:
    """Let the company ask for so many signatures of a special treatment."""
    parameter_change(
        actor=play.house.system, company_id=play.house.company.pk,
        code=words.SPECIAL_SIGNATURES, text=count, reason="规定",
    )  # fmt: skip
