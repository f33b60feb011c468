"""What an act has changed on its documents, written once and late (ADR 0021).

Several parts of one act change the same document: the room, its checks, the process, the place
for lists. Each says so when it happened; the database is told in one statement, before any other
statement that names the table, before a savepoint inside which it was saved is left, and at the
latest before the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from chengdan.kernel.locking import locked_row
from chengdan.kernel.prepared import rows_save, stored_values, values_save
from chengdan.kernel.reference import table_changed
from chengdan.kernel.transactions import (
    KEEP_BANDS,
    WRITE_ROWS,
    change_note,
    current_unit,
    derived,
    is_writing,
)

# Key of the memo: (model, id) → name of a field → its value as it was when it was saved. Inner
# dictionaries never change, so a savepoint that is undone puts back what was pending before it.
_PENDING = "pending_rows"
Key = tuple[type[models.Model], int]


def document_save(document: models.Model, names: Iterable[str]) -> None:
    """Save some fields of a document that this act holds locked, as they are now.

    A row that the act does not hold is written at once: others may know other objects of it.

    Raises:
        RuntimeError: outside `write()`.
    """
    unit = current_unit()
    if locked_row(type(document), document.pk) is not document:
        rows_save([document], names)
        return
    change_note(document._meta.db_table)
    table_changed(document._meta.db_table)
    pending: dict[Key, dict[str, Any]] = unit.memo.setdefault(_PENDING, {})
    key = (type(document), document.pk)
    pending[key] = pending.get(key, {}) | stored_values(document, names)
    unit.before_commit[WRITE_ROWS] = pending_write
    unit.before_release = _written_inside


def pending_write() -> None:
    """Write what is pending."""
    _write(current_unit().memo.pop(_PENDING, {}))


def _written_inside(before: dict[str, Any]) -> None:
    """Write what was saved since a savepoint, so that a row the database refuses is undone there.

    What was saved before it goes on waiting: it is no fault of the savepoint's. The places that
    documents have told so far are saved with them, not in a second statement at the end.
    """
    unit = current_unit()
    memo = unit.memo
    if not _saved_since(before, memo.get(_PENDING, {})):
        return
    unit.before_commit.get(KEEP_BANDS, _nothing)()
    pending: dict[Key, dict[str, Any]] = memo.pop(_PENDING, {})
    inside = _saved_since(before, pending)
    _write(inside)
    memo[_PENDING] = {key: values for key, values in pending.items() if key not in inside}


def _saved_since(before: dict[str, Any], pending: dict[Key, dict[str, Any]]) -> dict[Key, Any]:
    known = before.get(_PENDING, {})
    return {key: values for key, values in pending.items() if known.get(key) is not values}


def _nothing() -> None:
    """Stand for places that nobody told."""


def _write(rows: dict[Key, dict[str, Any]]) -> None:
    # The guard has known of the changes since they were saved.
    with derived():
        for (model, pk), values in rows.items():
            values_save(model, pk, values)


def _first(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Let no statement see, change or lock rows of a table before what is pending for it."""
    pending = current_unit().memo.get(_PENDING) if is_writing() else None
    if pending and any(f'"{model._meta.db_table}"' in sql for model, _pk in pending):
        pending_write()
    return execute(sql, params, many, context)


def _listen(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if _first not in connection.execute_wrappers:
        connection.execute_wrappers.append(_first)


def pending_connect() -> None:
    """Watch the statements of every connection that opens."""
    connection_created.connect(_listen, dispatch_uid="chengdan-pending")
