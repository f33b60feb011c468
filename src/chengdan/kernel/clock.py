"""The only source of the current time, so that tests and demo data can stand at any moment."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, tzinfo

from django.utils import timezone

_frozen: ContextVar[datetime | None] = ContextVar("chengdan_clock", default=None)


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def local_zone(name: str | None = None) -> tzinfo:
    """Return the named time zone, or that of the company which is at work (see `zones`)."""
    return zoneinfo.ZoneInfo(name) if name else timezone.get_current_timezone()


def today(zone: str | None = None) -> date:
    """Return the calendar date in `zone` (default: where the company is which is at work)."""
    return now().astimezone(local_zone(zone)).date()


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Stand still at `instant` (aware) inside the block.

    Raises:
        ValueError: a naive datetime; a caller bug.
    """
    if instant.tzinfo is None:
        raise ValueError("the clock needs an aware datetime")
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
