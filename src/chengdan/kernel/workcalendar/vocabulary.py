"""Words of the working calendar: kinds of days, rights, audit codes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit.codes import audit_declare
from chengdan.kernel.permissions import permission_declare


class DayKind(models.TextChoices):
    """What makes a day differ from its weekday."""

    WORKING = "working", _("Working day")
    HOLIDAY = "holiday", _("Day off")
    MAKE_UP = "make_up", _("Make-up working day")


CALENDAR_VIEW = permission_declare("kernel.calendar:view", _("See working calendars"))
CALENDAR_EDIT = permission_declare("kernel.calendar:edit", _("Edit working calendars"))

CALENDAR_SAVED = audit_declare("kernel.calendar.saved", _("Working hours saved"))
DAY_SET = audit_declare("kernel.calendar.day_set", _("%(day)s set to “%(kind)s”"))
DAY_REMOVED = audit_declare("kernel.calendar.day_removed", _("Entry of %(day)s removed"))
YEAR_IMPORTED = audit_declare("kernel.calendar.year_imported", _("Plan of %(year)s imported"))
