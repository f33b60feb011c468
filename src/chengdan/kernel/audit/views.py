"""The audit trail across documents, for auditors: who did what, when, through which door."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.fields import audited_kinds
from chengdan.kernel.audit.models import AuditEntry
from chengdan.kernel.audit.selectors import AuditView, entry_views
from chengdan.kernel.audit.vocabulary import AUDIT_VIEW, CHANNELS
from chengdan.kernel.ui import ChoiceFilter, Column, DateFilter, Empty, ListPage

_CHANGES_MAX = 200


def _view(entry: AuditEntry) -> AuditView:
    """Return the readable form that `AuditList.prepare` attached."""
    view: AuditView = entry.view  # type: ignore[attr-defined]
    return view


def _changes(entry: AuditEntry) -> str:
    return "; ".join(_view(entry).change_texts)[:_CHANGES_MAX]


class AuditList(ListPage[AuditEntry]):
    """Entries of the company, newest first."""

    code, title, permission = "kernel.audit", _("Audit trail"), AUDIT_VIEW
    export_permission = AUDIT_VIEW
    columns = (
        Column("id", _("No."), kind="number", places=0, sort="id", phone=""),
        Column("at", _("When"), kind="day", phone="side"),
        Column("title", _("What"), value=lambda row: _view(row).title, phone="title"),
        Column("target", _("Document"), value=lambda row: _view(row).document, clip=True),
        Column("who", _("Who"), value=lambda row: _view(row).who),
        Column("channel", _("Through"), value=lambda row: _view(row).door, phone=""),
        Column("changes", _("Changes"), value=_changes, clip=True, phone=""),
        Column("reason", _("Reason"), clip=True, phone=""),
        Column("code", _("Code"), optional=True, phone=""),
        Column("actor_name", _("Person or program"), optional=True, phone=""),
        Column("request_id", _("Reference"), optional=True, phone=""),
        Column("digest", _("Digest"), optional=True, phone=""),
    )
    sorts = {"id": "id"}
    default_sort = "-id"
    filters = (
        DateFilter(name="at", title=_("When"), field="at", is_instant=True),
        ChoiceFilter(
            name="channel", title=_("Through"), field="channel", choices=list(CHANNELS.items())
        ),
        ChoiceFilter(
            name="what", title=_("Document"), field="target_type",
            choices=lambda actor: audited_kinds(),
        ),
    )  # fmt: skip
    search_hint = _("Person, document type or reference")
    empty = Empty(_("No entries"), _("Every change leaves one here."), "clipboard")

    def queryset(self, actor: Actor) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.filter(company_id=actor.company_id)

    def prepare(self, rows: list[AuditEntry], actor: Actor) -> None:
        for row, view in zip(rows, entry_views(rows), strict=True):
            row.view = view  # type: ignore[attr-defined]

    def search(self, queryset: QuerySet[AuditEntry], text: str) -> QuerySet[AuditEntry]:
        return queryset.filter(
            Q(actor_name__icontains=text) | Q(target_type__istartswith=text) | Q(request_id=text)
        )
