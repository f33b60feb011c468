"""The history of a document as the pages of documents show it."""

from __future__ import annotations

from django.db import models

from chengdan.kernel.audit.selectors import AuditView, audit_history
from chengdan.kernel.ui import HistoryEntry

SHOWN_MAX = 50
_CHANGE_MAX = 200


def history_entries(
    target: models.Model, *, limit: int = SHOWN_MAX, along: models.Q | None = None
) -> list[HistoryEntry]:
    """Return the newest entries with reason and changes; the caller has opened the document.

    Args:
        along: see `audit_history`.
    """
    return [_entry(view) for view in audit_history(target, limit=limit, along=along)]


def _entry(view: AuditView) -> HistoryEntry:
    changes = "; ".join(text[:_CHANGE_MAX] for text in view.change_texts)
    remark = " · ".join(text for text in (view.reason, changes) if text)
    return HistoryEntry(view.title, view.at, view.who, remark)
