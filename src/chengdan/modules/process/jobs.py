"""Periodic work of the engine."""

from __future__ import annotations

from chengdan.kernel.outbox import periodic
from chengdan.modules.process.services import deadlines_sweep


@periodic("process.deadlines", every_seconds=60)
def deadlines_sweep_job() -> int:
    """Remind, note misses, escalate, fire timers, look at waits."""
    return deadlines_sweep()
