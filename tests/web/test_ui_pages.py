"""The door of every page, the style guide as a whole, the rules every page keeps."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils import translation

import chengdan
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import (
    ConflictError,
    FieldIssue,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RuleError,
)
from chengdan.kernel.parameters import ParameterValue
from chengdan.kernel.ui import faults, hooks, views
from chengdan.kernel.ui import urls as ui_urls
from chengdan.kernel.ui.frame import Frame
from chengdan.kernel.ui.kit.views import urlpatterns as kit_patterns
from chengdan.kernel.ui.models import SavedView, UiPreference
from chengdan.kernel.ui.pages import done, done_in_place, page, public_page
from chengdan.kernel.ui.parts import Act, Chip, PageHead, Toast

SOURCE = Path(chengdan.__file__).parent

known = {pattern.name for pattern in ui_urls.urlpatterns}
patterns = [
    *ui_urls.urlpatterns,
    *(pattern for pattern in kit_patterns if pattern.name not in known),
]
urlpatterns = [path("", include((patterns, "ui")))]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

HTMX = {"HX-Request": "true"}
KIT = ["", "list/", "document/", "form/", "board/", "why/"]


@pytest.fixture(autouse=True)
def _one_right(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    bare = hooks.Hooks(can=lambda actor, permission: permission == "orders.order:view")
    monkeypatch.setattr(hooks, "_hooks", bare)
    with translation.override("en"):
        yield


def request_for(
    method: str = "get", signed_in: bool = True, headers: dict[str, str] | None = None
) -> HttpRequest:
    request: HttpRequest = getattr(RequestFactory(headers=headers or {}), method)("/orders/?a=1")
    request.user = SimpleNamespace(is_authenticated=signed_in)  # type: ignore[assignment]
    request.actor = Actor(user_id=1, name="王婷") if signed_in else None  # type: ignore[attr-defined]
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request


def view_of(
    error: Exception | None = None, permission: str = "orders.order:view"
) -> Callable[..., Any]:
    @page(permission=permission, methods=["GET", "POST"])
    def view(request: HttpRequest) -> HttpResponse:
        if error is not None:
            raise error
        return HttpResponse("fine")

    return view


def test_a_page_names_its_permission() -> None:
    assert view_of().permission == "orders.order:view"  # type: ignore[attr-defined]


def test_a_stranger_is_sent_to_the_sign_in_page_and_back() -> None:
    answer = view_of()(request_for(signed_in=False))
    assert answer.status_code == 302
    assert answer["Location"].endswith("?next=/orders/%3Fa%3D1")
    piece = view_of()(request_for(signed_in=False, headers=HTMX))
    assert (piece.status_code, "HX-Redirect" in piece) == (401, True)


def test_without_the_right_nothing_is_done() -> None:
    assert view_of(permission="orders.order:accept")(request_for()).status_code == 403
    assert view_of(permission="")(request_for()).status_code == 200


def test_a_method_that_is_not_named_is_refused() -> None:
    refused = view_of()(request_for("put"))
    assert (refused.status_code, refused["Allow"]) == (405, "GET, POST")
    assert "Open the page again and use its buttons." in refused.content.decode()
    for headers in (HTMX, {"Accept": "application/json"}):
        bare = view_of()(request_for("put", headers=headers))
        assert (bare.status_code, bare.content, bare["Allow"]) == (405, b"", "GET, POST")


@pytest.mark.parametrize(
    ("address", "came_from", "shown"),
    [
        ("/ui/kit/?a=1", "http://testserver/ui/columns/", "/ui/kit/?a=1"),
        ("/ui/columns/", "http://testserver/ui/kit/list/?a=1", "/ui/kit/list/?a=1"),
        ("/ui/columns/", "http://testserver/ui/density/", "/"),
        ("/ui/columns/", "https://evil.example/ui/kit/", "/"),
        ("/ui/columns/", "", "/"),
    ],
)
def test_another_language_leads_to_a_page_that_opens(
    address: str, came_from: str, shown: str
) -> None:
    request = RequestFactory(headers={"Referer": came_from}).post(address)
    assert Frame(request).here == shown


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError(), 404),
        (Http404(), 404),
        (ForbiddenError(), 403),
        (ConflictError(), 409),
        (RuleError("Too late.", rule="OP-3"), 422),
        (InvalidError(FieldIssue("name", "x", "No name.")), 422),
    ],
)
def test_every_refusal_has_its_status_and_words(error: Exception, status: int) -> None:
    request = request_for()
    answer = view_of(error)(request)
    assert answer.status_code == status
    html = answer.content.decode()
    assert faults.reference_of(request) in html
    assert "Nothing was changed" in html or "not stored" in html


def test_a_state_that_refuses_is_not_called_a_faster_person() -> None:
    request = request_for("post", headers={"referer": "http://testserver/orders/7/"})
    refused = faults.domain_fault(request, ConflictError("Not shipped yet.", code="shipping.open"))
    html = refused.content.decode()
    assert "Not shipped yet." in html
    assert "Somebody was faster" not in html
    assert 'href="/orders/7/"' in html


def test_losing_against_another_act_is_a_conflict_and_any_other_fault_stays_one() -> None:
    def taken() -> None:
        with transaction.atomic():
            for _time in range(2):
                ParameterValue.objects.create(company_id=9, code="x", value="")

    def broken() -> None:
        with transaction.atomic():
            ParameterValue.objects.create(company_id=9, code=None, value="")

    @page(permission="orders.order:view", methods=["GET", "POST"])
    def lose(request: HttpRequest, act: Callable[[], None]) -> HttpResponse:
        act()
        return HttpResponse()

    answer = lose(request_for(), taken)
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.content.decode()
    assert "Open the page again" not in answer.content.decode()
    sent = request_for("post", headers={"referer": "http://testserver/orders/7/"})
    assert 'href="/orders/7/"' in lose(sent, taken).content.decode()
    elsewhere = request_for("post", headers={"referer": "http://elsewhere.example/orders/7/"})
    assert "/orders/7/" not in lose(elsewhere, taken).content.decode()
    with pytest.raises(IntegrityError):
        lose(request_for(), broken)


def test_a_refusal_tells_the_rule_as_page_toast_and_data() -> None:
    view = view_of(RuleError("Too late.", rule="OP-3"))
    assert "Too late. [OP-3]" in view(request_for()).content.decode()
    toast = json.loads(view(request_for(headers=HTMX))["HX-Trigger"])
    assert toast["cd:toast"]["text"] == "Too late. [OP-3]"
    data = json.loads(view(request_for(headers={"accept": "application/json"})).content)
    assert data["message"] == "Too late. [OP-3]"


def test_a_crash_page_needs_no_frame() -> None:
    answer = faults.handle_500(request_for())
    assert answer.status_code == 500
    assert b"cd-rail" not in answer.content


def test_success_leads_on_with_its_message() -> None:
    request = request_for("post")
    assert done(request, "/next/", Toast("Stored.")).status_code == 302
    assert "Stored." in str(next(iter(request._messages)))  # type: ignore[attr-defined]
    piece = done(request_for("post", headers=HTMX), "/next/")
    assert piece["HX-Redirect"] == "/next/"
    in_place = done_in_place(Toast("Stored.", undo="/undo/"), refresh="orders-changed")
    assert json.loads(in_place["HX-Trigger"])["cd:toast"]["undo"] == "/undo/"


def test_a_public_page_says_why() -> None:
    @public_page(reason="sign-in")
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("open")

    assert view.permission is None  # type: ignore[attr-defined]
    assert view.public_reason == "sign-in"  # type: ignore[attr-defined]
    assert view(request_for(signed_in=False)).status_code == 200


# -- every page -------------------------------------------------------------------------------


@pytest.mark.parametrize("address", KIT)
def test_pages_hold_no_inline_code_or_style(client: Client, address: str) -> None:
    html = client.get(f"/ui/kit/{address}").content.decode()
    tags = re.findall(r"<[a-z][^>]*>", html)
    assert tags
    for tag in tags:
        assert not re.search(r"\s(style|on[a-z]+|hx-on[^=]*)\s*=", tag), tag
        assert not tag.startswith("<style"), tag
        if tag.startswith("<script"):
            assert "src=" in tag or 'type="application/json"' in tag, tag
        assert "javascript:" not in tag


@pytest.mark.parametrize("address", KIT)
def test_pages_can_be_used_without_seeing_them(client: Client, address: str) -> None:
    html = client.get(f"/ui/kit/{address}").content.decode()
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)
    for target in re.findall(r'(?:aria-labelledby|aria-controls|\sfor)="([^"]+)"', html):
        assert target in ids, target
    for button in re.findall(r"<button[^>]*>.*?</button>", html, re.DOTALL):
        words = re.sub(r"<[^>]+>", "", button).strip()
        assert words or "aria-label=" in button or "data-cd-chosen" in button, button
    if "<html" in html:
        assert re.search(r'<html lang="[a-zA-Z-]+"', html)
        assert html.count("<h1") == 1
        assert 'class="skip"' in html


def test_the_browser_library_is_told_to_run_no_code(client: Client) -> None:
    html = client.get("/ui/kit/").content.decode()
    found = re.search(r"name=\"htmx-config\" content='([^']+)'", html)
    assert found
    config = json.loads(found[1])
    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["historyCacheSize"] == 0


def test_the_sample_form_refuses_and_accepts(client: Client) -> None:
    assert client.post("/ui/kit/form/", {"lines": "[]"}).status_code == 422
    lines = json.dumps([{"product": {"id": 1}, "quantity": "5"}])
    data = {"customer": "1", "wanted_on": "2026-12-01", "payment": "30", "lines": lines}
    assert client.post("/ui/kit/form/", data).status_code == 302
    found = client.get("/ui/kit/pick/?q=jy", headers={"accept": "application/json"}).json()
    assert [row["code"] for row in found["rows"]] == ["JY-1205", "JY-1210"]
    preview = client.post("/ui/kit/preview/", {"lines": lines}).json()
    assert preview["totals"] == {"amount": "414.00"}


# -- head, frame and small pages --------------------------------------------------------------


def test_acts_without_the_right_are_absent_and_others_say_why_not() -> None:
    head = PageHead(
        "Order",
        acts=[
            Act("a", "Accept", "/a/", method="post", permission="orders.order:accept"),
            Act("b", "Print", "/b/", permission="orders.order:view", shortcut="P"),
            Act("c", "Ship", "/c/", disabled="Not printed yet"),
            Act("d", "Delete", "/d/", method="post", confirm="Really?", values={"version": 3}),
            Act("e", "Next", "/e/", primary=True),
            Act("f", "Last", "/f/", primary=True),
        ],
        chips=[Chip("late", "late")],
    )
    template = Template('{% include "ui/frame/_head.html" %}')
    html = template.render(Context({"head": head, "request": request_for()}))
    assert "Accept" not in html
    assert 'data-cd-key="P"' in html
    assert 'title="Not printed yet"' in html
    assert 'hx-confirm="Really?"' in html
    assert 'name="version" value="3"' in html
    assert html.count("btn-primary") == 1


def post(view: Callable[..., Any], data: dict[str, Any], **kwargs: Any) -> Any:
    request = RequestFactory().post("/ui/", data)
    request.user = SimpleNamespace(is_authenticated=True)  # type: ignore[assignment]
    request.actor = Actor(user_id=1, name="王婷", company_id=1)  # type: ignore[attr-defined]
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return view(request, **kwargs)


def test_columns_density_and_views_are_kept() -> None:
    post(views.columns_save, {"page": "p", "columns": ["a", "b"], "next": "/orders/"})
    answer = post(views.density_save, {"page": "p", "tight": "1", "next": "/orders/"})
    assert answer["Location"] == "/orders/"
    kept = UiPreference.objects.get()
    assert (kept.columns, kept.is_tight, kept.user_id) == (["a", "b"], True, 1)
    answer = post(views.view_save, {"page": "p", "name": "Mine", "query": "a=1", "next": "/o/"})
    saved = SavedView.objects.get()
    assert answer["Location"] == f"/o/?view=s{saved.pk}&a=1"
    SavedView.objects.update(user_id=2)
    assert post(views.view_delete, {}, pk=saved.pk).status_code == 404
    SavedView.objects.update(user_id=1)
    assert post(views.view_delete, {}, pk=saved.pk).status_code == 302
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_nobody_is_sent_to_another_site(target: str) -> None:
    answer = post(views.density_save, {"page": "p", "next": target})
    assert answer["Location"] == "/"


def test_small_pages_change_nothing_on_get() -> None:
    for view in (views.columns_save, views.density_save, views.view_save):
        assert view(request_for()).status_code == 405


def test_nothing_that_is_sent_by_htmx_can_be_pressed_twice() -> None:
    piece = r"[^>{]|\{\{.*?\}\}|\{%.*?%\}"
    found = {
        (str(file.relative_to(SOURCE)), tag)
        for file in SOURCE.rglob("*.html")
        for tag in re.findall(rf"<\w+(?:{piece})*>", file.read_text(encoding="utf-8"))
        if "hx-post" in tag
    }
    assert len(found) > 15
    assert not {(name, tag) for name, tag in found if "hx-disabled-elt" not in tag}
