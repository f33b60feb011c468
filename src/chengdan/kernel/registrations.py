"""What the kernel itself registers: verifiers, jobs, periodic tasks and its pages."""

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import histories
from chengdan.kernel.attachments.services import attachments_sweep
from chengdan.kernel.audit import verify as audit_verify
from chengdan.kernel.audit.vocabulary import AUDIT_VIEW
from chengdan.kernel.comments import services as comments
from chengdan.kernel.exporting.services import exports_clean, list_export
from chengdan.kernel.http import vocabulary as api_words
from chengdan.kernel.idempotency import keys_expire
from chengdan.kernel.importing import verify as import_verify
from chengdan.kernel.importing.services import imports_clean
from chengdan.kernel.notices import services as notices
from chengdan.kernel.numbering import gaps as number_gaps
from chengdan.kernel.numbering.models import NumberSeries
from chengdan.kernel.numbering.vocabulary import NUMBERING_VIEW
from chengdan.kernel.outbox.handlers import periodic, work_titles_register
from chengdan.kernel.outbox.vocabulary import OUTBOX_VIEW
from chengdan.kernel.parameters import ParameterValue
from chengdan.kernel.reference import reference_tables
from chengdan.kernel.ui.hooks import NavItem, nav_register
from chengdan.kernel.ui.listing.page import export_hook_set
from chengdan.kernel.workcalendar.models import CalendarDay, WorkCalendar
from chengdan.kernel.workcalendar.vocabulary import CALENDAR_VIEW

reference_tables("figures", ParameterValue, CalendarDay, WorkCalendar, NumberSeries)
export_hook_set(list_export)
periodic("kernel.imports_clean", daily_at="03:50")(imports_clean)
periodic("kernel.exports_clean", daily_at="03:55")(exports_clean)
periodic("kernel.idempotency_expire", daily_at="03:20")(keys_expire)
periodic("kernel.attachments_sweep", daily_at="03:40")(attachments_sweep)
work_titles_register(
    {
        "kernel.export_finished": _("An export is ready"),
        "kernel.import_finished": _("An import has ended"),
        "kernel.number_range_near_end": _("Few numbers are left in a series"),
        "kernel.notice_mail": _("Mail notices"),
        "kernel.notice_mail_one": _("Mail a notice to one person"),
        "kernel.audit_anchor": _("Anchor the audit trail of the day"),
        "kernel.imports_clean": _("Delete old import files"),
        "kernel.exports_clean": _("Delete old export files"),
        "kernel.idempotency_expire": _("Forget old request keys"),
        "kernel.attachments_sweep": _("Delete files without an attachment"),
    }
)
nav_register(
    NavItem(
        "calendar", _("Working calendar"), "calendar", "workcalendar:show", CALENDAR_VIEW,
        order=950, group=9,
    ),
    NavItem(
        "numbers", _("Document numbers"), "adjustments", "numbering:list", NUMBERING_VIEW,
        order=960, group=9,
    ),
    NavItem("audit", _("Audit trail"), "clipboard", "audit:list", AUDIT_VIEW, order=970, group=9),
    NavItem("outbox", _("Deferred work"), "clock", "outbox:list", OUTBOX_VIEW, order=980, group=9),
    NavItem("imports", _("Imports"), "upload", "importing:list", order=982, group=9),
    NavItem("exports", _("Exports"), "download", "exporting:list", order=984, group=9),
    NavItem(
        "tokens", _("API tokens"), "key", "tokens:list", api_words.PERMISSION_TOKEN_OWN,
        order=986, group=9,
    ),
)  # fmt: skip

__all__ = [
    "api_words",
    "audit_verify",
    "comments",
    "histories",
    "import_verify",
    "notices",
    "number_gaps",
]
