"""Reading runs: open tasks, the strip of a document, the timeline, changes since last round."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.record import canonical, target_label
from chengdan.kernel.durations import Duration
from chengdan.kernel.prepared import prepared
from chengdan.kernel.workcalendar import WorkingTime
from chengdan.modules.process import audit_codes
from chengdan.modules.process.errors import NotPublishedError
from chengdan.modules.process.models import Instance, StepRun, Task, TaskComment
from chengdan.modules.process.rules.definition import (
    LANGUAGES,
    RESUBMIT,
    Process,
    Step,
    text_of,
)
from chengdan.modules.process.rules.differences import Change, content_diff
from chengdan.modules.process.selectors.countdown import calendar_for, step_left
from chengdan.modules.process.selectors.definitions import process_current, process_of
from chengdan.modules.process.selectors.deputies import principals_of
from chengdan.modules.process.selectors.names import names_of, persons_of, signer_text
from chengdan.modules.process.subjects import check_get, subject_load
from chengdan.modules.process.vocabulary import (
    OPEN_STATES,
    Decision,
    StepState,
    TaskState,
)


def instances_of(subject_type: str, subject_id: int) -> list[Instance]:
    """Return every run of any process for a document, newest first."""
    rows = Instance.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return list(rows.select_related("definition", "definition_version").order_by("-pk"))


def said_about(subject_type: str, subject_id: int) -> Q:
    """Return which audit entries tell what people said and did in the runs of a document."""
    runs = Instance.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return Q(
        target_type=target_label(Instance), target_id__in=runs.values("pk"),
        code__in=audit_codes.BY_PEOPLE,
    )  # fmt: skip


def instance_latest(code: str, subject_type: str, subject_id: int) -> Instance | None:
    """Return the newest run of one process for a document."""
    rows = Instance.objects.filter(
        definition__code=code, subject_type=subject_type, subject_id=subject_id
    )
    return rows.select_related("definition", "definition_version").order_by("-pk").first()


def step_open(subject_type: str, subject_id: int) -> str:
    """Return the code of the step that stands open for a document, "" when none does."""
    return next(iter(_codes_standing(subject_type, subject_id)), "")


@prepared
def _codes_standing(subject_type: str, subject_id: int) -> QuerySet[StepRun, str]:
    runs = StepRun.objects.filter(
        instance__subject_type=subject_type,
        instance__subject_id=subject_id,
        instance__state__in=OPEN_STATES,
        state__in=[StepState.OPEN, StepState.FAULT],
    )
    return runs.order_by("pk").values_list("code", flat=True)


def subjects_open(subject_type: str) -> set[int]:
    """Return the ids of the documents of a kind for which a process is open."""
    rows = Instance.objects.filter(subject_type=subject_type, state__in=OPEN_STATES)
    return set(rows.values_list("subject_id", flat=True))


def open_task_for(subject_type: str, subject_id: int, step_code: str, actor: Actor) -> Task | None:
    """Return the actor's open task of a step (own first, then as a deputy), or None.

    Args:
        step_code: "" takes whatever step stands open.
    """
    tasks = Task.objects.filter(
        instance__subject_type=subject_type,
        instance__subject_id=subject_id,
        instance__state__in=OPEN_STATES,
        state=TaskState.OPEN,
    ).select_related("step_run", "instance")
    if step_code:
        tasks = tasks.filter(step_run__code=step_code)
    principals = principals_of(actor, subject_type)
    found = [task for task in tasks if task.assignee_id in {actor.user_id, *principals}]
    return min(found, key=lambda task: task.assignee_id != actor.user_id, default=None)


@dataclass(frozen=True, slots=True)
class StripNode:
    """One step as the document's strip shows it.

    Attributes:
        time: working time taken, or time left (negative: over) while it runs with a limit.
        is_left: `time` is left, not taken.
    """

    code: str
    title: str
    state: str
    who: str = ""
    time: Duration | None = None
    is_left: bool = False
    was_late: bool = False
    step_id: int | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """One process of a document, step by step."""

    code: str
    title: str
    nodes: Sequence[StripNode]
    instance_id: int | None = None
    state: str = "todo"
    round: int = 1
    time: Duration | None = None

    @property
    def done(self) -> int:
        """How many nodes are behind."""
        return sum(node.state in ("done", "skip") for node in self.nodes)


def strips(subject_type: str, subject_id: int) -> list[Strip]:
    """Return the strip of every process of a document, its newest run each."""
    newest: dict[int, Instance] = {}
    for instance in instances_of(subject_type, subject_id):
        newest.setdefault(instance.definition_id, instance)
    return [strip_of(instance) for instance in sorted(newest.values(), key=lambda i: i.pk)]


def strip(subject_type: str, subject_id: int, code: str = "") -> Strip | None:
    """Return the strip of the newest run, of one process when `code` is given."""
    runs = instances_of(subject_type, subject_id)
    for instance in runs:
        if not code or instance.definition.code == code:
            return strip_of(instance)
    return None


def strip_of(instance: Instance) -> Strip:
    """Return the strip of one run; steps that share a `strip` name are one node."""
    process = process_of(instance.definition_version)
    runs = list(instance.steps.prefetch_related("tasks").order_by("sequence"))
    names = names_of(persons_of(task for run in runs for task in run.tasks.all()))
    calendar = calendar_for(instance.company_id, instance.unit_id)
    look = _Look(instance, process, names, calendar)
    latest: dict[str, StepRun] = {run.code: run for run in runs}
    nodes = [look.node(code, steps, latest) for code, steps in node_groups(process).items()]
    end = instance.ended_at or clock.now()
    return Strip(
        code=process.code,
        title=text_of(process.title, _language()),
        nodes=nodes,
        instance_id=instance.pk,
        state=instance.state,
        round=instance.round,
        time=calendar.taken(instance.started_at, end),
    )


def strip_todo(process: Process) -> Strip:
    """Return the strip of a process that has not begun for a document."""
    groups = node_groups(process).items()
    nodes = [StripNode(code, node_word(code, steps), "todo") for code, steps in groups]
    return Strip(process.code, text_of(process.title, _language()), nodes)


def _language() -> str:
    return get_language() or "zh-hans"


def _word(step: Step) -> str:
    return text_of(step.short or step.title, _language())


def node_word(code: str, steps: Sequence[Step]) -> str:
    """Return what a node is called, after one of its steps."""
    return _word(_named(code, steps))


def node_words(code: str) -> dict[str, str]:
    """Return what the nodes of the process in force are called; {} where none is published."""
    try:
        groups = node_groups(process_current(code))
    except NotPublishedError:
        return {}
    return {node: node_word(node, steps) for node, steps in groups.items()}


def node_groups(process: Process) -> dict[str, list[Step]]:
    """Return the nodes of the strip, each with the steps that share it."""
    groups: dict[str, list[Step]] = {}
    for step in process.steps:
        if step.strip:
            groups.setdefault(step.strip, []).append(step)
    return groups


def _named(code: str, steps: Sequence[Step]) -> Step:
    """Return the step that names a node: that of its own code, else the first that is no wait."""
    own = (step for step in steps if step.code == code)
    acts = (step for step in steps if step.kind != "wait")
    return next(own, None) or next(acts, steps[0])


_SHOWN = {
    StepState.DONE: "done",
    StepState.SKIPPED: "skip",
    StepState.REFUSED: "late",
    StepState.RETURNED: "todo",
    StepState.VOID: "todo",
    StepState.FAULT: "late",
}


@dataclass(frozen=True, slots=True)
class _Look:
    instance: Instance
    process: Process
    names: dict[int, str]
    calendar: WorkingTime
    soon_minutes: int = 120

    def node(self, code: str, steps: list[Step], latest: dict[str, StepRun]) -> StripNode:
        """Return one node: the open step of the group, else the last one that ran."""
        runs = [latest[step.code] for step in steps if step.code in latest]
        title = node_word(code, steps)
        standing = [run for run in runs if run.state in (StepState.OPEN, StepState.FAULT)]
        if not runs:
            is_over = self.instance.state == "done"
            return StripNode(code, title, "skip" if is_over else "todo")
        ran = [item for item in runs if item.state != StepState.SKIPPED] or runs
        run = standing[0] if standing else max(ran, key=lambda item: item.sequence)
        if not standing and self._is_ahead(steps, latest):
            return StripNode(code, title, "todo")
        if run.state == StepState.OPEN:
            own = next(step for step in steps if step.code == run.code)
            return self._open(code, _word(own), run)
        time = None
        if run.ended_at is not None and run.state != StepState.SKIPPED:
            first = min(item.started_at for item in runs if item.round == run.round)
            time = self.calendar.taken(first, run.ended_at)
        # Who did what the node is called; who sent it back was the last.
        name = _named(code, steps).code if run.state == StepState.DONE else run.code
        shown = next((item for item in ran if item.code == name), run)
        return StripNode(
            code,
            title,
            _SHOWN[StepState(run.state)],
            self._who(shown) or self._who(run),
            time,
            was_late=any(item.breached_at is not None for item in runs),
            step_id=run.pk,
            outcome=run.outcome,
        )

    def _is_ahead(self, steps: list[Step], latest: dict[str, StepRun]) -> bool:
        """True when the instance went back and has not come to these steps again."""
        standing = [run for run in latest.values() if run.state == StepState.OPEN]
        if not standing:
            return False
        if standing[0].code == RESUBMIT:
            return True
        current = self.process.step(standing[0].code).index
        return min(step.index for step in steps) > current

    def _open(self, code: str, title: str, run: StepRun) -> StripNode:
        state = "wait" if run.kind == "wait" else "run"
        left = step_left(self.instance, run)
        if left is not None and left.minutes <= self.soon_minutes:
            state = "late" if left.minutes < 0 else "soon"
        time = left or self.calendar.taken(run.started_at, clock.now())
        is_left, was_late = left is not None, state == "late"
        return StripNode(code, title, state, self._who(run), time, is_left, was_late, run.pk)

    def _who(self, run: StepRun) -> str:
        tasks = list(run.tasks.all())
        live = [task for task in tasks if task.state == TaskState.OPEN]
        done = [task for task in tasks if task.state == TaskState.DONE]
        found = list(dict.fromkeys(signer_text(task, self.names) for task in live or done))
        return ", ".join(name for name in found[:2] if name) + ("…" if len(found) > 2 else "")


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One pass through a step with what people did in it."""

    run: StepRun
    title: str
    outcome: str
    rule: str
    tasks: Sequence[Task]
    names: dict[int, str] = field(default_factory=dict)
    time: Duration | None = None


def step_title(process: Process, code: str) -> str:
    """Return the name of a step in the reader's language."""
    if code == RESUBMIT:
        return _("Correct and submit again")
    return text_of(process.step(code).title, _language())


def step_named(process: Process, code: str) -> str:
    """Return the code and the name of a step; steps that every process has show no code."""
    title = step_title(process, code)
    return title if code == RESUBMIT else f"{code} {title}"


def verdict_text(process: Process, run: StepRun) -> str:
    """Return what a check said, in the reader's language."""
    if run.kind != "check" or "text" not in run.evidence:
        return ""
    check = check_get(process.step(run.code).check)
    params = run.evidence.get("params", {})
    said = check.message(str(run.evidence.get("code", "")), params)
    return said or text_of(run.evidence["text"], _language())


def evidence_of(run: StepRun) -> dict[str, Any]:
    """Return what a check kept, its texts in the reader's language."""
    found: dict[str, Any] = _read(run.evidence.get("evidence", {}))
    return found


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == set(LANGUAGES):
            return text_of(value, _language())
        return {name: _read(item) for name, item in value.items()}
    return [_read(item) for item in value] if isinstance(value, list) else value


def outcome_text(process: Process, run: StepRun) -> str:
    """Return how a pass through a step ended, in the reader's language; "" while it stands."""
    said = verdict_text(process, run)
    if said or not run.outcome:
        return said
    if run.kind == "check":
        titles = check_get(process.step(run.code).check).outcome_titles
        if run.outcome in titles:
            return str(titles[run.outcome])
    if run.outcome in Decision.values:
        return str(Decision(run.outcome).label)
    return str(StepState(run.state).label)


def run_state(process: Process, run: StepRun) -> str:
    """Return the colour of a pass through a step: done, run, soon or late.

    A check that let the document go on, but not without somebody's decision, has not passed.
    """
    if run.state in (StepState.REFUSED, StepState.RETURNED, StepState.FAULT):
        return "late"
    if run.state == StepState.OPEN:
        return "run"
    if run.kind != "check":
        return "done"
    return check_get(process.step(run.code).check).outcome_states.get(run.outcome, "done")


def outcome_word(process: Process, run: StepRun) -> str:
    """Return in a word how a check ended: passed, stopped, or which way it leads to."""
    check = check_get(process.step(run.code).check)
    if run.state == StepState.DONE and run.outcome in check.outcome_states:
        return str(check.outcome_titles.get(run.outcome, run.outcome))
    return _("passed") if run.state == StepState.DONE else _("stopped")


def timeline(instance: Instance) -> list[TimelineEntry]:
    """Return the history of a run, newest first."""
    process = process_of(instance.definition_version)
    runs = list(instance.steps.prefetch_related("tasks").order_by("-sequence"))
    names = names_of(persons_of(task for run in runs for task in run.tasks.all()))
    calendar = calendar_for(instance.company_id, instance.unit_id)
    return [
        TimelineEntry(
            run=run,
            title=step_title(process, run.code),
            outcome=outcome_text(process, run),
            rule=str(run.evidence.get("rule", "")),
            tasks=list(run.tasks.all()),
            names=names,
            time=calendar.taken(run.started_at, run.ended_at) if run.ended_at else None,
        )
        for run in runs
    ]


def comments_of(instance: Instance) -> list[TaskComment]:
    """Return the remarks beside the decisions, newest first."""
    return list(instance.comments.order_by("-pk")[:100])


def changes_since_last_round(instance: Instance) -> list[Change]:
    """Return what changed since the round before ended; [] in the first round."""
    earlier = (
        instance.rounds.model.objects.filter(
            instance__definition_id=instance.definition_id,
            instance__subject_type=instance.subject_type,
            instance__subject_id=instance.subject_id,
            round__lt=instance.round,
            ended_at__isnull=False,
        )
        .order_by("-round")
        .first()
    )
    if earlier is None:
        return []
    subject = subject_load(instance.subject_type, instance.subject_id)
    current: dict[str, Any] = json.loads(canonical(subject.covered_content()))
    return content_diff(json.loads(earlier.end_content or earlier.content), current)
