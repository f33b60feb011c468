"""What changed between two states of covered content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ROW_KEYS = ("line", "id", "code", "key")


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs; `path` reads like ("lines", "3", "price").

    Attributes:
        kind: added, removed or changed.
    """

    path: tuple[str, ...]
    before: Any
    after: Any
    kind: str

    @property
    def field(self) -> str:
        """The path with dots."""
        return ".".join(self.path)


def content_diff(before: Any, after: Any) -> list[Change]:
    """Return every value that differs, rows of lists matched by their key, in order of path.

    Numbers are compared as they are written: "10.0" and "10" differ only as texts, so contents
    come in canonical form.
    """
    return list(_diff(before, after, ()))


def _diff(before: Any, after: Any, path: tuple[str, ...]) -> Iterable[Change]:
    if isinstance(before, list) and isinstance(after, list):
        before, after = _rows(before), _rows(after)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*before, *(name for name in after if name not in before)]:
            inner = (*path, str(name))
            if name not in after:
                yield Change(inner, _shown(before[name]), None, "removed")
            elif name not in before:
                yield Change(inner, None, _shown(after[name]), "added")
            else:
                yield from _diff(before[name], after[name], inner)
    elif before != after:
        yield Change(path, _shown(before), _shown(after), "changed")


def _shown(value: Any) -> Any:
    return _rows(value) if isinstance(value, list) else value


def _rows(rows: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, row in enumerate(rows, 1):
        key = str(place)
        if isinstance(row, Mapping):
            named = [name for name in ROW_KEYS if row.get(name) is not None]
            key = str(row[named[0]]) if named else key
        found[key if key not in found else f"{key}#{place}"] = row
    return found


def is_covered(path: tuple[str, ...], covers: Iterable[str]) -> bool:
    """True when one of the patterns names the path, a part above it or a part below it.

    A pattern has parts with dots between, `*` stands for any one part, a trailing `.*` is not
    needed: `lines` covers `lines.3.price`.
    """
    for pattern in covers:
        parts = pattern.split(".")
        pairs = zip(parts, path, strict=False)
        if all(part in ("*", name) for part, name in pairs):
            return True
    return False
