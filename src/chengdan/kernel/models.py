"""Every table of the kernel, gathered for Django."""

from chengdan.kernel.audit.models import AuditAnchor, AuditEntry, AuditPersonal
from chengdan.kernel.idempotency import IdempotencyKey
from chengdan.kernel.numbering.models import NumberCounter, NumberSeries, NumberVoid
from chengdan.kernel.outbox.models import OutboxMessage, PeriodicRun
from chengdan.kernel.parameters import ParameterValue
from chengdan.kernel.ui.models import SavedView, UiPreference
from chengdan.kernel.workcalendar.models import CalendarDay, WorkCalendar

__all__ = [
    "AuditAnchor",
    "AuditEntry",
    "AuditPersonal",
    "CalendarDay",
    "IdempotencyKey",
    "NumberCounter",
    "NumberSeries",
    "NumberVoid",
    "OutboxMessage",
    "ParameterValue",
    "PeriodicRun",
    "SavedView",
    "UiPreference",
    "WorkCalendar",
]
