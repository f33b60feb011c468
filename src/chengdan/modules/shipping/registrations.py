"""What the room registers while the applications start."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.numbering import numbers_provider_register
from chengdan.kernel.targets import target_register
from chengdan.modules.process.subjects import check_register, subject_register
from chengdan.modules.shipping import handlers, jobs, process, verification
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import access_note_for_view
from chengdan.modules.shipping.process import NoteSubject, StockCheck
from chengdan.modules.shipping.selectors import note_url


def _note_load(actor: Actor, pk: int) -> models.Model:
    return access_note_for_view(actor, pk)


subject_register(
    words.NOTE,
    NoteSubject,
    title=_("Delivery note"),
    mandatory=("OQ1", "OQ2", "DP"),
)
check_register("shipping.sr", StockCheck)
process.register()
numbers_provider_register(words.SLIP_SERIES, verification.slips_carried)
target_register(
    words.NOTE,
    _note_load,
    words.VIEW,
    title=str,
    url=lambda note: note_url(note.pk),
)

__all__ = ["handlers", "jobs"]
