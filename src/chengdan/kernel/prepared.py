"""Statements whose SQL is composed once and run often.

Composing the statement of a read by key costs the ORM several times what the database needs to
answer it, and every act runs dozens. A prepared statement is composed once per shape of its
arguments and gets the values afterwards; rows become the same objects as a queryset's (ADR 0018).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from inspect import getattr_static
from types import NoneType
from typing import Any, Generic, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections, models, router
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init
from django.db.models.sql.subqueries import UpdateQuery

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")
M = TypeVar("M", bound=models.Model)

# A longer list is composed afresh: it costs little beside the rows, and shapes stay few.
MEMBERS_MAX = 64
INSERT_MAX = 500
# Larger numbers don't fit every integer column: the ORM knows what to do with them. Columns of
# small integers can't be asked for.
_NUMBER_MAX = 2**31 - 1
_FIRST_SLOT = _NUMBER_MAX - 1_000
_SLOT_TEXT = "\x1fslot\x1f"
_SLOT_INSTANT = datetime(1901, 2, 3, 4, 5, 6, tzinfo=UTC)
# How fields keep their values on objects when nothing happens on the way.
_MAKING = ("__init__", "from_db")
_PLAIN = frozenset({DeferredAttribute, ForeignKeyDeferredAttribute})
_SLOT_DAY = date(1801, 2, 3)
_NOTHING = (frozenset[str](), True)
# (model, what is joined, whether locked) → prepared read
_by_pk: dict[tuple[type[models.Model], str, bool], Callable[[Collection[int]], list[Any]]] = {}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
Shape = tuple[tuple[type, int], ...]


class UnfitError(TypeError):
    """A programming error: the statement depends on its arguments in more than its values."""


class Filled:
    """A statement with its slots.

    Attributes:
        places: (position in the parameters, slot); every slot stands somewhere.
    """

    def __init__(self, compiler: Any, slots: dict[Any, int]) -> None:
        try:
            self.sql, params = compiler.as_sql()
        except EmptyResultSet:
            raise UnfitError("it finds nothing, whatever its arguments") from None
        self.alias = compiler.using
        self.params = list(params)
        ops = compiler.connection.ops
        known = {_adapted(value, ops): slot for value, slot in slots.items()}
        self.places = [
            (at, known[value])
            for at, value in enumerate(self.params)
            if isinstance(value, Hashable) and value in known
        ]
        if {slot for _at, slot in self.places} != set(slots.values()):
            raise UnfitError("an argument does not reach the statement as it is")
        taken = {at for at, _slot in self.places}
        if any(_is_day(value) for at, value in enumerate(self.params) if at not in taken):
            raise UnfitError("it would ask for this day for ever: make the day an argument")

    def execute(self, cursor: Any, values: list[Any]) -> None:
        """Run it with the values of the slots."""
        ops = connections[self.alias].ops
        params = list(self.params)
        for at, slot in self.places:
            params[at] = _adapted(values[slot], ops)
        cursor.execute(self.sql, params)


class Read(Filled, Generic[T]):
    """A statement whose rows become what a queryset would make of them."""

    def __init__(self, rows: models.QuerySet[Any], slots: dict[Any, int]) -> None:
        kind: Any = rows._iterable_class
        if kind not in (ModelIterable, ValuesListIterable, FlatValuesListIterable):
            raise UnfitError("only rows of models and of values_list() can be prepared")
        if rows._prefetch_related_lookups or rows._known_related_objects:  # type: ignore[attr-defined]
            raise UnfitError("prefetches and related managers can't be prepared")
        compiler = rows.query.get_compiler(rows.db)
        super().__init__(compiler, slots)
        fields = [column[0] for column in compiler.select[: compiler.col_count]]
        self.converters = list(compiler.get_converters(fields).items())
        self.is_flat = kind is FlatValuesListIterable
        self.model: type[models.Model] | None = None
        if kind is ModelIterable:
            self._model_prepare(compiler)

    def _model_prepare(self, compiler: Any) -> None:
        info, select = compiler.klass_info, compiler.select
        first, last = info["select_fields"][0], info["select_fields"][-1]
        self.model = info["model"]
        self.own = slice(first, last + 1)
        self.names = [column[0].target.attname for column in select[self.own]]
        self.related = get_related_populators(info, select, self.alias)  # type: ignore[call-arg]
        self.make = _maker(self.model).from_db
        _make_quickly(self.related)
        self.extra = list(compiler.annotation_col_map.items())

    def run(self, values: list[Any]) -> list[T]:
        """Return the rows for the values of the slots."""
        connection = connections[self.alias]
        with connection.cursor() as cursor:
            self.execute(cursor, values)
            rows = cursor.fetchall()
        if self.converters:
            rows = [self._converted(row, connection) for row in rows]
        if self.model is not None:
            return [self._made(row) for row in rows]
        found: list[Any] = [row[0] if self.is_flat else tuple(row) for row in rows]
        return found

    def _converted(self, found: tuple[Any, ...], connection: Any) -> Any:
        row = list(found)
        for position, (converters, expression) in self.converters:
            value = row[position]
            for converter in converters:
                value = converter(value, expression, connection)
            row[position] = value
        return row

    def _made(self, row: Any) -> Any:
        made = self.make(self.alias, self.names, row[self.own])
        for populator in self.related:
            populator.populate(row, made)
        for name, position in self.extra:
            setattr(made, name, row[position])
        return made


class _Quick:
    """Makes stored rows into objects without asking every field for its default first.

    As `Model.from_db`, for models whose objects take their values as they are.
    """

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    def from_db(self, alias: str, names: Sequence[str], values: Sequence[Any]) -> models.Model:
        made = self.model.__new__(self.model)
        state = models.base.ModelState()
        state.adding, state.db = False, alias
        made.__dict__ = {"_state": state, **dict(zip(names, values, strict=True))}
        return made


def _maker(model: type[models.Model]) -> Any:
    """Return what makes a model's stored rows into objects: `_Quick` where that is the same."""
    is_plain = (
        all(getattr_static(model, name) is getattr_static(models.Model, name) for name in _MAKING)
        and not pre_init.has_listeners(model)
        and not post_init.has_listeners(model)
        and all(
            type(getattr(model, field.attname)) in _PLAIN for field in model._meta.concrete_fields
        )
    )
    return _Quick(model) if is_plain else model


def _make_quickly(populators: Iterable[Any]) -> None:
    for populator in populators:
        populator.model_cls = _maker(populator.model_cls)
        _make_quickly(populator.related_populators)


class Update(Filled):
    """A statement that changes rows as QuerySet.update() does."""

    def __init__(
        self, found: tuple[models.QuerySet[Any], dict[str, Any]], slots: dict[Any, int]
    ) -> None:
        rows, values = found
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(values)
        query.clear_ordering(force=True)
        super().__init__(query.get_compiler(rows.db), slots)

    def run(self, values: list[Any]) -> int:
        """Change the rows and return how many."""
        with connections[self.alias].cursor() as cursor:
            self.execute(cursor, values)
            return int(cursor.rowcount)


def prepared(
    build: Callable[P, models.QuerySet[Any, T]],
) -> Callable[P, list[T]]:
    """Decorate a function that returns a queryset: callers get its rows as a list.

    Arguments are positional: integers, texts, instants, days, None, or collections of integers or
    texts for `__in`. Nothing may depend on them but the values of the statement (and, for None
    and for the number of members, its text). Objects are new ones on every call.

    Raises:
        UnfitError: at the first call of a shape, when the read can't be prepared.
    """
    known: dict[Shape, Read[T]] = {}

    @wraps(build)
    def read(*args: P.args, **kwargs: P.kwargs) -> list[T]:
        values, shape = _flat(args)
        if any(count == 0 for _kind, count in shape):
            return []
        if not _is_fit(values, shape):
            return list(build(*args, **kwargs))
        if shape not in known:
            known[shape] = _compose(Read, build, shape)
        return known[shape].run(values)

    return read


def prepared_update(
    build: Callable[P, tuple[models.QuerySet[Any], dict[str, Any]]],
) -> Callable[P, int]:
    """Decorate a function that returns rows and their new values: it sets them and counts rows.

    For arguments and errors see `prepared`.
    """
    known: dict[Shape, Update] = {}

    @wraps(build)
    def change(*args: P.args, **kwargs: P.kwargs) -> int:
        values, shape = _flat(args)
        if any(count == 0 for _kind, count in shape):
            return 0
        if not _is_fit(values, shape):
            rows, new = build(*args, **kwargs)
            return rows.update(**new)
        if shape not in known:
            known[shape] = _compose(Update, build, shape)
        return known[shape].run(values)

    return change


def rows_by_pk(
    rows: type[M] | models.QuerySet[M], ids: Collection[int], *, is_locked: bool = False
) -> list[M]:
    """Return the rows with these ids in order of id, with what `rows` joins.

    Args:
        rows: a model, or a queryset of one; conditions and deferred columns are composed afresh.
        is_locked: lock the rows, not those joined to them.
    """
    queryset = rows if isinstance(rows, models.QuerySet) else rows._default_manager.all()
    query = queryset.query

    def read(wanted: Collection[int]) -> models.QuerySet[M]:
        found = queryset.filter(pk__in=wanted).order_by("pk")
        return found.select_for_update(of=("self",)) if is_locked else found

    if query.where or query.annotations or query.deferred_loading != _NOTHING:
        return list(read(ids))
    key = (queryset.model, str(query.select_related), is_locked)
    if key not in _by_pk:
        _by_pk[key] = prepared(read)
    return _by_pk[key](ids)


def row_by_pk(rows: type[M] | models.QuerySet[M], pk: int) -> M | None:
    """Return one row, or None; see `rows_by_pk`."""
    return next(iter(rows_by_pk(rows, [pk])), None)


def rows_save(rows: Collection[models.Model], names: Iterable[str]) -> None:
    """Write some fields of stored rows back, one after another in one go.

    Like `bulk_update`, without its long CASE statement; the database's own guards hold.
    """
    if not rows:
        return
    model = type(next(iter(rows)))
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    connection, sql = _updating(model, fields)
    pk: Any = model._meta.pk
    values = [
        [*_stored(row, fields, connection, is_new=False), pk.get_db_prep_save(row.pk, connection)]
        for row in rows
    ]
    with connection.cursor() as cursor:
        if len(values) == 1:
            cursor.execute(sql, values[0])
        else:
            cursor.executemany(sql, values)


def stored_values(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Return name → value of some fields as the database takes them; see `values_save`."""
    model = type(row)
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    connection = connections[router.db_for_write(model)]
    values = _stored(row, fields, connection, is_new=False)
    return dict(zip((field.name for field in fields), values, strict=True))


def values_save(model: type[models.Model], pk: int, values: Mapping[str, Any]) -> None:
    """Write values that `stored_values` returned into a row."""
    connection, sql = _updating(model, [model._meta.get_field(name) for name in values])
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values.values(), pk])


def _updating(model: type[models.Model], fields: list[Any]) -> tuple[Any, str]:
    """Return (connection, UPDATE of these fields of the row with a key)."""
    connection = connections[router.db_for_write(model)]
    quote: Any = connection.ops.quote_name
    pk: Any = model._meta.pk
    settings = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    table, key = quote(model._meta.db_table), quote(pk.column)
    return connection, f"UPDATE {table} SET {settings} WHERE {key} = %s"  # noqa: S608


def rows_put(rows: Sequence[models.Model], key: Sequence[str], names: Sequence[str]) -> None:
    """Store rows in one statement; of those that are there already by `key`, set `names`.

    Like `bulk_create` with `update_conflicts`; the objects get no ids.
    """
    if not rows:
        return
    if len(rows) > MEMBERS_MAX:
        type(rows[0])._default_manager.bulk_create(
            rows, batch_size=INSERT_MAX, update_conflicts=True, unique_fields=key,
            update_fields=names,
        )  # fmt: skip
        return
    connection, sql, params = _insertion(rows)
    quote: Any = connection.ops.quote_name
    field: Any = type(rows[0])._meta.get_field
    new = ", ".join(f"{column} = EXCLUDED.{column}" for column in _columns(names, field, quote))
    target = ", ".join(_columns(key, field, quote))
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ON CONFLICT ({target}) DO UPDATE SET {new}", params)


def _columns(names: Iterable[str], field: Any, quote: Any) -> list[str]:
    return [quote(field(name).column) for name in names]


def rows_insert(rows: Iterable[M]) -> list[M]:
    """Store new rows in one statement and give them their ids; like `bulk_create`.

    For the few rows of an act; their ids are made by the database.
    """
    new = list(rows)
    if not new:
        return new
    model = type(new[0])
    if len(new) > MEMBERS_MAX:
        return model._default_manager.bulk_create(new, batch_size=INSERT_MAX)
    connection, sql, params = _insertion(new)
    pk: Any = model._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {connection.ops.quote_name(pk.column)}", params)
        ids = sorted(found[0] for found in cursor.fetchall())
    for row, made in zip(new, ids, strict=True):
        row.pk = made
        row._state.adding, row._state.db = False, connection.alias
    return new


def _insertion(rows: Sequence[models.Model]) -> tuple[Any, str, list[Any]]:
    """Return (connection, INSERT without an end, parameters)."""
    model = type(rows[0])
    connection: Any = connections[router.db_for_write(model)]
    pk: Any = model._meta.pk
    if not isinstance(pk, models.AutoField):
        raise UnfitError(f"{model.__name__} makes its ids itself")
    fields = [field for field in model._meta.concrete_fields if field is not pk]
    quote: Any = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) "  # noqa: S608
        f"VALUES {', '.join([f'({places})'] * len(rows))}"
    )
    params = [value for row in rows for value in _stored(row, fields, connection, is_new=True)]
    return connection, sql, params


def _stored(row: models.Model, fields: list[Any], connection: Any, *, is_new: bool) -> list[Any]:
    """Return the row's values as the database takes them."""
    return [field.get_db_prep_save(field.pre_save(row, is_new), connection) for field in fields]


def _flat(args: tuple[Any, ...]) -> tuple[list[Any], Shape]:
    """Return all values in one list, and (type, how many; -1 for a single one) per argument."""
    values: list[Any] = []
    shape: list[tuple[type, int]] = []
    for item in args:
        kind = _kind_of(item)
        if kind is not None:
            values.append(item)
            shape.append((kind, -1))
        elif item is None:
            shape.append((NoneType, -1))
        elif isinstance(item, Collection):
            values += item
            kinds = {_kind_of(one) for one in item} or {int}
            if len(kinds) > 1 or not kinds <= {int, str}:
                raise UnfitError("a list in a prepared statement holds integers or texts")
            shape.append((kinds.pop() or int, len(item)))
        else:
            raise UnfitError(f"{type(item).__name__} can't be an argument of a prepared statement")
    return values, tuple(shape)


def _kind_of(item: Any) -> type | None:
    if isinstance(item, bool):
        return None
    return next((kind for kind in (str, int, datetime, date) if isinstance(item, kind)), None)


def _is_fit(values: list[Any], shape: Shape) -> bool:
    """True for lists of moderate length, and numbers that fit every integer column."""
    if any(count > MEMBERS_MAX for _kind, count in shape):
        return False
    return not any(isinstance(item, int) and abs(item) > _NUMBER_MAX for item in values)


def _compose(
    kind: Callable[[Any, dict[Any, int]], S], build: Callable[..., Any], shape: Shape
) -> S:
    slots: dict[Any, int] = {}

    def slot(of: type) -> Any:
        number = len(slots)
        value: Any = None
        if of is NoneType:
            return None
        if of is str:
            value = f"{_SLOT_TEXT}{number}"
        elif of is datetime:
            value = _SLOT_INSTANT + timedelta(microseconds=number)
        elif of is date:
            value = _SLOT_DAY + timedelta(days=number)
        else:
            value = _FIRST_SLOT + number
        slots[value] = number
        return value

    marked = [slot(of) if count < 0 else [slot(of) for _one in range(count)] for of, count in shape]
    return kind(build(*marked), slots)


def _is_day(value: Any) -> bool:
    return isinstance(value, date) or (isinstance(value, str) and bool(_DAY.match(value)))


def _adapted(value: Any, ops: Any) -> Any:
    if isinstance(value, datetime):
        return ops.adapt_datetimefield_value(value)
    return ops.adapt_datefield_value(value) if isinstance(value, date) else value
