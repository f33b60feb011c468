"""Parking a run at the step that failed, with everything before it kept.

Nearly every act runs without a fault, so an act does all its steps under one savepoint. When one
of them fails, the act goes back and does them again, each under a savepoint of its own, and stops
at the one that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import OperationalError

from chengdan.kernel.transactions import savepoint
from chengdan.modules.process import audit_codes
from chengdan.modules.process.models import StepRun
from chengdan.modules.process.selectors.assignees import owners
from chengdan.modules.process.services.keeping import keep, put_back
from chengdan.modules.process.services.rows import instance_save
from chengdan.modules.process.subjects import subject_lock
from chengdan.modules.process.transitions import INSTANCE, STEP

if TYPE_CHECKING:
    from chengdan.modules.process.services.running import Run

ERROR_LENGTH_MAX = 2000
# The database wants the act again, or a guard found a programming error.
_PASSED_ON = (OperationalError, AssertionError)


def together(run: Run, work: Callable[[], None]) -> None:
    """Do the rest of an act under one savepoint; after a fault, again with one per step.

    Args:
        work: what is parked step by step; it may be called twice and finds the run as it was.
    """
    if run.is_together:
        work()
        return
    kept = keep(run)
    run.is_together = True
    has_failed = False
    try:
        with savepoint():
            work()
            run.steps_store()
    except _PASSED_ON:
        raise
    except Exception:
        put_back(run, kept)
        has_failed = True
    finally:
        run.is_together = False
    if has_failed:
        work()


@contextmanager
def parked(run: Run, standing: StepRun, phase: str) -> Iterator[None]:
    """Undo a failing piece of work and park the instance; what came before stays."""
    if run.is_together:
        yield
        return
    before = {"outcome": standing.outcome, "evidence": standing.evidence}
    try:
        with savepoint():
            yield
            run.steps_store()
    except _PASSED_ON:
        raise
    except Exception as error:
        _park(run, standing, phase, error, before)


def _park(run: Run, standing: StepRun, phase: str, error: Exception, kept: dict[str, Any]) -> None:
    instance = run.instance
    instance.refresh_from_db()
    run.is_changed = run.is_told = False
    run.cursor = ""
    run.forget()
    # What the failed step changed on the document is undone.
    run.subject = subject_lock(instance.subject_type, instance.subject_id)
    if any(known.pk == standing.pk for known in run.steps):
        standing.refresh_from_db()
        run.steps[:] = [standing if known.pk == standing.pk else known for known in run.steps]
    else:
        standing = run.step_add(standing.code, standing.kind)
    text = f"{type(error).__name__}: {error}"[:ERROR_LENGTH_MAX]
    standing.state = STEP.resolve(standing.state, "park")
    standing.outcome = kept["outcome"]
    standing.evidence = {**kept["evidence"], "fault": {"phase": phase, "error": text}}
    standing.wake_at = None
    standing.save()
    found, _policy = owners(run.setting)
    before = instance.state
    instance.state = INSTANCE.resolve(before, "park")
    instance.fault_owner_id = found[0] if found else None
    instance.version += 1
    instance_save(instance, ["state", "fault_owner", "version"])
    run.record(
        audit_codes.FAULTED, {"step": standing.code}, before={"state": before}, reason=text[:500]
    )
    run.tell("fault", found, standing.code)
