"""Searching: only what the actor may see, exact codes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections, router
from django.db.models import Q, QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.pinyin import text_fold
from chengdan.kernel.rights import right_held
from chengdan.kernel.search.grams import ENDING_MIN, Term, query_terms, whole_terms
from chengdan.kernel.search.index import match_sql
from chengdan.kernel.search.models import SearchEntry
from chengdan.kernel.search.registry import SearchKind, search_kinds
from chengdan.kernel.search.services import code_key

CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One thing found; `code` is the word and mark of the kind where there is no code yet."""

    kind: str
    kind_title: Any
    icon: str
    object_type: str
    object_id: int
    code: str
    title: str
    subtitle: str
    url: str


def search(
    actor: Actor, text: str, limit: int = 20, kinds: Sequence[str] | None = None
) -> list[SearchHit]:
    """Return the best hits for `text` among what the actor may see.

    Args:
        kinds: only these kinds; None for all.
    """
    terms = query_terms(text)
    wanted = {
        kind.code: kind
        for kind in search_kinds()
        if (kinds is None or kind.code in kinds) and right_held(actor, kind.permission)
    }
    scope = _scope(actor, list(wanted.values()))
    if not terms or scope is None:
        return []
    rows = SearchEntry.objects.filter(scope)
    found = _candidates(rows, terms)
    key = code_key(text)
    if key:
        more = list(rows.filter(code_key=key).order_by("-id")[:limit])
        if len(found) == CANDIDATES:
            # Older numbers that end in what was typed stand behind many that only begin with it.
            more += _candidates(rows, whole_terms(terms))
        found = list({row.pk: row for row in [*found, *more]}.values())
    folded = text_fold(text)
    found.sort(key=lambda row: _rank(row, wanted[row.kind], folded, key))
    shown = found[:limit]
    marks = _marks(shown, wanted)
    return [_hit(row, wanted[row.kind], marks.get(row.pk, row.code)) for row in shown]


def _marks(rows: Sequence[SearchEntry], kinds: Mapping[str, SearchKind]) -> dict[int, str]:
    """Return entry → what stands for its code, of entries without one whose kind has words."""
    codeless: dict[str, list[SearchEntry]] = {}
    for row in rows:
        if not row.code:
            codeless.setdefault(row.kind, []).append(row)
    found = {}
    for code, entries in codeless.items():
        if (read := kinds[code].marks) is not None:
            known = read([row.object_id for row in entries])
            found.update({row.pk: known.get(row.object_id, "") for row in entries})
    return found


def _candidates(rows: QuerySet[SearchEntry], terms: list[Term]) -> list[SearchEntry]:
    """Return the newest rows that the terms match."""
    vendor = connections[router.db_for_read(SearchEntry)].vendor
    condition, parameter = match_sql(vendor, terms)
    return list(rows.extra(where=[condition], params=[parameter]).order_by("-id")[:CANDIDATES])  # noqa: S610


def _scope(actor: Actor, kinds: list[SearchKind]) -> Q | None:
    condition: Q | None = None
    for kind in kinds:
        rows = kind.scope_filter(actor)
        if isinstance(rows, QuerySet):
            branches = [Q(object_id__in=rows.order_by().values("pk"))]
        else:
            branches = list(rows)
        for branch in branches:
            one = Q(kind=kind.code) & branch
            condition = one if condition is None else condition | one
    return condition


def _rank(row: SearchEntry, kind: SearchKind, folded: str, key: str) -> tuple[Any, ...]:
    title = text_fold(row.title)
    return (
        not (key and row.code_key == key),
        not (len(key) >= ENDING_MIN and row.code_key.endswith(key)),
        title != folded,
        not title.startswith(folded),
        folded not in title,
        kind.order,
        -row.pk,
    )


def _hit(row: SearchEntry, kind: SearchKind, code: str) -> SearchHit:
    return SearchHit(
        kind=row.kind,
        kind_title=kind.title,
        icon=kind.icon,
        object_type=row.object_type,
        object_id=row.object_id,
        code=code,
        title=row.title,
        subtitle=row.subtitle,
        url=row.url,
    )
