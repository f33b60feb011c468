"""Audit codes are declared by rooms, in the past tense: `orders.order.accepted`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from chengdan.kernel.registry import Registry

_codes: Registry[Any] = Registry("audit codes")


def audit_declare(code: str, title: Any) -> str:
    """Declare a code with its text (lazy; may hold %(param)s) and return it."""
    if code.count(".") < 2:
        raise ValueError(f"audit code {code!r} must read room.entity.happened")
    _codes.add(code, title)
    return code


def audit_codes() -> list[tuple[str, Any]]:
    """Return every declared code with its text."""
    return _codes.items()


def audit_title(code: str, params: dict[str, Any] | None = None) -> str:
    """Return the text of an entry in the reader's language.

    Args:
        params: what the text names; a text that was kept in several languages is
            {language: text}.
    """
    title = _codes.find(code)
    if title is None:
        return code
    said = {name: _said(value) for name, value in (params or {}).items()}
    try:
        return str(title) % said if said else str(title)
    except (KeyError, ValueError, TypeError):
        return str(title)


def _said(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return value.get(get_language() or "") or next(iter(value.values()), "")


def is_declared(code: str) -> bool:
    """True when a room declared the code."""
    return code in _codes
