"""A released order is changed without a mouse: cells from above, a new line, and the submission."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as site
from django.test import Client

from chengdan.modules.orders.models import Amendment, Order
from tests.e2e.test_order_entry import Keyboard
from tests.fixtures.busy import Busy, make_busy

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Form:
    """The form of an amendment, as its keyboard sees it."""

    def __init__(self, page: Page) -> None:
        self.page, self.hands = page, Keyboard(page)

    @property
    def place(self) -> tuple[int, str]:
        """Line and column of the cell that has the focus, line 0 outside the grid."""
        found: list[Any] = self.page.evaluate(
            "(() => { const cell = document.activeElement.closest('.sheet td');"
            " return cell ? [cell.parentNode.rowIndex, cell.dataset.column] : [0, '']; })()"
        )
        return int(found[0]), str(found[1])

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What the grid would send."""
        rows: list[dict[str, Any]] = json.loads(
            self.page.locator("input[name=lines]").input_value()
        )
        return rows

    def tab_to(self, line: int, column: str) -> None:
        """Press Tab until a cell has the focus."""
        for _turn in range(60):
            if self.place == (line, column):
                return
            self.hands.key("Tab")
        raise AssertionError(f"never came to {column} of line {line}, but to {self.place}")


@pytest.fixture
def busy(transactional_db: None) -> Busy:
    return make_busy()


@pytest.fixture
def form(page: Page, live_server: LiveServer, busy: Busy) -> Form:
    client = Client()
    client.force_login(busy.user("order_clerk"))
    cookie = client.cookies[site.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": site.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/orders/{busy.orders['released']}/amend/")
    return Form(page)


def test_an_order_is_changed_by_keyboard_alone(form: Form, busy: Busy) -> None:
    order = Order.objects.get(pk=busy.orders["released"])
    old = [int(line.asked_quantity) for line in order.lines.order_by("number")]
    codes = [row["product"]["code"] for row in form.rows if row.get("product")]
    hands = form.hands
    assert form.page.evaluate("document.activeElement.name") == "reason"
    hands.code("客户加量")
    form.tab_to(1, "quantity")
    hands.key("Control+a")
    hands.keys(str(old[0] + 3))
    hands.key("Enter")
    assert form.place == (2, "quantity")
    hands.key("Control+d")
    assert form.place == (2, "quantity")
    assert [row["quantity"] for row in form.rows[:2]] == [str(old[0] + 3)] * 2
    assert [row["product"]["code"] for row in form.rows[: len(codes)]] == codes
    assert [row["number"] for row in form.rows[: len(codes)]] == list(range(1, len(codes) + 1))
    # Back and forth with Shift-Tab and the arrows, over the cells that only show.
    hands.key("Shift+Tab")
    assert form.place == (2, "description")
    hands.key("ArrowRight")
    hands.key("ArrowUp")
    assert form.place == (1, "quantity")
    # An empty line takes the whole line above, but not its number.
    empty = len(codes) + 1
    for _turn in range(empty - 1):
        hands.key("ArrowDown")
    assert form.place == (empty, "quantity")
    hands.key("Control+d")
    assert form.rows[empty - 1]["product"]["code"] == codes[-1]
    assert "number" not in form.rows[empty - 1]
    hands.keys("7")
    hands.key("Control+Enter")
    form.page.locator(".toast-c.is-done").first.wait_for()
    amendment = Amendment.objects.get(order=order)
    wanted = [(line["line"], line["quantity"]) for line in amendment.content["lines"]]
    assert wanted[:2] == [(1, str(old[0] + 3)), (2, str(old[0] + 3))]
    assert wanted[-1] == (empty, "7")
    assert amendment.reason == "客户加量"


def test_a_copied_product_brings_its_name_and_unit(form: Form) -> None:
    first = form.rows[0]
    form.tab_to(2, "product")
    form.hands.key("Control+d")
    second = form.rows[1]
    assert second["product"] == first["product"]
    assert second["description"] == first["description"]
    assert second["quantity"] == form.rows[1]["quantity"]
    assert second["number"] == 2
    form.hands.key("Control+Delete")
    assert [row.get("number") for row in form.rows][:2] == [1, 3]
