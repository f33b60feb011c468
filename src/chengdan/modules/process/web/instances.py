"""Runs of processes: list, page with history, faults with retry."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengdan.kernel.actor import Actor
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    ChoiceFilter,
    Column,
    Crumb,
    DateFilter,
    DocumentPage,
    Fact,
    HistoryEntry,
    ListPage,
    Note,
    PageHead,
    Toast,
    View,
    done,
    page,
)
from chengdan.modules.people.access import can, visible
from chengdan.modules.process.access import access_instance_for_view
from chengdan.modules.process.models import Instance
from chengdan.modules.process.selectors.bands import band_of, instance_chip
from chengdan.modules.process.selectors.definitions import process_of
from chengdan.modules.process.selectors.names import decision_text, person_name, remark_text
from chengdan.modules.process.selectors.running import (
    comments_of,
    run_state,
    step_named,
    strip_of,
    timeline,
)
from chengdan.modules.process.services import (
    instance_hold,
    instance_resume,
    instance_retry,
    process_withdraw,
    task_comment,
)
from chengdan.modules.process.subjects import subject_load
from chengdan.modules.process.vocabulary import (
    INSTANCE_MANAGE,
    INSTANCE_VIEW,
    OPEN_STATES,
    InstanceState,
)
from chengdan.modules.process.web.common import (
    number_of,
    text,
)


def _process_title(instance: Instance) -> str:
    return text(process_of(instance.definition_version).title)


class InstanceList(ListPage[Instance]):
    """Every run that the reader may see."""

    code, title, permission = "process.instance", gettext_lazy("Running processes"), INSTANCE_VIEW
    columns = (
        Column("document", gettext_lazy("Document"), value=lambda row: text(row.titles),
               phone="title", clip=True),
        Column("party", gettext_lazy("Party"), clip=True),
        Column("process", gettext_lazy("Process"), value=_process_title, phone="line"),
        Column("round", gettext_lazy("Round"), kind="quantity"),
        Column("amount", gettext_lazy("Amount"), kind="money"),
        Column("started", gettext_lazy("Started"), kind="day", value="started_at",
               sort="started"),
        Column("state", gettext_lazy("State"), kind="chip", phone="side",
               value=lambda row: instance_chip(row.state)),
    )  # fmt: skip
    sorts = {"started": "pk"}
    default_sort = "-started"
    filters = (
        ChoiceFilter(name="state", title=gettext_lazy("State"), choices=InstanceState.choices),
        DateFilter(
            name="started", title=gettext_lazy("Started"), field="started_at", is_instant=True
        ),
    )
    views = (
        View("open", gettext_lazy("Unfinished"), "state=running&state=held&state=fault"),
        View("fault", gettext_lazy("Faults"), "state=fault", state="late"),
    )

    def queryset(self, actor: Actor) -> QuerySet[Instance]:
        rows = Instance.objects.select_related("definition", "definition_version")
        return visible(actor, INSTANCE_VIEW, rows)

    def row_url(self, row: Instance) -> str:
        return reverse("process:instance", args=[row.pk])


@page(permission="")
def instance_show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one run: strip, fault, history."""
    actor = actor_of(request)
    instance = access_instance_for_view(actor, pk)
    process = process_of(instance.definition_version)
    subject = subject_load(instance.subject_type, instance.subject_id)
    head = PageHead(
        text(process.title),
        text(instance.titles),
        crumbs=[Crumb(_("Running processes"), reverse("process:instances"))],
        chips=[instance_chip(instance.state)],
        labels=[_("round %(round)s") % {"round": instance.round}],
        acts=_acts(actor, instance, subject.url()),
    )
    facts = [
        Fact(_("Document"), text(instance.titles), url=subject.url()),
        Fact(_("Party"), instance.party or "–"),
        Fact(_("Amount"), instance.amount, kind="money"),
        Fact(_("Submitted by"), person_name(instance.initiator_id) or _("the system")),
        Fact(_("Version"), instance.definition_version.number, kind="quantity"),
        Fact(_("Started"), instance.started_at, kind="day"),
    ]
    return DocumentPage(
        "process.instance",
        instance,
        head=head,
        facts=facts,
        strip=[band_of(strip_of(instance))],
        notes=_faults(instance),
        history=_history(instance),
        template="process/instance.html",
        columns=6,
    ).render(request, instance=instance, comments=comments_of(instance))


def _acts(actor: Actor, instance: Instance, url: str) -> list[Act]:
    acts = [Act("document", _("Open the document"), url, icon="file-text")]
    place = [instance.pk]
    if instance.state in OPEN_STATES and instance.initiator_id == actor.user_id:
        acts.append(
            Act("withdraw", _("Take back"), reverse("process:instance_withdraw", args=place),
                method="post", icon="arrow-back-up",
                confirm=_("Take the submission back? Everything it reserved is freed."))
        )  # fmt: skip
    if not can(actor, INSTANCE_MANAGE, instance):
        return acts
    if instance.state == InstanceState.HELD:
        acts.append(
            Act("resume", _("Go on"), reverse("process:instance_resume", args=place),
                method="post", icon="player-play")
        )  # fmt: skip
    if instance.state == InstanceState.RUNNING:
        acts.append(
            Act("hold", _("Put on hold"), reverse("process:instance_hold", args=place),
                method="post", icon="player-pause", values={"reason": _("put on hold by hand")})
        )  # fmt: skip
    return acts


def _faults(instance: Instance) -> list[Note]:
    if instance.state != InstanceState.FAULT:
        return []
    run = instance.steps.filter(state="fault").first()
    error = run.evidence.get("fault", {}).get("error", "") if run else ""
    owner = person_name(instance.fault_owner_id)
    retry = Act("retry", _("Try again"), reverse("process:instance_retry", args=[instance.pk]),
                method="post", icon="refresh", primary=True)  # fmt: skip
    process = process_of(instance.definition_version)
    title = _("Stopped by a fault in %(step)s") % {
        "step": step_named(process, run.code) if run else ""
    }
    detail = _("%(error)s. %(owner)s looks after it; every decision is kept.")
    return [Note("late", title, detail % {"error": error, "owner": owner}, acts=[retry])]


def _history(instance: Instance) -> list[HistoryEntry]:
    process = process_of(instance.definition_version)
    entries = []
    for entry in timeline(instance):
        who = ", ".join(
            decision_text(task, entry.names) for task in entry.tasks if task.state != "void"
        )
        remarks = [remark for task in entry.tasks if (remark := remark_text(task))]
        at = entry.run.ended_at or entry.run.started_at
        title = step_named(process, entry.run.code)
        if entry.run.round > 1:
            title += " · " + _("round %(round)s") % {"round": entry.run.round}
        state = run_state(process, entry.run)
        entries.append(HistoryEntry(title, at, who or entry.outcome, "; ".join(remarks), state))
    return entries


@page(permission="", methods=["POST"])
def instance_retry_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Try a fault again."""
    instance = instance_retry(actor=actor_of(request), instance_id=pk)
    is_fault = instance.state == InstanceState.FAULT
    message = _("It failed again.") if is_fault else _("It goes on.")
    toast = Toast(message, "late" if is_fault else "done")
    return done(request, reverse("process:instance", args=[pk]), toast)


@page(permission="process.instance:manage", methods=["POST"])
def instance_hold_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put a run on hold."""
    reason = request.POST.get("reason", "")
    instance_hold(actor=actor_of(request), instance_id=pk, reason=reason)
    return done(request, reverse("process:instance", args=[pk]), Toast(_("On hold.")))


@page(permission="process.instance:manage", methods=["POST"])
def instance_resume_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let a held run go on."""
    instance_resume(actor=actor_of(request), instance_id=pk)
    return done(request, reverse("process:instance", args=[pk]), Toast(_("It goes on.")))


@page(permission="", methods=["POST"])
def instance_withdraw_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take one's own submission back."""
    process_withdraw(actor=actor_of(request), instance_id=pk)
    return done(request, reverse("process:instance", args=[pk]), Toast(_("Taken back.")))


@page(permission="", methods=["POST"])
def instance_comment_do(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Add a remark."""
    task = number_of(request, "task")
    words = request.POST.get("text", "")
    task_comment(actor=actor_of(request), instance_id=pk, text=words, task_id=task)
    place = ("process:task", task) if task else ("process:instance", pk)
    return done(request, reverse(place[0], args=[place[1]]), Toast(_("Saved.")))
