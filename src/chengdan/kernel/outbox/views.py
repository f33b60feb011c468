"""The page of deferred work: what waits, what failed and why, and the schedule."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox.handlers import periodics_all, work_codes, work_title
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


def _by(row: OutboxMessage) -> Text:
    """Return the person, or the work that asked for more work."""
    if row.actor_id is not None:
        return row.actor_name
    title = work_title(row.actor_name)
    return title if title != row.actor_name else _("automatic")


def _refusal(row: OutboxMessage) -> Text:
    return _("It is done.") if row.state == MessageState.DONE else ""


class OutboxList(ListPage[OutboxMessage]):
    """Events and jobs, newest first."""

    code, title, permission = "kernel.outbox", _("Deferred work"), OUTBOX_VIEW
    columns = (
        Column("id", _("No."), kind="number", places=0, sort="id", phone="side"),
        Column("what", _("What"), value=lambda row: work_title(row.topic), phone="title"),
        Column("state", _("State"), kind="chip", value=_chip),
        Column("attempts", _("Attempts"), kind="number", places=0),
        Column("created_at", _("Created"), kind="day"),
        Column("run_at", _("Next attempt"), kind="day"),
        Column("done_at", _("Done"), kind="day"),
        Column("by", _("Started by"), value=_by, phone=""),
        Column("error", _("Error"), clip=True),
        Column("topic", _("Code"), optional=True, phone=""),
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
    search_hint = _("Name of the event or job")
    empty = Empty(_("Nothing here"), _("Deferred work appears while people work."), "inbox")

    def queryset(self, actor: Actor) -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.filter(
            Q(company_id=actor.company_id) | Q(company_id__isnull=True)
        )

    def search(self, queryset: QuerySet[OutboxMessage], text: str) -> QuerySet[OutboxMessage]:
        found = [code for code in work_codes() if text.casefold() in work_title(code).casefold()]
        return queryset.filter(Q(topic__istartswith=text) | Q(topic__in=found))

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


def every_text(seconds: int) -> str:
    """Return an interval in words."""
    minutes = seconds // 60
    if not minutes:
        return ngettext("every second", "every %(count)s seconds", seconds) % {"count": seconds}
    return ngettext("every minute", "every %(count)s minutes", minutes) % {"count": minutes}


@page(permission=OUTBOX_VIEW)
def schedule(request: HttpRequest) -> HttpResponseBase:
    """Every periodic task with its last run."""
    runs = {run.name: run for run in PeriodicRun.objects.all()}
    rows = [
        {
            "name": work_title(task.name),
            "when": task.daily_at or every_text(task.every_seconds),
            "run": runs.get(task.name),
        }
        for task in periodics_all()
    ]
    columns = [
        Column("name", _("Task"), value=lambda row: row["name"], phone="title"),
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
