"""The scripts of the components in a real browser; every page also under axe and the CSP."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import include, path
from pytest_django.live_server_helper import LiveServer

from chengdan.kernel.ui import hooks
from chengdan.kernel.ui import urls as ui_urls
from chengdan.kernel.ui.kit.views import urlpatterns as kit_patterns

if TYPE_CHECKING:
    from playwright.sync_api import Page

known = {pattern.name for pattern in ui_urls.urlpatterns}
patterns = [
    *ui_urls.urlpatterns,
    *(pattern for pattern in kit_patterns if pattern.name not in known),
]
urlpatterns = [path("", include((patterns, "ui")))]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls(__name__),
]

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(autouse=True)
def _bare_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "_hooks", hooks.Hooks(can=lambda actor, permission: True))


def test_a_list_is_walked_selected_and_opened_by_keyboard(
    page: "Page", live_server: LiveServer
) -> None:
    page.goto(f"{live_server.url}/ui/kit/list/")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Space")
    bar = page.locator("[data-cd-bulk]")
    assert bar.is_visible()
    assert page.locator("tr.sel").count() == 2
    ship = page.locator("[data-cd-act=ship]")
    assert ship.get_attribute("aria-disabled") == "true"
    assert "(2)" in (ship.get_attribute("title") or "")
    page.locator("tbody tr").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/ui/kit/document/")


def test_what_cannot_be_undone_is_asked_first(page: "Page", live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/ui/kit/document/")
    page.locator("button.why").first.click()
    page.locator("#cd-why h2").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#cd-why").is_visible()
    page.locator(".head details.menu summary").click()
    page.locator(".head .btn-late").click()
    page.locator("#cd-confirm button[value=no]").click()
    assert page.url.endswith("/ui/kit/document/")
    page.locator(".head details.menu summary").click()
    page.locator(".head .btn-late").click()
    page.locator("#cd-confirm button[value=yes]").click()
    page.wait_for_url("**/ui/kit/")
    page.locator(".toast-c").wait_for()


def test_lines_are_typed_like_a_spreadsheet(page: "Page", live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/ui/kit/form/")
    page.locator(".sheet tbody tr").nth(2).locator("input").first.focus()
    page.keyboard.type("料酒")
    page.locator(".sheet .pick [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type("１２０")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+d")
    page.locator("tfoot", has_text="128,760.00").wait_for()
    rows = json.loads(page.locator("#cd-form input[name=lines]").input_value())
    codes = [row["product"]["code"] for row in rows if row.get("product")]
    assert codes == ["JY-1205", "HY-0712", "LJ-1205", "LJ-1205"]
    page.keyboard.press("Control+Delete")
    page.locator("tfoot", has_text="122,280.00").wait_for()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ["", "list/", "document/", "form/", "board/"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    page: "Page", live_server: LiveServer, address: str, theme: str, width: int
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (make assets)")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/ui/kit/{address}", wait_until="networkidle")
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    faults = [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found["violations"]]
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
