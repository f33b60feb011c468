"""How a run stood before a piece of work, to go back in memory where the database goes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chengdan.modules.process.models import StepRun, Task
from chengdan.modules.process.subjects import subject_lock

if TYPE_CHECKING:
    from chengdan.modules.process.services.running import Run

_VALUES = ("cursor", "hops", "is_changed", "is_told")


@dataclass(frozen=True, slots=True)
class Kept:
    """The run's own values, its rows with theirs, and what was read of the database."""

    values: dict[str, Any]
    rows: list[tuple[Any, dict[str, Any]]]
    steps: list[StepRun] | None
    tasks: dict[int, list[Task]]
    opened: list[int]


def keep(run: Run) -> Kept:
    """Return how run and rows stand now, for `put_back`."""
    tasks = [task for listed in run._tasks.values() for task in listed]
    rows = [run.instance, *(run._steps or ()), *tasks]
    return Kept(
        {name: getattr(run, name) for name in _VALUES},
        [(row, dict(row.__dict__)) for row in rows],
        None if run._steps is None else list(run._steps),
        {pk: list(listed) for pk, listed in run._tasks.items()},
        list(run.opened),
    )


def put_back(run: Run, kept: Kept) -> None:
    """Undo in memory what the database undid; the document is read again."""
    for name, value in kept.values.items():
        setattr(run, name, value)
    for row, values in kept.rows:
        row.__dict__.clear()
        row.__dict__.update(values)
    run._steps, run._tasks, run.opened = kept.steps, kept.tasks, kept.opened
    run._facts = None
    run.subject = subject_lock(run.instance.subject_type, run.instance.subject_id)
