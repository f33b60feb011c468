"""Who signed which steps of a document."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from chengdan.kernel.prepared import prepared
from chengdan.modules.process.models import Instance, StepRun, Task
from chengdan.modules.process.rules.definition import Process
from chengdan.modules.process.selectors.definitions import process_of_version
from chengdan.modules.process.selectors.names import (
    decision_text,
    names_of,
    persons_of,
    remark_text,
)
from chengdan.modules.process.vocabulary import Decision, TaskState

_SIGNED = (Decision.APPROVE, Decision.DONE)
# Correcting comes before all steps: whatever was signed is asked for again.
_BEFORE_ALL = -1


def signatures_of(passes: Iterable[Sequence[Task]]) -> dict[str, list[int]]:
    """Return step → whose signatures stand under it, of tasks that an act has in its hands.

    Args:
        passes: the tasks of each pass, with their step.
    """
    found: dict[str, list[int]] = {}
    for tasks in passes:
        signed = [task for task in tasks if task.state == TaskState.DONE]
        for task in sorted(signed, key=lambda task: (task.decided_at, task.pk)):
            signer = task.on_behalf_of_id or task.decided_by_id
            if task.decision in _SIGNED and signer is not None:
                found.setdefault(task.step_run.code, []).append(signer)
    return found


def signers_of(subject_type: str, subject_id: int, steps: Sequence[str]) -> list[int]:
    """Return whose signatures stand under the steps in the newest run.

    A return to an earlier step undoes what was signed from there on, and nothing before it.
    A deputy's signature counts as the principal's, whose authority it uses (ORG-20).
    """
    signed = _signed(subject_type, subject_id, steps)
    if not signed:
        return []
    run_id, number, version = signed[0][:3]
    standing = None
    if number > 1:
        standing = passes_standing(process_of_version(version), _passes_of(run_id))
    people = (
        principal or signer
        for _run, _round, _version, step, signer, principal in signed
        if standing is None or step in standing
    )
    return list(dict.fromkeys(people))


@prepared
def _passes_of(instance_id: int) -> QuerySet[StepRun, tuple[int, str]]:
    rows = StepRun.objects.filter(instance_id=instance_id).order_by("sequence")
    return rows.values_list("pk", "code")


@prepared
def _signed(
    subject_type: str, subject_id: int, steps: Collection[str]
) -> QuerySet[Task, tuple[int, int, int, int, int, int | None]]:
    runs = Instance.objects.filter(subject_type=subject_type, subject_id=subject_id)
    signed = Task.objects.filter(
        instance__in=runs.order_by("-pk").values("pk")[:1],
        step_run__code__in=steps,
        state=TaskState.DONE,
        decision__in=_SIGNED,
    )
    run = ("instance_id", "instance__round", "instance__definition_version_id")
    columns = (*run, "step_run_id", "decided_by_id", "on_behalf_of_id")
    return signed.order_by("decided_at", "pk").values_list(*columns)


def steps_by_subject(subject_type: str) -> dict[int, frozenset[str]]:
    """Return document → codes of the steps of the process that its newest run follows."""
    rows = Instance.objects.filter(subject_type=subject_type).order_by("pk")
    versions = dict(rows.values_list("subject_id", "definition_version_id").iterator())
    codes = {
        pk: frozenset(step.code for step in process_of_version(pk).steps)
        for pk in set(versions.values())
    }
    return {subject_id: codes[pk] for subject_id, pk in versions.items()}


def passes_standing(process: Process, passes: Iterable[tuple[int, str]]) -> set[int]:
    """Return the passes through steps that no return to an earlier step has undone.

    Args:
        passes: (id, code of the step), in their sequence.
    """
    places = {step.code: step.index for step in process.steps}
    standing: dict[int, int] = {}
    for pk, code in passes:
        place = places.get(code, _BEFORE_ALL)
        standing = {at: known for at, known in standing.items() if at < place}
        standing[place] = pk
    return set(standing.values())


@dataclass(frozen=True, slots=True)
class StepDecision:
    """What one person said in a step; `text` is the name alone while the task is open."""

    text: str
    at: datetime | None
    comment: str


def decisions_of(
    subject_type: str, subject_id: int, step: str, since: datetime, until: datetime | None
) -> list[StepDecision]:
    """Return what people decided in a step in a span of time, then who still has to.

    Args:
        until: None while the matter is open; open tasks count only then.
    """
    rows = Task.objects.filter(
        instance__subject_type=subject_type, instance__subject_id=subject_id, step_run__code=step
    )
    done = rows.filter(state=TaskState.DONE, decided_at__gte=since)
    if until is not None:
        done = done.filter(decided_at__lte=until)
    tasks = list(done.order_by("decided_at", "pk"))
    if until is None:
        tasks += rows.filter(state=TaskState.OPEN).order_by("pk")
    people = names_of(persons_of(tasks))
    return [StepDecision(decision_text(t, people), t.decided_at, remark_text(t)) for t in tasks]


def signatures_by_subject(subject_type: str) -> dict[int, dict[str, set[int]]]:
    """Return document → step → whose signatures stand in its newest run, for all documents.

    For recomputations: one statement for the runs, one for the steps of those that went back,
    and one for the signatures.
    """
    newest: dict[int, tuple[int, int, int]] = {}
    runs = Instance.objects.filter(subject_type=subject_type).order_by("pk")
    columns = ("pk", "subject_id", "round", "definition_version_id")
    for run_id, subject, last, version in runs.values_list(*columns).iterator():
        newest[subject] = (run_id, last, version)
    subjects = {run_id: subject for subject, (run_id, _last, _version) in newest.items()}
    gone_back = {run_id: version for run_id, last, version in newest.values() if last > 1}
    standing = _standing_by_run(subject_type, gone_back)
    signed = Task.objects.filter(
        instance__subject_type=subject_type, state=TaskState.DONE, decision__in=_SIGNED
    )
    signing = ("instance_id", "step_run_id", "step_run__code", "decided_by_id", "on_behalf_of_id")
    found: dict[int, dict[str, set[int]]] = {}
    for run_id, step_id, code, signer, principal in signed.values_list(*signing).iterator():
        is_undone = run_id in gone_back and step_id not in standing
        if run_id in subjects and not is_undone:
            by_step = found.setdefault(subjects[run_id], {})
            by_step.setdefault(code, set()).add(int(principal or signer))
    return found


def _standing_by_run(subject_type: str, versions: Mapping[int, int]) -> set[int]:
    """Return the passes that stand in runs (run → version) that went back at least once."""
    rows = StepRun.objects.filter(instance__subject_type=subject_type, instance__round__gt=1)
    passes: dict[int, list[tuple[int, str]]] = {}
    columns = ("instance_id", "pk", "code")
    for run_id, pk, code in rows.order_by("instance_id", "sequence").values_list(*columns):
        if run_id in versions:
            passes.setdefault(run_id, []).append((pk, code))
    found: set[int] = set()
    for run_id, own in passes.items():
        found |= passes_standing(process_of_version(versions[run_id]), own)
    return found
