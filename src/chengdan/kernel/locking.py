"""Row locks in one order for everybody, so that no two acts can wait for each other.

PostgreSQL locks the rows; on SQLite the IMMEDIATE transaction is the lock. Read what a
decision needs after the lock, never before.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TypeVar

from django.conf import settings
from django.db import models

from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.prepared import rows_by_pk
from chengdan.kernel.transactions import current_unit

M = TypeVar("M", bound=models.Model)


class LockRank(IntEnum):
    """The order in which an act may take locks; a lower rank is never taken later."""

    MASTER = 5  # organisation, customer, product and other master records
    ACCOUNT = 10
    ORDER = 20
    DELIVERY = 30
    INVOICE = 40
    RECEIPT = 50
    PROCESS = 60
    QUOTA = 70
    STOCK = 80
    COUNTER = 90


class LockOrderError(AssertionError):
    """A programming error: locks were taken in an order that can deadlock."""


def rank_enter(rank: LockRank, first_id: int, last_id: int) -> None:
    """Note that rows of `rank` are about to be locked.

    Raises:
        LockOrderError: in test mode, when a higher rank or a higher id of this rank is held.
    """
    unit = current_unit()
    held: set[tuple[int, int]] = unit.memo.setdefault("held", set())
    wanted = (int(rank), first_id)
    if getattr(settings, "LOCK_RANK_GUARD", False) and wanted < unit.rank and wanted not in held:
        raise LockOrderError(f"{rank.name} {first_id} taken after rank {unit.rank}")
    unit.rank = max(unit.rank, (int(rank), last_id))


def is_held(rank: LockRank, pk: int) -> bool:
    """True when this act has locked the row before, or nobody else can reach it."""
    held: set[tuple[int, int]] = current_unit().memo.setdefault("held", set())
    return (int(rank), pk) in held


def rows_guarded(rank: LockRank, ids: Iterable[int]) -> None:
    """Note rows that nobody else can reach now, so that locking them waits for nobody.

    True for rows that this act inserted, and for rows that are only ever locked after another
    one which this act holds already.
    """
    held: set[tuple[int, int]] = current_unit().memo.setdefault("held", set())
    held.update((int(rank), pk) for pk in ids)


def lock_rows(rows: type[M] | models.QuerySet[M], ids: Iterable[int], rank: LockRank) -> list[M]:
    """Lock and return the rows with these ids, in order of id; missing ones are left out.

    Raises:
        LockOrderError: see `rank_enter`.
        RuntimeError: outside `write()`.
    """
    wanted = sorted(set(ids))
    unit = current_unit()
    if not wanted:
        return []
    held: set[tuple[int, int]] = unit.memo.setdefault("held", set())
    new = [pk for pk in wanted if (int(rank), pk) not in held]
    if new:
        rank_enter(rank, new[0], new[-1])
    found = rows_by_pk(rows, wanted, is_locked=True)
    held.update((int(rank), pk) for pk in wanted)
    return found


def lock_one(rows: type[M] | models.QuerySet[M], pk: int, rank: LockRank) -> M:
    """Lock and return one row.

    Raises:
        NotFoundError: there is none.
    """
    found = lock_rows(rows, [pk], rank)
    if not found:
        raise NotFoundError
    return found[0]
