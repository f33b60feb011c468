"""Texts with figures that are put into words only when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import lazy


def said_by(say: Callable[[], str]) -> Any:
    """Return a lazy text: what `say` returns in the reader's language."""
    return lazy(say, str)()


def filled(message: Any, params: Mapping[str, Any]) -> Any:
    """Return a message with its parameters as a lazy text; `%` alone fixes the language at once."""
    return said_by(lambda: str(message) % params)
