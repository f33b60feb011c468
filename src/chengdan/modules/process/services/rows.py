"""What every act reads and writes of a run by key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from chengdan.kernel.prepared import prepared, rows_save
from chengdan.kernel.transactions import current_unit
from chengdan.modules.process.models import Instance, StepRun, Task
from chengdan.modules.process.rules.definition import LANGUAGES
from chengdan.modules.process.services.evidence import in_languages
from chengdan.modules.process.subjects import ProcessSubject

# What acts change on a stored row; the rest stands from its beginning.
STEP_FIELDS = ("state", "due_at", "due_pace", "wake_at", "ended_at", "outcome", "goto", "evidence")
COPIES = ("titles", "party", "amount", "highlights", "batch_key")
_SAVES = "process_saves"
INSTANCE_FIELDS = (
    *COPIES, "state", "round", "content", "ended_at", "fault_owner", "version",
)  # fmt: skip


@prepared
def steps_of(instance_id: int) -> QuerySet[StepRun]:
    """Return the history of an instance by sequence."""
    return StepRun.objects.filter(instance_id=instance_id).order_by("sequence")


@prepared
def tasks_of(step_id: int) -> QuerySet[Task]:
    """Lock and return the tasks of a step in their order."""
    rows = Task.objects.filter(step_run_id=step_id).order_by("order", "pk")
    return rows.select_for_update(of=("self",))


def instance_save(instance: Instance, names: Iterable[str]) -> None:
    """Write fields of an instance back, so that every run of it in this act can tell."""
    rows_save([instance], names)
    saves: Counter[int] = current_unit().memo.setdefault(_SAVES, Counter())
    saves[instance.pk] += 1


def saves_of(instance_id: int) -> int:
    """Return how often this act has written the instance."""
    saves: Counter[int] = current_unit().memo.setdefault(_SAVES, Counter())
    return saves[instance_id]


def _highlights(subject: ProcessSubject) -> list[list[Any]]:
    """Return [language → text, state] for each; most documents have nothing to say."""
    states = [state for _text, state in subject.highlights()][:2]
    if not states:
        return []
    said = in_languages(lambda: [str(text) for text, _state in subject.highlights()])
    return [
        [{name: texts[at] for name, texts in said.items()}, state]
        for at, state in enumerate(states)
    ]


def copies_renew(instance: Instance, subject: ProcessSubject) -> bool:
    """Renew what the instance copies for lists; return whether anything is new."""
    before = [getattr(instance, name) for name in COPIES]
    instance.titles = {name: subject.title(name) for name in LANGUAGES}
    instance.party = subject.party()[:200]
    instance.amount = subject.amount()
    instance.highlights = _highlights(subject)
    instance.batch_key = subject.batch_key()[:120]
    return before != [getattr(instance, name) for name in COPIES]
