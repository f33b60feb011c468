"""Keyset paging: the next page starts behind the last row, however many rows there are."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import ConfigDict, Field

from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.http.bodies import text_is_clean

M = TypeVar("M", bound=models.Model)
LIMIT_MAX = 200


class PageQuery(Schema):
    """Query of every list."""

    model_config = ConfigDict(extra="ignore")

    cursor: Annotated[str, Field(max_length=500, description="`next` of the page before.")] = ""
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = 50


class SearchQuery(PageQuery):
    """Query of a list that is searched as on its page."""

    q: Annotated[
        str,
        Field(
            max_length=100,
            description="Words of name or code, pinyin or initials, as the list page finds them.",
        ),
    ] = ""


def keyset_page(
    queryset: models.QuerySet[M], query: PageQuery, *, order: tuple[str, ...] = ("-pk",)
) -> dict[str, Any]:
    """Return {"items": rows, "next": cursor or None} of a list.

    Args:
        order: indexed fields, the last one unique; all rising or all falling.

    Raises:
        InvalidError: the cursor is not one of ours.
    """
    names = [name.lstrip("-") for name in order]
    is_falling = order[0].startswith("-")
    rows = queryset.order_by(*order)
    if query.cursor:
        values = cursor_read(query.cursor, len(names))
        rows = _after(rows, names, values, is_falling=is_falling)
    found = list(rows[: query.limit + 1])
    page = found[: query.limit]
    more = len(found) > query.limit
    cursor = cursor_make([getattr(page[-1], name) for name in names]) if more else None
    return {"items": page, "next": cursor}


def keyset_ids(
    queryset: models.QuerySet[M], name: str, query: PageQuery
) -> tuple[list[int], str | None]:
    """Return the next ids in the column `name`, each once and rising, and the cursor behind them.

    Raises:
        InvalidError: the cursor is not one of ours.
    """
    rows = queryset.order_by(name)
    if query.cursor:
        rows = _after(rows, [name], cursor_read(query.cursor, 1), is_falling=False)
    found = list(rows.values_list(name, flat=True).distinct()[: query.limit + 1])
    page = found[: query.limit]
    return page, cursor_make(page[-1:]) if len(found) > query.limit else None


def _after(
    rows: models.QuerySet[M], names: list[str], values: list[Any], *, is_falling: bool
) -> models.QuerySet[M]:
    word = "lt" if is_falling else "gt"
    condition, equal = Q(), Q()
    for name, value in zip(names, values, strict=True):
        condition |= equal & Q(**{f"{name}__{word}": value})
        equal &= Q(**{name: value})
    try:
        return rows.filter(condition)
    except (ValueError, TypeError, ValidationError, FieldError):
        raise _bad() from None


def cursor_make(values: list[Any]) -> str:
    """Return a cursor for the values of the last row."""
    text = json.dumps([_plain(value) for value in values], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def cursor_read(text: str, size: int) -> list[Any]:
    """Return the values of a cursor.

    Raises:
        InvalidError: it is not one of ours.
    """
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        values = json.loads(data.decode())
    except (binascii.Error, ValueError, RecursionError):
        raise _bad() from None
    if not isinstance(values, list) or len(values) != size:
        raise _bad()
    for value in values:
        is_small = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        if not is_small and not (isinstance(value, str) and text_is_clean(value)):
            raise _bad()
    return values


def _bad() -> InvalidError:
    return InvalidError(FieldIssue("cursor", "cursor", _("This cursor is not valid.")))
