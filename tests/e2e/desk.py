"""A desk at which one person after another signs in and works by clicking, as in the company."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings as site
from django.test import Client

from tests.e2e.window import HEIGHTS, OVERFLOW, SHOTS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page
    from pytest_django.live_server_helper import LiveServer


class Desk:
    """The browser page of whoever sits there."""

    def __init__(self, page: Page, server: LiveServer, busy: Any, name: str) -> None:
        self.page, self.server, self.busy, self.name = page, server, busy, name
        self.shots = 0

    def sit(self, key: str) -> Desk:
        """Sign in by the demo's one click; a second person of the same role by a session."""
        from chengdan.kernel.outbox import outbox_drain

        outbox_drain(limit=500)
        user = self.busy.user(key)
        self.page.context.clear_cookies()
        self.page.goto(f"{self.server.url}/login/")
        button = self.page.get_by_role("button", name=user.display_name)
        if button.count():
            button.click()
        else:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[site.SESSION_COOKIE_NAME].value
            self.page.context.add_cookies(
                [{"name": site.SESSION_COOKIE_NAME, "value": cookie, "url": self.server.url}]
            )
            self.page.goto(self.server.url)
        self.page.locator(".rail").wait_for()
        return self

    def take(self, document: str) -> Desk:
        """Open the task of a document from the workbench."""
        row = self.page.locator("tr", has_text=document).first
        return self._go(row.locator("a.btn"))

    def visit(self, path: str) -> Desk:
        """Open an address."""
        self.page.goto(self.server.url + path)
        return self

    def follow(self, text: str) -> Desk:
        """Click a link of the page's main part."""
        return self._go(self.page.locator("main").get_by_role("link", name=text).first)

    def _go(self, link: Locator) -> Desk:
        """Click a link and wait until its page is there: a click returns before that."""
        address = str(link.get_attribute("href"))
        link.click()
        self.page.wait_for_url(lambda url: url.endswith(address))
        return self

    def press(self, text: str) -> Desk:
        """Press the first act whose name begins so, in the page's head or its menu "more"."""
        acts = self.page.locator(".head .acts")
        name = re.compile(rf"^\s*{re.escape(text)}")
        found = acts.locator("a, button", has_text=name).first
        found.wait_for(state="attached")
        if not found.is_visible():
            acts.locator("summary").click()
        opens = found.get_attribute("hx-target") == "#cd-dialog-body"
        address = found.get_attribute("href")
        found.click()
        if opens:
            self.page.locator("dialog[open]").wait_for()
        elif address:
            self.page.wait_for_url(f"**{address}")
        return self

    @property
    def sheet(self) -> Locator:
        """The open dialog, or the page."""
        dialog = self.page.locator("dialog[open]")
        return dialog if dialog.count() else self.page.locator("main")

    def fill(self, **values: str) -> Desk:
        """Type into fields of the dialog, or of the page where none is open."""
        for name, value in values.items():
            self.sheet.locator(f"[name={name}]").fill(value)
        return self

    def pick(self, text: str) -> Desk:
        """Choose from the first type-ahead field."""
        self.sheet.locator("[role=combobox]").first.click()
        self.page.keyboard.type(text)
        self.page.locator(".pick [role=option]").first.wait_for()
        self.page.keyboard.press("Enter")
        return self

    def decide(self, text: str) -> Desk:
        """Press a decision of the inbox; the next task opens by itself."""
        before = self.page.url
        self.page.locator(".decide").get_by_role("button", name=text).click()
        self.page.wait_for_url(lambda url: url != before)
        return self

    def send(self, text: str = "") -> Desk:
        """Send the dialog or the form and read the answer."""
        self.sheet.locator("button.btn-primary").first.click()
        return self.told(text)

    def told(self, text: str) -> Desk:
        """Wait for the message that the act is done."""
        self.page.locator(".toast-c.is-done", has_text=text).first.wait_for()
        return self

    def shot(self) -> Desk:
        """Keep a picture of this moment, in which nothing reaches out of the window."""
        self.fits()
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.shots += 1
        path = SHOTS / f"journey-{self.name}-{self.shots:02}.png"
        self.page.screenshot(path=path, full_page=True)
        return self

    def fits(self, *widths: int) -> Desk:
        """Fail when the page is wider than the window, as it is or at these widths."""
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            self.fits()
        self.page.wait_for_load_state()
        found = self.page.evaluate(OVERFLOW)
        assert found is None, f"{self.page.url}: wider than the window by {found}"
        return self
