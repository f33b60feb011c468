"""A session ends while an order is typed: nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as site

from chengdan.modules.orders.models import Order
from tests.e2e.test_order_entry import AT_QUANTITY, Keyboard
from tests.fixtures.busy import make_busy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COPIES = "Object.keys(localStorage).filter(key => key.startsWith('cd-draft'))"
NUMBER = "input[name=customer_order_number]"
ENDED = "登录已过期"


@pytest.fixture
def window(chromium: Browser) -> Iterator[Page]:
    """A window of its own: the refused requests stand in its console, as they should."""
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def sign_in(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def begin_order(page: Page) -> None:
    """Choose a customer and a product; the hands rest on the quantity."""
    # No draft is stored while the session lives, so only the device has what is typed.
    page.route("**/orders/autosave/", lambda route: route.abort())
    hands = Keyboard(page)
    page.locator("[role=combobox]").first.click()
    page.keyboard.type("和兴")
    page.keyboard.press("Enter")
    hands.until("!!document.querySelector('input[name=customer]').value")
    page.locator(".sheet tbody tr").first.locator("input").first.focus()
    page.keyboard.type("JY-1205")
    page.keyboard.press("Enter")
    hands.until(AT_QUANTITY)


@pytest.mark.parametrize("is_key_gone", [False, True])
def test_an_order_survives_the_end_of_the_session(
    window: Page, live_server: LiveServer, settings: Any, *, is_key_gone: bool
) -> None:
    settings.CHENGDAN_DEMO = True
    page, clerk = window, make_busy().user("order_clerk").display_name
    before = Order.objects.count()
    page.goto(f"{live_server.url}/orders/new/")
    sign_in(page, clerk)
    page.wait_for_url("**/orders/new/")
    page.locator(".sheet").wait_for()
    begin_order(page)
    # The key of forms may be gone together with the session; the way is the same.
    names = [site.SESSION_COOKIE_NAME, *([site.CSRF_COOKIE_NAME] if is_key_gone else [])]
    for name in names:
        page.context.clear_cookies(name=name)
    page.unroute("**/orders/autosave/")
    page.keyboard.type("12")
    page.locator(NUMBER).fill("HX-7")
    told = page.locator("[data-cd-saved]")
    told.filter(has_text=ENDED).wait_for()
    assert told.locator("a").get_attribute("href") == "/login/?next=/orders/new/&ended=kept"
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/login/?next=/orders/new/&ended=kept")
    assert ENDED in page.locator("[role=status]").first.inner_text()
    assert len(page.evaluate(COPIES)) == 1
    sign_in(page, clerk)
    page.wait_for_url("**/orders/new/")
    page.locator("[data-cd-kept] button").first.click()
    assert page.locator(NUMBER).input_value() == "HX-7"
    assert page.locator("input[name=customer]").input_value()
    page.keyboard.press("Control+s")
    page.wait_for_url(lambda url: "new" not in url and "edit" not in url)
    assert Order.objects.count() == before + 1
    order = Order.objects.latest("pk")
    assert (order.customer_order_number, int(order.lines.get().quantity)) == ("HX-7", 12)
    page.locator(".toast-c").first.wait_for()
    assert page.evaluate(COPIES) == []
