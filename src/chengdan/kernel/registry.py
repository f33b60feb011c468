"""A typed registry: filled while the applications start, frozen afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
_all: list[Registry[object]] = []


class Registry(Generic[T]):
    """Name → thing, where lower floors learn about higher ones without importing them."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._items: dict[str, T] = {}
        self._is_frozen = False
        _all.append(self)  # type: ignore[arg-type]

    def add(self, name: str, item: T) -> T:
        """Register `item`.

        Raises:
            RuntimeError: the name is taken by another thing, or start-up is over.
        """
        if self._is_frozen:
            raise RuntimeError(f"{self.title}: {name!r} registered after start-up")
        known = self._items.get(name)
        if known is not None and known is not item:
            raise RuntimeError(f"{self.title}: {name!r} is registered twice")
        self._items[name] = item
        return item

    def get(self, name: str) -> T:
        """Return the item; KeyError names the registry."""
        try:
            return self._items[name]
        except KeyError:
            raise KeyError(f"{self.title}: nothing is registered as {name!r}") from None

    def find(self, name: str) -> T | None:
        """Return the item or None."""
        return self._items.get(name)

    def items(self) -> list[tuple[str, T]]:
        """Return all pairs in order of registration."""
        return list(self._items.items())

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._items))

    def __contains__(self, name: str) -> bool:
        return name in self._items

    def freeze(self) -> None:
        """Refuse further registration."""
        self._is_frozen = True


def freeze_all() -> None:
    """Close every registry; called once when the applications are ready."""
    for registry in _all:
        registry.freeze()


def registries() -> list[Registry[object]]:
    """Return every registry, for the generated reference page."""
    return list(_all)
