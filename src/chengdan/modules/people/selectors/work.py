"""What a person still has to do, as later rooms know it; asked before an account is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chengdan.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Some open work of a person: how many of what, and where to look."""

    title: str
    count: int
    url: str = ""


_providers: Registry[Callable[[int], list[OpenWork]]] = Registry("open work")


def open_work_register(name: str, provider: Callable[[int], list[OpenWork]]) -> None:
    """Let a room tell what a person still has to do; `provider` gets the user id."""
    _providers.add(name, provider)


def open_work_of(user_id: int) -> list[OpenWork]:
    """Return the open work of a person in every room."""
    return [item for _name, provider in _providers.items() for item in provider(user_id)]
