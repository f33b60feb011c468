"""Labels of people, units, seats and territories that the reader of a page may choose.

A picker shows the label of an id that the browser sent; a foreign id has none, so that nobody
reads names of another company by counting ids up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.db import models

from chengdan.kernel.pinyin import pinyin_columns, text_fold
from chengdan.kernel.reference import remembered
from chengdan.kernel.ui.reader import reader
from chengdan.modules.people.models import OrgUnit, Position, Territory, User

M = TypeVar("M", bound=models.Model)


def _own(rows: models.QuerySet[M], pk: int) -> M | None:
    actor = reader()
    if actor is None or actor.company_id is None:
        return None
    return rows.filter(pk=pk, company_id=actor.company_id).first()


def person_choice(pk: int) -> str | None:
    """Return the name of a person of the reader's company, or None."""
    found = _own(User.objects.all(), pk)
    return found.display_name if found else None


def active_person_choice(pk: int) -> str | None:
    """Return the name of a person in service of the reader's company, or None."""
    found = _own(User.objects.filter(is_active=True), pk)
    return found.display_name if found else None


def unit_choice(pk: int) -> str | None:
    """Return the name of a unit of the reader's company, or None."""
    found = _own(OrgUnit.objects.all(), pk)
    return found.name if found else None


def position_choice(pk: int) -> str | None:
    """Return unit and role of a seat of the reader's company, or None."""
    found = _own(Position.objects.select_related("unit", "role"), pk)
    return f"{found.unit.name} {found.shown_title}" if found else None


def territory_choice(pk: int) -> str | None:
    """Return the name of a territory of the reader's company, or None."""
    found = _own(Territory.objects.all(), pk)
    return found.name if found else None


@dataclass(frozen=True, slots=True)
class SoundedTerritory:
    """A territory with what it is found by when somebody types."""

    id: int
    code: str
    name: str
    part_of: str
    folded: str
    sounds: tuple[str, ...]

    def is_meant(self, text: str) -> bool:
        """Whether code, pinyin or initials begin with the text, or the name contains it."""
        asked = text_fold(text)
        return (
            asked in self.folded
            or self.code.casefold().startswith(asked)
            or any(sound.startswith(asked) for sound in self.sounds)
        )


@remembered("people")
def territories_sounded(company_id: int) -> list[SoundedTerritory]:
    """Return the territories in use of a company, some hundreds, with their sound."""
    rows = Territory.objects.filter(company_id=company_id, is_active=True).select_related("parent")
    return [
        SoundedTerritory(
            row.pk,
            row.code,
            row.name,
            row.parent.name if row.parent else "",
            text_fold(row.name),
            pinyin_columns(row.name),
        )
        for row in rows
    ]
