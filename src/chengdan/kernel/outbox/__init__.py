"""Deferred effects as rows of the business transaction: that table is the truth.

Publishing writes a row; a worker drains rows, each in its own transaction, at least once.
Handlers are idempotent. What must happen in the same transaction is a synchronous handler.
"""

from chengdan.kernel.outbox.handlers import (
    Event,
    event_handler,
    event_handler_sync,
    job_handler,
    periodic,
    periodics_all,
    work_titles_register,
)
from chengdan.kernel.outbox.services import (
    event_publish,
    events_publish,
    job_enqueue,
    message_retry,
    outbox_drain,
)

__all__ = [
    "Event",
    "event_handler",
    "event_handler_sync",
    "event_publish",
    "events_publish",
    "job_enqueue",
    "job_handler",
    "message_retry",
    "outbox_drain",
    "periodic",
    "periodics_all",
    "work_titles_register",
]
