"""What became of an import, in words, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from chengdan.kernel.importing.models import ImportJob
from chengdan.kernel.importing.selectors import import_progress, import_refusals


def progress_line(job: ImportJob) -> str:
    """Return how far a running import is."""
    progress = import_progress(job)
    values = {"done": progress.done, "total": progress.total}
    if progress.remaining_seconds is None:
        return _("%(done)s of %(total)s rows") % values
    values["seconds"] = progress.remaining_seconds
    return _("%(done)s of %(total)s rows, %(seconds)s s left") % values


def refusal_lines(job: ImportJob, limit: int) -> Iterator[str]:
    """Yield a line per fault of the first refused rows."""
    for mark in import_refusals(job, limit=limit):
        for issue in mark.issue_list:
            values = {"row": issue["row"], "field": issue["field"], "why": issue["message"]}
            if issue["field"]:
                yield _("Row %(row)s, %(field)s: %(why)s") % values
            else:
                yield _("Row %(row)s: %(why)s") % values
    if job.rows_rejected > limit:
        yield _("… more with --marked FILE")


def summary_lines(job: ImportJob) -> Iterator[str]:
    """Yield how many rows were read and what became of them, then the control totals."""
    text = _("Read %(read)s: created %(created)s, updated %(updated)s, skipped %(skipped)s, "
             "rejected %(rejected)s")  # fmt: skip
    if job.is_dry_run:
        text = _("Checked %(read)s: would create %(created)s, update %(updated)s, "
                 "skip %(skipped)s, reject %(rejected)s")  # fmt: skip
    yield text % {
        "read": job.rows_read, "created": job.rows_created, "updated": job.rows_updated,
        "skipped": job.rows_skipped, "rejected": job.rows_rejected,
    }  # fmt: skip
    for column, sums in job.total_list.items():
        yield _("Total of %(column)s: read %(read)s, taken %(taken)s") % {
            "column": column, "read": sums["read"], "taken": sums["taken"],
        }  # fmt: skip
