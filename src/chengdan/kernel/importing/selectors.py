"""Reading imports: whose they are, how far they are, what was wrong."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.importing.kinds import ImportKind, import_kinds_all
from chengdan.kernel.importing.models import ImportJob, ImportRowMark
from chengdan.kernel.importing.vocabulary import PERMISSION_VIEW_ALL, ImportState, RowState
from chengdan.kernel.rights import right_held


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Attributes:
        remaining_seconds: None before the first chunk.
    """

    done: int
    total: int
    percent: int
    remaining_seconds: int | None


def kinds_open(actor: Actor) -> list[ImportKind]:
    """Return the kinds that the actor may import."""
    return [kind for kind in import_kinds_all() if right_held(actor, kind.permission)]


def import_list(actor: Actor) -> QuerySet[ImportJob]:
    """Return the imports that the actor may see, newest first: own ones, or all of the company."""
    jobs = ImportJob.objects.filter(company_id=actor.company_id or 0).order_by("-pk")
    if actor.is_system or right_held(actor, PERMISSION_VIEW_ALL):
        return jobs
    return jobs.filter(actor_id=actor.user_id)


def import_get(actor: Actor, job_id: int) -> ImportJob:
    """Return one import.

    Raises:
        NotFoundError: there is none, or it is not the actor's to see.
    """
    job = import_list(actor).filter(pk=job_id).first()
    if job is None:
        raise NotFoundError
    return job


def import_progress(job: ImportJob) -> Progress:
    """Return how far the job is and how long it may still take."""
    total = max(job.rows_total, job.rows_read)
    percent = 100 * job.rows_read // total if total else 0
    if job.state == ImportState.DONE:
        return Progress(job.rows_read, total, 100, 0)
    remaining = None
    if job.rows_read and job.started_at is not None:
        spent = (clock.now() - job.started_at).total_seconds()
        remaining = round(spent / job.rows_read * (total - job.rows_read))
    return Progress(job.rows_read, total, percent, remaining)


def import_refusals(job: ImportJob, *, after: int = -1, limit: int = 100) -> list[ImportRowMark]:
    """Return refused rows in file order, behind the ordinal `after`."""
    refused = ImportRowMark.objects.filter(job=job, state=RowState.REJECTED, ordinal__gt=after)
    return list(refused.order_by("ordinal")[:limit])


def import_changes(job: ImportJob, *, limit: int) -> list[ImportRowMark]:
    """Return the first updated rows of which is known what changes, in file order."""
    updated = ImportRowMark.objects.filter(job=job, state=RowState.UPDATED).exclude(issues="")
    return list(updated.order_by("ordinal")[:limit])


def import_led_to(actor: Actor, job: ImportJob) -> ImportJob | None:
    """Return the import that a check was followed by; one that came to nothing does not count."""
    later = import_list(actor).filter(
        kind=job.kind, digest=job.digest, is_dry_run=False, pk__gt=job.pk
    )
    return later.exclude(state__in=[ImportState.FAILED, ImportState.CANCELLED]).first()
