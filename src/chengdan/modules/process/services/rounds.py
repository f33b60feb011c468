"""Rounds of a run: what was covered when each began and ended."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from chengdan.kernel import clock
from chengdan.kernel.prepared import prepared_update, rows_insert
from chengdan.modules.process.models import InstanceRound
from chengdan.modules.process.services.holding import release

if TYPE_CHECKING:
    from chengdan.modules.process.services.running import Run


def round_add(run: Run, reason: str) -> None:
    """Begin the round that the instance counts."""
    content = run.content()
    run.is_changed = run.is_changed or run.instance.content != content
    run.instance.content = content
    begun = InstanceRound(
        instance=run.instance,
        round=run.instance.round,
        reason=reason,
        started_at=clock.now(),
        content=content,
    )
    rows_insert([begun])


def round_end(run: Run) -> None:
    """Keep the content as it was when the round ended."""
    _end(run.instance.pk, run.instance.round, clock.now(), run.content())


@prepared_update
def _end(
    instance_id: int, number: int, ended_at: datetime, content: str
) -> tuple[QuerySet[InstanceRound], dict[str, object]]:
    rows = InstanceRound.objects.filter(instance_id=instance_id, round=number, ended_at=None)
    return rows, {"ended_at": ended_at, "end_content": content}


def round_next(run: Run, reason: str, first_index: int) -> None:
    """Free what the steps from `first_index` on hold and begin the next round."""
    release(run, first_index)
    round_end(run)
    run.instance.round += 1
    run.is_changed = True
    round_add(run, reason)
