"""Answers about data that is asked for in every act and changes a few times a day.

Organisation, rights, calendars and figures are read by every act. Each change of their tables
turns one stamp in the database; what a process has worked out under a stamp holds for as long
as the stamp stands, so an act pays one query for all of it (ADR 0017).
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from chengdan.kernel import clock, transactions

P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K")

_KEY = 1
_STAMPS_KEPT = 4
_ANSWERS_MAX = 50_000
_CHANGE = re.compile(
    r'\s*(?:INSERT (?:OR IGNORE )?INTO|UPDATE|DELETE FROM)\s+"(\w+)"', re.IGNORECASE
)
_tables: set[str] = set()
_answers: OrderedDict[str, dict[Any, Any]] = OrderedDict()
_lock = threading.Lock()
_request: ContextVar[dict[str, str | None] | None] = ContextVar("chengdan_reference", default=None)


class ReferenceStamp(models.Model):
    """One row: a random value that changes with every change of reference data."""

    value = models.CharField(max_length=32)

    class Meta:
        app_label = "kernel"


def reference_tables(*found: type[models.Model]) -> None:
    """Let every change of these tables turn the stamp."""
    _tables.update(model._meta.db_table for model in found)


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """Decorate a selector of reference data: ask the database once per stamp, day and arguments.

    Answers are shared by all who ask: model instances among them are for reading only. A
    transaction that changed reference data itself asks the database each time.
    """

    @wraps(function)
    def ask(*args: P.args, **kwargs: P.kwargs) -> T:
        known = _known()
        if known is None:
            return function(*args, **kwargs)
        key = (function, clock.today(), args, tuple(sorted(kwargs.items())))
        if key not in known:
            known[key] = function(*args, **kwargs)
        answer: T = known[key]
        return copy(answer) if isinstance(answer, list | dict | set) else answer

    return ask


def remembered_rows(
    name: str, ids: Iterable[K], load: Callable[[set[K]], dict[K, T]]
) -> dict[K, T]:
    """Return id → row of the ids that exist; only those not remembered as `name` are loaded."""
    wanted = set(ids)
    known = _known()
    if known is None:
        return load(wanted) if wanted else {}
    missing = {pk for pk in wanted if (name, pk) not in known}
    if missing:
        found = load(missing)
        known.update({(name, pk): found.get(pk) for pk in missing})
    rows = {pk: known[name, pk] for pk in wanted}
    return {pk: row for pk, row in rows.items() if row is not None}


@contextmanager
def reference_scope() -> Iterator[None]:
    """Look at the stamp once for all reading in the block: one request."""
    token = _request.set({})
    try:
        yield
    finally:
        _request.reset(token)


def _known() -> dict[Any, Any] | None:
    """Return what is remembered under the stamp that stands; None when nothing may be."""
    stamp = _stamp()
    if stamp is None:
        return None
    known = _answers.get(stamp)
    if known is None or len(known) > _ANSWERS_MAX:
        with _lock:
            known = _answers[stamp] = {}
            while len(_answers) > _STAMPS_KEPT:
                _answers.popitem(last=False)
    return known


def _stamp() -> str | None:
    kept: dict[str, Any] | None = _request.get()
    if transactions.is_writing():
        unit = transactions.current_unit()
        if unit.is_reference_changed:
            return None
        kept = unit.memo
    if kept is None:
        return _read()
    if "reference_stamp" not in kept:
        kept["reference_stamp"] = _read()
    found: str | None = kept["reference_stamp"]
    return found


def _read() -> str | None:
    rows = ReferenceStamp.objects.filter(pk=_KEY)
    return rows.values_list("value", flat=True).first()


def reference_turn() -> None:
    """Set another stamp; the last statement of a transaction that changed reference data.

    The row is locked until the commit, and nothing is locked after it.
    """
    value = secrets.token_hex(16)
    kept = _request.get()
    if kept is not None:
        kept.clear()
    if ReferenceStamp.objects.filter(pk=_KEY).update(value=value) == 0:
        first = ReferenceStamp(pk=_KEY, value=value)
        ReferenceStamp.objects.bulk_create([first], ignore_conflicts=True)
        ReferenceStamp.objects.filter(pk=_KEY).update(value=value)


def _notice(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    answer = execute(sql, params, many, context)
    if sql[:1] in "IUDiud " and _is_reference(sql):
        if transactions.is_writing():
            unit = transactions.current_unit()
            unit.is_reference_changed = True
            unit.before_commit[transactions.TURN_STAMP] = reference_turn
        else:
            reference_turn()
    return answer


def _is_reference(sql: str) -> bool:
    match = _CHANGE.match(sql)
    return match is not None and match[1] in _tables


def _listen(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if _notice not in connection.execute_wrappers:
        connection.execute_wrappers.append(_notice)


def reference_connect() -> None:
    """Notice changes on every connection that opens."""
    connection_created.connect(_listen, dispatch_uid="chengdan-reference")
