"""The inbox: list left, document and decision right; next one opens by itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import (
    DomainError,
    FieldIssue,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import PageHead, PickRow, Toast, done, page, pick_response, render_page
from chengdan.kernel.ui.ids import ids_read
from chengdan.modules.process.access import (
    access_instance_for_view,
    require_authority,
    require_other_person,
    signature_for,
)
from chengdan.modules.process.errors import AmountAboveDeputyError
from chengdan.modules.process.models import Instance, Task
from chengdan.modules.process.rules.definition import RESUBMIT, RESUBMIT_STEP, Process, Step
from chengdan.modules.process.selectors.assignees import Setting, task_takers
from chengdan.modules.process.selectors.definitions import process_of
from chengdan.modules.process.selectors.inbox import (
    InboxItem,
    decided_by,
    inbox,
    items_of,
    look_alikes,
    started_by,
)
from chengdan.modules.process.selectors.names import decision_text, remark_text
from chengdan.modules.process.selectors.running import (
    changes_since_last_round,
    comments_of,
    outcome_text,
    outcome_word,
    run_state,
    step_title,
    timeline,
)
from chengdan.modules.process.services import task_decide, task_transfer, task_urge
from chengdan.modules.process.services.deciding import return_targets
from chengdan.modules.process.subjects import ProcessSubject, panel_for, subject_load
from chengdan.modules.process.vocabulary import Decision, InstanceState, StepState, TaskState
from chengdan.modules.process.web.common import (
    change_shown,
    number_of,
    policy_texts,
    text,
)

PICK_MAX = 20
FAILED_MAX = 3
# Nobody reads a document faster; what comes earlier was meant for the one before.
PAUSE_MS = 700
BATCH_MAX = 50
# What the address may narrow the inbox to: the figures of the workbench open it so.
ONLY = {"overdue": gettext_lazy("Overdue"), "today": gettext_lazy("Due today")}
ANY = ("GET", "HEAD", "POST")


@page(permission="")
def inbox_show(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    """Show the open tasks; with a task also its document and the decision."""
    actor = actor_of(request)
    found = inbox(actor)
    due = request.GET.get("due", "")
    only = ONLY.get(due) if pk is None else None
    if only is not None:
        found = found.only(due)
    items = found.items
    context: dict[str, Any] = {
        "tab": "mine",
        "groups": _groups(found),
        "count": found.count,
        "total": found.total,
        "only": only,
        "explain": found.explain,
        "explain_late": any(item.group == "overdue" for item in found.explain),
        "batches": look_alikes(items),
    }
    if pk is not None:
        context |= _task_context(request, pk, items)
    return render_page(request, "process/inbox.html", head=PageHead(_("Inbox")), **context)


def _groups(found: Any) -> list[tuple[str, str, Sequence[InboxItem]]]:
    groups = [
        ("late", _("Overdue"), found.overdue),
        ("", _("Due today"), found.today),
        ("", _("Later"), found.later),
        ("", _("On hold"), found.held),
    ]
    return [group for group in groups if group[2]]


def _task_context(request: HttpRequest, pk: int, items: Sequence[InboxItem]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = Task.objects.select_related("step_run", "instance__definition_version")
    task = rows.filter(pk=pk).first()
    if task is None:
        raise NotFoundError
    instance = access_instance_for_view(actor, task.instance_id)
    process = process_of(instance.definition_version)
    code = task.step_run.code
    step = RESUBMIT_STEP if code == RESUBMIT else process.step(code)
    subject = subject_load(instance.subject_type, instance.subject_id)
    place = next((i for i, item in enumerate(items) if item.task.pk == pk), None)
    item = items[place] if place is not None else items_of(actor, [task])[0]
    return {
        "item": item,
        "task": task,
        "step": step,
        "step_title": step_title(process, code),
        "subject": subject,
        "url": subject.url(),
        "panel": _panel(request, subject, instance),
        "changes": [
            change_shown(change, subject.field_titles)
            for change in changes_since_last_round(instance)
        ],
        "checks": _checks(instance, process),
        "entries": _entries(instance, process),
        "comments": comments_of(instance),
        "place": None if place is None else place + 1,
        "previous": items[place - 1].task.pk if place else None,
        "following": _following(items, place),
        **_decision_context(request, task, step, subject, process),
    }


def _following(items: Sequence[InboxItem], place: int | None) -> int | None:
    if place is None or place + 1 >= len(items):
        return None
    return items[place + 1].task.pk


def _decision_context(
    request: HttpRequest, task: Task, step: Step, subject: ProcessSubject, process: Process
) -> dict[str, Any]:
    instance = task.instance
    try:
        signature = signature_for(actor_of(request), task, instance)
        is_open = task.state == TaskState.OPEN and instance.state == InstanceState.RUNNING
    except AmountAboveDeputyError as error:
        return {"is_open": False, "refusal": error.message}
    except DomainError:
        return {"is_open": False}
    policies = policy_texts()
    setting = Setting(
        process, subject, instance.initiator_id, instance.company_id, instance.unit_id
    )
    steps = return_targets(instance.steps.all(), process.steps, step) if step.index >= 0 else []
    wanted = _wanted(subject, task, step) if is_open else []
    unsigned, is_barred = _unsigned(actor_of(request), setting, task, step)
    return {
        "unsigned": unsigned,
        "is_barred": is_barred,
        "wanted": wanted,
        "act_url": subject.act_url(step.code) if wanted else "",
        "is_open": is_open,
        "shown_at": _now_ms(),
        "pause": PAUSE_MS,
        "is_held": instance.state == InstanceState.HELD,
        "is_approval": step.kind == "approval",
        "is_correction": step.code == RESUBMIT,
        "targets": [(item.code, text(item.title)) for item in steps],
        "signature": signature,
        "policies": [policies[name] for name in task.step_run.evidence.get("policies", [])],
        "replies": [_("Agreed."), *subject.replies()],
    }


def _unsigned(actor: Actor, setting: Setting, task: Task, step: Step) -> tuple[str, bool]:
    """Return why the person can't approve though the task is open to them, "" when they can.

    With it, whether they can't return or refuse it either.
    """
    try:
        require_other_person(actor, task, step, task.instance, task.step_run.tasks.all())
    except ForbiddenError as error:
        return str(error.message), True
    try:
        require_authority(setting, task, step)
    except ForbiddenError as error:
        return str(error.message), False
    return "", False


def _wanted(subject: ProcessSubject, task: Task, step: Step) -> list[str]:
    """Return what the document's own page has to write before the task can be marked done."""
    if step.kind != "task" or step.code == RESUBMIT:
        return []
    missing = subject.missing_for(step.code, task.step_run.started_at)
    return [str(issue.message) for issue in missing]


def _panel(request: HttpRequest, subject: ProcessSubject, instance: Instance) -> str:
    renderer = panel_for(instance.subject_type)
    return "" if renderer is None else renderer(request, subject)


def _checks(instance: Instance, process: Process) -> list[dict[str, Any]]:
    runs = instance.steps.filter(kind="check", round=instance.round).order_by("sequence")
    return [
        {
            "title": text(process.step(run.code).title),
            "code": run.code,
            "state": run_state(process, run) if run.state == StepState.DONE else "late",
            "word": outcome_word(process, run),
            "text": outcome_text(process, run),
            "rule": run.evidence.get("rule", ""),
        }
        for run in runs.exclude(state="skipped")
    ]


def _entries(instance: Instance, process: Process) -> list[dict[str, Any]]:
    entries = []
    for entry in timeline(instance)[:30]:
        if entry.run.state == StepState.SKIPPED:
            continue
        people = [task for task in entry.tasks if task.state != TaskState.VOID]
        who = ", ".join(decision_text(task, entry.names) for task in people[:3])
        remarks = [remark for task in people if (remark := remark_text(task))]
        entries.append(
            {
                "title": entry.title,
                "state": run_state(process, entry.run),
                "at": entry.run.ended_at or entry.run.started_at,
                "who": who or entry.outcome,
                "remark": remarks[0] if remarks else "",
            }
        )
    return entries


@page(permission="")
def inbox_started(request: HttpRequest) -> HttpResponseBase:
    """Show what the reader submitted, with the step where it stands."""
    rows = []
    for instance in started_by(actor_of(request)):
        standing = instance.steps.filter(state__in=["open", "fault"]).first()
        process = process_of(instance.definition_version)
        title = "" if standing is None else step_title(process, standing.code)
        task = standing.tasks.filter(state=TaskState.OPEN).first() if standing else None
        rows.append({"instance": instance, "title": text(instance.titles), "step": title,
                     "process": text(process.title), "task": task})  # fmt: skip
    head = PageHead(_("Inbox"))
    return render_page(request, "process/inbox_started.html", head=head, tab="started", rows=rows)


@page(permission="")
def inbox_decided(request: HttpRequest) -> HttpResponseBase:
    """Show what the reader decided, newest first."""
    tasks = decided_by(actor_of(request))
    rows = [
        {"item": item, "word": Decision(item.task.decision).label}
        for item in items_of(actor_of(request), tasks)
    ]
    head = PageHead(_("Inbox"))
    return render_page(request, "process/inbox_decided.html", head=head, tab="decided", rows=rows)


def _is_too_soon(request: HttpRequest) -> bool:
    """True when the page was drawn only now: the second half of a double click, unread."""
    shown = request.POST.get("shown_at", "")
    if not shown.isdecimal() or len(shown) > len(str(sys.maxsize)):
        return False
    return 0 <= _now_ms() - int(shown) < PAUSE_MS


def _now_ms() -> int:
    # Of the machine, not of the business: a pause of a reader is measured.
    return time.time_ns() // 1_000_000


@page(permission="", methods=["POST"])
def task_decide_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Decide a task and open the next one, which takes no decision at once."""
    if _is_too_soon(request):
        text = _("This opened only now: look at it, then decide.")
        return done(request, reverse("process:task", args=[pk]), Toast(text, "soon"))
    actor = actor_of(request)
    items = inbox(actor).items
    place = next((i for i, item in enumerate(items) if item.task.pk == pk), None)
    data = {"consent": request.POST["consent"]} if "consent" in request.POST else {}
    task = task_decide(
        actor=actor,
        task_id=pk,
        decision=request.POST.get("decision", ""),
        comment=request.POST.get("comment", ""),
        return_to=request.POST.get("return_to") or None,
        data=data,
        expected_version=number_of(request, "expected_version"),
    )
    following = _following(items, place)
    if following is None and place:
        following = items[0].task.pk
    url = reverse("process:task", args=[following]) if following else reverse("process:inbox")
    word = Decision(task.decision).label
    return done(request, url, Toast(_("%(decision)s. Next one.") % {"decision": word}))


@page(permission="", methods=["POST"])
def task_transfer_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand a task to somebody else."""
    task_transfer(
        actor=actor_of(request),
        task_id=pk,
        to_user_id=number_of(request, "to_user") or 0,
        comment=request.POST.get("comment", ""),
    )
    return done(request, reverse("process:inbox"), Toast(_("Handed on.")))


@page(permission="", methods=["POST"])
def task_urge_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask the assignee to hurry."""
    task = task_urge(actor=actor_of(request), task_id=pk)
    url = reverse("process:instance", args=[task.instance_id])
    return done(request, url, Toast(_("Urged.")))


@page(permission="", methods=ANY)
def inbox_batch(request: HttpRequest) -> HttpResponseBase:
    """Show look-alikes together and approve the chosen ones, each by itself."""
    actor = actor_of(request)
    given = request.POST if request.method == "POST" else request.GET
    ids = set(ids_read(given.getlist("ids")))
    if request.method == "POST":
        return _batch_decide(request, sorted(ids))
    groups = look_alikes(inbox(actor).items)
    group = next((g for g in groups if ids & {item.task.pk for item in g}), [])
    head = PageHead(_("Decide together"))
    return render_page(
        request, "process/inbox_batch.html", head=head, items=group[:BATCH_MAX],
        rest=max(0, len(group) - BATCH_MAX),
    )  # fmt: skip


def _batch_decide(request: HttpRequest, ids: Sequence[int]) -> HttpResponseBase:
    if not ids:
        raise InvalidError(FieldIssue("ids", "required", _("Choose what to approve.")))
    if len(ids) > BATCH_MAX:
        message = _("Choose at most %(most)s at a time.") % {"most": BATCH_MAX}
        raise InvalidError(FieldIssue("ids", "many", message))
    actor, count, failed = actor_of(request), 0, []
    comment = request.POST.get("comment", "")
    for pk in ids:
        try:
            task_decide(actor=actor, task_id=pk, decision=Decision.APPROVE, comment=comment)
            count += 1
        except DomainError as error:
            # What the first of two clicks has signed is signed.
            if _decided_by_me(actor, pk):
                count += 1
            else:
                failed.append(_failure(pk, error))
    message = ngettext("%(count)s approved.", "%(count)s approved.", count) % {"count": count}
    if failed:
        message += " " + _("Not decided: %(reasons)s") % {"reasons": "; ".join(failed[:FAILED_MAX])}
        if len(failed) > FAILED_MAX:
            message += " " + _("and %(count)s more") % {"count": len(failed) - FAILED_MAX}
    toast = Toast(message, "soon" if failed else "done")
    return done(request, reverse("process:inbox"), toast)


def _decided_by_me(actor: Actor, task_id: int) -> bool:
    """Whether a second press of the same person found the work done."""
    own = Task.objects.filter(pk=task_id, decided_by_id=actor.user_id, state=TaskState.DONE)
    return own.filter(decision=Decision.APPROVE).exists()


def _failure(task_id: int, error: DomainError) -> str:
    """Return a refusal with the document that it is about."""
    issues = error.items if isinstance(error, InvalidError) else []
    said = " ".join(str(issue.message) for issue in issues) or str(error.message)
    task = Task.objects.select_related("instance").filter(pk=task_id).first()
    return said if task is None else f"{text(task.instance.titles)} – {said}"


@page(permission="")
def taker_pick(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Offer whom a task may be handed to."""
    actor = actor_of(request)
    task = Task.objects.select_related("step_run", "instance").filter(pk=pk).first()
    if task is None:
        raise NotFoundError
    access_instance_for_view(actor, task.instance_id)
    entitled = task_takers(task)
    rows = _people(actor, request.GET.get("q", "").strip()).exclude(pk=task.assignee_id)
    return _picked(rows if entitled is None else rows.filter(pk__in=entitled))


@page(permission="")
def person_pick(request: HttpRequest) -> HttpResponseBase:
    """Offer active colleagues by name, pinyin or user name, to hand a task to."""
    return _picked(_people(actor_of(request), request.GET.get("q", "").strip()))


def _people(actor: Actor, wanted: str) -> QuerySet[Any]:
    rows = get_user_model()._default_manager.filter(
        company_id=actor.company_id or 0, is_active=True
    )
    if not wanted:
        return rows
    return rows.filter(
        Q(username__istartswith=wanted)
        | Q(display_name__icontains=wanted)
        | Q(pinyin__istartswith=wanted)
        | Q(initials__istartswith=wanted)
    )


def _picked(rows: QuerySet[Any]) -> HttpResponseBase:
    return pick_response(
        [PickRow(row.pk, row.username, row.display_name) for row in rows.order_by("pk")[:PICK_MAX]]
    )
