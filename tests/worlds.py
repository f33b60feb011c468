"""Small companies that many tests start from: made once per process, then only put back.

Making one takes a thousand statements through the services; the rows it leaves are put back with
one statement per table. Each test still begins with an empty database and gets its own objects.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, transaction

from chengdan.kernel import clock
from chengdan.kernel.reference import ReferenceStamp
from chengdan.kernel.transactions import unguarded

T = TypeVar("T")
Row = tuple[Any, ...]
Rows = dict[str, list[Row]]
# (who makes it, when) → the rows it adds, and what the maker returned
_kept: dict[tuple[str, datetime | None], tuple[Rows, Any]] = {}


def world(make: Callable[[], T]) -> T:
    """Return what `make` returns, with all its rows in the database.

    `make` takes its figures from nowhere but the clock. It is called where its rows can't be kept
    (a test that commits) and where other rows are there already.
    """
    if not connection.in_atomic_block or _is_inhabited():
        return make()
    key = (f"{make.__module__}.{make.__qualname__}", clock._frozen.get())
    if key not in _kept:
        empty = rows_all()
        made = make()
        _kept[key] = (_added(empty, rows_all()), deepcopy(made))
        return made
    rows, made = _kept[key]
    _put(rows)
    return deepcopy(made)  # type: ignore[no-any-return]


def rows_all() -> Rows:
    """Return every model's rows but the stamps of reference data, which turn by themselves."""
    tables = connection.introspection.django_table_names(only_existing=True)
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in sorted({*tables} - {ReferenceStamp._meta.db_table}):
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608
            found[table] = cursor.fetchall()
    return found


def _is_inhabited() -> bool:
    from chengdan.modules.people.models import Company

    return Company.objects.exists()


def _added(before: Rows, after: Rows) -> Rows:
    added = {}
    for table, rows in after.items():
        known = before[table]
        if any(row not in rows for row in known):
            raise AssertionError(f"a row of {table} was changed, not added")
        if new := [row for row in rows if row not in known]:
            added[table] = new
    return added


def _put(rows: Rows) -> None:
    with unguarded(), transaction.atomic(), connection.cursor() as cursor:
        for table, found in rows.items():
            row = f"({', '.join(['%s'] * len(found[0]))})"
            values = [value for each in found for value in each]
            many = ", ".join([row] * len(found))
            cursor.execute(f'INSERT INTO "{table}" VALUES {many}', values)  # noqa: S608
