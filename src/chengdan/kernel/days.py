"""Days as every door takes them: in years in which a day more or less is still a day."""

from __future__ import annotations

import re
from datetime import date

from django.utils.translation import gettext_lazy as _

YEAR_FIRST, YEAR_LAST = 1900, 2199
DAY_FIRST, DAY_LAST = date(YEAR_FIRST, 1, 1), date(YEAR_LAST, 12, 31)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WRONG_YEAR = _("The year must be between %(first)s and %(last)s.")


def day_is_usual(day: date) -> bool:
    """True in the years that documents may name; terms and periods count on from them."""
    return DAY_FIRST <= day <= DAY_LAST


def day_read(text: str) -> date | None:
    """Return the day that `2026-11-26` names; None for anything else and for other years."""
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found is not None and day_is_usual(found) else None


def year_refusal() -> str:
    """Say which years are taken."""
    return _WRONG_YEAR % {"first": YEAR_FIRST, "last": YEAR_LAST}
