"""In whose time zone people work: that of their company.

Pages, papers and exports show and take local times by Django's active time zone, and the date of
a document is the day it is there (`clock.today`); what answers a request, runs a job, sweeps or
imports makes it the company's here. Deadlines follow the zone of their working calendar instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import tzinfo
from typing import TypeVar

from django.utils import timezone

T = TypeVar("T")
ZoneProvider = Callable[[int], str | None]


@dataclass(slots=True)
class _Hook:
    provider: ZoneProvider | None = None


_hook = _Hook()


def zone_provider_set(provider: ZoneProvider) -> None:
    """Plug in `company_id -> name of its time zone`, None for no company; `people` knows them."""
    _hook.provider = provider


def company_time(company_id: int | None) -> AbstractContextManager[None]:
    """Live in the time zone of this company in the block; of the installation without one."""
    return timezone.override(_zone_of(company_id))


def company_time_begin(company_id: int | None) -> None:
    """Live in the time zone of this company until the block of `company_time` around it ends."""
    zone = _zone_of(company_id)
    if zone is None:
        timezone.deactivate()
    else:
        timezone.activate(zone)


def _zone_of(company_id: int | None) -> str | None:
    if not company_id or _hook.provider is None:
        return None
    return _hook.provider(company_id)


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
