"""Quota in orders: cut and accepted, asked above it with three signatures, refused, freed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chengdan.modules.credit.selectors import exposure
from chengdan.modules.orders.services import order_cancel, order_close, order_reopen
from chengdan.modules.orders.services.reserve import ReservationError
from chengdan.modules.quota.models import Cell
from chengdan.modules.quota.services import CellDraft, quota_cells_set
from tests.fixtures.play import Play

BOX = 12


@pytest.fixture
def cell(play: Play) -> int:
    """Sixty boxes of oyster sauce in the region for November."""
    draft = CellDraft(
        starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30), limit=Decimal(60 * BOX),
        product_id=play.house.products["HY-0712"], territory_id=play.house.territory_id,
    )  # fmt: skip
    company = play.house.company.pk
    return quota_cells_set(actor=play.house.system, company_id=company, drafts=[draft])[0].pk


def used(cell: int) -> tuple[Decimal, Decimal]:
    found = Cell.objects.get(pk=cell)
    return found.reserved / BOX, found.over / BOX


@pytest.mark.requirement("QTA-02")
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


@pytest.mark.requirement("QTA-04")
@pytest.mark.requirement("QTA-07")
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
