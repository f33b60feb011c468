"""Reading histories."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from chengdan.kernel.audit.codes import audit_title
from chengdan.kernel.audit.fields import field_title, kind_title, value_text, values_want
from chengdan.kernel.audit.models import AuditEntry, AuditPersonal
from chengdan.kernel.audit.names import Names
from chengdan.kernel.audit.record import entries_waiting, target_label
from chengdan.kernel.audit.vocabulary import CHANNELS
from chengdan.kernel.ui.formats import who_text


@dataclass(frozen=True, slots=True)
class AuditView:
    """One entry as a reader sees it; `title` is in the active language."""

    sequence: int
    at: datetime
    code: str
    title: str
    actor_id: int | None
    actor_name: str
    on_behalf_of_id: int | None
    channel: str
    request_id: str
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]
    params: dict[str, Any]
    digest: str
    target_type: str = ""
    target_id: int = 0
    names: Names = field(default_factory=Names, compare=False, repr=False)

    @property
    def document(self) -> str:
        """What was changed: the kind of document and its name."""
        name = self.names.of(self.target_type, self.target_id)
        return f"{kind_title(self.target_type)} {name}"

    @property
    def who(self) -> str:
        """The person; programs have no name that a reader knows."""
        return who_text(self.actor_id, self.actor_name)

    @property
    def door(self) -> str:
        """Through which door the change came."""
        return str(CHANNELS.get(self.channel, self.channel))

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """Return (field, before, after) of every field that changed."""
        names = dict.fromkeys([*self.before, *self.after])
        same = {name for name, was in self.before.items() if self.after.get(name, ...) == was}
        return [
            (name, self.before.get(name), self.after.get(name))
            for name in names
            if name not in same
        ]

    def title_of(self, name: str) -> str:
        """Return what a field is called, in the reader's language."""
        return field_title(self.target_type, name)

    def text_of(self, name: str, value: Any) -> str:
        """Return a value of a field as readers see it; "–" for none."""
        return value_text(self.target_type, name, value, self.names)

    @property
    def change_texts(self) -> list[str]:
        """Return "field: before → after" of every change, in the reader's language."""
        found = []
        for name, was, became in self.changes:
            before, after = _differing(was, became)
            shown = self.text_of(name, after)
            if name in self.before:
                shown = f"{self.text_of(name, before)} → {shown}"
            found.append(f"{self.title_of(name)}: {shown}")
        return found


def _differing(before: Any, after: Any) -> tuple[Any, Any]:
    """Leave out of two lists of rows, such as the lines of an order, what stands in both."""
    if not isinstance(before, list) or not isinstance(after, list):
        return before, after
    return [row for row in before if row not in after], [row for row in after if row not in before]


def audit_history(
    target: models.Model | tuple[type[models.Model], int],
    *,
    limit: int = 100,
    along: models.Q | None = None,
) -> list[AuditView]:
    """Return the newest entries of a document, newest first.

    The caller has already checked that the actor may see the document.

    Args:
        along: entries of other rows that tell of the document, such as its runs.
    """
    model, pk = target if isinstance(target, tuple) else (type(target), target.pk)
    wanted = models.Q(target_type=target_label(model), target_id=pk)
    entries = AuditEntry.objects.filter(wanted if along is None else wanted | along)
    # Sequences count the entries of one row each: they can't order several rows among themselves.
    return entry_views(entries.order_by("-at", "-pk")[:limit])


def audit_waiting(target_types: Collection[str]) -> list[AuditView]:
    """Return what the running act has put down so far about documents of these types.

    Personal values are left out: who keeps the texts could not erase them later.
    """
    kept = [entry for entry in entries_waiting() if entry.target_type in target_types]
    return _prepared(kept, is_personal_shown=False)


def entry_views(entries: Iterable[AuditEntry]) -> list[AuditView]:
    """Return entries in readable form; what their ids name is read once for all of them."""
    return _prepared(entries, is_personal_shown=True)


def _prepared(entries: Iterable[AuditEntry], *, is_personal_shown: bool) -> list[AuditView]:
    names = Names()
    views = [_view(entry, names, is_personal_shown) for entry in entries]
    for view in views:
        names.want(view.target_type, view.target_id)
        for name, before, after in view.changes:
            values_want(view.target_type, name, before, names)
            values_want(view.target_type, name, after, names)
    return views


def _view(entry: AuditEntry, names: Names, is_personal_shown: bool) -> AuditView:
    content = json.loads(entry.content)
    params = content.get("params") or {}
    after = content.get("after") or {}
    if content.get("personal") and is_personal_shown:
        after = {**after, **_personal_values(content["personal"])}
    return AuditView(
        sequence=entry.sequence,
        at=entry.at,
        code=entry.code,
        title=audit_title(entry.code, params),
        actor_id=entry.actor_id,
        actor_name=entry.actor_name,
        on_behalf_of_id=entry.on_behalf_of_id,
        channel=entry.channel,
        request_id=entry.request_id,
        reason=entry.reason,
        before=content.get("before") or {},
        after=after,
        params=params,
        digest=entry.digest,
        target_type=entry.target_type,
        target_id=entry.target_id,
        names=names,
    )


def _personal_values(digests: dict[str, str]) -> dict[str, str]:
    values = dict(
        AuditPersonal.objects.filter(digest__in=digests.values()).values_list("digest", "value")
    )
    return {name: values.get(digest) or "***" for name, digest in digests.items()}
