"""Attaching, reading and removing files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.attachments import storage
from chengdan.kernel.attachments import vocabulary as words
from chengdan.kernel.attachments.metadata import metadata_strip
from chengdan.kernel.attachments.models import Attachment
from chengdan.kernel.attachments.sniffing import ContentError, kind_sniff, name_clean
from chengdan.kernel.attachments.vocabulary import FileRefusedError
from chengdan.kernel.audit.record import audit_record
from chengdan.kernel.errors import ForbiddenError, NotFoundError
from chengdan.kernel.parameters import parameter_values
from chengdan.kernel.rights import right_require
from chengdan.kernel.targets import Target, target_load
from chengdan.kernel.transactions import write
from chengdan.kernel.verification import Difference, verifier

_REASONS = {
    "empty": _("The file is empty."),
    "unknown": _("This kind of file cannot be attached. What can: %(kinds)s."),
    "mismatch": _("The content of the file is not what its name says."),
    "bomb": _("The file unpacks to far too much."),
    "encrypted": _("The file is protected by a password."),
    "macro": _("The file contains macros."),
    "broken": _("The file is damaged."),
}


def attachment_add(
    *, actor: Actor, target_type: str, target_id: int, name: str, data: bytes
) -> Attachment:
    """Attach a file to a document; pictures lose their metadata.

    Raises:
        NotFoundError: the document is not open to the actor.
        ForbiddenError: the actor may see but not change it.
        FileRefusedError: too large, too many, or a kind that is not allowed.
    """
    target, obj = target_load(actor, target_type, target_id)
    right_require(actor, target.edit_permission or target.view_permission)
    codes = [words.MAX_MEGABYTES, words.MAX_COUNT, words.ALLOWED_TYPES]
    company_id = getattr(obj, "company_id", None) or actor.company_id
    limits = parameter_values(company_id, codes)
    if len(data) > limits[words.MAX_MEGABYTES] * 1024 * 1024:
        text = _("The file is larger than %(limit)s MB.")
        raise FileRefusedError(text, code="file_size", limit=limits[words.MAX_MEGABYTES])
    kind = _kind(data, name, limits[words.ALLOWED_TYPES])
    data = metadata_strip(data, kind)
    with write():
        if _of(target_type, target_id).count() >= limits[words.MAX_COUNT]:
            text = _("A document has at most %(limit)s attachments.")
            raise FileRefusedError(text, code="file_count", limit=limits[words.MAX_COUNT])
        row = Attachment.objects.create(
            target_type=target_type,
            target_id=target_id,
            company_id=company_id,
            stored_name=storage.bytes_put(data),
            name=name_clean(name),
            kind=kind,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            uploaded_at=clock.now(),
            uploaded_by_id=actor.user_id,
            uploaded_by_name=actor.name,
        )
        _record(actor, words.ADDED, row, obj)
    return row


def _kind(data: bytes, name: str, allowed: list[str]) -> str:
    try:
        kind = kind_sniff(data, name)
    except ContentError as error:
        raise _refusal(str(error), allowed) from None
    if kind not in allowed:
        raise _refusal("unknown", allowed)
    return kind


def _refusal(code: str, allowed: list[str]) -> FileRefusedError:
    return FileRefusedError(_REASONS[code], code=f"file_{code}", kinds=", ".join(allowed))


def _of(target_type: str, target_id: int) -> models.QuerySet[Attachment]:
    return Attachment.objects.filter(target_type=target_type, target_id=target_id, removed_at=None)


def _record(actor: Actor, code: str, row: Attachment, obj: models.Model) -> None:
    params = {"name": row.name, "attachment": row.pk, "sha256": row.sha256}
    audit_record(actor, code, row, params=params)
    audit_record(actor, code, obj, params=params)


def attachments_of(target_type: str, target_id: int) -> list[Attachment]:
    """Return the files of a document that the caller has already opened for the actor."""
    return list(_of(target_type, target_id).order_by("pk"))


def attachment_open(actor: Actor, attachment_id: int) -> tuple[Attachment, Path]:
    """Return a file and where its bytes lie.

    Raises:
        NotFoundError: no such file, removed, or its document is not open to the actor.
    """
    row, _target, _obj = _visible(actor, attachment_id)
    path = storage.bytes_path(row.stored_name)
    if not path.is_file():
        raise NotFoundError
    return row, path


def _visible(actor: Actor, attachment_id: int) -> tuple[Attachment, Target, models.Model]:
    row = Attachment.objects.filter(pk=attachment_id, removed_at=None).first()
    if row is None:
        raise NotFoundError
    target, obj = target_load(actor, row.target_type, row.target_id)
    return row, target, obj


def attachment_remove(*, actor: Actor, attachment_id: int) -> Attachment:
    """Hide a file; its row and bytes stay as evidence.

    Raises:
        NotFoundError: as `attachment_open`.
        ForbiddenError: somebody else's file, and the actor may not change the document.
    """
    row, target, obj = _visible(actor, attachment_id)
    if not target.edit_permission and row.uploaded_by_id != actor.user_id and not actor.is_system:
        raise ForbiddenError  # whoever may only look takes nobody's evidence away
    right_require(actor, target.edit_permission or target.view_permission)
    with write():
        row.removed_at = clock.now()
        row.save(update_fields=["removed_at"])
        _record(actor, words.REMOVED, row, obj)
    return row


def attachments_sweep() -> int:
    """Delete files that no row refers to, left by acts that were rolled back; return how many."""
    old = [name for name, age in storage.bytes_names() if age > storage.ORPHAN_SECONDS]
    dropped = 0
    for start in range(0, len(old), 500):
        chunk = old[start : start + 500]
        known = Attachment.objects.filter(stored_name__in=chunk)
        for name in set(chunk) - set(known.values_list("stored_name", flat=True)):
            storage.bytes_drop(name)
            dropped += 1
    return dropped


@verifier("I10", "attached files")
def file_differences() -> Iterator[Difference]:
    """Compare every attached file with its digest."""
    for row in Attachment.objects.order_by("pk").iterator():
        path = storage.bytes_path(row.stored_name)
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
        if found != row.sha256:
            yield Difference("I10", f"attachment {row.pk}", row.sha256, found)
