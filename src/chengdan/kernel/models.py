"""Every table of the kernel, gathered for Django."""

from chengdan.kernel.attachments.models import Attachment
from chengdan.kernel.audit.models import AuditAnchor, AuditEntry, AuditPersonal
from chengdan.kernel.comments.models import Comment
from chengdan.kernel.exporting.models import ExportRun
from chengdan.kernel.http.models import ApiToken
from chengdan.kernel.idempotency import IdempotencyKey
from chengdan.kernel.importing.models import ImportFile, ImportJob, ImportRowMark
from chengdan.kernel.notices.models import Notice
from chengdan.kernel.numbering.models import NumberCounter, NumberSeries, NumberVoid
from chengdan.kernel.outbox.models import OutboxMessage, PeriodicRun
from chengdan.kernel.parameters import ParameterValue
from chengdan.kernel.reference import ReferenceStamp
from chengdan.kernel.search.models import SearchEntry
from chengdan.kernel.ui.models import SavedView, UiPreference
from chengdan.kernel.workcalendar.models import CalendarDay, WorkCalendar

__all__ = [
    "ApiToken",
    "Attachment",
    "AuditAnchor",
    "AuditEntry",
    "AuditPersonal",
    "CalendarDay",
    "Comment",
    "ExportRun",
    "IdempotencyKey",
    "ImportFile",
    "ImportJob",
    "ImportRowMark",
    "Notice",
    "NumberCounter",
    "NumberSeries",
    "NumberVoid",
    "OutboxMessage",
    "ParameterValue",
    "PeriodicRun",
    "ReferenceStamp",
    "SavedView",
    "SearchEntry",
    "UiPreference",
    "WorkCalendar",
]
