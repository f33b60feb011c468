"""How delivery notes are found: by number, outbound slip and customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import models

from chengdan.kernel.search.services import SearchFields, search_put_many
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.selectors import note_url


def notes_find_put(notes: Sequence[DeliveryNote], names: Mapping[int, str]) -> None:
    """Let the search find notes.

    Args:
        names: customer id → name.
    """
    rows: list[tuple[models.Model, SearchFields]] = [
        (note, note_fields(note, names[note.customer_id])) for note in notes
    ]
    search_put_many(words.NOTE, rows)


def note_fields(note: DeliveryNote, customer_name: str) -> SearchFields:
    """Return what finds a note."""
    return SearchFields(
        title=customer_name,
        url=note_url(note.pk),
        code=note.number,
        codes=(note.slip_number,) if note.slip_number else (),
    )
