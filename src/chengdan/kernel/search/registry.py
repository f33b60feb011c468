"""What can be found, and who may see it: filled by rooms while the applications start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.registry import Registry

if TYPE_CHECKING:
    from chengdan.kernel.search.services import SearchFields

# The rows of the kind that the actor may see: a queryset of the objects (`access.visible`), or
# conditions on owner_id, unit_id, company_id of the search entry whose union counts; [] is none.
ScopeFilter = Callable[[Actor], QuerySet[Any] | Sequence[Q]]
# What stands in the place of a code for objects that have none yet, by their keys.
MarkReader = Callable[[Sequence[int]], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class SearchSource:
    """Where the entries of a kind come from, to make them anew.

    Attributes:
        rows: all objects that can be found, read with what `fields` needs.
        fields: how one of them is found.
    """

    rows: Callable[[], QuerySet[Any]]
    fields: Callable[[Any], SearchFields]


@dataclass(frozen=True, slots=True)
class SearchKind:
    """One kind of thing that can be found."""

    code: str
    title: Any
    permission: str
    scope_filter: ScopeFilter
    icon: str = "file"
    order: int = 500
    marks: MarkReader | None = None
    source: SearchSource | None = None


_kinds: Registry[SearchKind] = Registry("search kinds")


def search_kind_register(
    code: str,
    *,
    title: Any,
    permission: str,
    scope_filter: ScopeFilter,
    source: SearchSource,
    icon: str = "file",
    order: int = 500,
    marks: MarkReader | None = None,
) -> str:
    """Register a kind and return its code.

    Args:
        scope_filter: usually `lambda actor: visible(actor, permission, Model.objects.all())`.
        source: where `search_rebuild` finds its objects and their words.
        marks: key → word and mark in the reader's language, for objects without a code.
    """
    kind = SearchKind(code, title, permission, scope_filter, icon, order, marks, source)
    _kinds.add(code, kind)
    return code


def search_kind_get(code: str) -> SearchKind:
    """Return a kind; KeyError for a typo."""
    return _kinds.get(code)


def search_kinds() -> list[SearchKind]:
    """Return every kind in order."""
    return sorted((kind for _code, kind in _kinds.items()), key=lambda kind: kind.order)
