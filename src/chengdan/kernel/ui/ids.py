"""Reading ids that a browser sent: anything that no row can have is no id."""

from __future__ import annotations

from collections.abc import Iterable

DIGITS_MAX = 18  # below the largest whole number that databases keep


def id_read(text: str) -> int | None:
    """Return the id in a text, None when it is none."""
    is_id = text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX
    return int(text) if is_id else None


def ids_read(texts: Iterable[str]) -> list[int]:
    """Return the ids among texts, in their order."""
    return [found for text in texts if (found := id_read(text)) is not None]
