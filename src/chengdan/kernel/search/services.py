"""Putting things into the search and taking them out, in the transaction of their change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import models

from chengdan.kernel.audit.record import target_label
from chengdan.kernel.pinyin import text_fold
from chengdan.kernel.prepared import rows_put
from chengdan.kernel.search.grams import entry_grams
from chengdan.kernel.search.models import SearchEntry
from chengdan.kernel.search.registry import search_kind_get
from chengdan.kernel.transactions import current_unit


@dataclass(frozen=True, slots=True)
class SearchFields:
    """How an object is found and shown.

    Attributes:
        words: further texts that find it (short name, former name, address).
        codes: further codes; phones: numbers found by any part of four digits.
        is_person: the title is a person's name, so surnames have both readings.
        owner_id, unit_id, company_id: taken from the object when None.
    """

    title: str
    url: str
    code: str = ""
    subtitle: str = ""
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    is_person: bool = False
    owner_id: int | None = None
    unit_id: int | None = None
    company_id: int | None = None


def code_key(code: str) -> str:
    """Return a code as exact hits compare it."""
    return re.sub(r"[^0-9a-z]+", "", text_fold(code))[:60]


def _entry(kind: str, obj: models.Model, fields: SearchFields) -> dict[str, Any]:
    def own(name: str, given: int | None) -> int | None:
        return given if given is not None else getattr(obj, name, None)

    grams = entry_grams(
        (fields.title, fields.subtitle, *fields.words),
        codes=(fields.code, *fields.codes),
        phones=fields.phones,
        is_person=fields.is_person,
    )
    return {
        "kind": kind,
        "company_id": own("company_id", fields.company_id),
        "owner_id": own("owner_id", fields.owner_id),
        "unit_id": own("unit_id", fields.unit_id),
        "code": fields.code[:60],
        "code_key": code_key(fields.code),
        "title": fields.title[:200],
        "subtitle": fields.subtitle[:200],
        "url": fields.url[:300],
        "grams": grams,
    }


def search_put(kind: str, obj: models.Model, fields: SearchFields) -> None:
    """Make `obj` findable, or renew how it is found.

    Raises:
        KeyError: the kind is not registered.
        RuntimeError: outside `write()`.
    """
    search_put_many(kind, [(obj, fields)])


def search_put_many(kind: str, rows: list[tuple[models.Model, SearchFields]]) -> None:
    """Put many objects of one kind with a constant number of queries per 500; for imports."""
    current_unit()
    search_kind_get(kind)
    entries = [
        SearchEntry(object_type=target_label(obj), object_id=obj.pk, **_entry(kind, obj, fields))
        for obj, fields in rows
    ]
    columns = [
        field.attname
        for field in SearchEntry._meta.concrete_fields
        if field.attname not in ("id", "object_type", "object_id")
    ]
    rows_put(entries, ["object_type", "object_id"], columns)


def search_remove(obj: models.Model) -> None:
    """Make `obj` unfindable.

    Raises:
        RuntimeError: outside `write()`.
    """
    current_unit()
    SearchEntry.objects.filter(object_type=target_label(obj), object_id=obj.pk).delete()
