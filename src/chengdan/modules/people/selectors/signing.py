"""Which documents people sign for one another; the rooms that have such documents say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chengdan.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class Signable:
    """A type of documents that a deputy may sign; see `signable_register`."""

    title: Any
    seen_as: str


_signables: Registry[Signable] = Registry("documents that deputies sign")


def signable_register(document_type: str, title: Any, *, seen_as: str = "") -> None:
    """Let deputies be named for a type of documents.

    Args:
        document_type: label such as "orders.amendment".
        title: what people call such a document.
        seen_as: label of the documents whose rights to view open it, default its own.
    """
    _signables.add(document_type, Signable(title, seen_as or document_type))


def signable_titles() -> dict[str, str]:
    """Return label → title of every type, in the reader's language."""
    return {label: str(item.title) for label, item in _signables.items()}


def seen_with(document_types: set[str]) -> set[str]:
    """Return the labels of the documents that one must see to sign these types."""
    found = {label: _signables.find(label) for label in document_types}
    return {item.seen_as if item else label for label, item in found.items()}
