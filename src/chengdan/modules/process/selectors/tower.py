"""How many documents stand at each step, how many are late, since when the oldest waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.modules.people.access import visible
from chengdan.modules.process.models import Instance, ProblemRecord, StepRun
from chengdan.modules.process.selectors.definitions import process_current
from chengdan.modules.process.selectors.running import node_groups, node_word
from chengdan.modules.process.vocabulary import OPEN_STATES, StepState

SOON_HOURS = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at one node of a process's strip.

    Attributes:
        steps: codes of the steps that share the node.
        oldest_at: when the longest-waiting one arrived.
        is_beside: a clock beside another node, whose documents are counted there already.
    """

    code: str
    name: str
    steps: tuple[str, ...]
    count: int = 0
    late: int = 0
    soon: int = 0
    oldest_at: datetime | None = None
    is_beside: bool = False


def standing_of(actor: Actor, permission: str, code: str, language: str) -> list[Standing]:
    """Return every node of a process with what stands there and is open to the actor."""
    process = process_current(code)
    instances = visible(actor, permission, Instance.objects.filter(state__in=OPEN_STATES))
    at = clock.now()
    soon = at + timedelta(hours=SOON_HOURS)
    rows = (
        StepRun.objects.filter(
            instance__in=instances.filter(definition__code=code),
            state__in=[StepState.OPEN, StepState.FAULT],
        )
        .values("code")
        .annotate(
            count=Count("id"),
            late=Count("id", filter=Q(due_at__lt=at)),
            soon=Count("id", filter=Q(due_at__gte=at, due_at__lt=soon)),
            oldest=Min("started_at"),
        )
    )
    found = {row["code"]: row for row in rows}
    return [
        _sum(
            strip,
            node_word(strip, steps),
            [step.code for step in steps],
            [found[step.code] for step in steps if step.code in found],
        )
        for strip, steps in node_groups(process).items()
    ]


def _sum(
    strip: str, name: str, codes: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> Standing:
    def add(key: str) -> int:
        return sum(int(str(row[key])) for row in rows)

    oldest = [row["oldest"] for row in rows if isinstance(row["oldest"], datetime)]
    return Standing(
        strip, name, tuple(codes), add("count"), add("late"), add("soon"), min(oldest, default=None)
    )


def problems_since(actor: Actor, permission: str, since: datetime) -> list[ProblemRecord]:
    """Return the problem records opened since an instant that the actor may see, newest first."""
    rows = visible(actor, permission, ProblemRecord.objects.filter(opened_at__gte=since))
    return list(rows.order_by("-pk")[:50])
