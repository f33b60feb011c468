"""The one transaction of a service, and the guard that no audited change goes unrecorded."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from chengdan.kernel.errors import ConflictError

log = logging.getLogger(__name__)
T = TypeVar("T")
RETRY_LIMIT = 3
# Key of the memo under which an act keeps what it has read of rows: locked documents by model,
# other rows by topic of reference data, runs of processes. A savepoint that is undone empties it.
LOCKED_ROWS = "locked_rows"
# Savepoints of one act that wait for the commit; later ones are released at once.
_LEFT_MAX = 8
# Numbers of `WriteUnit.before_commit`: nothing is locked after the stamp of reference data.
KEEP_BANDS, WRITE_ROWS, WRITE_AUDIT, WRITE_OUTBOX, TURN_STAMP = 5, 8, 10, 20, 90
# Serialisation failure, deadlock, unique violation.
_COLLISIONS = {
    "40001", "40P01", "23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY",
}  # fmt: skip
_WRITE_SQL = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"(\w+)"', re.IGNORECASE)


class AuditMissingError(AssertionError):
    """A programming error: an audited table changed without an audit entry."""


@dataclass(slots=True)
class WriteUnit:
    """What happened inside the outermost `write()`.

    Attributes:
        dirty: audited tables that were written to.
        recorded: audited tables for which an entry was made.
        rank: the highest lock rank taken so far; see `locking`.
        memo: per-transaction scratch of kernel parts, for instance audit entries to be written.
        before_commit: what runs last, in order of its number.
        before_release: called with the memo as it was when a savepoint was set, before the
            savepoint is left as done: what fails there is undone with it.
        savepoints: how many were set.
        reference_changed: topics of reference data that were written to; see `reference`.
    """

    dirty: set[str] = field(default_factory=set)
    recorded: set[str] = field(default_factory=set)
    rank: tuple[int, int] = (0, 0)
    memo: dict[str, Any] = field(default_factory=dict)
    before_commit: dict[int, Callable[[], None]] = field(default_factory=dict)
    before_release: Callable[[dict[str, Any]], None] | None = None
    reference_changed: set[str] = field(default_factory=set)
    savepoints: int = 0

    def finish(self) -> None:
        """Run what was left for the end, and what that leaves in its turn."""
        while self.before_commit:
            self.before_commit.pop(min(self.before_commit))()


_unit: ContextVar[WriteUnit | None] = ContextVar("chengdan_write_unit", default=None)
_is_unguarded: ContextVar[bool] = ContextVar("chengdan_unguarded", default=False)
# table -> table whose audit entries cover it (itself for documents, the parent for lines)
_audited: dict[str, str] = {}


def audited_table_add(table: str, covered_by: str) -> None:
    """Let the guard watch `table`."""
    _audited[table] = covered_by


def current_unit() -> WriteUnit:
    """Return the running write unit.

    Raises:
        RuntimeError: outside `write()`; a programming error.
    """
    unit = _unit.get()
    if unit is None:
        raise RuntimeError("this must happen inside write()")
    return unit


def is_writing() -> bool:
    """True inside `write()`."""
    return _unit.get() is not None


@contextmanager
def write() -> Iterator[WriteUnit]:
    """Run the block as one transaction; nested blocks join the outermost one.

    Raises:
        AuditMissingError: with AUDIT_GUARD on, before the commit, when a change of an audited
            table has no entry.
    """
    outer = _unit.get()
    if outer is not None:
        yield outer
        return
    unit = WriteUnit()
    token = _unit.set(unit)
    try:
        with transaction.atomic():
            yield unit
            unit.finish()
            missing = {table for table in unit.dirty if _audited[table] not in unit.recorded}
            if missing:
                raise AuditMissingError(f"no audit entry for {sorted(missing)}")
    finally:
        _unit.reset(token)


@contextmanager
def savepoint() -> Iterator[None]:
    """Undo the block alone when it raises; audit heads and held locks go back with it.

    Raises:
        RuntimeError: outside `write()`.
    """
    unit = current_unit()
    kept = (set(unit.dirty), set(unit.recorded), unit.rank)
    memo = {name: copy(value) for name, value in unit.memo.items()}
    try:
        with transaction.atomic() if unit.savepoints >= _LEFT_MAX else _left_to_the_commit():
            unit.savepoints += 1
            yield
            if unit.before_release is not None:
                unit.before_release(memo)
    except BaseException:
        unit.dirty, unit.recorded, unit.rank = kept
        unit.memo.clear()
        unit.memo.update(memo)
        # Rows kept since they were locked may hold values that were undone.
        unit.memo.pop(LOCKED_ROWS, None)
        raise


@contextmanager
def _left_to_the_commit() -> Iterator[None]:
    """Set a savepoint that the commit releases: a statement less than `atomic()`.

    A few of them cost the database nothing; many would nest deeply.
    """
    mark = str(connection.savepoint())
    connection.savepoint_ids.append(mark)
    try:
        yield
    except BaseException:
        connection.savepoint_ids.pop()
        connection.needs_rollback = False
        try:
            connection.savepoint_rollback(mark)
        except DatabaseError:
            # The whole transaction is lost, and with it what led here matters more.
            connection.needs_rollback = True
        raise
    connection.savepoint_ids.pop()


@contextmanager
def unguarded() -> Iterator[None]:
    """Allow changes without audit: migrations, flushes of test databases and test set-up."""
    token = _is_unguarded.set(True)
    try:
        yield
    finally:
        _is_unguarded.reset(token)


@contextmanager
def derived() -> Iterator[None]:
    """Write columns that follow from audited rows and are kept only for lists and sorting.

    They say nothing that the history does not say, so they need no entry of their own.
    """
    current_unit()
    token = _is_unguarded.set(True)
    try:
        yield
    finally:
        _is_unguarded.reset(token)


def is_collision(error: DatabaseError) -> bool:
    """True when another act was faster: a deadlock, or a code, number or cell taken meanwhile."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return state in _COLLISIONS


def conflict_of(error: DatabaseError) -> ConflictError:
    """Return how a door answers an act that lost against another one; raises any other error."""
    if not is_collision(error):
        raise error
    log.warning("an act lost against another one", exc_info=error)
    return ConflictError()


def retry_on_conflict(act: Callable[[], T]) -> T:
    """Run a whole act again when another one was faster; then its checks see what that one did.

    Only the outermost door may call this: an act inside a transaction is run once.
    """
    for attempt in range(RETRY_LIMIT):
        try:
            return act()
        except DatabaseError as error:
            is_last = attempt == RETRY_LIMIT - 1
            if is_last or not is_collision(error) or connection.in_atomic_block:
                raise
            time.sleep(0.02 * (attempt + 1))
    raise AssertionError("unreachable")


def _watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    match = _WRITE_SQL.match(sql)
    if match:
        change_note(match[1])
    return execute(sql, params, many, context)


def change_note(table: str) -> None:
    """Let the guard, where it is on, know that rows of `table` change or are going to.

    Raises:
        AuditMissingError: outside `write()`.
    """
    if not _is_guard_on() or table not in _audited or _is_unguarded.get():
        return
    unit = _unit.get()
    if unit is None:
        raise AuditMissingError(f"{table} changed outside write()")
    unit.dirty.add(table)


def _is_guard_on() -> bool:
    return bool(getattr(settings, "AUDIT_GUARD", False))


def _install_guard(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if _is_guard_on() and _watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch)


def guard_connect() -> None:
    """Install the guard on every connection that opens (tests and development)."""
    connection_created.connect(_install_guard, dispatch_uid="chengdan-audit-guard")
