"""Decisions on plain values: login delays, passwords, dates, cycles."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import date

FIRST_DELAY_SECONDS = 60
LONGEST_DELAY_SECONDS = 15 * 60
PASSWORD_MIN = 12
PASSWORD_MAX = 1024
WORD_MIN = 4
_SCOPE_ORDER = ("own", "own_subordinates", "unit", "unit_below", "all")


def login_wait_seconds(*, failures: int, allowed: int) -> int:
    """Return the delay after the last failed sign-in: 1, 2, 4, 8, then 15 minutes.

    Args:
        failures: failed attempts since the last success.
        allowed: attempts without delay.

    Source: reliability S7.
    """
    if failures < allowed:
        return 0
    doubled = FIRST_DELAY_SECONDS * 2 ** min(failures - allowed, 10)
    return min(int(doubled), LONGEST_DELAY_SECONDS)


def password_faults(password: str, words: Iterable[str], common: Collection[str]) -> list[str]:
    """Return codes of what is wrong with a new password: short, long, common, word, repeated.

    Args:
        words: words of this company and person that nobody may build a password on.
        common: passwords everybody tries first, lower case.

    Length counts characters as typed; there are no composition rules. Source: reliability S8.
    """
    faults = []
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(password) < PASSWORD_MIN:
        faults.append("short")
    if len(password) > PASSWORD_MAX:
        return ["long"]
    if folded in common or folded.strip("0123456789!@#$%.") in common:
        faults.append("common")
    named = sorted({word.casefold() for word in words if len(word) >= WORD_MIN}, key=len)
    rest = folded
    for word in reversed(named):
        rest = rest.replace(word, "")
    if rest != folded and len(rest) < PASSWORD_MIN // 2:
        faults.append("word")
    if len(set(folded)) < min(5, len(folded)):
        faults.append("repeated")
    return faults


def dates_overlap(first: tuple[date, date | None], second: tuple[date, date | None]) -> bool:
    """True when two spans (both ends included, None = open) share a day."""
    (start_a, end_a), (start_b, end_b) = first, second
    return (end_a is None or start_b <= end_a) and (end_b is None or start_a <= end_b)


def leads_back(start: int, target: int, parent_of: Mapping[int, int | None]) -> bool:
    """True when going up from `start` comes to `target`, so that the link would close a circle."""
    seen: set[int] = set()
    here: int | None = start
    while here is not None and here not in seen:
        if here == target:
            return True
        seen.add(here)
        here = parent_of.get(here)
    return False


def rights_widened(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the permissions whose scope grows from one table of a role to the next."""
    order = {scope: place for place, scope in enumerate(_SCOPE_ORDER)}
    return sorted(
        code
        for code, scope in after.items()
        if code not in before or order[scope] > order[before[code]]
    )
