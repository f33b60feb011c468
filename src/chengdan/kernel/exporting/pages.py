"""Pages of exporting: what was prepared, and fetching it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.exporting.models import ExportRun
from chengdan.kernel.exporting.services import export_fetch
from chengdan.kernel.exporting.vocabulary import ExportState
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import Chip, page
from chengdan.kernel.ui.listing import Column, ListPage

_CHIPS = {
    ExportState.QUEUED: "idle",
    ExportState.RUNNING: "run",
    ExportState.DONE: "done",
    ExportState.FAILED: "late",
}


def _chip(export: ExportRun) -> Chip:
    state: Any = _CHIPS[ExportState(export.state)]
    return Chip(export.get_state_display(), state)


class ExportList(ListPage[ExportRun]):
    """The person's own exports; prepared ones can be fetched."""

    code = "kernel.export"
    title = _("Exports")
    permission = ""
    columns = [
        Column("title", _("List"), phone="title"),
        Column("file_kind", _("File")),
        Column("state", _("State"), kind="chip", value=_chip, phone="side"),
        Column("row_count", _("Rows"), kind="number"),
        Column("created_at", _("Started"), kind="day", sort="id"),
    ]
    sorts = {"id": "id"}
    default_sort = "-id"

    def queryset(self, actor: Actor) -> Any:
        """Return the exports of the person."""
        return ExportRun.objects.filter(actor_id=actor.user_id)

    def row_url(self, row: ExportRun) -> str:
        """Fetch the file while it is kept."""
        return reverse("exporting:fetch", args=[row.pk]) if row.path else ""


@page(permission="")
def fetch(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """Give a prepared file to the person who asked for it."""
    return export_fetch(actor=actor_of(request), export_id=export_id)
