"""Live figures of the process library."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.modules.process.models import Definition, DefinitionVersion, Instance, StepRun
from chengdan.modules.process.vocabulary import OPEN_STATES, InstanceState, StepState


@dataclass(frozen=True, slots=True)
class Live:
    """How many runs are open, late and stopped by a fault."""

    running: int = 0
    late: int = 0
    faults: int = 0


def live_counts(actor: Actor) -> dict[int, Live]:
    """Return definition id → figures of the actor's company, with two queries."""
    rows = Instance.objects.filter(company_id=actor.company_id or 0, state__in=OPEN_STATES)
    counted = rows.values("definition_id").annotate(
        running=Count("pk"), faults=Count("pk", filter=Q(state=InstanceState.FAULT))
    )
    late = StepRun.objects.filter(
        instance__company_id=actor.company_id or 0, state=StepState.OPEN, due_at__lt=clock.now()
    )
    late_by = Counter(late.values_list("instance__definition_id", flat=True))
    return {
        row["definition_id"]: Live(row["running"], late_by[row["definition_id"]], row["faults"])
        for row in counted
    }


def step_counts(actor: Actor, definition: Definition) -> dict[str, tuple[int, int]]:
    """Return step code → (open, late) over the open runs of a process."""
    rows = StepRun.objects.filter(
        instance__company_id=actor.company_id or 0,
        instance__definition=definition,
        instance__state__in=OPEN_STATES,
        state__in=[StepState.OPEN, StepState.FAULT],
    )
    counted = rows.values("code").annotate(
        standing=Count("pk"), late=Count("pk", filter=Q(due_at__lt=clock.now()))
    )
    return {row["code"]: (row["standing"], row["late"]) for row in counted}


def versions_of(definition: Definition) -> list[tuple[DefinitionVersion, int]]:
    """Return every version, newest first, with the number of runs still on it."""
    rows = definition.versions.annotate(
        running=Count("instances", filter=Q(instances__state__in=OPEN_STATES))
    ).select_related("published_by")
    return [(row, row.running) for row in rows.order_by("-number")]
