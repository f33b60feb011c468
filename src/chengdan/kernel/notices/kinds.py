"""Kinds of notices and their texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, override

from chengdan.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind: its text with %(params)s and whether it is worth a mail."""

    code: str
    title: Any
    is_mailed: bool


_kinds: Registry[NoticeKind] = Registry("notices")


def notice_kind_declare(code: str, title: Any, *, is_mailed: bool = True) -> str:
    """Declare a kind and return its code."""
    _kinds.add(code, NoticeKind(code, title, is_mailed))
    return code


def notice_kind(code: str) -> NoticeKind:
    """Return a kind; KeyError for a typo."""
    return _kinds.get(code)


def notice_text(code: str, params: dict[str, Any], language: str | None = None) -> str:
    """Return the text of a notice in the given or the active language."""
    if language:
        with override(language):
            return notice_text(code, params)
    kind = _kinds.find(code)
    if kind is None:
        return gettext("Notice")
    try:
        return str(kind.title) % params
    except (KeyError, ValueError, TypeError):
        return str(kind.title)
