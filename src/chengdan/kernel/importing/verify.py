"""I14: rows read = created + updated + skipped + rejected, counted again from the marks."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Sum

from chengdan.kernel.importing.models import ImportJob, ImportRowMark
from chengdan.kernel.importing.vocabulary import ImportState
from chengdan.kernel.verification import Difference, verifier

_STATES = ("created", "updated", "skipped", "rejected")


@verifier("I14", "imports")
def imports_verify() -> Iterator[Difference]:
    """Yield every import whose counters differ from its rows."""
    counted: dict[int, dict[str, int]] = {}
    sums = ImportRowMark.objects.values_list("job_id", "state").annotate(rows=Sum("size"))
    for job_id, state, rows in sums.iterator():
        counted.setdefault(job_id, {})[state] = rows
    for job in ImportJob.objects.order_by("pk").iterator():
        where = f"import {job.pk} ({job.source_name})"
        marks = counted.get(job.pk, {})
        stored = {state: getattr(job, f"rows_{state}") for state in _STATES}
        for state in _STATES:
            if marks.get(state, 0) != stored[state]:
                found = str(stored[state])
                yield Difference("I14", f"{where} {state}", str(marks.get(state, 0)), found)
        if job.rows_read != sum(stored.values()):
            yield Difference("I14", f"{where} read", str(sum(stored.values())), str(job.rows_read))
        if job.state == ImportState.DONE and job.rows_total != job.rows_read:
            yield Difference("I14", f"{where} total", str(job.rows_total), str(job.rows_read))
