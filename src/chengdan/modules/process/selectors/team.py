"""What a manager looks at first: the work of the people below, and promises that run out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.durations import Duration
from chengdan.modules.people import selectors as people
from chengdan.modules.people.access import visible
from chengdan.modules.people.selectors.rights import subordinates_of
from chengdan.modules.process.models import Instance, StepRun, Task
from chengdan.modules.process.selectors.countdown import step_left
from chengdan.modules.process.selectors.definitions import definitions_all, process_of
from chengdan.modules.process.selectors.running import step_title
from chengdan.modules.process.vocabulary import (
    INSTANCE_VIEW,
    InstanceState,
    StepState,
    TaskState,
)

RISK_HOURS = 24


@dataclass(frozen=True, slots=True)
class Load:
    """Open tasks of one person, and how many of them are late.

    Attributes:
        seen: how many of them the reader may open; the list of them adds up when it is all.
    """

    user_id: int
    name: str
    place: str
    count: int
    late: int
    seen: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the reader may open everything that is counted."""
        return self.seen == self.count


@dataclass(frozen=True, slots=True)
class Risk:
    """A promised step that is late or will be within RISK_HOURS."""

    instance: Instance
    step: str
    code: str
    left: Duration | None


def team_tasks(actor: Actor) -> QuerySet[Task]:
    """Return the open tasks of everybody below the actor; what is on hold waits for nobody."""
    if actor.user_id is None or actor.company_id is None:
        return Task.objects.none()
    below = subordinates_of(actor.user_id, actor.company_id, clock.today())
    if not below:
        return Task.objects.none()
    rows = Task.objects.filter(
        company_id=actor.company_id, assignee_id__in=below, state=TaskState.OPEN
    )
    return rows.exclude(instance__state=InstanceState.HELD)


def team_tasks_visible(actor: Actor) -> QuerySet[Task]:
    """Return those of the team's tasks whose documents are open to the actor."""
    return team_tasks(actor).filter(_seen(actor))


def _seen(actor: Actor) -> Q:
    return Q(instance__in=visible(actor, INSTANCE_VIEW, Instance.objects.all()))


def team_load(actor: Actor) -> list[Load]:
    """Return everybody below the actor with open tasks, the latest first (ORG-63)."""
    late = Q(due_at__lt=clock.now())
    rows = team_tasks(actor).order_by().values_list("assignee_id")
    counts = rows.annotate(
        count=Count("id"), late=Count("id", filter=late), seen=Count("id", filter=_seen(actor))
    )
    found = {pk: (count, late, seen) for pk, count, late, seen in counts}
    persons = people.users_by_ids(found) if found else {}
    loads = [
        Load(pk, persons[pk].display_name, str(persons[pk].unit or ""), *figures)
        for pk, figures in found.items()
    ]
    return sorted(loads, key=lambda load: (-load.late, -load.count, load.name))


def promises_at_risk(actor: Actor, limit: int = 8) -> list[Risk]:
    """Return the promised steps within the actor's scope that run out first."""
    if actor.company_id is None:
        return []
    promised = Q(pk__in=[])
    for definition, process in definitions_all():
        codes = [step.code for step in process.steps if step.is_promise]
        if codes:
            promised |= Q(code__in=codes, instance__definition_id=definition.pk)
    now = clock.now()
    runs = StepRun.objects.filter(
        promised,
        state=StepState.OPEN,
        due_at__lt=now + timedelta(hours=RISK_HOURS),
        instance__in=visible(actor, INSTANCE_VIEW, Instance.objects.all()),
    )
    runs = runs.exclude(instance__state=InstanceState.HELD)
    found = runs.select_related("instance__definition_version").order_by("due_at", "pk")[:limit]
    return [_risk(run) for run in found]


def _risk(run: StepRun) -> Risk:
    process = process_of(run.instance.definition_version)
    left = step_left(run.instance, run)
    return Risk(run.instance, step_title(process, run.code), run.code, left)
