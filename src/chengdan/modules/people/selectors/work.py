"""What a person leaves behind, as every room knows it; shown before an account is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chengdan.kernel import clock
from chengdan.kernel.registry import Registry
from chengdan.modules.people.models import Position
from chengdan.modules.people.selectors.rights import assignments_in_force


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Something that needs another person, in the reader's language.

    Attributes:
        title: what, and how much of it.
        text: who gets it by itself, or what is to be done.
        url: where it is seen or handed over, "" for nowhere.
        permission: what opens that page.
    """

    title: Any
    text: Any
    url: str = ""
    permission: str = ""


_providers: Registry[Callable[[int], list[OpenWork]]] = Registry("open work")


def open_work_register(name: str, provider: Callable[[int], list[OpenWork]]) -> None:
    """Let a room tell what a person leaves behind; `provider` gets the user id."""
    _providers.add(name, provider)


def open_work_of(user_id: int) -> list[OpenWork]:
    """Return what a person would leave behind in every room."""
    return [item for _name, provider in _providers.items() for item in provider(user_id)]


def seats_held(user_id: int) -> list[Position]:
    """Return the positions that the person holds today, in every company."""
    held = assignments_in_force(clock.today()).filter(user=user_id).order_by("position_id")
    return [row.position for row in held.select_related("position__unit", "position__role")]
