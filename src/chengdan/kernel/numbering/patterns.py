"""Number patterns: text with `{yyyy}` `{yy}` `{mm}` `{dd}` `{office}` and one `{n:width}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_TOKEN = re.compile(r"\{(yyyy|yy|mm|dd|office|n(?::([1-9]|1[0-2]))?)\}")
_DATE_PARTS = {"yyyy": r"\d{4}", "yy": r"\d{2}", "mm": r"\d{2}", "dd": r"\d{2}"}
_PERIOD_LENGTHS = {"never": 0, "yearly": 4, "monthly": 7, "daily": 10}
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "never": (), "yearly": ("y",), "monthly": ("y", "mm"), "daily": ("y", "mm", "dd"),
}  # fmt: skip
LENGTH_MAX = 40


class PatternError(ValueError):
    """The pattern cannot be used; `args[0]` is a stable code."""


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A checked pattern.

    Attributes:
        parts: literal texts and token names in turn.
        width: least digits of the counter; it may grow beyond unless a range says otherwise.
    """

    text: str
    parts: tuple[tuple[str, str], ...]
    width: int

    def render(self, count: int, on: date, office: str = "") -> str:
        """Return the number with this count on that date."""
        values = {
            "yyyy": f"{on.year:04}",
            "yy": f"{on.year % 100:02}",
            "mm": f"{on.month:02}",
            "dd": f"{on.day:02}",
            "office": office,
            "n": f"{count:0{self.width}}",
        }
        return "".join(values[name] if name else text for name, text in self.parts)

    def read(self, number: str, office: str = "") -> dict[str, str] | None:
        """Return the parts of a number by token name, None when it does not follow the pattern."""
        pieces, seen = [], set()
        for name, text in self.parts:
            if not name or name == "office":
                pieces.append(re.escape(office if name else text))
            elif name in seen:
                pieces.append(f"(?P={name})")
            else:
                digits = rf"\d{{{self.width},}}" if name == "n" else _DATE_PARTS[name]
                pieces.append(f"(?P<{name}>{digits})")
                seen.add(name)
        match = re.fullmatch("".join(pieces), number, re.ASCII)
        return match.groupdict() if match else None

    def place(self, number: str, reset: str, office: str = "") -> tuple[str, int] | None:
        """Return (short period, count) of a number, to be compared with `short_period`."""
        parts = self.read(number, office)
        if parts is None:
            return None
        year = parts.get("yyyy", parts.get("yy", ""))[-2:]
        values = {"y": year, "mm": parts.get("mm", ""), "dd": parts.get("dd", "")}
        return "-".join(values[name] for name in _NEEDS[reset]), int(parts["n"])


@lru_cache(maxsize=256)
def pattern_parse(text: str, reset: str = "never") -> NumberPattern:
    """Return the pattern.

    Raises:
        PatternError: `length`, `braces` (an unknown part), `counter` (not exactly one `{n}`) or
            `reset` (a part that keeps numbers of two periods apart is missing).
    """
    if not 0 < len(text) <= LENGTH_MAX:
        raise PatternError("length")
    parts: list[tuple[str, str]] = []
    width, counters, position = 1, 0, 0
    for match in _TOKEN.finditer(text):
        parts.append(("", text[position : match.start()]))
        name = match[1].split(":")[0]
        if name == "n":
            counters += 1
            width = int(match[2] or 1)
        parts.append((name, ""))
        position = match.end()
    parts.append(("", text[position:]))
    if any("{" in literal or "}" in literal for _name, literal in parts):
        raise PatternError("braces")
    if counters != 1:
        raise PatternError("counter")
    names = {name[:1] if name.startswith("y") else name for name, _literal in parts}
    if not names.issuperset(_NEEDS[reset]):
        raise PatternError("reset")
    kept = tuple(part for part in parts if part != ("", ""))
    return NumberPattern(text, kept, width)


def short_period(period: str) -> str:
    """Return a period key with two digits for the year, as a number can tell it."""
    return period[2:]


def period_key(reset: str, on: date) -> str:
    """Return the key of the period that `on` lies in, "" when the counter never starts again."""
    return on.isoformat()[: _PERIOD_LENGTHS[reset]]
