"""Words of document numbers: resets, rights, audit codes, the event of a range near its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit.codes import audit_declare
from chengdan.kernel.outbox.handlers import Event
from chengdan.kernel.permissions import permission_declare


class Reset(models.TextChoices):
    """When a counter starts again."""

    NEVER = "never", _("never")
    YEARLY = "yearly", _("every year")
    MONTHLY = "monthly", _("every month")
    DAILY = "daily", _("every day")


NUMBERING_VIEW = permission_declare("kernel.numbering:view", _("See document numbers"))
NUMBERING_EDIT = permission_declare("kernel.numbering:edit", _("Set up document numbers"))

SERIES_SAVED = audit_declare("kernel.numbering.saved", _("Number series saved"))
NUMBER_VOIDED = audit_declare("kernel.numbering.voided", _("Number %(number)s voided"))


@dataclass(frozen=True, slots=True)
class NumberRangeNearEnd(Event):
    """A series has few numbers left in its period; published once per period."""

    code: ClassVar[str] = "kernel.number_range_near_end"
    series_id: int
    document_type: str
    office: str
    period: str
    left: int
