"""An act writes each document once, late, and nobody can tell (ADR 0021)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from chengdan.kernel.pending import document_save
from chengdan.kernel.transactions import (
    AuditMissingError,
    derived,
    savepoint,
    unguarded,
    write,
)
from chengdan.modules.orders.access import order_lock
from chengdan.modules.orders.models import Order
from tests.fixtures.play import Play


class GoneBackError(Exception):
    """What undoes a savepoint here."""


@pytest.fixture
def order_id(play: Play) -> int:
    play.enters("order_clerk", "和兴", 10)
    return play.order_id


@contextmanager
def updates() -> Iterator[list[str]]:
    """Collect the statements that change orders in the block."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found += [
        query["sql"] for query in captured if query["sql"].startswith('UPDATE "orders_order"')
    ]


def note_of(order_id: int) -> str:
    """Return what the database holds."""
    return Order.objects.values_list("note", flat=True).get(pk=order_id)


def test_what_several_parts_of_an_act_save_is_one_statement(order_id: int) -> None:
    with updates() as found, unguarded(), write():
        order = order_lock(order_id)
        order.note, order.step = "first", "OG1"
        document_save(order, ["note", "step"])
        order.note = "second"
        document_save(order, ["note"])
        order.note = "never saved"
    assert len(found) == 1
    stored = Order.objects.get(pk=order_id)
    assert (stored.note, stored.step) == ("second", "OG1")


def test_a_statement_that_names_the_table_finds_what_was_saved(order_id: int) -> None:
    with unguarded(), write():
        order = order_lock(order_id)
        order.note = "saved"
        document_save(order, ["note"])
        assert note_of(order_id) == "saved"
        order.note = "saved again"
        document_save(order, ["note"])
        Order.objects.filter(pk=order_id).update(note="changed without its object")
    assert note_of(order_id) == "changed without its object"


@pytest.mark.parametrize("is_read", [False, True], ids=["pending", "written meanwhile"])
def test_an_undone_savepoint_leaves_what_was_saved_before_it(order_id: int, is_read: bool) -> None:
    def change(order: Order) -> None:
        with savepoint():
            order.note = "undone"
            document_save(order, ["note"])
            if is_read:
                assert note_of(order_id) == "undone"
            raise GoneBackError

    with unguarded(), write():
        order = order_lock(order_id)
        order.note = "before"
        document_save(order, ["note"])
        with pytest.raises(GoneBackError):
            change(order)
        assert order_lock(order_id).note == "before"
    assert note_of(order_id) == "before"


def test_a_row_that_the_database_refuses_is_refused_inside_its_savepoint(order_id: int) -> None:
    """So a step that saves nonsense is parked, and the decision before it stays."""

    def spoil(order: Order) -> None:
        with savepoint():
            order.note, order.status, order.number = "spoilt", "processing", ""
            document_save(order, ["note", "status", "number"])

    with unguarded(), write():
        order = order_lock(order_id)
        order.note = "before"
        document_save(order, ["note"])
        with pytest.raises(IntegrityError):
            spoil(order)
    stored = Order.objects.get(pk=order_id)
    assert (stored.note, stored.status) == ("before", "draft")


def test_what_waits_from_before_a_savepoint_waits_on(order_id: int, play: Play) -> None:
    other_id = play.another().enters("order_clerk", "和兴", 1).order_id
    with updates() as found, unguarded(), write():
        order, other = order_lock(order_id), order_lock(other_id)
        order.note = "before"
        document_save(order, ["note"])
        with updates() as inside, savepoint():
            other.note = "inside"
            document_save(other, ["note"])
        assert len(inside) == 1
        order.note = "after"
        document_save(order, ["note"])
    assert len(found) == 2
    assert (note_of(order_id), note_of(other_id)) == ("after", "inside")


def test_a_failed_act_writes_nothing(order_id: int) -> None:
    before = note_of(order_id)

    def fail() -> None:
        with write():
            order = order_lock(order_id)
            order.note = "lost"
            document_save(order, ["note"])
            raise GoneBackError

    with updates() as found, pytest.raises(GoneBackError), unguarded():
        fail()
    assert found == []
    assert note_of(order_id) == before


def test_a_row_that_the_act_does_not_hold_is_written_at_once(order_id: int) -> None:
    with updates() as found, unguarded(), write():
        order = Order.objects.get(pk=order_id)
        order.note = "at once"
        document_save(order, ["note"])
        order.note = "again"
        document_save(order, ["note"])
    assert len(found) == 2


def test_the_guard_asks_for_an_entry_although_the_statement_comes_late(order_id: int) -> None:
    def change(*, is_derived: bool) -> None:
        with write():
            order = order_lock(order_id)
            if is_derived:
                with derived():
                    document_save(order, ["step"])
            else:
                document_save(order, ["note"])
                with derived():
                    document_save(order, ["step"])

    change(is_derived=True)
    with pytest.raises(AuditMissingError, match="orders_order"):
        change(is_derived=False)
