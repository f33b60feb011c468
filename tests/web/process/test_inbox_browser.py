"""The inbox in a browser: decide by keyboard, at both widths."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from chengdan.kernel.transactions import unguarded
from chengdan.modules.people.models import User
from chengdan.modules.process.models import Task
from chengdan.modules.process.web import inbox
from tests.fixtures.process import Engine, Town, ToyBook, ToyDocument, toy_step

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QC = toy_step("QC", "check", check="toy.quality")
MA = toy_step("MA", "approval", assign={"responsible": "boss"}, limit={"working_minutes": 600})
BG = toy_step("BG", "task", assign={"role": "csr"})


@pytest.fixture
def desk(page: "Page", live_server: LiveServer, town: Town, toy: ToyBook) -> "Page":
    """Three papers wait for Mark, who is signed in."""
    engine = Engine(town, toy)
    engine.publish(QC, MA, BG)
    for number in (1, 2, 3):
        document = ToyDocument(town.company_id, town.unit_id, town.user["sara"])
        document.people = {"boss": [town.user["mark"]]}
        toy.add(number, document)
        engine.start(number)
    client = Client()
    with unguarded():
        client.force_login(User.objects.get(username="mark"))
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    page.context.add_cookies([cookie])
    return page


def picture(page: "Page", name: str) -> None:
    """Keep a picture where CHENGDAN_PICTURES says, for people to look at."""
    folder = os.environ.get("CHENGDAN_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder, f"{name}.png")), full_page=True)


def may_decide(page: "Page") -> None:
    """Wait until the task that opened takes a decision."""
    page.locator(".decide button[name=decision]:not([aria-disabled])").first.wait_for()


def test_a_task_that_opened_only_now_takes_neither_key_nor_click(
    desk: "Page", live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAUSE_MS", 3_600_000)
    desk.goto(f"{live_server.url}/process/inbox/")
    desk.keyboard.press("j")
    desk.locator(".decide button[aria-disabled=true]").first.wait_for()
    opened = desk.url
    desk.keyboard.press("a")
    desk.evaluate("document.querySelector('.decide button[value=approve]').click()")
    desk.locator(".decide").evaluate("form => form.requestSubmit()")
    desk.locator(".toast-c").wait_for()
    assert desk.url == opened
    assert not Task.objects.filter(state="done").exists()


def test_decisions_by_keyboard_open_the_next_one(desk: "Page", live_server: LiveServer) -> None:
    desk.goto(f"{live_server.url}/process/inbox/")
    picture(desk, "inbox-empty")
    desk.keyboard.press("j")
    desk.locator(".item.on").wait_for()
    picture(desk, "inbox-desk")
    first = desk.url
    may_decide(desk)
    desk.keyboard.press("a")
    desk.wait_for_url(lambda url: url != first)
    desk.locator(".toast-c").wait_for()
    assert Task.objects.filter(state="done").count() == 1
    desk.keyboard.press("r")
    assert desk.evaluate("document.activeElement.id") == "process-comment"
    desk.keyboard.type("价格请再核。")
    second = desk.url
    desk.locator("button[value=return]").click()
    desk.wait_for_url(lambda url: url != second)
    assert Task.objects.filter(decision="return").count() == 1


def test_a_missing_remark_is_asked_for_in_the_language_of_the_page(
    desk: "Page", live_server: LiveServer
) -> None:
    desk.goto(f"{live_server.url}/process/inbox/")
    desk.keyboard.press("j")
    desk.locator(".item.on").wait_for()
    first = desk.url
    desk.keyboard.press("r")
    told, remark = desk.locator("#process-comment-error"), desk.locator("#process-comment")
    # Mark reads English, in a Chinese browser.
    assert told.inner_text() == "To return or refuse, say why in the remark."
    assert remark.get_attribute("aria-invalid") == "true"
    assert remark.evaluate("field => field.checkValidity()")  # so the browser says nothing itself
    desk.keyboard.type("价")
    assert told.inner_text() == ""
    desk.keyboard.press("Escape")
    assert desk.evaluate("document.activeElement === document.body")
    may_decide(desk)
    desk.keyboard.press("r")
    desk.wait_for_url(lambda url: url != first)
    assert Task.objects.get(decision="return").comment == "价"


def test_inbox_on_a_phone(desk: "Page", live_server: LiveServer) -> None:
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.goto(f"{live_server.url}/process/inbox/")
    picture(desk, "inbox-phone-list")
    desk.locator(".item").first.click()
    desk.locator("button[value=approve]").wait_for()
    picture(desk, "inbox-phone-task")
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390
    box = desk.locator("button[value=approve]").bounding_box()
    assert box is not None
    assert box["height"] >= 40
    reply = desk.locator("button[data-process-reply]").first
    assert not reply.is_visible()
    desk.locator("#process-comment").click()
    reply.click()
    assert desk.locator("#process-comment").input_value() != ""
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390
