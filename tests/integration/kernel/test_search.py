"""Finding things: characters, pinyin, initials, codes, phones; and only what one may see."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.models import Q

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.models import AuditAnchor, AuditPersonal
from chengdan.kernel.outbox.models import PeriodicRun
from chengdan.kernel.search import (
    SearchFields,
    SearchKind,
    match_q,
    search,
    search_columns,
    search_put,
    search_remove,
    selectors,
)
from chengdan.kernel.search import registry as kinds
from chengdan.kernel.search.models import SearchEntry
from chengdan.kernel.transactions import write
from chengdan.kernel.ui import hooks

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests", 1)
CLERK = Actor(7, "Clerk", 1)


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kind = SearchKind("tests.thing", "Thing", "x.thing:view", lambda actor: [Q(company_id=1)])
    monkeypatch.setitem(kinds._kinds._items, "tests.thing", kind)
    monkeypatch.setattr(hooks, "allowed", lambda actor, permission: True)
    return


def put(pk: int, title: str, **fields: object) -> PeriodicRun:
    thing = PeriodicRun(pk=pk)
    values: dict[str, object] = {"company_id": 1, **fields}
    with write():
        search_put("tests.thing", thing, SearchFields(title, f"/x/{pk}/", **values))  # type: ignore[arg-type]
    return thing


def found(text: str, actor: Actor = SYSTEM) -> list[int]:
    return [hit.object_id for hit in search(actor, text)]


@pytest.fixture
def things() -> None:
    put(1, "重庆长安汽车股份有限公司", code="C-0001", phones=("+86 138 0013 8000",))
    put(2, "上海大众汽车有限公司", code="C-0002", subtitle="浦东新区")
    put(3, "李明朗", is_person=True, code="U17")
    put(4, "许文强", is_person=True)
    put(5, "单雄信", is_person=True)
    put(6, "3M China Limited", code="SO2611-0042")
    put(7, "長城電腦")


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("汽车", [1, 2]),
        ("长安汽车", [1]),
        ("安长", []),
        ("车", [1, 2]),
        ("汽车 上海", [2]),
        ("浦东", [2]),
        ("lml", [3]),
        ("limingl", [3]),
        ("chongqing", [1]),
        ("changan", [1]),
        ("cqca", [1]),
        ("caqc", [1]),
        ("shan", [2, 5]),  # 上海 too
        ("dan", [5]),
        ("sxx", [5]),
        ("dxx", [5]),
        ("xu", [4]),
        ("h", []),
        ("x", []),
        ("l", []),
        ("hwq", []),
        ("138001", [1]),
        ("8000", [1]),
        ("SO2611-0042", [6]),
        ("so2611", [6]),
        ("0042", [6]),
        ("３Ｍ", [6]),
        ("china lim", [6]),
        ("长城电脑", [7]),
        ("長城", [7]),
        ("", []),
        ("   ", []),
        ("';--", []),
        ('" OR grams:*', []),
        ("\x00", []),
        ("😀", []),
        ("汽 车", [1, 2]),
    ],
)
def test_finding(text: str, expected: list[int]) -> None:
    assert sorted(found(text)) == expected


@pytest.mark.usefixtures("things")
def test_an_exact_code_comes_first() -> None:
    put(20, "c 0001 something else")
    assert found("C0001")[0] == 1


def test_the_last_digits_find_a_number_before_all_that_only_holds_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selectors, "CANDIDATES", 5)
    put(1, "珠江酒家", code="SO2611-0064")
    for pk in range(2, 12):
        put(pk, f"客户{pk}", code=f"C-{pk}", phones=(f"1380064{pk:04}",))
    assert found("0064")[0] == 1
    assert len(found("0064")) > 1


def test_renewing_and_removing() -> None:
    thing = put(1, "旧名称")
    put(1, "新名称")
    assert found("旧") == []
    assert found("新名") == [1]
    with write():
        search_remove(thing)
    assert found("新名") == []
    assert not SearchEntry.objects.exists()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO kernel_search_fts(kernel_search_fts) VALUES ('integrity-check')"
            )


def test_only_what_the_actor_may_see(monkeypatch: pytest.MonkeyPatch) -> None:
    put(1, "汽车", owner_id=7)
    put(2, "汽车", owner_id=8)
    put(3, "汽车", company_id=2, owner_id=7)

    def kind(scope: object) -> None:
        item = SearchKind("tests.thing", "Thing", "x.thing:view", scope)  # type: ignore[arg-type]
        monkeypatch.setitem(kinds._kinds._items, "tests.thing", item)

    kind(lambda actor: [Q(company_id=actor.company_id, owner_id=actor.user_id)])
    assert found("汽车", CLERK) == [1]
    kind(lambda actor: [])
    assert found("汽车", CLERK) == []
    kind(lambda actor: PeriodicRun.objects.all())
    assert found("汽车", CLERK) == []
    run = PeriodicRun.objects.create(name="x", pk=2)
    assert found("汽车", CLERK) == [run.pk]
    monkeypatch.setattr(hooks, "allowed", lambda actor, permission: False)
    assert found("汽车", CLERK) == []


def test_entries_are_put_in_the_transaction_of_their_change() -> None:
    with pytest.raises(RuntimeError):
        search_put("tests.thing", PeriodicRun(pk=1), SearchFields("x", "/"))
    with pytest.raises(KeyError), write():
        search_put("tests.none", PeriodicRun(pk=1), SearchFields("x", "/"))


class TestPicker:
    """`match_q` on the columns that `search_columns` fills, tried on a table with three texts."""

    @pytest.mark.parametrize(
        ("text", "is_found"),
        [
            ("长安", True), ("安长", False), ("changan", True), ("hangan", False), ("cqca", True),
            ("c-00", True), ("长安 c-0", True), ("长安 上海", False), ("", True), ("a", False),
            ("c", True), ("重", True), ("%", False), ("_", False),
        ],
    )  # fmt: skip
    def test_match(self, text: str, is_found: bool) -> None:
        columns = search_columns("重庆长安汽车", "C-0001")
        # Three text columns of any table do; the mixin has no table of its own.
        AuditPersonal.objects.create(
            digest=columns["search_text"], salt=columns["initials"], value=columns["pinyin"]
        )
        condition = _renamed(match_q(text))
        assert AuditPersonal.objects.filter(condition).exists() is is_found
        assert not AuditAnchor.objects.exists()


def _renamed(condition: Q) -> Q:
    names = {"search_text": "digest", "pinyin": "value", "initials": "salt"}
    children = [
        _renamed(child)
        if isinstance(child, Q)
        else (f"{names[child[0].split('__')[0]]}__{child[0].split('__')[1]}", child[1])
        for child in condition.children
    ]
    return Q(*children, _connector=condition.connector, _negated=condition.negated)
