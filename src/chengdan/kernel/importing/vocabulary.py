"""Words of importing: states, rights, audit codes, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError
from chengdan.kernel.notices.kinds import notice_kind_declare
from chengdan.kernel.outbox import Event
from chengdan.kernel.parameters import parameter_declare
from chengdan.kernel.permissions import permission_declare

PERMISSION_VIEW_ALL = permission_declare("kernel.import:view_all", _("See imports of others"))

AUDIT_STARTED = audit_declare("kernel.import.started", _("Import of %(file)s started"))
AUDIT_FINISHED = audit_declare("kernel.import.finished", _("Import of %(file)s finished"))
AUDIT_CHECKING = audit_declare("kernel.import.checking", _("Check of %(file)s started"))
AUDIT_CHECKED = audit_declare("kernel.import.checked", _("Check of %(file)s finished"))
AUDIT_CANCELLED = audit_declare("kernel.import.cancelled", _("Import of %(file)s stopped"))

NOTICE_FINISHED = "kernel.import_finished"
notice_kind_declare(
    NOTICE_FINISHED,
    _("Import of %(file)s: %(taken)s rows taken, %(rejected)s not taken"),
    is_mailed=False,
)

NOTICE_CHECKED = "kernel.import_checked"
notice_kind_declare(
    NOTICE_CHECKED,
    _("Check of %(file)s: %(taken)s rows can be taken, %(rejected)s cannot; nothing is stored yet"),
    is_mailed=False,
)

KEEP_DAYS = parameter_declare(
    "kernel.import_keep_days",
    kind=int,
    default=90,
    title=_("Days that imported files are kept"),
    minimum=1,
    maximum=3650,
)


class ImportState(models.TextChoices):
    """What has become of an import."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Finished")
    FAILED = "failed", _("Stopped by an error")
    CANCELLED = "cancelled", _("Stopped by a person")


class RowState(models.TextChoices):
    """What has become of a row."""

    CREATED = "created", _("Created")
    UPDATED = "updated", _("Updated")
    SKIPPED = "skipped", _("Left as it is")
    REJECTED = "rejected", _("Not taken")


@dataclass(frozen=True, slots=True)
class ImportFinished(Event):
    """An import came to its end, for notices."""

    job_id: int
    user_id: int | None
    code: ClassVar[str] = "kernel.import_finished"


class FileRefusedError(InvalidError):
    """The file is not taken at all; `code` says why."""

    default_code = "file_refused"

    def __init__(self, code: str, **params: Any) -> None:
        template = _FILE_MESSAGES.get(code, _FILE_MESSAGES["damaged"])
        message = template % params if params else template
        super().__init__(FieldIssue("file", f"file_{code}", message), message, code=f"file_{code}")


class ImportRunningError(ConflictError):
    """The same file is being imported at this moment."""

    default_code = "import_running"
    default_message = _("This file is being imported at this moment.")


class ImportFinishedError(ConflictError):
    """The job has ended and cannot be changed any more."""

    default_code = "import_finished"
    default_message = _("This import has ended.")


_FILE_MESSAGES: dict[str, Any] = {
    "kind": _("Only .xlsx and .csv files can be imported, not “%(suffix)s”."),
    "old_format": _(
        "This is an old .xls or an encrypted workbook. Save it as .xlsx without a password."
    ),
    "renamed": _("The content of the file does not fit its name. Save it again as .xlsx or .csv."),
    "damaged": _("The file is damaged or incomplete."),
    "encrypted": _("The file is encrypted. Save it without a password."),
    "entries": _("The workbook holds more than %(limit)s parts."),
    "unzipped": _("The workbook is larger than %(limit)s MB when unpacked."),
    "ratio": _("The workbook is packed more than %(limit)s times; it looks like a trap."),
    "names": _("The workbook holds parts with forbidden names."),
    "macros": _("The workbook holds macros or other files. Save it as a plain .xlsx."),
    "not_spreadsheet": _("This is not a spreadsheet."),
    "encoding": _("The text is neither UTF-8 nor GB18030."),
    "control": _("The file holds forbidden control characters."),
    "quotes": _("The quotation marks near line %(row)s do not match."),
    "cell": _("A cell in row %(row)s is longer than 32 KB."),
    "rows": _("The file has more than %(limit)s rows. Split it."),
    "columns": _("Row %(row)s has more than %(limit)s columns."),
    "file": _("The file is larger than %(limit)s MB."),
    "sheet": _("There is no visible sheet “%(name)s”."),
    "heavy": _("The file needs too much memory or time to read. Split it."),
    "empty": _("The file is empty."),
    "header_missing": _("Columns are missing: %(names)s."),
    "header_twice": _("Columns appear twice: %(names)s."),
    "files": _("The mapping needs these files: %(names)s."),
    "mapping": _("The mapping is not right: %(problem)s"),
}
