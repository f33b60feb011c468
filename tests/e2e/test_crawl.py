"""Every page of the company in a real browser, at both widths: it fits and raises no error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.e2e.crawl import pages_of
from tests.e2e.window import AXE, Window
from tests.fixtures.busy import make_full

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

# Together they can open every kind of page.
PEOPLE = ("ssg_leader", "administrator", "market_department", "deputy_sales_director",
          "finance_clerk", "finance_manager", "warehouse_keeper", "order_clerk",
          "shipping_coordinator")  # fmt: skip
MAIN = {
    "home", "process:inbox", "process:task", "orders:list", "orders:show", "orders:create",
    "orders:tower", "customers:list", "customers:show", "credit:show", "process:process",
    "shipping:list", "shipping:show", "billing:invoices", "billing:invoice", "billing:receipt",
}  # fmt: skip
# A crawl that finds fewer has lost its way; raise it when pages are added.
KINDS_LEAST = 150
WIDE, NARROW = 1440, 390

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _look(window: Window, kind: str, path: str, *, is_new: bool) -> None:
    """Look at a page; the first of its kind thoroughly, main pages also as others see them."""
    is_main = kind in MAIN
    window.open(path, WIDE)
    if is_new:
        window.shot(kind)
    if is_new and is_main:
        window.axe("dark")
        window.axe("light")
        # What a page makes of a narrow screen when it loads, not only when it is turned.
        window.open(path, NARROW)
        window.axe()
    else:
        window.resize(NARROW)
    if is_new:
        window.shot(kind)


@pytest.mark.long
def test_every_page_fits_and_raises_no_error(chromium: Browser, live_server: LiveServer) -> None:
    assert AXE.is_file(), "axe-core is missing: make setup"
    busy = make_full()
    faults: list[str] = []
    seen: set[str] = set()
    for key in PEOPLE:
        client = Client()
        client.force_login(busy.user(key))
        found = [(kind, path) for kind, path, _page in pages_of(client, faults)]
        with Window(chromium, live_server, client) as window:
            for kind, path in found:
                if kind not in seen or kind in MAIN:
                    _look(window, kind, path, is_new=kind not in seen)
                seen.add(kind)
            if key == PEOPLE[0]:
                _other_languages(window, [path for kind, path in found if kind in MAIN])
        faults += window.faults
    assert faults == [], "\n".join(faults)
    assert MAIN - seen == set()
    assert len(seen) >= KINDS_LEAST, len(seen)


def _other_languages(window: Window, paths: list[str]) -> None:
    for language in ("en", "zh-hant"):
        window.speak(language)
        for path in paths:
            window.open(path, WIDE)
            window.resize(NARROW)
