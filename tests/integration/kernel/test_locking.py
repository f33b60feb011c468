"""Locks are taken in one order; whoever takes them otherwise fails in tests."""

import pytest

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.locking import LockOrderError, LockRank, lock_one, lock_rows
from chengdan.kernel.numbering import declarations, number_take
from chengdan.kernel.numbering.declarations import SeriesDeclaration
from chengdan.kernel.outbox.models import PeriodicRun
from chengdan.kernel.transactions import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids() -> list[int]:
    return [PeriodicRun.objects.create(name=f"run {index}").pk for index in range(4)]


def test_rows_come_sorted_and_missing_ones_are_left_out(ids: list[int]) -> None:
    with write():
        found = lock_rows(PeriodicRun, [ids[2], ids[0], ids[0], 10**9], LockRank.ORDER)
        assert [row.pk for row in found] == [ids[0], ids[2]]
        assert lock_rows(PeriodicRun, [], LockRank.ORDER) == []
        with pytest.raises(NotFoundError):
            lock_one(PeriodicRun, 10**9 + 1, LockRank.ORDER)


def test_a_lower_rank_is_never_taken_later(ids: list[int]) -> None:
    with write():
        lock_one(PeriodicRun, ids[0], LockRank.ORDER)
        lock_one(PeriodicRun, ids[1], LockRank.INVOICE)
        for rank in (LockRank.MASTER, LockRank.ACCOUNT, LockRank.DELIVERY):
            with pytest.raises(LockOrderError):
                lock_one(PeriodicRun, ids[2], rank)
        lock_one(PeriodicRun, ids[2], LockRank.COUNTER)


def test_within_a_rank_ids_rise(ids: list[int]) -> None:
    with write():
        lock_one(PeriodicRun, ids[1], LockRank.ORDER)
        with pytest.raises(LockOrderError):
            lock_one(PeriodicRun, ids[0], LockRank.ORDER)
        lock_one(PeriodicRun, ids[2], LockRank.ORDER)


def test_a_lock_that_is_held_may_be_asked_for_again(ids: list[int]) -> None:
    with write():
        lock_rows(PeriodicRun, ids[:2], LockRank.ORDER)
        lock_one(PeriodicRun, ids[3], LockRank.QUOTA)
        assert lock_one(PeriodicRun, ids[0], LockRank.ORDER).pk == ids[0]


def test_the_next_transaction_begins_anew_and_none_is_an_error(ids: list[int]) -> None:
    with write():
        lock_one(PeriodicRun, ids[3], LockRank.COUNTER)
    with write():
        lock_one(PeriodicRun, ids[0], LockRank.MASTER)
    with pytest.raises(RuntimeError):
        lock_one(PeriodicRun, ids[0], LockRank.MASTER)


def test_numbers_of_two_kinds_are_taken_in_the_order_of_the_chain(
    monkeypatch: pytest.MonkeyPatch, frozen_clock: object
) -> None:
    from chengdan.kernel import clock

    actor = Actor.system("tests", 1)
    # The later kind is set up first, so its rows have lower ids.
    for rank, kind in ((2, "tests.late"), (1, "tests.early")):
        item = SeriesDeclaration(kind, kind, "{n}", "never", False, rank)
        monkeypatch.setitem(declarations._declared._items, kind, item)
        with write():
            number_take(actor, 1, kind, clock.today())
    with write():
        number_take(actor, 1, "tests.early", clock.today())
        number_take(actor, 1, "tests.late", clock.today())
        number_take(actor, 1, "tests.early", clock.today())
    with write():
        number_take(actor, 1, "tests.late", clock.today())
        with pytest.raises(LockOrderError):
            number_take(actor, 1, "tests.early", clock.today())
