"""On a phone every act is large enough for a thumb, and no page is wider than the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.e2e.window import Window
from tests.fixtures.busy import make_busy

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

THUMB = 44
SMALL = """least => [...document.querySelectorAll(
  ".main .btn, .main .crumb a, .main summary, .sheet button"
)].filter(node => {
  const box = node.getBoundingClientRect();
  return box.width > 0 && box.height < least - 0.5;
}).map(node => `${node.className || node.tagName} ${node.textContent.trim().slice(0, 20)}`
  + ` ${Math.round(node.getBoundingClientRect().height)}`)"""


def test_acts_are_large_enough_for_a_thumb(chromium: Browser, live_server: LiveServer) -> None:
    busy = make_busy()
    client = Client()
    client.force_login(busy.user("order_clerk"))
    customer, order = busy.house.customers["和兴"], busy.orders["released"]
    paths = [
        f"/customers/{customer}/",
        f"/orders/{order}/",
        f"/orders/{busy.orders['draft']}/edit/",
        "/orders/",
        "/process/inbox/",
    ]
    small = {}
    with Window(chromium, live_server, client) as window:
        for path in paths:
            window.open(path, 390)
            if found := window.page.evaluate(SMALL, THUMB):
                small[path] = found
        assert window.faults == []
    assert small == {}


OUTSIDE = """() => [...document.querySelectorAll(".sheet td")].filter(node => {
  const box = node.getBoundingClientRect();
  return box.width > 0 && (box.left < 0 || box.right > innerWidth + 0.5);
}).map(node => `${node.dataset.column} ${Math.round(node.getBoundingClientRect().right)}`)"""


def test_every_cell_of_a_line_is_in_sight_under_its_title(
    chromium: Browser, live_server: LiveServer
) -> None:
    busy = make_busy()
    client = Client()
    client.force_login(busy.user("order_clerk"))
    with Window(chromium, live_server, client) as window:
        window.open(f"/orders/{busy.orders['draft']}/edit/", 390)
        assert window.page.evaluate(OUTSIDE) == []
        gross = window.page.locator('.sheet tbody [data-column="gross"]').first
        assert gross.get_attribute("data-t") == "含税金额"
        gross.wait_for()
        assert window.page.locator(".sheet thead").is_hidden()
        assert window.faults == []
