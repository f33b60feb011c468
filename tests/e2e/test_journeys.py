"""Orders on their way through the pages, each step by the person whose step it is."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.desk import Desk
from tests.fixtures.busy import Busy, make_busy

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

TEAM = ("general_manager", "sales_director", "deputy_sales_director")
CUSTOMER, CODE, BOXES = "和兴", "JY-1205", "10"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def busy(settings: Any) -> Busy:
    """Return the company at work, open to the demo's one-click sign-in."""
    settings.CHENGDAN_DEMO = True
    return make_busy()


def _name_at_length(busy: Busy, keys: tuple[str, ...]) -> None:
    """Give people names of four characters, so that pages show how much they have room for."""
    from chengdan.kernel.transactions import unguarded
    from chengdan.modules.people.models import User

    for number, key in enumerate(keys):
        with unguarded():
            User.objects.filter(pk=busy.house.people[key]).update(
                display_name=f"{'欧阳上官司马'[2 * number : 2 * number + 2]}建国"
            )


def _entered(desk: Desk) -> Any:
    """Enter an order of one line as the clerk and submit it."""
    from chengdan.kernel import clock
    from chengdan.modules.orders.models import Order

    page = desk.page
    desk.sit("order_clerk").press("新建订单")
    page.keyboard.type(CUSTOMER)
    page.locator(".pick [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    desk.fill(requested_on=(clock.today() + timedelta(days=5)).isoformat())
    page.locator(".sheet tbody tr").first.locator("input").first.focus()
    page.keyboard.type(CODE)
    page.locator(".sheet .pick [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.locator(".sheet [data-column=quantity] input").first.fill(BOXES)
    page.locator("#cd-totals", has_text="828.00").wait_for()
    desk.shot().press("提交")
    page.wait_for_url(re.compile(r"/orders/\d+/$"))
    return Order.objects.latest("pk")


def _approved(desk: Desk) -> Any:
    """Enter an order and let both managers sign it; it waits to be accepted."""
    order = _entered(desk)
    for key in ("key_account_manager", "market_manager"):
        desk.sit(key).take(order.number).decide("批准")
    return order


def test_an_order_goes_from_the_clerk_to_the_closed_receivable(
    page: Page, live_server: LiveServer, busy: Busy
) -> None:
    from chengdan.modules.billing.models import Invoice

    desk = Desk(page, live_server, busy, "order-to-cash")
    order = _approved(desk)
    at_order = f"/orders/{order.pk}/"
    desk.sit("csr").take(order.number).follow("打开单据").press("接收").told("已接收")
    desk.sit("deputy_sales_director").take(order.number).shot().decide("批准")
    desk.sit("finance_clerk").visit(at_order).press("打印送货单").told("已记录")
    desk.sit("csr").visit(at_order).press("交储运").fill(received_by="刘志强").send("已交储运")

    note = f"/shipping/notes/{busy.depot.note_of(order.pk).pk}/"
    desk.sit("shipping_coordinator").visit(note).press("安排承运").fill(carrier="顺达物流").send()
    desk.sit("warehouse_keeper").visit(note).press("拣货").shot().send()
    for key in ("second_keeper", "quality_inspector"):
        desk.sit(key).visit(note).press("复核签字").send()
    desk.sit("shipping_coordinator").visit(note).press("发运").fill(vehicle="粤A·12345").send()
    desk.press("反馈运单").fill(waybill="SF-20261122").send()
    desk.sit("csr").visit(note).press("登记签收").fill(signer="罗先生", archive="A-3").send()
    desk.shot()

    found = Invoice.objects.get(lines__order_id=order.pk)
    invoice = f"/billing/invoices/{found.pk}/"
    desk.sit("ssg_leader").visit(invoice).press("申请").told("")
    desk.sit("finance_manager").visit(invoice).press("处理").decide("批准")
    desk.sit("finance_clerk").visit(invoice).press("开票").send()
    desk.press("登记交付").fill(signed_by="罗先生").send().shot()

    desk.visit("/billing/receipts/").press("登记到款").pick(CUSTOMER).fill(amount="828").send()
    desk.press("确认").told("").press("核销").shot().send().shot()
    found.refresh_from_db()
    assert (found.status, found.open) == ("settled", 0)
    desk.visit(at_order).shot()
    order.refresh_from_db()
    assert (order.status, order.paid_gross) == ("closed", order.gross)


def test_a_stopped_order_goes_on_by_special_treatment(
    page: Page, live_server: LiveServer, busy: Busy
) -> None:
    from chengdan.modules.orders.models import Order

    _name_at_length(busy, TEAM)
    desk = Desk(page, live_server, busy, "special")
    order = Order.objects.get(pk=busy.orders["stopped"])
    at_order = f"/orders/{order.pk}/"
    desk.sit("region_manager").visit(at_order).shot().press("申请特别处理")
    page.locator("dialog [name=reason_kind]").select_option("fair")
    desk.fill(reason="春季订货会", business_record="近 12 月销售 860,000，无逾期").shot().send()
    for key in TEAM:
        desk.sit(key).take(order.number).shot().decide("批准")
    desk.sit("finance_clerk").visit(at_order).press("打印送货单").told("已记录")
    desk.sit("csr").visit(at_order).press("交储运").fill(received_by="刘志强").send(
        "已交储运"
    ).shot()
    desk.visit(f"/credit/{order.customer_id}/").shot().fits(390)
    order.refresh_from_db()
    assert (order.status, order.credit_band) == ("released", "stop")


def test_a_missed_deadline_becomes_a_problem_record_that_is_explained_and_closed(
    page: Page, live_server: LiveServer, busy: Busy
) -> None:
    from chengdan.kernel import clock
    from chengdan.modules.process.models import ProblemRecord
    from chengdan.modules.process.services import deadlines_sweep

    desk = Desk(page, live_server, busy, "missed")
    order = _approved(desk)
    # The coordinator has 30 working minutes to accept it, and lets them pass.
    with clock.at(clock.now() + timedelta(days=3)):
        deadlines_sweep()
    desk.sit("csr").visit("/process/problems/").shot()
    page.locator("tr", has_text=order.number).locator("a").first.click()
    page.wait_for_url(re.compile(r"/problems/\d+/$"))
    at_record = page.url.removeprefix(live_server.url)
    clerk = busy.user("order_clerk")
    desk.sit("general_manager").visit(at_record).press("移交").pick(clerk.display_name)
    desk.fill(reason="当天由订单专员代班").shot().send("已保存")
    desk.sit("order_clerk").visit(at_record)
    desk.shot().press("填写说明").fill(explanation="电话占线，未看待办", action="改用手机提醒")
    desk.send("已保存")
    desk.sit("general_manager").visit(at_record).press("验证").fill(verification="已抽查三单")
    desk.shot().send("已保存").press("关闭").told("已关闭").shot()
    record = ProblemRecord.objects.get(facts__titles__icontains=order.number)
    assert (record.state, record.topic) == ("closed", "op.OA")
    assert (record.owner_id, record.explained_by_id) == (clerk.pk, clerk.pk)
