"""A dialog is ready to be typed into when it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.desk import Desk
from tests.fixtures.busy import make_busy

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AT = "document.activeElement.name || document.activeElement.className"


def test_a_dialog_begins_with_its_first_field(page: Page, live_server: LiveServer) -> None:
    busy = make_busy()
    desk = Desk(page, live_server, busy, "dialog").sit("order_clerk")
    desk.visit(f"/orders/{busy.orders['draft']}/").press("取消订单")
    first = page.locator("dialog[open] form [name]:not([type=hidden])").first.get_attribute("name")
    assert page.evaluate(AT) == first
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
