"""Words of exporting: states, audit code, figures, event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare
from chengdan.kernel.notices.kinds import notice_kind_declare
from chengdan.kernel.outbox import Event
from chengdan.kernel.parameters import parameter_declare

AUDIT_EXPORTED = audit_declare("kernel.export.made", _("%(title)s exported: %(rows)s rows"))

NOTICE_FINISHED = "kernel.export_finished"
notice_kind_declare(NOTICE_FINISHED, _("Export of %(title)s is ready"), is_mailed=False)

DIRECT_ROWS = parameter_declare(
    "kernel.export_direct_rows",
    kind=int,
    default=20_000,
    title=_("Rows exported at once; more are prepared in the background"),
    minimum=1,
    maximum=200_000,
)
KEEP_DAYS = parameter_declare(
    "kernel.export_keep_days",
    kind=int,
    default=7,
    title=_("Days that prepared exports are kept"),
    minimum=1,
    maximum=365,
)
SHEET_ROWS_MAX = 1_048_575


class ExportState(models.TextChoices):
    """What has become of an export."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Finished")
    FAILED = "failed", _("Stopped by an error")


@dataclass(frozen=True, slots=True)
class ExportFinished(Event):
    """A background export can be fetched, for notices."""

    export_id: int
    user_id: int | None
    code: ClassVar[str] = "kernel.export_finished"
