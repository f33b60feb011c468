"""What a person has to do, by due time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.workcalendar import WorkingTime
from chengdan.kernel.zones import active_zone
from chengdan.modules.process.models import Instance, Task
from chengdan.modules.process.rules.definition import Process, text_of
from chengdan.modules.process.selectors.definitions import process_of
from chengdan.modules.process.selectors.deputies import principals_of
from chengdan.modules.process.selectors.names import names_of
from chengdan.modules.process.selectors.running import calendar_for, minutes_left, step_title
from chengdan.modules.process.vocabulary import OPEN_STATES, InstanceState, TaskState

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One task as the list shows it."""

    task: Task
    title: str
    party: str
    step: str
    minutes: int | None
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
class Inbox:
    """Open tasks in the order in which they should be done.

    Attributes:
        count: all open tasks; the groups hold at most SHOWN_MAX.
    """

    overdue: Sequence[InboxItem] = ()
    today: Sequence[InboxItem] = ()
    later: Sequence[InboxItem] = ()
    count: int = 0

    @property
    def items(self) -> list[InboxItem]:
        """Every item, most urgent first."""
        return [*self.overdue, *self.today, *self.later]


def tasks_open(actor: Actor) -> QuerySet[Task]:
    """Return the actor's open tasks: own ones and those of principals."""
    if actor.user_id is None or actor.company_id is None:
        return Task.objects.none()
    principals = principals_of(actor)
    whose = Q(assignee_id=actor.user_id)
    for principal, types in principals.items():
        lent = Q(assignee_id=principal)
        whose |= lent & Q(subject_type__in=types) if types else lent
    return Task.objects.filter(whose, company_id=actor.company_id, state=TaskState.OPEN)


def inbox(actor: Actor) -> Inbox:
    """Return the actor's open tasks in the groups overdue, today, later."""
    rows = tasks_open(actor).select_related(
        "instance__definition_version", "instance__definition", "step_run"
    )
    with_limit = rows.filter(due_at__isnull=False).order_by("due_at", "pk")[:SHOWN_MAX]
    tasks = list(with_limit)
    if len(tasks) < SHOWN_MAX:
        rest = SHOWN_MAX - len(tasks)
        tasks += list(rows.filter(due_at__isnull=True).order_by("pk")[:rest])
    count = len(tasks) if len(tasks) < SHOWN_MAX else tasks_open(actor).count()
    items = items_of(actor, tasks)
    now = clock.now()
    end = _end_of_day(now)
    groups: dict[str, list[InboxItem]] = {"overdue": [], "today": [], "later": []}
    for item in items:
        due = item.task.due_at
        group = "later"
        if due is not None and due <= end:
            group = "overdue" if due < now else "today"
        groups[group].append(item)
    return Inbox(groups["overdue"], groups["today"], groups["later"], count)


def _end_of_day(now: datetime) -> datetime:
    # The reader groups tasks by their own day; the limits themselves stand.
    zone = active_zone()
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), zone)


def items_of(actor: Actor, tasks: Sequence[Task]) -> list[InboxItem]:
    """Return tasks with everything a list shows; a constant number of queries."""
    now, language = clock.now(), get_language() or "zh-hans"
    names = names_of(task.assignee_id for task in tasks if task.assignee_id != actor.user_id)
    calendars: dict[int, WorkingTime] = {}
    items = []
    for task in tasks:
        instance = task.instance
        company = instance.company_id
        if company not in calendars:
            calendars[company] = calendar_for(company)
        process: Process = process_of(instance.definition_version)
        minutes = None
        if task.due_at is not None:
            minutes = minutes_left(calendars[company], now, task.due_at)
        items.append(
            InboxItem(
                task=task,
                title=text_of(instance.titles, language),
                party=instance.party,
                step=step_title(process, task.step_run.code),
                minutes=minutes,
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
    """Return the tasks that the actor decided, newest first."""
    if actor.company_id is None:
        return []
    rows = Task.objects.filter(
        decided_by_id=actor.user_id, company_id=actor.company_id, state=TaskState.DONE
    )
    related = ("instance__definition", "instance__definition_version", "step_run")
    return list(rows.select_related(*related).order_by("-decided_at")[:limit])


def bell(actor: Actor) -> tuple[int, int | None]:
    """Return (open tasks, working minutes until the nearest deadline that runs)."""
    rows = tasks_open(actor)
    count = rows.count()
    running = rows.filter(due_at__isnull=False).exclude(instance__state=InstanceState.HELD)
    due = running.order_by("due_at").values_list("due_at", flat=True).first()
    if due is None or actor.company_id is None:
        return count, None
    return count, minutes_left(calendar_for(actor.company_id), clock.now(), due)
