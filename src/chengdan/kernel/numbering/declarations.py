"""What rooms declare: the kinds of documents that have numbers, with their usual pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chengdan.kernel.numbering.patterns import pattern_parse
from chengdan.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class SeriesDeclaration:
    """The series that a company starts with.

    Attributes:
        rank: place among all kinds; an act takes numbers in this order.
    """

    document_type: str
    title: Any
    pattern: str
    reset: str
    is_gapless: bool
    rank: int


_declared: Registry[SeriesDeclaration] = Registry("number series")


def series_declare(
    document_type: str, *, title: Any, pattern: str, reset: str, is_gapless: bool = False
) -> str:
    """Declare the usual series of a kind of document and return the kind.

    Kinds are declared in the order of the chain (rooms load in that order): an act that takes
    numbers of several kinds takes them in this order.

    Args:
        reset: never, yearly, monthly or daily.
        is_gapless: statutory documents.

    Raises:
        PatternError: the pattern cannot be used with this reset; a programming error.
    """
    pattern_parse(pattern, reset)
    rank = len(list(_declared)) + 1
    declaration = SeriesDeclaration(document_type, title, pattern, reset, is_gapless, rank)
    _declared.add(document_type, declaration)
    return document_type


def series_declared() -> list[SeriesDeclaration]:
    """Return every declared kind."""
    return [item for _name, item in _declared.items()]


def declaration_find(document_type: str) -> SeriesDeclaration | None:
    """Return the declaration of a kind, None when a company invented the kind."""
    return _declared.find(document_type)
