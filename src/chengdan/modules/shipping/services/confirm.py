"""After the goods have left: waybill back to CSR and customer, signed confirmation (FB, CF)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.attachments.services import attachment_add, attachments_of
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.pending import document_save
from chengdan.kernel.transactions import write
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_note
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.services.acts import step_complete
from chengdan.modules.shipping.services.tell import note_tell
from chengdan.modules.shipping.transitions import NOTE_TRANSITIONS

_CONFIRMED = (
    "status", "signer", "confirmed_on", "confirmed_at", "deviation", "archive", "version",
)  # fmt: skip


def note_feedback(
    *,
    actor: Actor,
    note_id: int,
    waybill: str,
    customer_told_how: str = "",
    expected_version: int | None = None,
) -> DeliveryNote:
    """Report the waybill back to the CSR and to the customer (SHP-04).

    Args:
        customer_told_how: such as "phone, Ms Luo"; "" leaves telling the customer to the CSR,
            who gets a notice that says so.

    Raises:
        InvalidError: no waybill.
        NotFoundError, ForbiddenError, ConflictError: see `access_note`.
        StepNotOpenError, NotAssignedError: not now, or somebody else's step.
    """
    waybill = waybill.strip()
    if not waybill:
        message = _("Enter the number of the waybill, or how the goods travel.")
        raise InvalidError(FieldIssue("waybill", "required", message))
    with write():
        note = access_note(actor, note_id, words.FEEDBACK, expected_version)
        NOTE_TRANSITIONS.resolve(note.status, "feedback")
        note.waybill, note.fed_back_at = waybill, clock.now()
        note.customer_told_how = customer_told_how.strip()
        note.version += 1
        document_save(note, ["waybill", "fed_back_at", "customer_told_how", "version"])
        audit_record(
            actor,
            words.NOTE_FED_BACK,
            note,
            after={"waybill": waybill, "told": note.customer_told_how},
        )
        note_tell(
            actor, note, "shipping.fed_back", ("csr", "owner"),
            carrier=note.carrier, waybill=waybill,
        )  # fmt: skip
        return step_complete(actor, note, "FB", {"waybill": waybill})


def note_confirm(
    *,
    actor: Actor,
    note_id: int,
    signer: str,
    confirmed_on: date | None = None,
    deviation: str = "",
    archive: str = "",
    files: Sequence[tuple[str, bytes]] = (),
    expected_version: int | None = None,
) -> DeliveryNote:
    """Record the customer's signed confirmation and archive it (SHP-07).

    Args:
        confirmed_on: local day of the signature, default today; not before the dispatch.
        deviation: what the customer reported as wrong; counts against accuracy (SHP-02).
        archive: where the signed paper is kept, when it is not attached.
        files: name and bytes of scans or photos.

    Raises:
        InvalidError: no signer, an impossible day, or neither file nor place of the paper.
        FileRefusedError: a file that is not allowed.
        NotFoundError, ForbiddenError, ConflictError: see `access_note`.
        StepNotOpenError, NotAssignedError: not now, or somebody else's step.
    """
    with write():
        note = access_note(actor, note_id, words.CONFIRM, expected_version)
        before = note.status
        note.status = NOTE_TRANSITIONS.resolve(note.status, "confirm")
        day = confirmed_on or clock.today()
        _input_check(note, signer, day, has_proof=bool(archive.strip() or files))
        for name, data in files:
            attachment_add(
                actor=actor, target_type=words.NOTE, target_id=note.pk, name=name, data=data
            )
        note.signer, note.confirmed_on, note.confirmed_at = signer.strip(), day, clock.now()
        note.deviation, note.archive = deviation.strip(), archive.strip()
        note.version += 1
        document_save(note, _CONFIRMED)
        audit_record(
            actor,
            words.NOTE_CONFIRMED,
            note,
            before={"status": before},
            after={
                "status": note.status,
                "signer": note.signer,
                "confirmed_on": day,
                "deviation": note.deviation,
                "archive": note.archive,
                "files": len(files),
            },
        )
        event_publish(actor, words.DeliveryConfirmed(note_id=note.pk))
        kind = "shipping.deviation" if note.deviation else "shipping.confirmed"
        note_tell(actor, note, kind, ("owner", "scr", "csr"), deviation=note.deviation)
        return step_complete(actor, note, "CF", {"signer": note.signer})


def _input_check(note: DeliveryNote, signer: str, day: date, *, has_proof: bool) -> None:
    issues = []
    if not signer.strip():
        issues.append(FieldIssue("signer", "required", _("Name who signed at the customer's.")))
    first = note.dispatched_on or day
    if not first <= day <= clock.today():
        text = _("The day must lie between the dispatch and today.")
        issues.append(FieldIssue("confirmed_on", "range", text))
    needs_proof = parameter_value(note.company_id, words.CONFIRM_PROOF)
    if needs_proof and not has_proof and not attachments_of(words.NOTE, note.pk):
        text = _("Attach the signed slip, or say where the paper is kept.")
        issues.append(FieldIssue("slips", "required", text, rule="SHP-07"))
    if issues:
        raise InvalidError(issues)
