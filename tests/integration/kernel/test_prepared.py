"""Prepared statements answer what the ORM answers, for every shape of their arguments."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext

from chengdan.kernel import clock
from chengdan.kernel.numbering.models import NumberCounter, NumberSeries
from chengdan.kernel.outbox.models import OutboxMessage, PeriodicRun
from chengdan.kernel.parameters import ParameterValue
from chengdan.kernel.prepared import (
    MEMBERS_MAX,
    UnfitError,
    prepared,
    prepared_update,
    row_by_pk,
    rows_by_pk,
    rows_insert,
    rows_put,
    rows_save,
)
from chengdan.kernel.transactions import unguarded

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 8, 30, 0, 120_000, tzinfo=UTC)


def message(topic: str, **values: Any) -> OutboxMessage:
    made = {"kind": "job", "payload": "甲, 乙", "run_at": AT, "created_at": AT}
    return OutboxMessage(topic=topic, **{**made, **values})


@pytest.fixture
def messages() -> list[OutboxMessage]:
    return [message(f"topic {number}", attempts=number, actor_id=number) for number in range(3)]


def plain(row: OutboxMessage) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@prepared
def by_topics(topics: Collection[str], actor_id: int) -> QuerySet[OutboxMessage]:
    rows = OutboxMessage.objects.filter(topic__in=topics, actor_id__gte=actor_id, kind="job")
    return rows.order_by("-topic")


@prepared
def topic_pairs(run_at: datetime) -> QuerySet[OutboxMessage, tuple[str, int]]:
    rows = OutboxMessage.objects.filter(run_at__lte=run_at).order_by("topic")
    return rows.values_list("topic", "attempts")


@prepared
def topics_before(done_at: datetime | None) -> QuerySet[OutboxMessage, str]:
    rows = OutboxMessage.objects.filter(done_at=done_at) if done_at else OutboxMessage.objects.all()
    return rows.order_by("topic").values_list("topic", flat=True)


def test_rows_are_the_ones_of_the_queryset(messages: list[OutboxMessage]) -> None:
    rows_insert(messages)
    for topics, least in ((["topic 0", "topic 2"], 0), (["topic 2"], 1), (["topic 0"], 1)):
        wanted = by_topics.__wrapped__(topics, least)
        assert [plain(row) for row in by_topics(topics, least)] == [plain(row) for row in wanted]
    assert by_topics([], 0) == []
    assert by_topics(["topic 1"], 2**40) == []
    found = by_topics(["topic 1"], 0)[0]
    found.attempts += 1
    found.save()
    assert by_topics(["topic 1"], 0)[0].attempts == 2


def test_tuples_flat_values_instants_and_none(messages: list[OutboxMessage]) -> None:
    rows_insert(messages)
    assert topic_pairs(AT) == [("topic 0", 0), ("topic 1", 1), ("topic 2", 2)]
    assert topic_pairs(AT - timedelta(microseconds=1)) == []
    assert topics_before(None) == ["topic 0", "topic 1", "topic 2"]
    assert topics_before(AT) == []


def test_the_statement_is_composed_once_per_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    @prepared
    def counted(pk: int) -> QuerySet[PeriodicRun]:
        asked.append(pk)
        return PeriodicRun.objects.filter(pk=pk)

    made = PeriodicRun.objects.create(name="nightly")
    assert [[row.name for row in counted(pk)] for pk in (made.pk, 0, made.pk)] == [
        ["nightly"], [], ["nightly"],
    ]  # fmt: skip
    assert len(asked) == 1


def test_joined_rows_come_along_and_locks_are_asked_for() -> None:
    with unguarded():
        series = NumberSeries.objects.create(company_id=1, document_type="toy", pattern="T{n}")
    made = NumberCounter.objects.create(series=series, period="2026", first=1, last=0, pattern="")
    with CaptureQueriesContext(connection) as seen:
        found = row_by_pk(NumberCounter.objects.select_related("series"), made.pk)
        assert found is not None
        assert found.series.document_type == "toy"
        assert rows_by_pk(NumberCounter, [made.pk, 10**12], is_locked=True) == [made]
    assert len(seen) == 2
    assert ("FOR UPDATE" in seen[1]["sql"]) == (connection.vendor == "postgresql")
    assert row_by_pk(NumberCounter, 10**9) is None


def test_numbers_beyond_a_column_and_long_lists_find_what_the_orm_finds() -> None:
    @prepared
    def run_of(pk: int) -> QuerySet[PeriodicRun]:
        return PeriodicRun.objects.filter(pk=pk)

    made = PeriodicRun.objects.create(name="run")
    assert [run_of(pk) for pk in (10**30, -(10**30), made.pk)] == [[], [], [made]]
    assert rows_by_pk(PeriodicRun, [10**15, made.pk]) == [made]
    assert rows_by_pk(PeriodicRun, [made.pk, *range(10**6, 10**6 + MEMBERS_MAX)]) == [made]


def test_a_condition_of_the_queryset_is_kept() -> None:
    made = [PeriodicRun.objects.create(name=name) for name in ("one", "two")]
    rows = PeriodicRun.objects.filter(name="two")
    assert rows_by_pk(rows, [row.pk for row in made]) == [made[1]]


def test_what_depends_on_more_than_values_is_refused() -> None:
    @prepared
    def lost(limit: int) -> QuerySet[PeriodicRun]:
        return PeriodicRun.objects.all()

    @prepared
    def today() -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.filter(run_at__lte=clock.now())

    @prepared
    def nothing() -> QuerySet[PeriodicRun]:
        return PeriodicRun.objects.filter(pk__in=[])

    @prepared
    def fetched() -> QuerySet[NumberSeries]:
        return NumberSeries.objects.prefetch_related("counters")

    @prepared
    def named(pk: int) -> QuerySet[PeriodicRun, dict[str, Any]]:
        return PeriodicRun.objects.filter(pk=pk).values("name")

    refused: list[tuple[Any, tuple[Any, ...]]] = [
        (lost, (3,)), (today, ()), (nothing, ()), (fetched, ()), (named, (1,)), (named, (True,)),
        (named, (1.5,)), (named, ([1, "a"],)),
    ]  # fmt: skip
    for read, args in refused:
        with pytest.raises(UnfitError):
            read(*args)


def test_updates_set_values_and_expressions(messages: list[OutboxMessage]) -> None:
    @prepared_update
    def finish(
        topics: Collection[str], error: str, done_at: datetime | None
    ) -> tuple[QuerySet[OutboxMessage], dict[str, Any]]:
        values = {"error": error, "done_at": done_at, "attempts": F("attempts") + 1}
        return OutboxMessage.objects.filter(topic__in=topics), values

    rows_insert(messages)
    assert finish(["topic 0", "topic 1"], "why", AT) == 2
    assert finish(["topic 1"], "again", None) == 1
    assert finish([], "", None) == 0
    found = OutboxMessage.objects.order_by("topic").values_list("error", "done_at", "attempts")
    assert list(found) == [("why", AT, 1), ("again", None, 3), ("", None, 2)]


@pytest.mark.parametrize("count", [2, MEMBERS_MAX + 1])
def test_rows_put_store_new_rows_and_set_the_named_fields_of_known_ones(count: int) -> None:
    PeriodicRun.objects.create(name="run 0", error="before", started_at=AT)
    later = AT + timedelta(hours=1)
    runs = [
        PeriodicRun(name=f"run {number}", error="after", started_at=later)
        for number in range(count)
    ]
    rows_put(runs, ["name"], ["error"])
    rows_put([], ["name"], ["error"])
    found = PeriodicRun.objects.order_by("pk").values_list("name", "error", "started_at")
    assert list(found)[:2] == [("run 0", "after", AT), ("run 1", "after", later)]
    assert len(found) == count


def test_inserted_rows_have_their_ids_and_every_value(messages: list[OutboxMessage]) -> None:
    rows_insert(messages)
    assert [row.topic for row in messages] == [
        OutboxMessage.objects.get(pk=row.pk).topic for row in messages
    ]
    for row in messages:
        assert plain(OutboxMessage.objects.get(pk=row.pk)) == plain(row)
        row.error = "later"
        row.save()  # stored rows are known as stored
    assert OutboxMessage.objects.filter(error="later").count() == 3
    many = rows_insert([message("many") for _row in range(MEMBERS_MAX + 1)])
    assert OutboxMessage.objects.filter(topic="many").count() == len(many)
    assert rows_insert([]) == []


def test_fields_are_written_back_one_by_one_and_together(messages: list[OutboxMessage]) -> None:
    rows_insert(messages)
    for number, row in enumerate(messages):
        row.payload, row.done_at, row.error = f"第 {number}", AT, "not written"
    rows_save(messages[:1], ["payload", "done_at"])
    rows_save(messages[1:], ["payload", "done_at"])
    rows_save([], ["payload"])
    found = OutboxMessage.objects.order_by("topic").values_list("payload", "done_at", "error")
    assert list(found) == [(f"第 {number}", AT, "") for number in range(3)]


def test_rows_that_make_their_ids_themselves_are_refused() -> None:
    with pytest.raises(UnfitError):
        rows_insert([ParameterValue._meta.apps.get_model("kernel", "ReferenceStamp")(topic="x")])


def test_the_server_keeps_the_statements_of_many_acts() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite plans a statement when it runs it")
    wanted = {f"SELECT %s::int + {number}" for number in range(300)}
    with connection.cursor() as cursor:
        for _time in range(4):
            for sql in sorted(wanted):
                cursor.execute(sql, [1])
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone()[0] >= len(wanted)


def test_the_server_keeps_no_plan_for_long_lists() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite plans a statement when it runs it")
    threshold = connection.connection.prepare_threshold
    many = [f"topic {number}" for number in range(MEMBERS_MAX + 1)]
    for wanted in (many, many[:3]):
        for _time in range(4):
            list(OutboxMessage.objects.filter(topic__in=wanted).values_list("kind"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        kept = [sql for (sql,) in cursor.fetchall() if '"topic" IN' in sql]
    assert [sql.count("$") for sql in kept] == [3]
    assert connection.connection.prepare_threshold == threshold is not None
