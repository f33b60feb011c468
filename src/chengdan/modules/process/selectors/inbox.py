"""What a person has to do, by due time: tasks, and problem records to explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from operator import itemgetter

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When, Window
from django.utils.translation import get_language

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.durations import Duration
from chengdan.kernel.zones import active_zone
from chengdan.modules.process.models import Instance, ProblemRecord, Task
from chengdan.modules.process.rules.definition import Process, text_of
from chengdan.modules.process.selectors.countdown import left_until, step_left
from chengdan.modules.process.selectors.definitions import process_of
from chengdan.modules.process.selectors.deputies import principals_of
from chengdan.modules.process.selectors.names import names_of
from chengdan.modules.process.selectors.running import step_title
from chengdan.modules.process.selectors.titles import problem_title
from chengdan.modules.process.vocabulary import OPEN_STATES, InstanceState, ProblemState, TaskState

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One task as the list shows it."""

    task: Task
    title: str
    party: str
    step: str
    left: Duration | None
    on_behalf_of: str = ""

    @property
    def instance(self) -> Instance:
        """The run it belongs to."""
        return self.task.instance

    @property
    def highlights(self) -> list[tuple[str, str]]:
        """Short (text, state) facts of the document; first of all that it is on hold."""
        language = get_language() or "zh-hans"
        found = [(text_of(texts, language), state) for texts, state in self.instance.highlights]
        if self.instance.state == InstanceState.HELD:
            found.insert(0, (str(InstanceState.HELD.label), "soon"))
        return found


@dataclass(frozen=True, slots=True)
class ToExplain:
    """A problem record that waits for the explanation of its owner.

    Attributes:
        group: "overdue", "today" or "later", as of tasks.
    """

    problem: ProblemRecord
    title: str
    left: Duration | None
    group: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """Open tasks in the order in which they should be done, and problem records to explain.

    Attributes:
        held: nobody can decide them until the hold is over, whatever their limits say.
        count: all open tasks; the groups hold at most SHOWN_MAX.
        explain: at most SHOWN_MAX records, the most urgent first.
        explain_count: all records that wait for an explanation.
    """

    overdue: Sequence[InboxItem] = ()
    today: Sequence[InboxItem] = ()
    later: Sequence[InboxItem] = ()
    held: Sequence[InboxItem] = ()
    count: int = 0
    explain: Sequence[ToExplain] = ()
    explain_count: int = 0

    @property
    def total(self) -> int:
        """Tasks and records together: all that waits for the person."""
        return self.count + self.explain_count

    @property
    def nearest(self) -> Duration | None:
        """What the most urgent task or record has left."""
        urgent = [*self.overdue, *self.today, *self.later][:1]
        standing = [(item.task.due_at, item.left) for item in urgent]
        standing += [(item.problem.due_at, item.left) for item in self.explain[:1]]
        limits = [(due, left) for due, left in standing if due is not None]
        return min(limits, key=itemgetter(0), default=(None, None))[1]

    def only(self, group: str) -> Inbox:
        """Return what is "overdue" or due "today"; figures that count it open this."""
        overdue = self.overdue if group == "overdue" else ()
        today = self.today if group == "today" else ()
        records = [item for item in self.explain if item.group == group]
        count = len(overdue) + len(today)
        return Inbox(overdue, today, (), (), count, records, len(records))

    @property
    def items(self) -> list[InboxItem]:
        """Every item, most urgent first."""
        return [*self.overdue, *self.today, *self.later, *self.held]


def tasks_open(actor: Actor) -> QuerySet[Task]:
    """Return the actor's open tasks: own ones and those of principals.

    Where the actor holds an own task in the same pass through a step, a principal's is left out:
    one person signs a step once, and for oneself first.
    """
    if actor.user_id is None or actor.company_id is None:
        return Task.objects.none()
    principals = principals_of(actor)
    whose = Q(assignee_id=actor.user_id)
    lent_tasks = Q()
    for principal, types in principals.items():
        lent = Q(assignee_id=principal)
        lent_tasks |= lent & Q(subject_type__in=types) if types else lent
    if principals:
        own = Task.objects.filter(whose, step_run=OuterRef("step_run"), state=TaskState.OPEN)
        whose |= Q(~Exists(own), lent_tasks)
    return Task.objects.filter(whose, company_id=actor.company_id, state=TaskState.OPEN)


def inbox(actor: Actor) -> Inbox:
    """Return the actor's open tasks in the groups overdue, today, later, on hold."""
    rows = tasks_open(actor).select_related(
        "instance__definition_version", "instance__definition", "step_run"
    )
    held = Q(instance__state=InstanceState.HELD)
    with_limit = rows.filter(~held, due_at__isnull=False).order_by("due_at", "pk")[:SHOWN_MAX]
    tasks = list(with_limit)
    for others in (rows.filter(~held, due_at__isnull=True), rows.filter(held)):
        if len(tasks) < SHOWN_MAX:
            tasks += list(others.order_by("pk")[: SHOWN_MAX - len(tasks)])
    count = len(tasks) if len(tasks) < SHOWN_MAX else tasks_open(actor).count()
    groups: dict[str, list[InboxItem]] = {"overdue": [], "today": [], "later": [], "held": []}
    for item in items_of(actor, tasks):
        is_held = item.instance.state == InstanceState.HELD
        groups["held" if is_held else _group(item.task.due_at)].append(item)
    explain, explain_count = _explain(actor)
    return Inbox(**groups, count=count, explain=explain, explain_count=explain_count)


def _group(due: datetime | None) -> str:
    now = clock.now()
    if due is None or due > _end_of_day(now):
        return "later"
    return "overdue" if due < now else "today"


def problems_to_explain(actor: Actor) -> QuerySet[ProblemRecord]:
    """Return the open problem records that the actor must explain, who may always see them."""
    if actor.user_id is None or actor.company_id is None:
        return ProblemRecord.objects.none()
    return ProblemRecord.objects.filter(
        owner_id=actor.user_id, company_id=actor.company_id, state=ProblemState.OPEN
    )


def _explain(actor: Actor) -> tuple[list[ToExplain], int]:
    rows = problems_to_explain(actor).order_by(F("due_at").asc(nulls_last=True), "pk")
    records = list(rows[:SHOWN_MAX])
    count = len(records) if len(records) < SHOWN_MAX else rows.count()
    found = [
        ToExplain(
            row,
            problem_title(row),
            left_until(row.due_at, row.company_id, row.unit_id),
            _group(row.due_at),
        )
        for row in records
    ]
    return found, count


def _end_of_day(now: datetime) -> datetime:
    # The reader groups tasks by their own day; the limits themselves stand.
    zone = active_zone()
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), zone)


def items_of(actor: Actor, tasks: Sequence[Task]) -> list[InboxItem]:
    """Return tasks with everything a list shows; a constant number of queries."""
    language = get_language() or "zh-hans"
    names = names_of(task.assignee_id for task in tasks if task.assignee_id != actor.user_id)
    items = []
    for task in tasks:
        instance = task.instance
        process: Process = process_of(instance.definition_version)
        items.append(
            InboxItem(
                task=task,
                title=text_of(instance.titles, language),
                party=instance.party,
                step=step_title(process, task.step_run.code),
                left=step_left(instance, task),
                on_behalf_of=names.get(task.assignee_id, ""),
            )
        )
    return items


def look_alikes(items: Sequence[InboxItem]) -> list[list[InboxItem]]:
    """Return groups of at least two approvals that look alike, to be decided together.

    Alike: same process, step and batch key of the document, first round, nothing to warn of.
    """
    groups: dict[tuple[int, str, str], list[InboxItem]] = {}
    for item in items:
        instance = item.instance
        is_plain = instance.round == 1 and not any(mark for _text, mark in item.highlights)
        if item.task.step_run.kind == "approval" and instance.batch_key and is_plain:
            key = (instance.definition_id, item.task.step_run.code, instance.batch_key)
            groups.setdefault(key, []).append(item)
    return [group for group in groups.values() if len(group) > 1]


def started_by(actor: Actor, limit: int = 100) -> list[Instance]:
    """Return the runs that the actor began, open ones first, then newest."""
    if actor.company_id is None:
        return []
    rows = Instance.objects.filter(initiator_id=actor.user_id, company_id=actor.company_id)
    rows = rows.select_related("definition", "definition_version")
    open_rows = list(rows.filter(state__in=OPEN_STATES).order_by("-pk")[:limit])
    rest = limit - len(open_rows)
    return open_rows + list(rows.exclude(state__in=OPEN_STATES).order_by("-pk")[:rest])


def decided_by(actor: Actor, limit: int = 100) -> list[Task]:
    """Return the tasks that the actor decided, or a deputy for the actor, newest first."""
    if actor.company_id is None:
        return []
    own = Q(decided_by_id=actor.user_id) | Q(on_behalf_of_id=actor.user_id)
    rows = Task.objects.filter(own, company_id=actor.company_id, state=TaskState.DONE)
    related = ("instance__definition", "instance__definition_version", "step_run")
    return list(rows.select_related(*related).order_by("-decided_at")[:limit])


def bell(actor: Actor) -> tuple[int, Duration | None]:
    """Return (tasks and records that wait, time until the nearest deadline that runs).

    Every page asks: one statement for tasks, one for problem records.
    """
    if actor.user_id is None or actor.company_id is None:
        return 0, None
    running = Case(When(~Q(instance__state=InstanceState.HELD), then=F("due_at")))
    tasks = tasks_open(actor).annotate(running=running, total=Window(Count("pk")))
    rows = [
        tasks.order_by(F("running").asc(nulls_last=True), "pk")
        .values_list("total", "running", "instance__unit_id", "due_pace")
        .first(),
        problems_to_explain(actor)
        .annotate(total=Window(Count("pk")))
        .order_by(F("due_at").asc(nulls_last=True), "pk")
        .values_list("total", "due_at", "unit_id")
        .first(),
    ]
    waiting = [row for row in rows if row is not None]
    limits = [row[1:] for row in waiting if row[1] is not None]
    count = sum(row[0] for row in waiting)
    if not limits:
        return count, None
    due, *where = min(limits, key=itemgetter(0))
    return count, left_until(due, actor.company_id, *where)
