"""Row locks in one order for everybody, so that no two acts can wait for each other.

PostgreSQL locks the rows; on SQLite the IMMEDIATE transaction is the lock. Read what a
decision needs after the lock, never before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import TypeVar

from django.conf import settings
from django.db import models

from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.prepared import rows_by_pk, rows_save
from chengdan.kernel.reference import remembered_rows
from chengdan.kernel.transactions import LOCKED_ROWS, current_unit, is_writing

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")


class LockRank(IntEnum):
    """The order in which an act may take locks; a lower rank is never taken later.

    Rows that are only ever locked behind another one are left out: see `rows_guarded`.
    """

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


# Documents that an act works on as one object; see `lock_rows`.
_DOCUMENTS = frozenset(
    {LockRank.ACCOUNT, LockRank.ORDER, LockRank.DELIVERY, LockRank.INVOICE, LockRank.RECEIPT}
)


class LockOrderError(AssertionError):
    """A programming error: locks were taken in an order that can deadlock."""


def rank_enter(rank: LockRank, first_id: int, last_id: int) -> None:
    """Note that rows of `rank` are about to be locked.

    Raises:
        LockOrderError: in test mode, when a higher rank or a higher id of this rank is held.
    """
    unit = current_unit()
    wanted = (int(rank), first_id)
    if getattr(settings, "LOCK_RANK_GUARD", False) and wanted < unit.rank and wanted not in _held():
        raise LockOrderError(f"{rank.name} {first_id} taken after rank {unit.rank}")
    unit.rank = max(unit.rank, (int(rank), last_id))


def is_held(rank: LockRank, pk: int) -> bool:
    """True when this act has locked the row before, or nobody else can reach it."""
    return (int(rank), pk) in _held()


def rows_guarded(rank: LockRank, ids: Iterable[int]) -> None:
    """Note rows that nobody else can reach now, so that locking them waits for nobody.

    True for rows that this act inserted, and for rows that are only ever locked after another
    one which this act holds already.
    """
    _held().update((int(rank), pk) for pk in ids)


def lock_rows(rows: type[M] | models.QuerySet[M], ids: Iterable[int], rank: LockRank) -> list[M]:
    """Lock and return the rows with these ids, in order of id; missing ones are left out.

    Documents that this act has locked before are the same objects again: whoever changes one
    changes and saves this object, so nobody works on an older copy of it.

    Raises:
        LockOrderError: see `rank_enter`.
        RuntimeError: outside `write()`.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return []
    model = rows.model if isinstance(rows, models.QuerySet) else rows
    kept = _kept(model, rank)
    missing = [pk for pk in wanted if pk not in kept]
    if missing:
        held = _held()
        new = [pk for pk in missing if (int(rank), pk) not in held]
        if new:
            rank_enter(rank, new[0], new[-1])
        for row in rows_by_pk(rows, missing, is_locked=True):
            kept[row.pk] = row
        held.update((int(rank), pk) for pk in missing)
    return [kept[pk] for pk in wanted if pk in kept]


def lock_found(found: Iterable[M], rank: LockRank) -> list[M]:
    """Note rows that a statement of the caller's own has just locked, and return them.

    For rows that are found by others which this act holds locked; like `lock_rows`.

    Raises:
        LockOrderError: see `rank_enter`.
    """
    rows = sorted(found, key=lambda row: int(row.pk))
    if not rows:
        return []
    kept, held = _kept(type(rows[0]), rank), _held()
    new = [row.pk for row in rows if (int(rank), row.pk) not in held]
    if new:
        rank_enter(rank, new[0], new[-1])
        held.update((int(rank), pk) for pk in new)
    return [kept.setdefault(row.pk, row) for row in rows]


def locked_row(model: type[M], pk: int) -> M | None:
    """Return the document as this act holds it locked, or None."""
    if not is_writing():
        return None
    kept: dict[int, M] = current_unit().memo.get(LOCKED_ROWS, {}).get(model, {})
    return kept.get(pk)


def rows_behind(
    parent: type[models.Model],
    ids: Iterable[int],
    topic: str,
    load: Callable[[set[int]], dict[int, T]],
) -> dict[int, T]:
    """Return parent → what belongs to it: the same objects each time while the act holds it.

    Args:
        topic: of `reference_tables_in_act`: once the act changes a row of its tables, all are
            read again.
    """
    wanted = set(ids)
    if all(locked_row(parent, pk) is not None for pk in wanted):
        return remembered_rows(topic, "rows", wanted, load)
    return load(wanted)


def behind_save(topic: str, rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Save rows that belong to documents; those that `rows_behind` gave needn't be read again."""
    known = current_unit().memo.get(LOCKED_ROWS, {}).get(topic, {})
    own = {id(row) for found in known.values() if isinstance(found, list) for row in found}
    rows_save(rows, names)
    if rows and all(id(row) in own for row in rows):
        current_unit().memo[LOCKED_ROWS][topic] = known


def locked_forget(model: type[models.Model]) -> None:
    """Read rows again that were changed without their objects."""
    current_unit().memo.get(LOCKED_ROWS, {}).pop(model, None)


def _held() -> set[tuple[int, int]]:
    held: set[tuple[int, int]] = current_unit().memo.setdefault("held", set())
    return held


def _kept(model: type[M], rank: LockRank) -> dict[int, M]:
    """Return the locked rows by id; rows that are no documents are kept by nobody."""
    if rank not in _DOCUMENTS:
        return {}
    kept: dict[type[models.Model], dict[int, M]] = current_unit().memo.setdefault(LOCKED_ROWS, {})
    return kept.setdefault(model, {})


def lock_one(rows: type[M] | models.QuerySet[M], pk: int, rank: LockRank) -> M:
    """Lock and return one row.

    Raises:
        NotFoundError: there is none.
    """
    found = lock_rows(rows, [pk], rank)
    if not found:
        raise NotFoundError
    return found[0]
