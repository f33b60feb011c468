"""What histories call the fields of the kernel's own rows, and how those rows are named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_fields_register, audit_names_register
from chengdan.kernel.audit.names import NameReader
from chengdan.kernel.numbering.declarations import declaration_find
from chengdan.kernel.permissions import permission_title
from chengdan.kernel.workcalendar.vocabulary import DayKind


def _column(label: str, name: str) -> NameReader:
    """Return what names rows of a model by one of their columns."""

    def read(ids: Collection[Any]) -> Mapping[Any, str]:
        rows = apps.get_model(label)._default_manager.filter(pk__in=ids)
        return {pk: str(text) for pk, text in rows.values_list("pk", name)}

    return read


def _series_title(document_type: str) -> str:
    found = declaration_find(document_type)
    return "" if found is None else str(found.title)


def _series_names(ids: Collection[Any]) -> Mapping[Any, str]:
    types = _column("kernel.numberseries", "document_type")(ids)
    return {pk: _series_title(name) or name for pk, name in types.items()}


def _series_text(name: str, value: Any) -> str:
    return _series_title(value) if name == "document_type" else ""


def _token_text(name: str, value: Any) -> str:
    if name != "scopes":
        return ""
    return ", ".join(permission_title(code) or code for code in value)


for _label, _name in (
    ("kernel.apitoken", "name"), ("kernel.attachment", "name"), ("kernel.comment", "author_name"),
    ("kernel.exportrun", "title"), ("kernel.importjob", "source_name"),
    ("kernel.workcalendar", "code"),
):  # fmt: skip
    audit_names_register(_label, _column(_label, _name))
audit_names_register("kernel.numberseries", _series_names)
audit_fields_register(
    "kernel.apitoken",
    kind=_("API token"),
    titles={
        "scopes": _("rights"), "expires_at": _("runs out"), "revoked_at": _("revoked at"),
    },
    text=_token_text,
)  # fmt: skip
audit_fields_register("kernel.attachment", kind=_("Attachment"))
audit_fields_register(
    "kernel.comment",
    kind=_("Remark on a document"),
    titles={"mentioned": _("mentioned"), "text": _("text")},
    ids={"mentioned": settings.AUTH_USER_MODEL.lower()},
)
audit_fields_register(
    "kernel.exportrun",
    kind=_("Export"),
    titles={"query": _("filter"), "file": _("file format"), "rows": _("rows")},
)
audit_fields_register(
    "kernel.importjob",
    kind=_("Import"),
    titles={
        "rows_read": _("rows read"), "rows_created": _("rows created"),
        "rows_updated": _("rows updated"), "rows_skipped": _("rows unchanged"),
        "rows_rejected": _("rows refused"), "kind": _("Kind"), "files": _("Files"),
        "is_dry_run": _("only checked"), "name": _("Name"), "sha256": _("digest"),
    },
)  # fmt: skip
audit_fields_register(
    "kernel.numberseries",
    kind=_("Document numbers"),
    titles={
        "document_type": _("document"), "is_gapless": _("without gaps"), "minimum": _("first"),
        "maximum": _("last"), "office": _("office"), "pattern": _("pattern"),
        "reset": _("begins anew"), "warn_below": _("warn below"),
    },
    text=_series_text,
)  # fmt: skip
audit_fields_register(
    "kernel.workcalendar",
    kind=_("Working calendar"),
    titles={
        "title": _("title"), "time_zone": _("time zone"), "opens_at": _("begin of work"),
        "closes_at": _("end of work"), "break_starts_at": _("begin of the break"),
        "break_ends_at": _("end of the break"), "weekdays": _("weekdays"),
        "starts_from_shipped": _("days of mainland China"),
        "skips_non_working_hours": _("hours leave out non-working days"),
        "kind": _("Kind"), "shift": _("shift"),
    },
    choices={"kind": DayKind.choices},
)  # fmt: skip
