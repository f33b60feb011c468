"""The one list: keyset paging, filters, views, selection, its query budget."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import InvalidError, NotFoundError
from chengdan.kernel.ui import hooks
from chengdan.kernel.ui.listing import (
    BulkAct,
    ChoiceFilter,
    Column,
    Cursor,
    FlagFilter,
    ListPage,
    SortKey,
    TextFilter,
    Total,
    View,
    count_capped,
    take_page,
)
from chengdan.kernel.ui.models import SavedView
from chengdan.kernel.ui.preferences import preference_save, saved_view_save

pytestmark = pytest.mark.django_db

ACTOR = Actor(user_id=5, name="王婷", company_id=1)
KEYS = [
    SortKey("name", "name"),
    SortKey("name", "name", descending=True),
    SortKey("company", "company_id"),
    SortKey("company", "company_id", descending=True),
]
# Two alternatives that overlap, as "own" and "my unit" do.
BRANCHES = [Q(is_shared=True), Q(user_id__gte=1010)]


class Rows(ListPage[SavedView]):
    """A list over a real table of the kernel."""

    code = "test.rows"
    title = "Rows"
    permission = "test.row:view"
    columns: ClassVar = [
        Column("name", "Name", sort="name"),
        Column("page", "Page"),
        Column("query", "Query", optional=True),
    ]
    sorts: ClassVar = {"name": "name", "page": "page"}
    default_sort = "name"
    filters: ClassVar = [
        TextFilter(name="name", title="Name"),
        ChoiceFilter(name="page", title="Page", choices=[("a", "Aa"), ("b", "Bb")]),
        FlagFilter(name="shared", title="Shared", apply=lambda actor: Q(is_shared=True)),
    ]
    views: ClassVar = [View("all", "All"), View("shared", "Shared", "shared=1")]
    bulk: ClassVar = [
        BulkAct("x", "X", "/x/", refusal=lambda row: "is shared" if row.is_shared else "")
    ]
    search_fields: ClassVar = ["name"]
    page_size = 10

    def queryset(self, actor: Actor) -> QuerySet[SavedView]:
        return SavedView.objects.exclude(page="test.rows")

    def branches(self, actor: Actor) -> Sequence[Q] | None:
        return actor.memo.get("branches")

    def row_url(self, row: SavedView) -> str:
        return f"/rows/{row.pk}/"

    def totals(self, queryset: QuerySet[SavedView], actor: Actor) -> Sequence[Total]:
        return [Total("Shared", queryset.filter(is_shared=True).count(), "number")]


@pytest.fixture(autouse=True)
def _everything_allowed_and_a_bare_frame(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    everything = hooks.Hooks(can=lambda actor, permission: True)
    monkeypatch.setattr(hooks, "_hooks", everything)
    with translation.override("en"):
        yield


def make_rows(count: int, first: int = 0) -> list[SavedView]:
    return SavedView.objects.bulk_create(
        SavedView(
            user_id=1000 + number,
            page="ab"[number % 2],
            name=f"name {number % 7}",
            company_id=None if number % 3 == 0 else number % 5,
            is_shared=number % 4 == 0,
        )
        for number in range(first, first + count)
    )


def request_for(
    query: str = "", actor: Actor = ACTOR, headers: dict[str, str] | None = None
) -> HttpRequest:
    request = RequestFactory(headers=headers or {}).get(f"/rows/{query}")
    request.actor = actor  # type: ignore[attr-defined]
    request.user = SimpleNamespace(is_authenticated=True)  # type: ignore[assignment]
    return request


def page_of(query: str = "", actor: Actor = ACTOR, headers: dict[str, str] | None = None) -> str:
    response = Rows.as_view()(request_for(query, actor, headers))
    assert response.status_code == 200
    return str(response.content.decode())  # type: ignore[attr-defined]


def walk(key: SortKey, branches: Sequence[Q] | None, insert: bool) -> list[int]:
    found: list[int] = []
    cursor = None
    for turn in range(100):
        part = take_page(SavedView.objects.all(), key, size=7, cursor=cursor, branches=branches)
        assert part.first == len(found) + 1
        found += [row.pk for row in part.rows]
        if not part.following:
            break
        cursor = Cursor.decode(part.following, key.token)
        if insert:
            make_rows(3, first=2000 + 10 * turn)
    return found


@pytest.mark.parametrize("branches", [None, BRANCHES], ids=["filtered", "branches"])
@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.token)
def test_no_row_is_lost_or_doubled_while_others_insert(
    key: SortKey, branches: Sequence[Q] | None
) -> None:
    rows = make_rows(60)
    wanted = {row.pk for row in rows if branches is None or row.is_shared or row.user_id >= 1010}
    seen = walk(key, branches, insert=True)
    assert len(seen) == len(set(seen))
    assert wanted <= set(seen)


@pytest.mark.parametrize("branches", [None, BRANCHES], ids=["filtered", "branches"])
@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.token)
def test_going_back_shows_the_same_pages(key: SortKey, branches: Sequence[Q] | None) -> None:
    make_rows(40)
    rows = SavedView.objects.all()
    first = take_page(rows, key, size=9, branches=branches)
    second = take_page(
        rows, key, size=9, branches=branches, cursor=Cursor.decode(first.following, key.token)
    )
    third = take_page(
        rows, key, size=9, branches=branches, cursor=Cursor.decode(second.following, key.token)
    )
    back = take_page(
        rows, key, size=9, branches=branches, cursor=Cursor.decode(third.previous, key.token)
    )
    assert back.rows == second.rows
    assert back.first == second.first == 10
    start = take_page(
        rows, key, size=9, branches=branches, cursor=Cursor.decode(back.previous, key.token)
    )
    assert start.rows == first.rows
    assert (start.first, start.previous) == (1, "")


def test_nothing_is_visible_without_a_branch() -> None:
    make_rows(5)
    assert take_page(SavedView.objects.all(), KEYS[0], size=9, branches=[]).rows == []
    assert count_capped(SavedView.objects.all(), [], 100) == 0


def test_counting_stops_at_the_cap() -> None:
    make_rows(20)
    assert count_capped(SavedView.objects.all(), None, 10) == 11
    assert count_capped(SavedView.objects.all(), BRANCHES, 100) == 13


@given(st.text(max_size=60))
def test_any_position_in_the_address_is_a_cursor_or_nothing(text: str) -> None:
    found = Cursor.decode(text, "name")
    assert found is None or found.sort == "name"


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        Cursor("name", "a", "not a number").encode(),
        Cursor("name", None, "1").encode(),
        Cursor("-page", "a", "1").encode(),
        Cursor("name", "a", "9" * 40).encode(),
    ],
)
def test_a_damaged_position_is_no_error(cursor: str) -> None:
    make_rows(15)
    assert "data-cd-rows" in page_of(f"?at={cursor}") or "Nothing" in page_of(f"?at={cursor}")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 10),
        ("?page=a", 8),
        ("?page=a&shared=1", 4),
        ("?name=name+3", 2),
        ("?q=name+3", 2),
        ("?page=zzz", 10),
        ("?name=%00", 10),
        ("?sort=-page", 10),
        ("?sort=--page", 10),
        ("?sort=evil", 10),
    ],
)
def test_filters_come_from_the_address(query: str, count: int) -> None:
    make_rows(16)
    assert page_of(query).count("data-cd-pick") == count


def test_a_list_stays_within_its_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_rows(30)
    with django_assert_max_num_queries(4):
        page_of("?page=a")
    with django_assert_max_num_queries(2):
        page_of("?page=a", headers={"HX-Request": "true"})


def test_a_fragment_is_the_table_alone() -> None:
    make_rows(12)
    html = page_of(headers={"HX-Request": "true"})
    assert html.lstrip().startswith('<div id="cd-table"')
    assert "<html" in page_of(headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})


def test_totals_are_of_the_whole_filter() -> None:
    make_rows(16)
    html = page_of("?page=a&_part=totals")
    assert "of 8" in html
    assert "<b>4</b>" in html


def test_views_count_what_they_show() -> None:
    make_rows(16)
    html = page_of("?_part=counts")
    assert 'id="cd-count-all" hx-swap-oob="true">16<' in html
    assert 'id="cd-count-shared" hx-swap-oob="true">4<' in html


def test_columns_density_and_saved_views_are_the_persons_own() -> None:
    make_rows(3)
    preference_save(actor=ACTOR, page="test.rows", columns=["query", "gone"], is_tight=True)
    saved_view_save(actor=ACTOR, page="test.rows", name="Mine", query="page=a", is_shared=False)
    mine, theirs = page_of(), page_of(actor=Actor(user_id=6, name="x", company_id=1))
    assert "Mine" in mine
    assert "is-tight" in mine
    assert 'data-t="Query"' in mine
    assert 'data-t="Page"' not in mine
    assert "Mine" not in theirs
    assert 'data-t="Page"' in theirs


def test_a_shared_view_stays_in_its_company() -> None:
    saved_view_save(actor=ACTOR, page="test.rows", name="Ours", query="", is_shared=True)
    assert "Ours" in page_of(actor=Actor(user_id=6, name="x", company_id=1))
    assert "Ours" not in page_of(actor=Actor(user_id=6, name="x", company_id=2))


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_view_needs_a_name(name: str) -> None:
    with pytest.raises(InvalidError):
        saved_view_save(actor=ACTOR, page="p", name=name, query="", is_shared=False)


def test_a_bulk_act_gets_only_visible_rows() -> None:
    rows = make_rows(12)
    actor = Actor(user_id=5, name="x", company_id=1, memo={"branches": [Q(is_shared=True)]})
    request = request_for(actor=actor)
    shared = [row for row in rows if row.is_shared]
    request.POST = QueryDict("&".join(f"ids={row.pk}" for row in shared))
    assert Rows().selection(request).count() == len(shared) == 3
    request.POST = QueryDict("&".join(f"ids={row.pk}" for row in rows))
    with pytest.raises(NotFoundError):
        Rows().selection(request)
    request.POST = QueryDict("all=1&filter=page%3Da")
    assert Rows().selection(request).count() == 3
    for nothing in ("", "ids=x", "all=2"):
        request.POST = QueryDict(nothing)
        with pytest.raises(InvalidError):
            Rows().selection(request)


def test_values_are_escaped() -> None:
    SavedView.objects.create(user_id=1, page="a", name="<script>alert(1)</script>")
    html = page_of("?q=%3Cscript%3E&name=%3Cscript%3E")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_an_export_needs_an_exporter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengdan.kernel.ui.listing.page._export_hook", None)
    response: Any = Rows.as_view()(request_for("?_part=export"))
    assert response.status_code == 422
