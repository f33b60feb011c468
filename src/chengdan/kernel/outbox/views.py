"""The page of deferred work: what waits, what failed and why, and the schedule."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox.handlers import periodics_all
from chengdan.kernel.outbox.models import MessageState, OutboxMessage, PeriodicRun
from chengdan.kernel.outbox.services import message_retry
from chengdan.kernel.outbox.vocabulary import OUTBOX_RETRY, OUTBOX_VIEW
from chengdan.kernel.transactions import write
from chengdan.kernel.ui import (
    Act,
    BulkAct,
    Chip,
    ChoiceFilter,
    Column,
    Crumb,
    Empty,
    ListPage,
    PageHead,
    Table,
    Toast,
    View,
    done,
    page,
    render_page,
)
from chengdan.kernel.ui.parts import State, Text

_STATES: dict[str, State] = {
    MessageState.PENDING: "run",
    MessageState.DONE: "done",
    MessageState.DEAD: "late",
}


def _chip(row: OutboxMessage) -> Chip:
    state = _STATES[row.state]
    if row.state == MessageState.PENDING and row.attempts:
        return Chip(_("tried %(count)s times") % {"count": row.attempts}, "soon", title=row.error)
    return Chip(row.get_state_display(), state, title=row.error)


def _refusal(row: OutboxMessage) -> Text:
    return _("It is done.") if row.state == MessageState.DONE else ""


class OutboxList(ListPage[OutboxMessage]):
    """Events and jobs, newest first."""

    code, title, permission = "kernel.outbox", _("Deferred work"), OUTBOX_VIEW
    columns = (
        Column("id", _("No."), kind="number", places=0, sort="id", phone="side"),
        Column("topic", _("What"), phone="title"),
        Column("state", _("State"), kind="chip", value=_chip),
        Column("attempts", _("Attempts"), kind="number", places=0),
        Column("created_at", _("Created"), kind="day"),
        Column("run_at", _("Next attempt"), kind="day"),
        Column("done_at", _("Done"), kind="day"),
        Column("actor_name", _("Started by"), phone=""),
        Column("error", _("Error"), clip=True, phone=""),
    )
    sorts = {"id": "id"}
    default_sort = "-id"
    filters = (
        ChoiceFilter(
            name="state", title=_("State"), field="state", choices=MessageState.choices
        ),
        ChoiceFilter(
            name="kind", title=_("Kind"), field="kind",
            choices=[("event", _("events")), ("job", _("jobs"))],
        ),
    )  # fmt: skip
    views = (
        View("waiting", _("Waiting"), "state=pending"),
        View("dead", _("Given up"), "state=dead", state="late"),
    )
    bulk = (
        BulkAct(
            "retry", _("Retry"), reverse_lazy("outbox:retry"), "refresh",
            permission=OUTBOX_RETRY, refusal=_refusal,
        ),
    )  # fmt: skip
    search_fields = ("topic",)
    search_hint = _("Name of the event or job")
    empty = Empty(_("Nothing here"), _("Deferred work appears while people work."), "inbox")

    def queryset(self, actor: Actor) -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.filter(
            Q(company_id=actor.company_id) | Q(company_id__isnull=True)
        )

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [Act("schedule", _("Schedule"), reverse("outbox:schedule"), icon="clock")]


@page(permission=OUTBOX_RETRY, methods=["POST"])
def retry(request: HttpRequest) -> HttpResponseBase:
    """Put the selected messages first in line."""
    ids = list(OutboxList().selection(request).values_list("pk", flat=True))
    with write():
        count = sum(message_retry(pk) for pk in ids)
    text = _("%(count)s will be tried again.") % {"count": count}
    return done(request, reverse("outbox:list"), Toast(text))


@page(permission=OUTBOX_VIEW)
def schedule(request: HttpRequest) -> HttpResponseBase:
    """Every periodic task with its last run."""
    runs = {run.name: run for run in PeriodicRun.objects.all()}
    rows = [
        {
            "name": task.name,
            "when": task.daily_at or f"{task.every_seconds} s",
            "run": runs.get(task.name),
        }
        for task in periodics_all()
    ]
    columns = [
        Column("name", _("Task"), value=lambda row: row["name"]),
        Column("when", _("When"), value=lambda row: row["when"]),
        Column("started", _("Last start"), kind="day",
               value=lambda row: row["run"].started_at if row["run"] else None),
        Column("finished", _("Last end"), kind="day",
               value=lambda row: row["run"].finished_at if row["run"] else None),
        Column("error", _("Error"), clip=True,
               value=lambda row: row["run"].error if row["run"] else ""),
    ]  # fmt: skip
    head = PageHead(_("Schedule"), crumbs=[Crumb(_("Deferred work"), reverse("outbox:list"))])
    table = Table(_("Periodic tasks"), columns, rows)
    return render_page(request, "ui/table_page.html", head=head, table=table)
