"""Who reacts to what: events, jobs and periodic tasks, registered at start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from chengdan.kernel.actor import Actor
from chengdan.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; subclasses are frozen dataclasses of JSON-able fields."""

    code: ClassVar[str] = ""


E = TypeVar("E", bound=Event)
Payload = dict[str, Any]
Handler = Callable[[Actor, Payload], None]


@dataclass(frozen=True, slots=True)
class Periodic:
    """A task that the worker runs by the clock.

    Attributes:
        every_seconds: interval, or 0 when `daily_at` ("HH:MM", installation time) is given.
    """

    name: str
    run: Callable[[], object]
    every_seconds: int = 0
    daily_at: str = ""


_jobs: Registry[Handler] = Registry("jobs")
_periodics: Registry[Periodic] = Registry("periodic tasks")
_titles: Registry[Any] = Registry("titles of deferred work")
_events: dict[str, list[str]] = {}
_sync: dict[type[Event], list[Callable[[Actor, Any], None]]] = {}


def job_handler(name: str) -> Callable[[Handler], Handler]:
    """Register the function that runs the job `name`; it gets the actor and the payload."""

    def register(function: Handler) -> Handler:
        return _jobs.add(name, function)

    return register


def event_handler(code: str, *, name: str) -> Callable[[Handler], Handler]:
    """Register a deferred reaction to an event as the job `name`."""

    def register(function: Handler) -> Handler:
        _events.setdefault(code, []).append(name)
        return _jobs.add(name, function)

    return register


def event_handler_sync(
    event: type[E],
) -> Callable[[Callable[[Actor, E], None]], Callable[[Actor, E], None]]:
    """Register a reaction in the same transaction, for what must never be seen apart."""

    def register(function: Callable[[Actor, E], None]) -> Callable[[Actor, E], None]:
        _sync.setdefault(event, []).append(function)
        return function

    return register


def periodic(
    name: str, *, every_seconds: int = 0, daily_at: str = ""
) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a task for the schedule; it must be idempotent."""
    if bool(every_seconds) == bool(daily_at):
        raise ValueError("give every_seconds or daily_at")

    def register(function: Callable[[], object]) -> Callable[[], object]:
        _periodics.add(name, Periodic(name, function, every_seconds, daily_at))
        return function

    return register


def work_titles_register(titles: Mapping[str, Any]) -> None:
    """Say what events, jobs and periodic tasks are called on the page of deferred work.

    Args:
        titles: code of an event, or name of a job or periodic task → lazy title.
    """
    for code, title in titles.items():
        _titles.add(code, title)


def work_title(code: str) -> str:
    """Return what an event, job or periodic task is called, in the reader's language."""
    return str(_titles.find(code) or code)


def work_codes() -> set[str]:
    """Return the codes of all events and the names of all jobs and periodic tasks."""
    found, waiting = {*_jobs, *_periodics}, [Event]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        found |= {kind.code for kind in kinds}
    return found


def job_find(name: str) -> Handler | None:
    """Return the handler of a job."""
    return _jobs.find(name)


def jobs_of_event(code: str) -> list[str]:
    """Return the names of the deferred reactions to an event."""
    return _events.get(code, [])


def sync_handlers(event: type[Event]) -> list[Callable[[Actor, Any], None]]:
    """Return the reactions that run in the same transaction."""
    return _sync.get(event, [])


def periodics_all() -> list[Periodic]:
    """Return every periodic task."""
    return [item for _name, item in _periodics.items()]
