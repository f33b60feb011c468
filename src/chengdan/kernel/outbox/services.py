"""Publishing, draining and retrying."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.record import canonical
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.outbox.handlers import Event, job_find, jobs_of_event, sync_handlers
from chengdan.kernel.outbox.models import MessageState, OutboxMessage
from chengdan.kernel.prepared import rows_insert
from chengdan.kernel.transactions import WRITE_OUTBOX, current_unit, write
from chengdan.kernel.zones import company_time

log = logging.getLogger(__name__)
_WAITING = "outbox_waiting"
ATTEMPTS_MAX = 12
LEASE_SECONDS = 300
BACKOFF_SECONDS = 15
BACKOFF_SECONDS_MAX = 6 * 3600


def event_publish(actor: Actor, event: Event) -> None:
    """Run the event's synchronous handlers and write its row, all in this transaction.

    The rows of an act are written together, just before its commit.

    Raises:
        RuntimeError: outside `write()`.
    """
    events_publish(actor, [event])


def events_publish(actor: Actor, events: Sequence[Event]) -> None:
    """Publish several events; see `event_publish`.

    Raises:
        RuntimeError: outside `write()`.
    """
    unit = current_unit()
    waiting: list[OutboxMessage] = unit.memo.setdefault(_WAITING, [])
    waiting += [_event_message(actor, event) for event in events]
    unit.before_commit[WRITE_OUTBOX] = _events_write
    for event in events:
        for react in sync_handlers(type(event)):
            react(actor, event)


def _events_write() -> None:
    waiting: list[OutboxMessage] = current_unit().memo.pop(_WAITING, [])
    rows_insert(waiting)


def _event_message(actor: Actor, event: Event) -> OutboxMessage:
    message = _message(actor, "event", event.code, asdict(event))
    if not jobs_of_event(event.code):
        message.state, message.done_at = MessageState.DONE, message.created_at
    return message


def job_enqueue(
    actor: Actor,
    name: str,
    payload: dict[str, Any],
    *,
    run_at: datetime | None = None,
    key: str = "",
) -> None:
    """Write a job's row; with `key` a second one of the same name and key is left out.

    Raises:
        KeyError: nobody handles the job.
    """
    current_unit()
    if job_find(name) is None:
        raise KeyError(f"no handler for job {name!r}")
    message = _message(actor, "job", name, payload)
    message.key = key
    message.run_at = run_at or message.created_at
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=bool(key))


def _message(actor: Actor, kind: str, topic: str, payload: dict[str, Any]) -> OutboxMessage:
    at = clock.now()
    return OutboxMessage(
        kind=kind,
        topic=topic,
        payload=canonical(payload),
        company_id=actor.company_id,
        actor_id=actor.user_id,
        actor_name=actor.name,
        request_id=actor.request_id,
        run_at=at,
        created_at=at,
    )


def outbox_drain(limit: int = 200) -> int:
    """Run what is due, each message in its own transaction; return how many were tried.

    Safe with several workers: a message is leased before it runs, and its effect commits
    together with its state, so a message that was killed half-way runs again from nothing.
    """
    tried = 0
    for _round in range(limit):
        message = _lease_next()
        if message is None:
            break
        tried += 1
        _run(message)
    return tried


def _lease_next() -> OutboxMessage | None:
    at = clock.now()
    due = OutboxMessage.objects.filter(state=MessageState.PENDING, run_at__lte=at).filter(
        models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=at)
    )
    with write():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        message = due.order_by("run_at", "id").first()
        if message is None:
            return None
        message.leased_until = at + timedelta(seconds=LEASE_SECONDS)
        message.attempts += 1
        message.save(update_fields=["leased_until", "attempts"])
    return message


def _run(message: OutboxMessage) -> None:
    actor = Actor(
        user_id=None,
        name=message.topic,
        company_id=message.company_id,
        channel="job",
        request_id=message.request_id,
    )
    crashpoint("outbox.leased")
    try:
        with company_time(message.company_id), write():
            if not _still_ours(message):
                return
            _perform(actor, message)
            crashpoint("outbox.performed")
            _finish(message)
    except Exception as error:
        log.exception("outbox message %s (%s) failed", message.pk, message.topic)
        _postpone(message, error)


def _still_ours(message: OutboxMessage) -> bool:
    """False when the lease ran out and another worker has the message, or had it and is done."""
    rows = OutboxMessage.objects.filter(pk=message.pk, state=MessageState.PENDING)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    return rows.filter(attempts=message.attempts).first() is not None


def _perform(actor: Actor, message: OutboxMessage) -> None:
    payload = json.loads(message.payload)
    if message.kind == "event":
        for name in jobs_of_event(message.topic):
            job_enqueue(actor, name, payload, key=f"{name}:{message.pk}")
        return
    handler = job_find(message.topic)
    if handler is None:
        raise KeyError(f"no handler for job {message.topic!r}")
    handler(actor, payload)


def _finish(message: OutboxMessage) -> None:
    message.state = MessageState.DONE
    message.done_at = clock.now()
    message.leased_until = None
    message.error = ""
    message.save(update_fields=["state", "done_at", "leased_until", "error"])


def _postpone(message: OutboxMessage, error: Exception) -> None:
    delay = min(BACKOFF_SECONDS * 2 ** (message.attempts - 1), BACKOFF_SECONDS_MAX)
    is_dead = message.attempts >= ATTEMPTS_MAX
    mine = OutboxMessage.objects.filter(
        pk=message.pk, state=MessageState.PENDING, attempts=message.attempts
    )
    mine.update(
        state=MessageState.DEAD if is_dead else MessageState.PENDING,
        run_at=clock.now() + timedelta(seconds=delay),
        leased_until=None,
        error=f"{type(error).__name__}: {error}"[:2000],
    )


def message_retry(message_id: int) -> bool:
    """Put a message that waits or was given up first in line; False when it is done."""
    changed = (
        OutboxMessage.objects.filter(pk=message_id)
        .exclude(state=MessageState.DONE)
        .update(
            state=MessageState.PENDING, run_at=clock.now(), attempts=0, leased_until=None, error=""
        )
    )
    return changed == 1
