"""What checks hold for a round, and letting it go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chengdan.kernel import clock
from chengdan.kernel.prepared import rows_insert
from chengdan.modules.process.models import Reservation
from chengdan.modules.process.rules.definition import Step
from chengdan.modules.process.subjects import check_get

if TYPE_CHECKING:
    from chengdan.modules.process.services.running import Run


def hold(run: Run, step: Step) -> None:
    """Note that a check holds something for the present round, whatever its verdict."""
    held = Reservation(
        instance=run.instance,
        step_code=step.code,
        check_name=step.check,
        round=run.instance.round,
        held_at=clock.now(),
    )
    rows_insert([held])


def release(run: Run, first_index: int) -> None:
    """Release what steps at or after `first_index` hold, in this transaction, newest first."""
    for item in run.instance.reservations.filter(released_at=None).order_by("-id"):
        if run.process.step(item.step_code).index >= first_index:
            check_get(item.check_name).release(run.subject, item.round)
            item.released_at = clock.now()
            item.save(update_fields=["released_at"])
