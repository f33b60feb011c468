"""The last pass of a document through one step: what it found, for the room of the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chengdan.modules.process.models import StepRun
from chengdan.modules.process.selectors.definitions import process_of
from chengdan.modules.process.selectors.running import evidence_of, verdict_text
from chengdan.modules.process.vocabulary import StepState


@dataclass(frozen=True, slots=True)
class StepSeen:
    """A pass through a step.

    Attributes:
        at: when it ended; None while it stands open.
        text: what a check said, in the reader's language.
        evidence: what the check kept.
    """

    outcome: str
    at: datetime | None
    is_refused: bool
    text: str
    rule: str
    evidence: Mapping[str, Any]


def step_seen(subject_type: str, subject_id: int, step: str) -> StepSeen | None:
    """Return the last pass of a document through a step; None before the first.

    The caller has already checked that the actor may see the document.
    """
    rows = StepRun.objects.filter(
        instance__subject_type=subject_type, instance__subject_id=subject_id, code=step
    )
    run = rows.select_related("instance__definition_version").order_by("-pk").first()
    if run is None:
        return None
    return StepSeen(
        outcome=run.outcome,
        at=run.ended_at,
        is_refused=run.state == StepState.REFUSED,
        text=verdict_text(process_of(run.instance.definition_version), run),
        rule=str(run.evidence.get("rule", "")),
        evidence=evidence_of(run),
    )
