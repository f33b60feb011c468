"""Starting, confirming, stopping and cleaning up imports: the same for page and command line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePosixPath

from django.db import IntegrityError, models, transaction
from django.db.models import Max
from django.utils.translation import get_language

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.importing.engine import import_run
from chengdan.kernel.importing.kinds import ImportKind, import_kind_find
from chengdan.kernel.importing.limits import LIMITS
from chengdan.kernel.importing.mapping import Mapping, mapping_load, mapping_parse
from chengdan.kernel.importing.models import ImportFile, ImportJob
from chengdan.kernel.importing.selectors import import_get, import_led_to
from chengdan.kernel.importing.vocabulary import (
    AUDIT_CANCELLED,
    AUDIT_CHECKING,
    AUDIT_STARTED,
    KEEP_DAYS,
    FileRefusedError,
    ImportFinishedError,
    ImportRunningError,
    ImportState,
)
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.rights import right_require
from chengdan.kernel.transactions import write

SourceFile = tuple[str, bytes]


def import_start(
    *,
    actor: Actor,
    kind_code: str,
    files: Sequence[SourceFile],
    mapping_name: str = "",
    mapping_text: str = "",
    is_dry_run: bool = False,
) -> ImportJob:
    """Keep the files and queue an import; a worker (or `import_run`) does it.

    The same files with the same mapping again are the same import: while it is open that job is
    returned; after it has ended a new attempt takes only the rows that were refused before.

    Args:
        files: (name, content); the main file first unless the mapping names patterns.
        mapping_name: a shipped mapping or a path; `mapping_text` is its content when uploaded.
        is_dry_run: check everything, keep only the report.

    Raises:
        NotFoundError: no such kind.
        ForbiddenError: no right to this kind.
        FileRefusedError: no file, a file too large, or a wrong mapping.
    """
    kind = _kind_get(actor, kind_code)
    if not files:
        raise FileRefusedError("empty")
    for _name, content in files:
        if len(content) > LIMITS.file_bytes:
            raise FileRefusedError("file", limit=LIMITS.file_bytes // 1_000_000)
    mapping = (
        mapping_parse(mapping_text, kind, name=mapping_name)
        if mapping_text
        else mapping_load(mapping_name, kind)
        if mapping_name
        else mapping_parse("", kind)
    )
    kept = [(bare_name(name), hashlib.sha256(content).hexdigest()) for name, content in files]
    try:
        with write():
            for (_name, content), (_bare, digest) in zip(files, kept, strict=True):
                ImportFile.objects.bulk_create(
                    [ImportFile(sha256=digest, content=content, created_at=clock.now())],
                    ignore_conflicts=True,
                )
            return _job_open(actor, kind, kept, mapping, is_dry_run=is_dry_run)
    except IntegrityError:
        raise ImportRunningError from None


def bare_name(name: str) -> str:
    """Return the last part of a file's name, without anything that could be a path or a line."""
    bare = PurePosixPath(name.replace("\\", "/").replace("\0", "")).name
    return "".join(char for char in bare if char.isprintable())[-200:] or "file"


def _kind_get(actor: Actor, code: str) -> ImportKind:
    kind = import_kind_find(code)
    if kind is None:
        raise NotFoundError
    right_require(actor, kind.permission)
    return kind


def _job_open(
    actor: Actor,
    kind: ImportKind,
    files: list[tuple[str, str]],
    mapping: Mapping,
    *,
    is_dry_run: bool,
) -> ImportJob:
    parts = [kind.code, mapping.digest, *(digest for _name, digest in files)]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    company_id = actor.company_id or 0
    same = ImportJob.objects.filter(
        company_id=company_id, kind=kind.code, digest=digest, is_dry_run=is_dry_run
    )
    running = same.filter(state__in=[ImportState.QUEUED, ImportState.RUNNING]).first()
    if running is not None:
        return running
    job = ImportJob(
        company_id=company_id,
        kind=kind.code,
        is_dry_run=is_dry_run,
        digest=digest,
        attempt=(same.aggregate(last=Max("attempt"))["last"] or 0) + 1,
        source_name=files[0][0],
        files=json.dumps(
            [{"name": name, "sha256": value} for name, value in files], ensure_ascii=False
        ),
        mapping_name=mapping.name[:100],
        mapping_text=mapping.text,
        language=get_language() or "en",
        actor_id=actor.user_id,
        actor_name=actor.name,
        request_id=actor.request_id,
        created_at=clock.now(),
    )
    with transaction.atomic():  # noqa: TID251  a savepoint: losing a race is an answer here
        job.save(force_insert=True)
    after = {"kind": job.kind, "files": files, "is_dry_run": is_dry_run}
    code = AUDIT_CHECKING if is_dry_run else AUDIT_STARTED
    audit_record(actor, code, job, after=after, params={"file": job.source_name})
    return job


def import_confirm(*, actor: Actor, job_id: int) -> ImportJob:
    """Queue the real import of a dry run's files, in the actor's name.

    A dry run leads to one import: a second confirmation returns it. What it refused is imported
    by a new check of the mended file.

    Raises:
        NotFoundError: no such job, or not the actor's to see.
        ForbiddenError: no right to this kind.
        ImportFinishedError: it is no dry run, or its files are gone.
    """
    job = import_get(actor, job_id)
    if not job.is_dry_run:
        raise ImportFinishedError
    if (known := import_led_to(actor, job)) is not None:
        return known
    files: list[SourceFile] = []
    for file in job.file_list:
        kept = ImportFile.objects.filter(sha256=file["sha256"]).first()
        if kept is None:
            raise ImportFinishedError
        files.append((file["name"], bytes(kept.content)))
    return import_start(
        actor=actor,
        kind_code=job.kind,
        files=files,
        mapping_name=job.mapping_name,
        mapping_text=job.mapping_text,
    )


def import_cancel(*, actor: Actor, job_id: int) -> ImportJob:
    """Stop a waiting or running import; what was taken stays.

    One's own may always be stopped; who sees those of others needs the right to the kind.

    Raises:
        NotFoundError: no such job, or not the actor's to see.
        ForbiddenError: another person's, and no right to its kind.
        ImportFinishedError: it has ended.
    """
    job = import_get(actor, job_id)
    if job.actor_id != actor.user_id:
        _kind_get(actor, job.kind)
    with write():
        stopped = ImportJob.objects.filter(
            pk=job.pk, state__in=[ImportState.QUEUED, ImportState.RUNNING]
        ).update(state=ImportState.CANCELLED, lease="", leased_until=None, finished_at=clock.now())
        if not stopped:
            raise ImportFinishedError
        audit_record(actor, AUDIT_CANCELLED, job, params={"file": job.source_name})
    job.refresh_from_db()
    return job


def imports_run_due() -> int:
    """Run every job that waits or whose worker died; return how many. Called by the worker."""
    at = clock.now()
    due = ImportJob.objects.filter(
        models.Q(state=ImportState.QUEUED)
        | models.Q(state=ImportState.RUNNING, leased_until__lt=at)
        | models.Q(state=ImportState.RUNNING, leased_until__isnull=True)
    )
    count = 0
    for job_id in list(due.order_by("pk").values_list("pk", flat=True)[:20]):
        try:
            import_run(job_id)
        except (ImportRunningError, NotFoundError):
            continue
        count += 1
    return count


def imports_clean() -> int:
    """Forget the bytes of files that no recent import needs; marks stay. Return how many."""
    limit = clock.now() - timedelta(days=int(parameter_value(None, KEEP_DAYS)))
    recent = ImportJob.objects.filter(
        models.Q(created_at__gte=limit)
        | models.Q(state__in=[ImportState.QUEUED, ImportState.RUNNING])
    )
    needed = {file["sha256"] for job in recent.only("files") for file in job.file_list}
    old = ImportFile.objects.filter(created_at__lt=limit).exclude(sha256__in=needed)
    count: int = old.delete()[0]
    return count
