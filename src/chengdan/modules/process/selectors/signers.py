"""Who signed which steps of a document."""

from __future__ import annotations

from collections.abc import Sequence

from chengdan.modules.process.models import Task
from chengdan.modules.process.selectors.running import instances_of
from chengdan.modules.process.vocabulary import Decision, TaskState


def signers_of(subject_type: str, subject_id: int, steps: Sequence[str]) -> list[int]:
    """Return whose signatures stand under the steps in the newest run's present round.

    A deputy's signature counts as the principal's, whose authority it uses (ORG-20).
    """
    latest = next(iter(instances_of(subject_type, subject_id)), None)
    if latest is None:
        return []
    signed = Task.objects.filter(
        instance=latest,
        step_run__code__in=list(steps),
        step_run__round=latest.round,
        state=TaskState.DONE,
        decision__in=[Decision.APPROVE, Decision.DONE],
    ).order_by("decided_at", "pk")
    found = [
        principal or signer
        for signer, principal in signed.values_list("decided_by", "on_behalf_of")
    ]
    return list(dict.fromkeys(found))
