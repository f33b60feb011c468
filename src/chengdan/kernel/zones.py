"""In whose time zone instants are shown: that of the company in which somebody works.

Pages, papers and exports show and take local times by Django's active time zone; middleware and
workers make it the company's here. Deadlines follow the zone of their working calendar instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import tzinfo
from typing import TypeVar

from django.utils import timezone

T = TypeVar("T")
ZoneProvider = Callable[[int], str]


@dataclass(slots=True)
class _Hook:
    provider: ZoneProvider | None = None


_hook = _Hook()


def zone_provider_set(provider: ZoneProvider) -> None:
    """Plug in `company_id -> name of its time zone`; the room `people` knows companies."""
    _hook.provider = provider


def company_time(company_id: int | None) -> AbstractContextManager[None]:
    """Show local times of this company in the block; of the installation where there is none."""
    if company_id is None or _hook.provider is None:
        return timezone.override(None)
    return timezone.override(_hook.provider(company_id))


def active_zone() -> tzinfo:
    """Return the time zone in which times are shown here and now."""
    return timezone.get_current_timezone()


def in_zone_of_now(parts: Iterable[T]) -> Iterator[T]:
    """Yield what is made later, part by part, in the zone that is active now.

    The parts of a streamed answer are asked for when the middleware has already gone.
    """
    return _in_zone(iter(parts), timezone.get_current_timezone_name())


def _in_zone(parts: Iterator[T], name: str) -> Iterator[T]:
    while True:
        with timezone.override(name):
            try:
                part = next(parts)
            except StopIteration:
                return
        yield part
