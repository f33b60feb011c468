"""Giving a delivery note up before the goods leave."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.pending import document_save
from chengdan.kernel.transactions import write
from chengdan.modules.process.services import process_cancel
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_note, note_lock
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.services.bands import bands_tell
from chengdan.modules.shipping.services.reserve import picks_free
from chengdan.modules.shipping.transitions import NOTE_TRANSITIONS


def reason_require(reason: str) -> str:
    """Return the reason without blanks.

    Raises:
        InvalidError: there is none.
    """
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Please give a reason.")))
    return reason.strip()


def note_end(actor: Actor, note: DeliveryNote, reason: str) -> None:
    """Set a locked note cancelled and free what it set aside; its process is the caller's."""
    before = note.status
    note.status = NOTE_TRANSITIONS.resolve(note.status, "cancel")
    note.due_at, note.step = None, ""
    note.version += 1
    document_save(note, ["status", "version"])
    picks_free([note])
    audit_record(
        actor,
        words.NOTE_CANCELLED,
        note,
        before={"status": before},
        after={"status": note.status},
        reason=reason,
    )
    bands_tell(note)


def note_cancel(
    *, actor: Actor, note_id: int, reason: str, expected_version: int | None = None
) -> DeliveryNote:
    """Give an open note up; what it set aside is free, its orders wait for goods again.

    Raises:
        InvalidError: no reason.
        TransitionError: the goods have left.
        NotFoundError, ForbiddenError, ConflictError: see `access_note`.
    """
    reason = reason_require(reason)
    with write():
        note = access_note(actor, note_id, words.CANCEL, expected_version)
        note_end(actor, note, reason)
        process_cancel(actor=actor, subject_type=words.NOTE, subject_id=note.pk, reason=reason)
        return note_lock(note.pk)
