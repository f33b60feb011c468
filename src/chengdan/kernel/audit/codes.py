"""Audit codes are declared by rooms, in the past tense: `orders.order.accepted`."""

from __future__ import annotations

from typing import Any

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
    """Return the text of an entry in the reader's language."""
    title = _codes.find(code)
    if title is None:
        return code
    try:
        return str(title) % params if params else str(title)
    except (KeyError, ValueError, TypeError):
        return str(title)


def is_declared(code: str) -> bool:
    """True when a room declared the code."""
    return code in _codes
