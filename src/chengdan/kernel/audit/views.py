"""The audit trail across documents, for auditors: who did what, when, through which door."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.codes import audit_codes
from chengdan.kernel.audit.models import AuditEntry
from chengdan.kernel.audit.selectors import entry_view
from chengdan.kernel.audit.vocabulary import AUDIT_VIEW
from chengdan.kernel.ui import ChoiceFilter, Column, DateFilter, Empty, ListPage

_CHANGES_MAX = 200


def _title(entry: AuditEntry) -> str:
    return entry_view(entry).title


def _changes(entry: AuditEntry) -> str:
    return "; ".join(entry_view(entry).change_texts)[:_CHANGES_MAX]


def _at(entry: AuditEntry) -> datetime:
    return entry.at


def _types(actor: Actor) -> list[tuple[str, str]]:
    labels = sorted({code.rsplit(".", 1)[0] for code, _text in audit_codes()})
    return [(label, label) for label in labels]


class AuditList(ListPage[AuditEntry]):
    """Entries of the company, newest first."""

    code, title, permission = "kernel.audit", _("Audit trail"), AUDIT_VIEW
    export_permission = AUDIT_VIEW
    columns = (
        Column("id", _("No."), kind="number", places=0, sort="id", phone=""),
        Column("at", _("When"), kind="day", value=_at, phone="side"),
        Column("title", _("What"), value=_title, phone="title"),
        Column("target", _("Document"), value=lambda row: f"{row.target_type} {row.target_id}"),
        Column("actor_name", _("Who")),
        Column("channel", _("Through"), phone=""),
        Column("changes", _("Changes"), value=_changes, clip=True, phone=""),
        Column("reason", _("Reason"), clip=True, phone=""),
        Column("request_id", _("Reference"), optional=True, phone=""),
        Column("digest", _("Digest"), optional=True, phone=""),
    )
    sorts = {"id": "id"}
    default_sort = "-id"
    filters = (
        DateFilter(name="at", title=_("When"), field="at"),
        ChoiceFilter(
            name="channel", title=_("Through"), field="channel",
            choices=[(code, code) for code in ("web", "api", "import", "job", "cli")],
        ),
        ChoiceFilter(
            name="what", title=_("What"), choices=_types,
            apply=lambda values, actor: _starts(values),
        ),
    )  # fmt: skip
    search_hint = _("Person, document type or reference")
    empty = Empty(_("No entries"), _("Every change leaves one here."), "clipboard")

    def queryset(self, actor: Actor) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.filter(company_id=actor.company_id)

    def search(self, queryset: QuerySet[AuditEntry], text: str) -> QuerySet[AuditEntry]:
        return queryset.filter(
            Q(actor_name__icontains=text) | Q(target_type__istartswith=text) | Q(request_id=text)
        )


def _starts(values: list[str]) -> Q:
    condition = Q()
    for value in values:
        condition |= Q(code__startswith=f"{value}.")
    return condition
