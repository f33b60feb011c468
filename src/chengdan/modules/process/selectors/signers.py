"""Who signed which steps of a document."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from chengdan.kernel.prepared import prepared
from chengdan.modules.process.models import Instance, Task
from chengdan.modules.process.selectors.definitions import process_of_version
from chengdan.modules.process.vocabulary import Decision, TaskState


def signers_of(subject_type: str, subject_id: int, steps: Sequence[str]) -> list[int]:
    """Return whose signatures stand under the steps in the newest run's present round.

    A deputy's signature counts as the principal's, whose authority it uses (ORG-20).
    """
    latest = next(iter(_runs_of(subject_type, subject_id)), None)
    if latest is None:
        return []
    signed = _signed_in(*latest, steps)
    return list(dict.fromkeys(principal or signer for signer, principal in signed))


@prepared
def _runs_of(subject_type: str, subject_id: int) -> QuerySet[Instance, tuple[int, int]]:
    rows = Instance.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return rows.order_by("-pk").values_list("pk", "round")


@prepared
def _signed_in(
    instance_id: int, round_number: int, steps: Collection[str]
) -> QuerySet[Task, tuple[int, int | None]]:
    signed = Task.objects.filter(
        instance_id=instance_id,
        step_run__code__in=steps,
        step_run__round=round_number,
        state=TaskState.DONE,
        decision__in=[Decision.APPROVE, Decision.DONE],
    )
    return signed.order_by("decided_at", "pk").values_list("decided_by_id", "on_behalf_of_id")


def steps_by_subject(subject_type: str) -> dict[int, frozenset[str]]:
    """Return document → codes of the steps of the process that its newest run follows."""
    rows = Instance.objects.filter(subject_type=subject_type).order_by("pk")
    versions = dict(rows.values_list("subject_id", "definition_version_id").iterator())
    codes = {
        pk: frozenset(step.code for step in process_of_version(pk).steps)
        for pk in set(versions.values())
    }
    return {subject_id: codes[pk] for subject_id, pk in versions.items()}


def signatures_by_subject(subject_type: str) -> dict[int, dict[str, set[int]]]:
    """Return document → step → who signed it in the newest run's last round, for all documents.

    For recomputations: one statement for the runs and one for their signatures.
    """
    newest: dict[int, tuple[int, int]] = {}
    runs = Instance.objects.filter(subject_type=subject_type).order_by("pk")
    for run_id, subject, last in runs.values_list("pk", "subject_id", "round").iterator():
        newest[subject] = (run_id, last)
    subjects = {run: subject_id for subject_id, run in newest.items()}
    signed = Task.objects.filter(
        instance__subject_type=subject_type,
        state=TaskState.DONE,
        decision__in=[Decision.APPROVE, Decision.DONE],
    )
    columns = (
        "instance_id", "step_run__round", "step_run__code", "decided_by_id", "on_behalf_of_id",
    )  # fmt: skip
    found: dict[int, dict[str, set[int]]] = {}
    for pk, number, code, signer, principal in signed.values_list(*columns).iterator():
        subject_id = subjects.get((pk, number))
        if subject_id is not None:
            by_step = found.setdefault(subject_id, {})
            by_step.setdefault(code, set()).add(int(principal or signer))
    return found
