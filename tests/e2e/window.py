"""One window of Chromium in which a person looks at page after page; it notes what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings as site
from django.test import Client

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "var" / "screens"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
HEIGHTS = {1440: 900, 390: 844}
# How far the page is wider than the window, and the innermost elements that reach out.
OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth;
  const over = document.documentElement.scrollWidth - wide;
  if (over <= 0) return null;
  const out = [...document.body.querySelectorAll("*")].filter(
    node => node.getBoundingClientRect().right > wide && !node.firstElementChild
  );
  const names = out.slice(0, 5).map(
    node => `${node.tagName} ${node.textContent.trim().slice(0, 30)}`
  );
  return `${over} px: ${names.join(", ")}`;
}"""
SERIOUS = ("serious", "critical")


class Window:
    """A signed-in person's window; `faults` says where and what."""

    def __init__(self, chromium: Browser, server: LiveServer, client: Client) -> None:
        self.server = server
        self.faults: list[str] = []
        self.path, self.width, self.language = "", 1440, "zh-hans"
        self.context = chromium.new_context(
            viewport={"width": 1440, "height": HEIGHTS[1440]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        self._cookie(site.SESSION_COOKIE_NAME, client.cookies[site.SESSION_COOKIE_NAME].value)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.note(f"script: {error}"))
        self.page.on("console", self._console)

    def _cookie(self, name: str, value: str) -> None:
        self.context.add_cookies([{"name": name, "value": value, "url": self.server.url}])

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.note(f"console: {message.text}")

    def note(self, fault: str) -> None:
        """Keep a fault of the page that is open."""
        self.faults.append(f"{self.path} at {self.width} px, {self.language}: {fault}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.context.close()

    def speak(self, language: str) -> None:
        """Read the pages in another language."""
        self.language = language
        self._cookie(site.LANGUAGE_COOKIE_NAME, language)

    def open(self, path: str, width: int) -> None:
        """Load a page at a width and look whether it fits."""
        self.path, self.width = path, width
        self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        self.page.goto(self.server.url + path, wait_until="load")
        self.page.locator(".htmx-request").first.wait_for(state="detached")
        self._fits()

    def resize(self, width: int) -> None:
        """Look at the open page at another width."""
        self.width = width
        self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        self._fits()

    def _fits(self) -> None:
        over = self.page.evaluate(OVERFLOW)
        if over:
            self.note(f"wider than the window by {over}")

    def shot(self, name: str) -> None:
        """Keep a picture for those who review the pages by eye."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        path = SHOTS / f"{name.replace(':', '-')}-{self.width}.png"
        self.page.screenshot(path=path, full_page=True)

    def axe(self, theme: str = "light") -> None:
        """Note what stands in the way of people who cannot see or point well (WCAG A and AA)."""
        self.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules}).then(r => r.violations.map("
            "v => [v.impact, v.id, v.nodes.slice(0, 3).map(n => n.target.join(' '))]))",
            RULES,
        )
        for impact, rule, nodes in found:
            if impact in SERIOUS:
                self.note(f"axe, {theme}: {rule} {nodes}")
