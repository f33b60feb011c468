"""The state of one list request, all from its address: filters, order, position, columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from chengdan.kernel.ui.listing.paging import Cursor, SortKey
from chengdan.kernel.ui.preferences import Preference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from chengdan.kernel.actor import Actor
    from chengdan.kernel.ui.listing.columns import Column
    from chengdan.kernel.ui.listing.filters import BoundFilter, Filter

PART = "_part"
OWN_PARAMETERS = (PART, "sort", "at", "format", "columns")
MAX_TEXT = 100


def bound_filters(filters: Sequence[Filter], data: QueryDict, actor: Actor) -> list[BoundFilter]:
    """Read all filters of a list from an address."""
    return [item.bind(data, actor) for item in filters]


def condition_of(bound: Sequence[BoundFilter], actor: Actor) -> Q:
    """The condition all active filters make together."""
    found = Q()
    for item in bound:
        if item.is_on:
            found &= item.filter.condition(item, actor)
    return found


def sort_of(sorts: dict[str, str], default: str, text: str) -> SortKey:
    """Read the order of an address; an unknown one becomes the list's own."""
    token = text if text.lstrip("-") in sorts and text.count("-") <= 1 else default
    code = token.lstrip("-")
    return SortKey(code, sorts[code], token.startswith("-"))


def search_text(data: QueryDict) -> str:
    """The free text of an address, without characters a database can't take."""
    text = data.get("q", "").strip()[:MAX_TEXT]
    return "".join(ch for ch in text if ch >= " " and not "\ud800" <= ch <= "\udfff")


@dataclass(slots=True)
class ListState:
    """One request to a list, read and checked."""

    data: QueryDict
    sort: SortKey
    cursor: Cursor | None
    bound: list[BoundFilter]
    text: str
    preference: Preference = field(default_factory=Preference)

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter or text is set."""
        return bool(self.text) or any(item.is_on for item in self.bound)

    def query(self, drop: Sequence[str] = (), **changes: Any) -> str:
        """The address of this list with some values changed, without position."""
        data = self.data.copy()
        for name in (PART, "at", *drop):
            data.pop(name, None)
        for name, value in changes.items():
            data.pop(name, None)
            if value not in (None, ""):
                data[name] = value
        text = data.urlencode()
        return f"?{text}" if text else "?"

    def saved_query(self) -> str:
        """Only what narrows and orders: what a saved view or a bulk act keeps."""
        return self.query(drop=("format", "columns", "view")).lstrip("?")

    def without(self, bound: BoundFilter) -> str:
        """The address with one filter taken off."""
        return self.query(drop=bound.filter.parameters)

    def cleared(self) -> str:
        """The address without any filter."""
        names = [name for item in self.bound for name in item.filter.parameters]
        return self.query(drop=[*names, "q", "view"])

    def kept_pairs(self, but: Sequence[str]) -> list[tuple[str, str]]:
        """Hidden values of a filter form: everything except its own names and the position."""
        skipped = {*but, PART, "at"}
        return [
            (name, value)
            for name, values in self.data.lists()
            if name not in skipped
            for value in values
        ]


def chosen_columns(columns: Sequence[Column], preference: Preference) -> list[Column]:
    """The columns a person sees: chosen ones in order of choice, the first always first."""
    if not preference.columns:
        return [column for column in columns if not column.optional]
    known = {column.name: column for column in columns}
    first = columns[0]
    rest = [known[code] for code in preference.columns if code in known and code != first.name]
    return [first, *rest]
