"""Running periodic tasks: each once, whichever of several workers comes first."""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta

from django.db.models import Q

from chengdan.kernel import clock
from chengdan.kernel.outbox.handlers import Periodic, periodics_all
from chengdan.kernel.outbox.models import PeriodicRun

log = logging.getLogger(__name__)
LEASE_SECONDS = 900


def _due_since(task: Periodic, at: datetime) -> datetime:
    """Return the latest instant at which the task should have started."""
    if task.every_seconds:
        return at - timedelta(seconds=task.every_seconds)
    local = at.astimezone(clock.local_zone())
    moment = datetime.combine(local.date(), time.fromisoformat(task.daily_at), local.tzinfo)
    return moment if moment <= local else moment - timedelta(days=1)


def periodics_run() -> list[str]:
    """Run every task that is due; return the names of those that ran here."""
    ran = []
    for task in periodics_all():
        at = clock.now()
        if not _claim(task, at):
            continue
        ran.append(task.name)
        error = ""
        try:
            task.run()
        except Exception as problem:
            log.exception("periodic task %s failed", task.name)
            error = f"{type(problem).__name__}: {problem}"[:2000]
        PeriodicRun.objects.filter(name=task.name).update(
            finished_at=clock.now(), leased_until=None, error=error
        )
    return ran


def _claim(task: Periodic, at: datetime) -> bool:
    PeriodicRun.objects.bulk_create([PeriodicRun(name=task.name)], ignore_conflicts=True)
    is_due = Q(started_at__isnull=True) | Q(started_at__lte=_due_since(task, at))
    if task.daily_at:
        is_due = Q(started_at__isnull=True) | Q(started_at__lt=_due_since(task, at))
    is_free = Q(leased_until__isnull=True) | Q(leased_until__lt=at)
    claimed = PeriodicRun.objects.filter(is_due, is_free, name=task.name).update(
        started_at=at, leased_until=at + timedelta(seconds=LEASE_SECONDS)
    )
    return claimed == 1
