"""Quota in orders: cut and accepted, asked above it with three signatures, refused, freed."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chengdan.kernel.notices.models import Notice
from chengdan.kernel.transactions import unguarded
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.over_quota import over_quota
from chengdan.modules.orders.selectors import lines_by_number, orders_open_to
from chengdan.modules.orders.services import order_cancel, order_close, order_reopen
from chengdan.modules.orders.services.reserve import ReservationError
from chengdan.modules.people.models import User
from chengdan.modules.people.services import parameter_change
from chengdan.modules.process.models import Task
from chengdan.modules.process.services import definition_publish
from chengdan.modules.process.services.definitions import sources_shipped
from chengdan.modules.quota.models import Cell
from chengdan.modules.quota.selectors import cell_documents
from chengdan.modules.quota.services import CellDraft, quota_cell_end, quota_cells_set
from chengdan.modules.quota.verification import verify_cells, verify_documents
from chengdan.modules.quota.vocabulary import OVER_SIGNATURES
from tests.fixtures.play import Play, told

BOX = 12


@pytest.fixture
def cell(play: Play) -> int:
    """Sixty boxes of oyster sauce in the region for November."""
    return cell_of(play, 60, territory_id=play.house.territory_id)


def cell_of(play: Play, boxes: int, **values: Any) -> int:
    """Give oyster sauce a quota cell, for November unless told."""
    values = {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 30), **values}
    draft = CellDraft(
        limit=Decimal(boxes * BOX), product_id=play.house.products["HY-0712"], **values
    )
    company = play.house.company.pk
    return quota_cells_set(actor=play.house.system, company_id=company, drafts=[draft])[0].pk


def used(cell: int) -> tuple[Decimal, Decimal]:
    found = Cell.objects.get(pk=cell)
    return found.reserved / BOX, found.over / BOX


@pytest.mark.requirement("QTA-02")
@pytest.mark.requirement("ORD-04")
@pytest.mark.requirement("QTA-06")
def test_the_smaller_rest_of_customer_and_region_cuts_and_everybody_is_told(
    play: Play, cell: int
) -> None:
    own = cell_of(play, 25, customer_id=play.house.customers["和兴"])
    play.enters("order_clerk", "和兴", 40).submits()
    assert told("orders.quota_cut") == set()
    play.accepted()
    line = play.order.lines.get()
    assert (line.asked_quantity, line.quantity) == (Decimal(40), Decimal(25))
    assert (used(cell)[0], used(own)[0]) == (Decimal(25), Decimal(25))
    people = play.house.people
    readers = ("key_account_manager", "order_clerk", "csr", "shipping_coordinator", "ssg_leader")
    assert told("orders.quota_cut") == {people[who] for who in readers}
    notice = Notice.objects.filter(kind="orders.quota_cut").first()
    assert notice is not None
    assert notice.params["cuts"] == "1: 40 → 25"
    # The other way round: the region has less left than the second customer.
    play.house.customer("恒泰")
    cell_of(play, 100, customer_id=play.house.customers["恒泰"])
    second = play.another().enters("order_clerk", "恒泰", 40).submits().accepted()
    assert second.order.lines.get().quantity == Decimal(35)
    assert used(cell)[0] == Decimal(60)


@pytest.mark.requirement("QTA-01")
def test_quotas_hold_per_customer_and_region_in_their_period(play: Play, cell: int) -> None:
    own = cell_of(play, 10, customer_id=play.house.customers["和兴"])
    december = cell_of(
        play, 30, territory_id=play.house.territory_id,
        starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 31),
    )  # fmt: skip
    play.enters("order_clerk", "和兴", 40).submits().accepted()
    assert play.order.lines.get().quantity == Decimal(10)
    later = play.another().enters("order_clerk", "和兴", 40, requested_on=date(2026, 12, 3))
    later.submits().accepted()
    assert later.order.lines.get().quantity == Decimal(30)
    other = play.another().enters("order_clerk", "和兴", 40, product="JY-1205")
    other.submits().accepted()
    assert other.order.lines.get().quantity == Decimal(40)
    assert [used(pk)[0] for pk in (cell, own, december)] == [10, 10, 30]


def test_lines_are_cut_to_the_quota_and_the_approvals_stand(play: Play, cell: int) -> None:
    play.enters("order_clerk", "和兴", 40).submits().accepted()
    second = play.another().enters("order_clerk", "和兴", 50).submits().accepted()
    line = second.order.lines.get()
    assert (line.asked_quantity, line.quantity) == (Decimal(50), Decimal(20))
    assert second.order.gross == Decimal(20 * 118)
    assert (second.step, used(cell)) == ("MA", (Decimal(60), Decimal(0)))
    assert exposure(second.order.customer_id) == Decimal(60 * 118)
    second.decides("deputy_sales_director").released()


def test_nothing_left_sends_the_order_back_with_all_it_asked(play: Play, cell: int) -> None:
    play.enters("order_clerk", "和兴", 60).submits().accepted()
    second = play.another().enters("order_clerk", "和兴", 5).submits().accepted()
    assert second.order.status == "draft"
    assert second.order.lines.get().quantity == Decimal(5)
    assert used(cell) == (Decimal(60), Decimal(0))


@pytest.mark.requirement("QTA-07")
def test_how_many_of_the_leadership_sign_is_configurable(play: Play, cell: int) -> None:
    """Three by default; parameter and published definition may ask for two, or for one."""
    shipped = next(data for name, data in sources_shipped() if name == "orders/op.yaml")
    asked = {
        3: [{"responsible": "slt"}],
        2: [{"role": "general_manager"}, {"role": "sales_director"}],
        1: [{"role": "general_manager"}],
    }
    for count, assign in asked.items():
        data = deepcopy(shipped)
        next(step for step in data["steps"] if step["code"] == "ACX")["assign"] = assign
        definition_publish(actor=play.house.system, data=data, source="op.yaml")
        parameter_change(
            actor=play.house.system, company_id=play.house.company.pk,
            code=OVER_SIGNATURES, text=str(count), reason="规定",
        )  # fmt: skip
        order = play.another()
        order.enters("order_clerk", "和兴", 80, quota_choice="over", quota_reason="展销会")
        order.submits().accepted()
        for who in ("general_manager", "sales_director", "deputy_sales_director")[:count]:
            assert order.stands_at == "ACX"
            order.decides(who)
        assert order.stands_at == "MA"
        order_cancel(actor=play.house.actor("csr"), order_id=order.order_id, reason="试验")


@pytest.mark.requirement("QTA-04")
def test_above_the_quota_all_three_members_sign(play: Play, cell: int) -> None:
    play.enters("order_clerk", "和兴", 80, quota_choice="over", quota_reason="展销会")
    play.submits().accepted()
    assert (play.stands_at, used(cell)) == ("ACX", (Decimal(0), Decimal(0)))
    for who in ("general_manager", "sales_director"):
        play.decides(who)
    assert play.stands_at == "ACX"
    play.decides("deputy_sales_director")
    assert (play.stands_at, used(cell)) == ("MA", (Decimal(80), Decimal(20)))
    play.decides("deputy_sales_director").released()


def test_refused_above_the_quota_nothing_is_held(play: Play, cell: int) -> None:
    play.enters("order_clerk", "和兴", 80, quota_choice="over", quota_reason="展销会")
    play.submits().accepted().decides("sales_director", "refuse", "不给")
    assert (play.order.status, used(cell)) == ("draft", (Decimal(0), Decimal(0)))
    assert exposure(play.order.customer_id) == 0


def test_over_quota_is_not_asked_where_everything_fits(play: Play, cell: int) -> None:
    play.enters("order_clerk", "和兴", 10, quota_choice="over", quota_reason="展销会")
    play.submits().accepted()
    assert (play.stands_at, used(cell)) == ("MA", (Decimal(10), Decimal(0)))


def act(play: Play, service: Any) -> None:
    service(actor=play.house.actor("ssg_leader"), order_id=play.order_id, reason="客户要求")


@pytest.mark.requirement("QTA-06", partly="consumption at shipment is tested in shipping")
def test_cancel_and_close_free_the_quota_and_reopening_asks_again(play: Play, cell: int) -> None:
    play.goes_out("和兴", 50)
    act(play, order_close)
    assert used(cell) == (Decimal(0), Decimal(0))
    second = play.another().enters("order_clerk", "和兴", 40).submits().accepted()
    with pytest.raises(ReservationError):
        act(play, order_reopen)
    act(second, order_cancel)
    act(play, order_reopen)
    assert used(cell) == (Decimal(50), Decimal(0))


def test_a_change_takes_and_gives_back_quota(play: Play, cell: int) -> None:
    from tests.integration.orders.test_amend import asks, signed

    play.goes_out("和兴", 50)
    assert asks(play, 61).status == "refused"
    signed(play, asks(play, 60))
    assert used(cell) == (Decimal(60), Decimal(0))
    signed(play, asks(play, 30))
    assert used(cell) == (Decimal(30), Decimal(0))
    signed(play, asks(play, 30, product="JY-1205"))
    assert used(cell) == (Decimal(0), Decimal(0))


def test_an_ended_quota_cuts_nobody_and_its_orders_stay_in_it(play: Play, cell: int) -> None:
    from tests.integration.orders.test_amend import asks, signed

    play.goes_out("和兴", 40)
    quota_cell_end(actor=play.house.system, cell_id=cell, reason="地区填错")
    second = play.another().enters("order_clerk", "和兴", 50).submits().accepted()
    assert second.order.lines.get().quantity == Decimal(50)
    assert used(cell) == (Decimal(40), Decimal(0))
    signed(play, asks(play, 70))
    assert used(cell) == (Decimal(70), Decimal(10))
    new = cell_of(play, 5, territory_id=play.house.territory_id)
    third = play.another().enters("order_clerk", "和兴", 20).submits().accepted()
    assert third.order.lines.get().quantity == Decimal(5)
    assert (used(cell)[0], used(new)[0]) == (Decimal(70), Decimal(5))
    assert [*verify_cells(), *verify_documents()] == []
    act(play, order_close)
    assert (used(cell), used(new)[0]) == ((Decimal(0), Decimal(0)), Decimal(5))
    assert [*verify_cells(), *verify_documents()] == []


def test_verify_compares_what_a_cell_holds_with_the_lines_of_the_order(
    play: Play, cell: int
) -> None:
    play.goes_out("和兴", 40)
    line = play.order.lines.get()
    assert list(verify_documents()) == []
    with unguarded():
        OrderLine.objects.filter(pk=line.pk).update(closed=Decimal(15))
    found = [str(item) for item in verify_documents()]
    assert len(found) == 1
    assert f"orders.order {play.order_id} line 1 cell {cell}" in found[0]
    with unguarded():
        OrderLine.objects.filter(pk=line.pk).update(closed=Decimal(0))
        Order.objects.filter(pk=play.order_id).update(status="cancelled")
    assert len(list(verify_documents())) == 1
    with unguarded():
        Order.objects.filter(pk=play.order_id).update(status="released")


def test_the_cell_names_and_links_the_orders_that_took_it(play: Play, cell: int) -> None:
    play.goes_out("和兴", 40)
    found = Cell.objects.get(pk=cell)
    (row,) = cell_documents(play.house.actor("ssg_leader"), found)
    assert row.facts.number == play.order.number
    assert row.facts.url == f"/orders/{play.order_id}/"


def test_who_may_not_see_an_order_finds_neither_its_number_nor_its_page_behind_a_cell(
    play: Play, cell: int
) -> None:
    play.goes_out("和兴", 40)
    reader = play.house.actor("administrator")
    assert not orders_open_to(reader, [play.order_id])
    found = Cell.objects.get(pk=cell)
    (row,) = cell_documents(reader, found)
    assert (row.reserved, row.facts.url) == (found.reserved, "")
    assert play.order.number not in row.facts.number


def test_who_signs_above_the_quota_sees_lines_cell_and_reason(play: Play, cell: int) -> None:
    play.enters("order_clerk", "和兴", 80, quota_choice="over", quota_reason="展销会备货")
    play.submits().accepted().decides("general_manager", comment="同意")
    found = over_quota(play.order, lines_by_number(play.order_id))
    assert found is not None
    assert [(row.asked, row.left, row.over) for row in found.lines] == [(80, 60, 20)]
    assert found.lines[0].cell.endswith("11-01 – 11-30")
    assert str(found.chip.text) == "审批中"
    client = Client()
    client.force_login(User.objects.get(pk=play.house.people["sales_director"]))
    task = Task.objects.get(assignee_id=play.house.people["sales_director"], state="open")
    pages = [reverse("orders:show", args=[play.order_id]), reverse("process:task", args=[task.pk])]
    for url in pages:
        shown = client.get(url).content.decode()
        assert "展销会备货" in shown, url
        assert "配额剩余" in shown, url
    for who in ("sales_director", "deputy_sales_director"):
        play.decides(who)
    found = over_quota(play.order, lines_by_number(play.order_id))
    assert found is not None
    assert (str(found.chip.text), len(found.decisions)) == ("已签批", 3)
