"""`chengdan reindex`: the search of a company at work, made anew as its rooms made it."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chengdan.config.cli.reindex import reindex_command
from chengdan.kernel.actor import Actor
from chengdan.kernel.search import search, search_rebuild
from chengdan.kernel.search.models import SearchEntry
from chengdan.kernel.search.registry import search_kinds
from chengdan.kernel.transactions import unguarded
from tests.fixtures.busy import Busy, make_full
from tests.worlds import world

NOTE, ORDER, RECEIPT = "shipping.deliverynote", "orders.order", "billing.receipt"


@pytest.fixture
def full(db: None, frozen_clock: Any) -> Busy:
    """A company with at least one document of every kind."""
    return world(make_full)


def entries() -> list[tuple[Any, ...]]:
    names = [field.attname for field in SearchEntry._meta.concrete_fields if field.name != "id"]
    return sorted(SearchEntry.objects.values_list(*names), key=lambda row: row[:3])


@pytest.mark.parametrize("chunk", [1, 2, 500])
def test_every_kind_is_made_anew_as_its_room_made_it(full: Busy, chunk: int) -> None:
    before = entries()
    assert {row[0] for row in before} == {kind.code for kind in search_kinds()}
    with unguarded():
        SearchEntry.objects.filter(kind=NOTE).delete()
        SearchEntry.objects.filter(kind=ORDER).update(grams="", subtitle="旧")
        for pk in (10**6, 10**7):
            SearchEntry.objects.create(
                kind=RECEIPT, object_type=RECEIPT, object_id=pk, title="gone", url="/"
            )
    for _time in range(2):
        for kind in search_kinds():
            search_rebuild(kind.code, chunk)
        assert entries() == before


def test_notes_made_before_they_could_be_found_are_found(full: Busy) -> None:
    with unguarded():
        SearchEntry.objects.filter(kind=NOTE).delete()
    reader = Actor.system("tests", full.house.company.pk)
    note = full.depot.note_of(full.orders["sent"])
    assert not search(reader, note.slip_number, kinds=[NOTE])
    done = CliRunner().invoke(reindex_command, [NOTE])
    assert (done.exit_code, done.output) == (
        0,
        f"{NOTE} {SearchEntry.objects.filter(kind=NOTE).count()}\n",
    )
    assert [hit.object_id for hit in search(reader, note.slip_number, kinds=[NOTE])] == [note.pk]


def test_a_kind_that_is_none_is_refused_and_all_are_done_without_one(full: Busy) -> None:
    refused = CliRunner().invoke(reindex_command, ["orders"])
    assert refused.exit_code == 2
    assert "orders.order" in refused.output
    done = CliRunner().invoke(reindex_command)
    assert [line.split()[0] for line in done.output.splitlines()] == [
        kind.code for kind in search_kinds()
    ]


def test_a_chunk_takes_a_constant_number_of_statements(full: Busy) -> None:
    counts = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as found:
            assert search_rebuild(ORDER) > 4
        counts.append(len(found))
    assert max(counts) <= 8
