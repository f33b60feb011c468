"""Words of attachments: parameters, audit codes, errors."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit.codes import audit_declare
from chengdan.kernel.errors import DomainError
from chengdan.kernel.parameters import parameter_declare

TYPES = ["pdf", "png", "jpg", "webp", "xlsx", "docx", "csv", "txt", "ofd", "xml"]

MAX_MEGABYTES = parameter_declare(
    "kernel.attachment_megabytes",
    kind=int,
    default=20,
    title=_("Largest attachment in megabytes"),
    minimum=1,
    maximum=200,
)
MAX_COUNT = parameter_declare(
    "kernel.attachments_per_document",
    kind=int,
    default=100,
    title=_("Most attachments of one document"),
    minimum=1,
    maximum=1000,
)
ALLOWED_TYPES = parameter_declare(
    "kernel.attachment_types",
    kind=list,
    default=TYPES,
    title=_("Kinds of files that may be attached"),
    choices={name: name for name in TYPES},
)

ADDED = audit_declare("kernel.attachment.added", _("Attachment “%(name)s” added"))
REMOVED = audit_declare("kernel.attachment.removed", _("Attachment “%(name)s” removed"))


class FileRefusedError(DomainError):
    """The file may not be attached; the code says why."""

    default_code = "file_refused"
    default_message = _("This file cannot be attached.")
