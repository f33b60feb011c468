"""Answers about data that is asked for in every act and changes a few times a day.

Organisation, rights, calendars, figures, products are read by every act. Each change of their
tables turns the stamp of their topic in the database; what a process has worked out under a stamp
holds for as long as the stamp stands, so an act pays one query for all of it (ADR 0017).
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from chengdan.kernel import clock, transactions
from chengdan.kernel.prepared import prepared

P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K")

_STAMPS_KEPT = 12
_ANSWERS_MAX = 50_000
_CHANGE = re.compile(
    r'\s*(?:INSERT (?:OR IGNORE )?INTO|UPDATE|DELETE FROM)\s+"(\w+)"', re.IGNORECASE
)
Stamps = dict[str, str]
# table -> topic
_tables: dict[str, str] = {}
_topics_in_act: set[str] = set()
_answers: OrderedDict[tuple[str, ...], dict[Any, Any]] = OrderedDict()
_lock = threading.Lock()
_request: ContextVar[dict[str, Stamps] | None] = ContextVar("chengdan_reference", default=None)


class ReferenceStamp(models.Model):
    """One row per topic: a random value that changes with every change of its tables."""

    topic = models.CharField(max_length=40, primary_key=True)
    value = models.CharField(max_length=32)

    class Meta:
        app_label = "kernel"


def reference_tables(topic: str, *found: type[models.Model]) -> None:
    """Let every change of these tables turn the stamp of the topic."""
    _tables.update({model._meta.db_table: topic for model in found})


def reference_tables_in_act(topic: str, *found: type[models.Model]) -> None:
    """Remember about these tables only while one `write()` runs and does not change them.

    For what changes too often for a stamp, but is asked for several times in one act.
    """
    _topics_in_act.add(topic)
    reference_tables(topic, *found)


def remembered(*topics: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a selector of reference data: ask once per stamp of all `topics`, day, arguments.

    Answers are shared by all who ask: model instances among them are for reading only. A
    transaction that changed reference data itself asks the database each time.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def ask(*args: P.args, **kwargs: P.kwargs) -> T:
            known = _known(topics)
            if known is None:
                return function(*args, **kwargs)
            key = (function, clock.today(), args, tuple(sorted(kwargs.items())))
            if key not in known:
                known[key] = function(*args, **kwargs)
            answer: T = known[key]
            return copy(answer) if isinstance(answer, list | dict | set) else answer

        return ask

    return decorate


def remembered_rows(
    topic: str, name: str, ids: Iterable[K], load: Callable[[set[K]], dict[K, T]]
) -> dict[K, T]:
    """Return id → row of the ids that exist; only those not remembered as `name` are loaded."""
    wanted = set(ids)
    known = _known((topic,))
    if known is None:
        return load(wanted) if wanted else {}
    missing = {pk for pk in wanted if (name, pk) not in known}
    if missing:
        found = load(missing)
        known.update({(name, pk): found.get(pk) for pk in missing})
    rows = {pk: known[name, pk] for pk in wanted}
    return {pk: row for pk, row in rows.items() if row is not None}


def rows_remember(topic: str, name: str, rows: Mapping[Any, Any]) -> None:
    """Let this act find rows that it has just read by `remembered_rows`; none that are known."""
    known = _known((topic,))
    if known is not None:
        for pk, row in rows.items():
            known.setdefault((name, pk), row)


@contextmanager
def reference_scope() -> Iterator[None]:
    """Look at the stamp once for all reading in the block: one request."""
    token = _request.set({})
    try:
        yield
    finally:
        _request.reset(token)


def _known(topics: tuple[str, ...]) -> dict[Any, Any] | None:
    """Return what is remembered under the stamps that stand; None when nothing may be."""
    if topics[0] in _topics_in_act:
        return _known_in_act(topics[0])
    stamps = _stamps()
    if any(topic not in stamps for topic in topics):
        return None
    key = tuple(stamps[topic] for topic in topics)
    known = _answers.get(key)
    if known is None or len(known) > _ANSWERS_MAX:
        with _lock:
            known = _answers[key] = {}
            while len(_answers) > _STAMPS_KEPT:
                _answers.popitem(last=False)
    return known


def _known_in_act(topic: str) -> dict[Any, Any] | None:
    if not transactions.is_writing():
        return None
    kept = transactions.current_unit().memo.setdefault(transactions.LOCKED_ROWS, {})
    known: dict[Any, Any] = kept.setdefault(topic, {})
    return known


def _stamps() -> Stamps:
    """Return topic → stamp, without the topics that the running transaction changed."""
    kept: dict[str, Stamps] | None = _request.get()
    changed: set[str] = set()
    if transactions.is_writing():
        unit = transactions.current_unit()
        kept, changed = unit.memo, unit.reference_changed
    if kept is None:
        return _read()
    if "reference_stamps" not in kept:
        kept["reference_stamps"] = _read()
    found = kept["reference_stamps"]
    return (
        {topic: value for topic, value in found.items() if topic not in changed}
        if changed
        else found
    )


def _read() -> Stamps:
    return dict(_stamps_all())


@prepared
def _stamps_all() -> models.QuerySet[ReferenceStamp, tuple[str, str]]:
    return ReferenceStamp.objects.values_list("topic", "value")


def reference_begin() -> None:
    """Give every topic its first stamp; after migrations."""
    topics = set(_tables.values()) - _topics_in_act
    rows = [ReferenceStamp(topic=topic, value=secrets.token_hex(16)) for topic in sorted(topics)]
    ReferenceStamp.objects.bulk_create(rows, ignore_conflicts=True)


def reference_turn(topics: Iterable[str]) -> None:
    """Set other stamps; the last statements of a transaction that changed reference data.

    The rows are locked until the commit, in order, and nothing is locked after them.
    """
    kept = _request.get()
    if kept is not None:
        kept.clear()
    for topic in sorted(topics):
        value = secrets.token_hex(16)
        rows = ReferenceStamp.objects.filter(topic=topic)
        if rows.update(value=value) == 0:
            first = ReferenceStamp(topic=topic, value=value)
            ReferenceStamp.objects.bulk_create([first], ignore_conflicts=True)
            rows.update(value=value)


def _notice(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    answer = execute(sql, params, many, context)
    if sql[:1] in "IUDiud ":
        match = _CHANGE.match(sql)
        if match:
            table_changed(match[1])
    return answer


def table_changed(table: str) -> None:
    """Forget what is remembered of a table, now and for others after the commit."""
    topic = _tables.get(table)
    if topic is None:
        return
    if topic in _topics_in_act:
        if transactions.is_writing():
            memo = transactions.current_unit().memo
            memo.get(transactions.LOCKED_ROWS, {}).pop(topic, None)
        return
    if not transactions.is_writing():
        reference_turn([topic])
        return
    unit = transactions.current_unit()
    unit.reference_changed.add(topic)
    unit.before_commit[transactions.TURN_STAMP] = lambda: reference_turn(unit.reference_changed)


def _listen(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if _notice not in connection.execute_wrappers:
        connection.execute_wrappers.append(_notice)


def reference_connect() -> None:
    """Notice changes on every connection that opens."""
    connection_created.connect(_listen, dispatch_uid="chengdan-reference")
