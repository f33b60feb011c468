"""Keyset paging: no row lost or doubled while others insert, no OFFSET, no full count.

A cursor names the last row seen (sort value and primary key). Nulls come last in both
directions. Several permission branches are read one by one and merged, so that each uses
its own index.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured, ValidationError
from django.db.models import F, Field, Model, Q, QuerySet

if TYPE_CHECKING:
    from django.db.models.expressions import OrderBy

M = TypeVar("M", bound=Model)
MAX_CURSOR = 400


@dataclass(frozen=True, slots=True)
class SortKey:
    """One way to order a list: a database field and a direction; the pk breaks ties."""

    code: str
    path: str
    descending: bool = False

    @property
    def token(self) -> str:
        """The sort as it stands in the address."""
        return f"-{self.code}" if self.descending else self.code


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins or ends; `first` is the number of its first row, for showing only."""

    sort: str
    value: str | None
    pk: str
    is_back: bool = False
    first: int = 1

    def encode(self) -> str:
        """The cursor as it stands in the address."""
        data = [self.sort, self.value, self.pk, int(self.is_back), self.first]
        raw = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, sort: str) -> Cursor | None:
        """Read a cursor; None when it is damaged or belongs to another order."""
        if not text or len(text) > MAX_CURSOR:
            return None
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            own_sort, value, pk, back, first = json.loads(raw)
        except (ValueError, TypeError, binascii.Error):
            return None
        shapes = (
            own_sort == sort,
            value is None or isinstance(value, str),
            isinstance(pk, str),
            isinstance(first, int) and 0 < first < 10**9,
        )
        return cls(sort, value, pk, bool(back), first) if all(shapes) else None


@dataclass(frozen=True, slots=True)
class Slice(Generic[M]):
    """One page of rows and the cursors to its neighbours."""

    rows: list[M]
    previous: str
    following: str
    first: int

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return self.first + len(self.rows) - 1


def field_of(model: type[Model], path: str) -> Field[Any, Any]:
    """The concrete field a path such as `customer__name` ends in.

    Raises:
        ImproperlyConfigured: no such field.
    """
    current: type[Model] | None = model
    *parents, name = path.split("__")
    for parent in parents:
        current = _related(current, parent)
    found = _column(current, name) if current is not None else None
    if not isinstance(found, Field):
        raise ImproperlyConfigured(f"{model.__name__} cannot be sorted by {path}")
    return found


def _related(model: type[Model] | None, name: str) -> type[Model] | None:
    related = _column(model, name) if model is not None else None
    target = related.related_model if related is not None else None
    return target if isinstance(target, type) else None


def _column(model: type[Model], name: str) -> Any:
    try:
        return model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _is_nullable(model: type[Model], path: str) -> bool:
    names = path.split("__")
    parts = ("__".join(names[: count + 1]) for count in range(len(names)))
    return any(field_of(model, part).null for part in parts)


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _parsed(model: type[Model], key: SortKey, cursor: Cursor) -> tuple[Any, Any] | None:
    """The values of a cursor as Python objects; None when they are not of the field's type."""
    try:
        value = None if cursor.value is None else field_of(model, key.path).to_python(cursor.value)
        return value, field_of(model, "pk").to_python(cursor.pk)
    except (ValidationError, ValueError, TypeError, OverflowError):
        return None


def _beyond(key: SortKey, nullable: bool, is_back: bool, value: Any, pk: Any) -> Q:
    """The rows after (or, going back, before) the given position."""
    downwards = key.descending != is_back
    step = "lt" if downwards else "gt"
    past_pk = Q(**{f"pk__{step}": pk})
    if value is None:
        same = Q(**{f"{key.path}__isnull": True}) & past_pk
        return same | Q(**{f"{key.path}__isnull": False}) if is_back else same
    bound = Q(**{f"{key.path}__{step}e": value})
    inside = bound & (Q(**{f"{key.path}__{step}": value}) | past_pk)
    if nullable and not is_back:
        return inside | Q(**{f"{key.path}__isnull": True})
    return inside


def _ordering(key: SortKey, nullable: bool, is_back: bool) -> list[OrderBy | str]:
    downwards = key.descending != is_back
    tie = "-pk" if downwards else "pk"
    if not nullable:
        return [f"-{key.path}" if downwards else key.path, tie]
    field = F(key.path)
    if is_back:
        first = field.desc(nulls_first=True) if downwards else field.asc(nulls_first=True)
    else:
        first = field.desc(nulls_last=True) if downwards else field.asc(nulls_last=True)
    return [first, tie]


def _merged(
    key: SortKey, is_back: bool, found: list[tuple[Any, Any]], limit: int
) -> list[tuple[Any, Any]]:
    """Order the distinct (value, pk) pairs of all branches as the database would."""
    downwards = key.descending != is_back
    distinct = {pk: (value, pk) for value, pk in found}.values()
    nulls = sorted((i for i in distinct if i[0] is None), key=lambda i: i[1], reverse=downwards)
    values = sorted((i for i in distinct if i[0] is not None), reverse=downwards)
    ordered = nulls + values if is_back else values + nulls
    return ordered[:limit]


def _branch_rows(
    queryset: QuerySet[M], branches: Sequence[Q], key: SortKey, is_back: bool, limit: int
) -> list[M]:
    """Read each branch by its own index, merge the keys, then fetch the rows once."""
    ordering = _ordering(key, _is_nullable(queryset.model, key.path), is_back)
    found: list[tuple[Any, Any]] = []
    for branch in branches:
        pairs = queryset.filter(branch).order_by(*ordering).values_list(key.path, "pk")
        found.extend(pairs[:limit])
    pks = [pk for _value, pk in _merged(key, is_back, found, limit)]
    rows = {row.pk: row for row in queryset.filter(pk__in=pks)} if pks else {}
    return [rows[pk] for pk in pks if pk in rows]


def take_page(
    queryset: QuerySet[M],
    key: SortKey,
    *,
    size: int,
    cursor: Cursor | None = None,
    branches: Sequence[Q] | None = None,
) -> Slice[M]:
    """Return one page of a list.

    Args:
        queryset: filtered rows, without ordering.
        key: the order; its field needs an index.
        size: rows on a page.
        cursor: where to go on; None for the first page.
        branches: alternatives of the permission filter; `[]` means nothing is visible,
            None that the queryset is filtered already.
    """
    model = queryset.model
    is_back = cursor.is_back if cursor is not None else False
    base = queryset
    position = _parsed(model, key, cursor) if cursor is not None else None
    if position is None:
        cursor, is_back = None, False
    else:
        nullable = _is_nullable(model, key.path)
        base = queryset.filter(_beyond(key, nullable, is_back, *position))
    rows = _read(base, branches, key, is_back, size + 1)
    has_more = len(rows) > size
    rows = rows[:size]
    if is_back:
        rows.reverse()
    return _slice(rows, key, cursor, has_more, size)


def _read(
    queryset: QuerySet[M], branches: Sequence[Q] | None, key: SortKey, is_back: bool, limit: int
) -> list[M]:
    if branches is not None:
        if not branches:
            return []
        if len(branches) > 1:
            return _branch_rows(queryset, branches, key, is_back, limit)
        queryset = queryset.filter(branches[0])
    ordering = _ordering(key, _is_nullable(queryset.model, key.path), is_back)
    return list(queryset.order_by(*ordering)[:limit])


def _slice(
    rows: list[M], key: SortKey, cursor: Cursor | None, has_more: bool, size: int
) -> Slice[M]:
    is_back = cursor is not None and cursor.is_back
    first = cursor.first if cursor is not None else 1
    if is_back and not has_more:
        first = 1
    if not rows:
        return Slice([], "", "", first)

    def make(row: M, back: bool, number: int) -> str:
        value = _as_text(value_of(row, key.path))
        return Cursor(key.token, value, str(row.pk), back, max(1, number)).encode()

    has_previous = has_more if is_back else cursor is not None
    has_following = True if is_back else has_more
    return Slice(
        rows,
        make(rows[0], True, first - size) if has_previous else "",
        make(rows[-1], False, first + len(rows)) if has_following else "",
        first,
    )


def value_of(row: Any, path: str) -> Any:
    """Follow a path such as `customer__name` or `customer.name` on a row; None stops it."""
    current = row
    for name in path.replace("__", ".").split("."):
        if current is None:
            return None
        current = current[name] if isinstance(current, dict) else getattr(current, name)
        if callable(current):
            current = current()
    return current


def count_capped(queryset: QuerySet[Any], branches: Sequence[Q] | None, cap: int) -> int:
    """Count rows, stopping at `cap + 1`: a large table is never counted through."""
    if branches is not None:
        if not branches:
            return 0
        combined = branches[0]
        for branch in branches[1:]:
            combined |= branch
        queryset = queryset.filter(combined)
    return queryset.order_by().values("pk")[: cap + 1].count()
