"""The register of independent recomputations that `chengdan verify` runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chengdan.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not add up.

    Attributes:
        invariant: id such as "I5".
        where: document or account, readable.
        expected: what the documents give.
        found: what is stored.
    """

    invariant: str
    where: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.where}: expected {self.expected}, found {self.found}"


Verifier = Callable[[], Iterator[Difference]]
_verifiers: Registry[Verifier] = Registry("verifiers")


def verifier(invariant: str, name: str) -> Callable[[Verifier], Verifier]:
    """Register a recomputation that yields what differs and nothing when all is right."""

    def register(function: Verifier) -> Verifier:
        return _verifiers.add(f"{invariant} {name}", function)

    return register


def verify_all() -> Iterator[Difference]:
    """Run every recomputation."""
    for _name, run in _verifiers.items():
        yield from run()
