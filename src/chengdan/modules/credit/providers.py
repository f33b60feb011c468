"""What later rooms tell the ledger: amounts of their documents, overdue money, how to show them.

Filled while the applications start; the ledger works without any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from chengdan.kernel.numbers import ZERO
from chengdan.kernel.registry import Registry
from chengdan.modules.credit.rules import Source


@dataclass(frozen=True, slots=True)
class Provided:
    """What one document (or line) stands for in a bucket, computed from the document itself."""

    customer_id: int
    source: Source
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """How a document is shown in the list behind a figure.

    Attributes:
        on: its date.
        due_on: due date of a receivable, requested date of an order.
        note: short text such as the running step.
        tone: state colour of the note: done, run, soon, late or "".
    """

    number: str
    url: str = ""
    on: date | None = None
    due_on: date | None = None
    note: Any = ""
    tone: str = ""


ExposureProvider = Callable[[int | None], Iterable[Provided]]
OverdueProvider = Callable[[int, date], Decimal]
Describer = Callable[[list[int]], dict[int, DocumentFacts]]

_exposure: Registry[tuple[str, ExposureProvider]] = Registry("exposure providers")
_overdue: Registry[OverdueProvider] = Registry("overdue providers")
_describers: Registry[Describer] = Registry("credit document describers")


def exposure_provider_register(bucket: str, provider: ExposureProvider) -> None:
    """Let a room recompute a bucket from its documents, for one customer or (None) for all.

    Several providers of one bucket add up. Amounts of 0 may be left out.
    """
    name = f"{bucket} {provider.__module__}.{provider.__qualname__}"
    _exposure.add(name, (str(bucket), provider))


def exposure_providers(bucket: str) -> list[ExposureProvider]:
    """Return the providers of a bucket."""
    return [provider for _name, (of, provider) in _exposure.items() if of == bucket]


def overdue_provider_register(provider: OverdueProvider) -> None:
    """Let billing say how much of a customer is overdue on a date."""
    _overdue.add(f"{provider.__module__}.{provider.__qualname__}", provider)


def overdue_amount(customer_id: int, on: date) -> Decimal:
    """Return the overdue receivables of the customer."""
    return sum((provider(customer_id, on) for _name, provider in _overdue.items()), ZERO)


def document_describer_register(source_type: str, describer: Describer) -> None:
    """Let a room name and link its documents: `describer(ids) -> {id: DocumentFacts}`."""
    _describers.add(source_type, describer)


def describe(documents: Iterable[tuple[str, int]]) -> dict[tuple[str, int], DocumentFacts]:
    """Return number, link and dates of documents, one call per type."""
    by_type: dict[str, list[int]] = {}
    for kind, pk in documents:
        by_type.setdefault(kind, []).append(pk)
    found: dict[tuple[str, int], DocumentFacts] = {}
    for kind, ids in by_type.items():
        describer = _describers.find(kind)
        known = describer(sorted(set(ids))) if describer else {}
        for pk in ids:
            found[kind, pk] = known.get(pk) or DocumentFacts(f"{kind} {pk}")
    return found
