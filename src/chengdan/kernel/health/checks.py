"""What must be right before an installation may serve people."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chengdan.kernel import clock
from chengdan.kernel.outbox.models import MessageState, OutboxMessage

log = logging.getLogger(__name__)
LAG_SECONDS_MAX = 900
DISK_MEGABYTES_MIN = 200


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check: `detail` holds no secrets, since probes are open."""

    name: str
    is_right: bool
    detail: str = ""
    is_fatal: bool = True


def _database() -> CheckResult:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return CheckResult("database", True)


def _migrations() -> CheckResult:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return CheckResult("migrations", missing == 0, f"{missing} missing")


def _outbox() -> CheckResult:
    oldest = (
        OutboxMessage.objects.filter(state=MessageState.PENDING, run_at__lte=clock.now())
        .order_by("run_at")
        .values_list("run_at", flat=True)
        .first()
    )
    lag = clock.now() - oldest if oldest else timedelta(0)
    seconds = int(lag.total_seconds())
    return CheckResult("outbox", seconds <= LAG_SECONDS_MAX, f"{seconds} s behind", is_fatal=False)


def _disk() -> CheckResult:
    free = shutil.disk_usage(settings.HOME).free // 2**20
    return CheckResult("disk", free >= DISK_MEGABYTES_MIN, f"{free} MB free")


CHECKS: tuple[Callable[[], CheckResult], ...] = (_database, _migrations, _outbox, _disk)


def checks_run() -> list[CheckResult]:
    """Run every check; one that fails with an error counts as wrong and is in the log."""
    results = []
    for check in CHECKS:
        try:
            results.append(check())
        except Exception:
            log.exception("health check failed")
            results.append(CheckResult(check.__name__.strip("_"), False, "error"))
    return results
