"""Pages of the kernel: calendar, numbers, search, notices, attachments, comments."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import translation

from chengdan.kernel import clock, targets
from chengdan.kernel.actor import Actor
from chengdan.kernel.attachments.models import Attachment
from chengdan.kernel.comments.models import Comment
from chengdan.kernel.notices import kinds
from chengdan.kernel.notices.kinds import NoticeKind
from chengdan.kernel.notices.models import Notice
from chengdan.kernel.numbering import declarations
from chengdan.kernel.numbering.declarations import SeriesDeclaration
from chengdan.kernel.numbering.models import NumberSeries
from chengdan.kernel.numbering.services import number_take
from chengdan.kernel.outbox.models import PeriodicRun
from chengdan.kernel.search import SearchFields, SearchKind, search_put
from chengdan.kernel.search import registry as search_registry
from chengdan.kernel.targets import Target
from chengdan.kernel.transactions import unguarded, write
from chengdan.kernel.ui import hooks
from chengdan.kernel.workcalendar import calendar_choices, is_working_day
from chengdan.kernel.workcalendar.models import WorkCalendar

PARTS = ("ui", "search", "attachments", "comments", "notices", "workcalendar", "numbering")
urlpatterns = [path("", include(f"chengdan.kernel.{part}.urls")) for part in PARTS]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
ACTOR = Actor(7, "Administrator", 1)


class SignedIn:
    is_authenticated = True
    pk = 7

    def __str__(self) -> str:
        return "Administrator"


class SignedInMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SignedIn()  # type: ignore[assignment]
        request.actor = Actor(7, "Administrator", 1)  # type: ignore[attr-defined]
        return self.get_response(request)


@pytest.fixture(autouse=True)
def rights(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    refused: set[str] = set()
    bare = hooks.Hooks(can=lambda actor, permission: permission not in refused)
    monkeypatch.setattr(hooks, "_hooks", bare)
    kept = [
        name
        for name in settings.MIDDLEWARE
        if name.startswith(("django.contrib.sessions", "django.contrib.messages", "django_htmx"))
    ]
    monkeypatch.setattr(
        settings, "MIDDLEWARE", [*kept, f"{__name__}.{SignedInMiddleware.__name__}"]
    )
    with translation.override("en"), clock.at(clock.now().replace(year=2026, month=11, day=16)):
        yield refused


def ok(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_a_year_shows_its_days_and_says_what_is_provisional(client: Client) -> None:
    page = ok(client.get("/calendar/"))
    assert "Spring Festival" in page
    assert "2026-02-14" in page
    assert "This year is provisional" in ok(client.get("/calendar/2027/"))
    assert "not known yet" in ok(client.get("/calendar/2029/"))
    assert client.get("/calendar/1500/").status_code == 404


def test_a_day_is_set_and_removed_by_form(client: Client) -> None:
    monday = date(2026, 11, 16)
    assert client.post("/calendar/day/", {"day": "2026-11-16", "kind": "?"}).status_code == 422
    data = {"day": "2026-11-16", "kind": "holiday", "title": "Move"}
    assert client.post("/calendar/day/", data).status_code == 302
    assert not is_working_day(monday, "cn", 1)
    assert "Move" in ok(client.get("/calendar/2026/"))
    assert client.post("/calendar/day/2026-11-16/remove/").status_code == 302
    assert is_working_day(monday, "cn", 1)
    assert client.post("/calendar/day/nonsense/remove/").status_code == 404


def test_a_plan_is_pasted_and_its_mistakes_are_named(client: Client) -> None:
    ok(client.get("/calendar/2027/import/"))
    wrong = {"year": "2027", "text": "2027-02-20 make-up\n2027-02-05 party"}
    response = client.post("/calendar/2027/import/", wrong)
    assert response.status_code == 422
    assert response.context["form_page"].form.errors["text"][0].startswith("Line 2: This line")
    right = {"year": "2027", "text": "2027-02-05~2027-02-11 放假 春节\n2027-02-20 上班"}
    assert client.post("/calendar/2027/import/", right).status_code == 302
    assert is_working_day(date(2027, 2, 20), "cn", 1)
    assert "This year is provisional" not in ok(client.get("/calendar/2027/"))


def test_hours_are_edited_and_checked(client: Client) -> None:
    ok(client.get("/calendar/hours/"))
    hours = {"time_zone": "Asia/Shanghai", "weekdays": ["0", "1"], "starts_from_shipped": "on"}
    data = {**hours, "opens_at": "09:00", "closes_at": "18:00"}
    for wrong, field in (
        ({"closes_at": "08:00"}, "closes_at"), ({"break_starts_at": "12:00"}, "break_ends_at"),
        ({"break_starts_at": "12:00", "break_ends_at": "11:00"}, "break_ends_at"),
        ({"time_zone": "Mars"}, "time_zone"), ({"weekdays": []}, "weekdays"),
    ):  # fmt: skip
        response = client.post("/calendar/hours/", {**data, **wrong})
        assert response.status_code == 422
        assert list(response.context["form_page"].form.errors) == [field]
    assert client.post("/calendar/hours/", data).status_code == 302
    row = WorkCalendar.objects.get(company_id=1)
    assert (row.weekdays, row.break_starts_at) == ("1100000", None)
    stale = {**data, "expected_version": row.version - 1}
    assert client.post("/calendar/hours/", stale).status_code == 409


def test_a_unit_may_work_by_a_calendar_of_its_own(client: Client) -> None:
    assert 'class="views"' not in ok(client.get("/calendar/"))
    ok(client.get("/calendar/new/"))
    data = {
        "code": "plant", "title": "Plant", "time_zone": "Asia/Shanghai", "opens_at": "08:00",
        "closes_at": "16:00", "weekdays": ["0", "5"],
    }  # fmt: skip
    for code in ("cn", "a b", ""):
        assert client.post("/calendar/new/", {**data, "code": code}).status_code == 422
    assert client.post("/calendar/new/", data).headers["Location"] == "/calendar/?of=plant"
    assert calendar_choices(1)["plant"] == "Plant"
    assert "plant" not in calendar_choices(2)
    page = ok(client.get("/calendar/2026/?of=plant"))
    assert 'href="/calendar/2026/?of=plant" class="on"' in page
    assert "Spring Festival" not in page
    saturday, monday = date(2026, 11, 14), date(2026, 11, 16)
    assert is_working_day(saturday, "plant", 1)
    assert not is_working_day(saturday, "cn", 1)
    day = {"day": "2026-11-16", "kind": "holiday", "title": "Revision"}
    assert client.post("/calendar/day/?of=plant", day).status_code == 302
    assert is_working_day(monday, "cn", 1)
    assert not is_working_day(monday, "plant", 1)
    assert client.post("/calendar/day/2026-11-16/remove/?of=plant").status_code == 302
    assert is_working_day(monday, "plant", 1)
    assert client.get("/calendar/?of=none").status_code == 404


def test_series_are_listed_made_and_changed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = SeriesDeclaration("tests.doc", "Test paper", "T{yy}{n:4}", "yearly", False, 1)
    monkeypatch.setitem(declarations._declared._items, "tests.doc", item)
    with write():
        number_take(ACTOR, 1, "tests.doc", date(2026, 11, 16))
    page = ok(client.get("/numbers/"))
    assert "Test paper" in page
    assert "T260001" in page
    row = NumberSeries.objects.get()
    ok(client.get(f"/numbers/{row.pk}/"))
    data = {"pattern": "X{yy}{n:4}", "reset": "yearly", "minimum": "1", "warn_below": "5"}
    assert client.post(f"/numbers/{row.pk}/", data).status_code == 302
    row.refresh_from_db()
    assert (row.pattern, row.document_type) == ("X{yy}{n:4}", "tests.doc")
    new = {**data, "document_type": "tests.doc", "office": "tianjin"}
    response = client.post("/numbers/new/", new)
    assert response.status_code == 422
    assert "runs into" in response.content.decode()
    response = client.post("/numbers/new/", {**new, "pattern": "{office}{n:4}", "reset": "never"})
    assert response.status_code == 302
    with unguarded():
        NumberSeries.objects.filter(pk=row.pk).update(company_id=2)
    assert client.get(f"/numbers/{row.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("address", "permission"),
    [
        ("/calendar/", "kernel.calendar:view"),
        ("/calendar/day/", "kernel.calendar:edit"),
        ("/numbers/", "kernel.numbering:view"),
        ("/numbers/new/", "kernel.numbering:edit"),
    ],
)
def test_pages_ask_for_their_right(
    client: Client, rights: set[str], address: str, permission: str
) -> None:
    rights.add(permission)
    assert client.get(address).status_code == 403


def test_search_answers_a_page_a_fragment_and_json(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = SearchKind("tests.thing", "Thing", "", lambda actor: [Q(company_id=1)])
    monkeypatch.setitem(search_registry._kinds._items, "tests.thing", kind)
    with write():
        fields = SearchFields("重庆长安 <b>", "/x/1/", code="C-1", company_id=1)
        search_put("tests.thing", PeriodicRun(pk=1), fields)
    page = ok(client.get("/search/", {"q": "cqca"}))
    assert "重庆长安 &lt;b&gt;" in page
    fragment = ok(client.get("/search/", {"q": "长安"}, headers={"HX-Request": "true"}))
    assert "/x/1/" in fragment
    assert "<html" not in fragment
    answer = client.get("/search/", {"q": "C1"}, headers={"Accept": "application/json"})
    assert answer.json()["hits"][0]["title"] == "重庆长安 <b>"
    assert "Nothing found" in ok(client.get("/search/", {"q": "zzzz"}))
    ok(client.get("/search/", {"q": "\x00" * 500}))


def test_notices_are_listed_opened_and_read(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = NoticeKind("tests.news", "%(n)s is late", True)
    monkeypatch.setitem(kinds._kinds._items, "tests.news", kind)
    at = clock.now()
    mine, foreign = [
        Notice.objects.create(
            user_id=user_id, kind="tests.news", params={"n": "SO1"}, url=url, created_at=at
        )
        for user_id, url in ((7, "/orders/1/"), (8, "//evil.example/"))
    ]
    assert "SO1 is late" in ok(client.get("/notices/"))
    response = client.get(f"/notices/{mine.pk}/")
    assert response["Location"] == "/orders/1/"
    assert client.get(f"/notices/{foreign.pk}/").status_code == 404
    Notice.objects.filter(pk=mine.pk).update(url="//evil.example/", read_at=None)
    assert client.get(f"/notices/{mine.pk}/")["Location"] == "/notices/"
    assert client.post("/notices/read-all/").status_code == 302
    assert Notice.objects.get(user_id=8).read_at is None


def test_files_and_comments_come_and_go(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "ATTACHMENT_ROOT", tmp_path)
    with unguarded():
        document = WorkCalendar.objects.create(code="doc", company_id=1)
    target = Target("tests.doc", lambda actor, pk: WorkCalendar.objects.get(pk=pk), "")
    monkeypatch.setitem(targets._targets._items, "tests.doc", target)
    add = f"/attachments/tests.doc/{document.pk}/add/"
    assert client.post(add).status_code == 422
    file = SimpleUploadedFile("订单;filename=evil.html.pdf", b"%PDF-1.7")
    assert client.post(add, {"file": file}).status_code == 204
    row = Attachment.objects.get()
    panel = ok(client.get(f"/attachments/tests.doc/{document.pk}/"))
    assert f"/attachments/{row.pk}/remove/" in panel
    assert f'hx-confirm="Remove the file “{row.name}”?"' in panel
    response = client.get(f"/attachments/{row.pk}/")
    assert response["X-Content-Type-Options"] == "nosniff"
    header = f"attachment; filename=\"attachment-{row.pk}.pdf\"; filename*=UTF-8''%E8%AE%A2"
    assert response["Content-Disposition"].startswith(header)
    assert response["Content-Type"] == "application/pdf"
    assert b"".join(response.streaming_content) == b"%PDF-1.7"  # type: ignore[attr-defined]
    assert client.post(f"/attachments/{row.pk}/remove/").status_code == 204
    assert client.get(f"/attachments/{row.pk}/").status_code == 404
    assert client.post("/attachments/tests.none/1/add/", {"file": file}).status_code == 404
    address = f"/comments/tests.doc/{document.pk}/add/"
    assert client.post(address, {"text": "ok", "mentioned": ["x", "9" * 30]}).status_code == 204
    comment = Comment.objects.get()
    assert f"/comments/{comment.pk}/remove/" in ok(
        client.get(f"/comments/tests.doc/{document.pk}/")
    )
    assert client.post(f"/comments/{comment.pk}/remove/").status_code == 204
    assert client.post(address, {"text": ""}).status_code == 422
