"""An order of five lines without a mouse, and a block pasted from a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as site
from django.test import Client

from chengdan.modules.orders.models import Order
from tests.fixtures.busy import make_busy

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

SHOTS = Path(__file__).resolve().parents[2] / "var" / "screens"
KEYSTROKES_MAX = 40
CODES = ("JY-1205", "HY-0712", "CU-1205", "HY-0712", "JY-1205")

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Keyboard:
    """A clerk's hands: counts every key except the characters of codes and names."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def key(self, name: str) -> None:
        """Press one key."""
        self.pressed += 1
        self.page.keyboard.press(name)

    def keys(self, text: str) -> None:
        """Type figures, each a key that counts."""
        for sign in text:
            self.key(sign)

    def code(self, text: str) -> None:
        """Type a code or name, which the issue does not count."""
        self.page.keyboard.type(text)

    def until(self, script: str) -> None:
        """Wait for the page as a person does, without pressing anything."""
        for _turn in range(100):
            if self.page.evaluate(script):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never true: {script}")


@pytest.fixture
def clerk(page: Page, live_server: LiveServer) -> Page:
    busy = make_busy()
    client = Client()
    client.force_login(busy.user("order_clerk"))
    cookie = client.cookies[site.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": site.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/orders/new/")
    return page


IN_LINES = "!!document.activeElement.closest('.sheet')"
AT_QUANTITY = "document.activeElement.closest('td')?.dataset.column === 'quantity'"


@pytest.mark.requirement("ORD-01", partly="shows the entry by keyboard")
def test_five_lines_take_at_most_forty_keys(clerk: Page) -> None:
    page = clerk
    hands = Keyboard(page)
    hands.code("和兴")
    hands.key("Enter")
    hands.until("document.activeElement.name === 'customer_order_number'")
    hands.key("Tab")
    hands.keys("11272030")  # month, day, year: the date field goes on by itself
    for _turn in range(12):
        hands.key("Tab")
        if page.evaluate(IN_LINES):
            break
    for code in CODES:
        hands.code(code)
        hands.key("Enter")
        hands.until(AT_QUANTITY)
        hands.keys("12")
        hands.key("Enter")
    page.locator("#cd-stops .chip").first.wait_for()
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "journey-order-entry.png", full_page=True)
    before = Order.objects.count()
    hands.key("Control+Enter")
    page.wait_for_url(lambda url: "new" not in url)
    assert Order.objects.count() == before + 1
    order = Order.objects.latest("pk")
    assert [int(line.quantity) for line in order.lines.order_by("number")] == [12] * 5
    assert hands.pressed <= KEYSTROKES_MAX, hands.pressed


def paste(page: Page, block: str) -> None:
    """Paste where the cursor is."""
    page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text', text);"
        " document.activeElement.dispatchEvent(new ClipboardEvent('paste',"
        " {clipboardData: data, bubbles: true, cancelable: true})); }",
        block,
    )


@pytest.mark.parametrize(
    "block",
    [
        "{0}\t12\n{1}\t１３",
        "产品\t数量\n{0}\t12\n{1}\t13",
        "商品编码\t件数\n{0}\t12\n{1}\t13",
        "数量\t备注\t产品\n12\t急\t{0}\n13\t\t{1}",
        "{0}\t\t\t12\n{1}\t\t\t13",
        "{0}\t\t箱\t12\t\t5\n{1}\t\t箱\t13",
    ],
)
def test_a_block_finds_its_columns(clerk: Page, block: str) -> None:
    page, hands = clerk, Keyboard(clerk)
    hands.code("和兴")
    hands.key("Enter")
    hands.until("!!document.querySelector('input[name=customer]').value")
    page.locator(".sheet tbody tr").first.locator("input").first.focus()
    paste(page, block.format(*CODES))
    hands.until(
        "JSON.parse(document.querySelector('[data-cd-lines] input[type=hidden]').value)"
        ".filter(row => row.product && row.product.id).length === 2"
    )
    rows = page.locator("[data-cd-lines] input[type=hidden]").evaluate(
        "field => JSON.parse(field.value).slice(0, 2)"
    )
    assert [row["product"]["code"] for row in rows] == list(CODES[:2])
    assert [row["quantity"] for row in rows] == ["12", "13"]
    assert not any(row.get("price") for row in rows)


def test_a_block_from_a_spreadsheet_fills_the_lines(clerk: Page) -> None:
    page = clerk
    hands = Keyboard(page)
    hands.code("和兴")
    hands.key("Enter")
    hands.until("!!document.querySelector('input[name=customer]').value")
    first = page.locator(".sheet tbody tr").first.locator("input").first
    first.focus()
    paste(page, "\n".join(f"{code}\t{10 + at}" for at, code in enumerate(CODES)))
    for at in range(len(CODES)):
        quantity = page.locator(f".sheet tbody tr:nth-child({at + 1}) [data-column=quantity] input")
        assert quantity.input_value() == str(10 + at)
    hands.until(
        "JSON.parse(document.querySelector('[data-cd-lines] input[type=hidden]').value)"
        ".filter(row => row.product && row.product.id).length === 5"
    )


SAVED = "document.querySelector('[data-cd-saved]').textContent.includes(':')"


def test_a_draft_that_saves_itself_stays_one_order(clerk: Page) -> None:
    page, hands = clerk, Keyboard(clerk)
    before = Order.objects.count()
    hands.code("和兴")
    hands.key("Enter")
    hands.until("!!document.querySelector('input[name=customer]').value")
    page.locator(".sheet tbody tr").first.locator("input").first.focus()
    hands.code(CODES[0])
    hands.key("Enter")
    for quantity in ("12", "13"):
        hands.until(AT_QUANTITY)
        hands.key("Control+a")
        hands.keys(quantity)
        with page.expect_response("**/orders/autosave/") as answer:
            pass
        assert answer.value.json()["saved"]
        hands.until(SAVED)
    order = Order.objects.latest("pk")
    assert Order.objects.count() == before + 1
    assert page.url.endswith(f"/orders/{order.pk}/edit/")
    assert (
        page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('cd-draft'))") == []
    )
    page.locator("input[name=customer_order_number]").fill("HX-8")
    hands.key("Control+s")
    page.wait_for_url(lambda url: "edit" not in url)
    order.refresh_from_db()
    assert Order.objects.count() == before + 1
    assert order.customer_order_number == "HX-8"
    assert int(order.lines.get().quantity) == 13


def test_what_was_typed_survives_a_closed_window(clerk: Page) -> None:
    page = clerk
    page.locator("input[name=customer_order_number]").fill("HX-7")
    page.locator("[data-cd-kept]").filter(has_text=":").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.locator("[data-cd-kept] button").first.click()
    assert page.locator("input[name=customer_order_number]").input_value() == "HX-7"
