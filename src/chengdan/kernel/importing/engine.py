"""Running an import: chunk by chunk, each chunk with its marks in one transaction.

Killed at any moment, a run goes on behind the last committed chunk: the cursor, the effect and
the marks move together, so no row is lost and none is done twice.
"""

from __future__ import annotations

import json
import logging
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record, audit_waiting
from chengdan.kernel.callers import caller_get
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.errors import DomainError, FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.importing.assembly import Assembly
from chengdan.kernel.importing.kinds import (
    CHANGE,
    ImportKind,
    ImportRow,
    RowResult,
    import_kind_find,
)
from chengdan.kernel.importing.mapping import mapping_parse
from chengdan.kernel.importing.models import ImportFile, ImportJob, ImportRowMark
from chengdan.kernel.importing.readers.tables import Table, table_read
from chengdan.kernel.importing.vocabulary import (
    AUDIT_CHECKED,
    AUDIT_FINISHED,
    NOTICE_CHECKED,
    NOTICE_FINISHED,
    ImportFinished,
    ImportRunningError,
    ImportState,
    RowState,
)
from chengdan.kernel.notices.services import notices_send
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.rights import right_require
from chengdan.kernel.transactions import retry_on_conflict, write
from chengdan.kernel.zones import company_time

log = logging.getLogger(__name__)
LEASE_SECONDS = 120
CHANGES_SHOWN = 100
_ROW_ERRORS = (DomainError, ValidationError, IntegrityError, DataError)
_COUNTERS = {
    RowState.CREATED: "rows_created",
    RowState.UPDATED: "rows_updated",
    RowState.SKIPPED: "rows_skipped",
    RowState.REJECTED: "rows_rejected",
}
Progress = Callable[[ImportJob], None]


class LeaseLostError(RuntimeError):
    """Another worker has taken the job over; this one stops without a trace."""


class _UndoneError(Exception):
    """Carries the results of a dry run out of its undone transaction."""

    def __init__(self, results: list[RowResult]) -> None:
        super().__init__()
        self.results = results


@dataclass(slots=True)
class _Run:
    """One worker's run of one job."""

    job: ImportJob
    kind: ImportKind
    actor: Actor
    lease: str
    done_before: frozenset[int]
    totals: dict[str, dict[str, Decimal]] = field(default_factory=dict)


def import_run(job_id: int, *, on_progress: Progress | None = None) -> ImportJob:
    """Run or continue a job until it ends; return it in its last state.

    Args:
        on_progress: told after every chunk.

    Raises:
        ImportRunningError: another worker runs it at this moment.
        NotFoundError: there is no such job.
    """
    lease = _claim(job_id)
    job = ImportJob.objects.get(pk=job_id)
    with override(job.language), company_time(job.company_id):
        try:
            _run(job, lease, on_progress)
        except LeaseLostError:
            log.warning("import %s was taken over by another worker", job_id)
        except DomainError as error:
            _fail(job, lease, str(error.message))
        except Exception as error:
            log.exception("import %s failed", job_id)
            _fail(job, lease, f"{_('Internal error')} ({type(error).__name__})")
    return ImportJob.objects.get(pk=job_id)


def _claim(job_id: int) -> str:
    at, lease = clock.now(), secrets.token_hex(16)
    free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=at)
    open_states = [ImportState.QUEUED, ImportState.RUNNING]
    claimed = ImportJob.objects.filter(free, pk=job_id, state__in=open_states).update(
        state=ImportState.RUNNING,
        lease=lease,
        leased_until=at + timedelta(seconds=LEASE_SECONDS),
        started_at=models.functions.Coalesce("started_at", at),
    )
    if not claimed:
        if not ImportJob.objects.filter(pk=job_id).exists():
            raise NotFoundError
        raise ImportRunningError
    return lease


def _run(job: ImportJob, lease: str, on_progress: Progress | None) -> None:
    kind = import_kind_find(job.kind)
    if kind is None:
        raise NotFoundError
    actor = job_actor(job)
    right_require(actor, kind.permission)
    run = _Run(job, kind, actor, lease, _done_before(job))
    run.totals = {
        name: {side: Decimal(value) for side, value in sums.items()}
        for name, sums in job.total_list.items()
    }
    with assembled(job, kind) as assembly:
        crashpoint("import.parsed")
        job.notes = json.dumps(assembly.ignored[:50], ensure_ascii=False)
        job.rows_total = assembly.total
        _update(run, notes=job.notes, rows_total=assembly.total)
        for start, chunk in _chunks(assembly.rows(), kind.chunk_size, job.cursor):
            _chunk_run(run, start, chunk)
            crashpoint("import.chunk.committed")
            if on_progress is not None:
                on_progress(job)
    _finish(run)


def job_actor(job: ImportJob) -> Actor:
    """Return who imports, with the rights of this moment.

    Raises:
        NotFoundError: the person may not sign in any more.
    """
    if job.actor_id is None:
        return Actor(None, job.actor_name, job.company_id or None, "import", job.request_id)
    return caller_get(job.actor_id, job.company_id or None).through("import")


def _done_before(job: ImportJob) -> frozenset[int]:
    """Return the things that an earlier run of the same files has already taken."""
    if job.is_dry_run or job.attempt == 1:
        return frozenset()
    earlier = ImportRowMark.objects.filter(
        job__company_id=job.company_id,
        job__kind=job.kind,
        job__digest=job.digest,
        job__is_dry_run=False,
        job__attempt__lt=job.attempt,
    ).exclude(state=RowState.REJECTED)
    return frozenset(earlier.values_list("ordinal", flat=True))


@contextmanager
def tables_opened(job: ImportJob, kind: ImportKind) -> Iterator[list[Table]]:
    """Read the job's files into a temporary folder; it is gone after the block."""
    mapping = mapping_parse(job.mapping_text, kind, name=job.mapping_name)
    with tempfile.TemporaryDirectory(prefix="chengdan-import-") as made:
        folder, tables = Path(made), []
        for number, file in enumerate(job.file_list):
            source = folder / str(number)
            source.write_bytes(bytes(ImportFile.objects.get(sha256=file["sha256"]).content))
            tables.append(
                table_read(source, name=file["name"], folder=folder, options=mapping.read)
            )
            source.unlink()
        yield tables


@contextmanager
def assembled(job: ImportJob, kind: ImportKind) -> Iterator[Assembly]:
    """Give the job's rows, ready to be walked through.

    Raises:
        FileRefusedError: files or mapping are not right.
    """
    mapping = mapping_parse(job.mapping_text, kind, name=job.mapping_name)
    with tables_opened(job, kind) as tables:
        yield Assembly(kind, mapping, tables).prepare()


def _chunks(
    rows: Iterator[ImportRow], size: int, cursor: int
) -> Iterator[tuple[int, list[ImportRow]]]:
    """Yield (ordinal of the first, rows) behind the cursor."""
    start, chunk = cursor, []
    for ordinal, row in enumerate(rows):
        if ordinal < cursor:
            continue
        chunk.append(row)
        if len(chunk) == size:
            yield start, chunk
            start, chunk = ordinal + 1, []
    if chunk:
        yield start, chunk


def _chunk_run(run: _Run, start: int, rows: list[ImportRow]) -> None:
    try:
        retry_on_conflict(lambda: _commit(run, start, rows))
    except _ROW_ERRORS:
        for offset, row in enumerate(rows):
            _row_run(run, start + offset, row)


def _row_run(run: _Run, ordinal: int, row: ImportRow) -> None:
    """Take one row alone, after its chunk was undone because of some row."""
    try:
        retry_on_conflict(lambda: _commit(run, ordinal, [row]))
    except _ROW_ERRORS as error:
        row.issues += issues_of(error, row.line)
        _commit(run, ordinal, [row])


def issues_of(error: Exception, line: int) -> list[FieldIssue]:
    """Return what an exception says about a row."""
    if isinstance(error, InvalidError):
        return [
            FieldIssue(item.field, item.code, item.message, line, item.rule) for item in error.items
        ]
    if isinstance(error, DomainError):
        return [FieldIssue("", error.code, error.message, line, error.rule)]
    if isinstance(error, ValidationError):
        found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return [
            FieldIssue("" if name == "__all__" else name, "invalid", " ".join(texts), line)
            for name, texts in found.items()
        ]
    return [FieldIssue("", "conflict", _("The database refused this row."), line)]


def _commit(run: _Run, start: int, rows: list[ImportRow]) -> None:
    """Apply rows, write their marks and move the cursor, in one transaction."""
    job = run.job
    preview = _results(run, start, rows, undone=True) if job.is_dry_run else None
    counters = {name: getattr(job, name) for name in ("rows_read", *_COUNTERS.values())}
    totals = {name: dict(sums) for name, sums in run.totals.items()}
    with write():
        _cursor_move(run, start, start + len(rows))
        results = _results(run, start, rows, undone=False) if preview is None else preview
        crashpoint("import.chunk.applied")
        ImportRowMark.objects.bulk_create(
            [_mark(job, start + i, row, result) for i, (row, result) in _paired(rows, results)],
            batch_size=500,
        )
        for row, result in zip(rows, results, strict=True):
            counters["rows_read"] += row.size
            counters[_COUNTERS[result.state]] += row.size
            _totals_add(run.kind, totals, row, result)
        crashpoint("import.chunk.marked")
        stored = _totals_text(totals)
        ImportJob.objects.filter(pk=job.pk).update(totals=stored, **counters)
    job.cursor, job.totals, run.totals = start + len(rows), stored, totals
    for name, value in counters.items():
        setattr(job, name, value)


def _paired(
    rows: Sequence[ImportRow], results: Sequence[RowResult]
) -> Iterator[tuple[int, tuple[ImportRow, RowResult]]]:
    return iter(enumerate(zip(rows, results, strict=True)))


def _cursor_move(run: _Run, start: int, end: int) -> None:
    until = clock.now() + timedelta(seconds=LEASE_SECONDS)
    moved = ImportJob.objects.filter(
        pk=run.job.pk, cursor=start, lease=run.lease, state=ImportState.RUNNING
    ).update(cursor=end, leased_until=until)
    if not moved:
        raise LeaseLostError


def _results(run: _Run, start: int, rows: list[ImportRow], *, undone: bool) -> list[RowResult]:
    """Return a result per row; with `undone` all effects are rolled back."""
    results: list[RowResult | None] = [
        _own_result(run, start + offset, row) for offset, row in enumerate(rows)
    ]
    wanted = [row for row, result in zip(rows, results, strict=True) if result is None]
    given = iter(_applied(run, wanted, undone=undone) if wanted else [])
    return [result if result is not None else next(given) for result in results]


def _own_result(run: _Run, ordinal: int, row: ImportRow) -> RowResult | None:
    if ordinal in run.done_before:
        text = _("Already imported from this file.")
        return RowResult(RowState.SKIPPED, row.key, [FieldIssue("", "already", text, row.line)])
    if row.is_filtered:
        text = _("Left out by the mapping or as the sample row.")
        return RowResult(RowState.SKIPPED, row.key, [FieldIssue("", "filtered", text, row.line)])
    return RowResult.rejected(*row.issues, key=row.key) if row.issues else None


def _applied(run: _Run, rows: list[ImportRow], *, undone: bool) -> list[RowResult]:
    if not undone:
        return _checked(run, rows, run.kind.apply(run.actor, rows))
    try:
        _undone(run, rows)
    except _UndoneError as undo:
        return undo.results
    raise AssertionError("unreachable")


def _undone(run: _Run, rows: list[ImportRow]) -> None:
    """Apply rows and leave the transaction by an exception that carries the results."""
    with write():
        results = _checked(run, rows, run.kind.apply(run.actor, rows))
        if run.kind.targets and run.job.rows_updated < CHANGES_SHOWN:
            _changes_note(run.kind, rows, results)
        raise _UndoneError(results)


def _changes_note(kind: ImportKind, rows: list[ImportRow], results: list[RowResult]) -> None:
    """Add to every row that would be updated what would change, as the history would tell it."""
    texts: dict[int, list[str]] = {}
    for view in audit_waiting(kind.targets):
        said = view.change_texts if view.before else [view.title]
        texts.setdefault(view.target_id, []).extend(said)
    for row, result in zip(rows, results, strict=True):
        if result.state == RowState.UPDATED and not result.issues:
            said = texts.get(result.target_id or 0, [])
            result.issues = [FieldIssue("", CHANGE, text, row.line) for text in said]


def _checked(run: _Run, rows: list[ImportRow], results: list[RowResult]) -> list[RowResult]:
    if len(results) != len(rows):
        raise RuntimeError(f"{run.kind.code}: {len(results)} results for {len(rows)} rows")
    return results


def _mark(job: ImportJob, ordinal: int, row: ImportRow, result: RowResult) -> ImportRowMark:
    issues = [
        {
            "field": issue.field,
            "code": issue.code,
            "message": f"{issue.message} [{issue.rule}]" if issue.rule else str(issue.message),
            "row": issue.row or row.line,
        }
        for issue in result.issues
    ]
    return ImportRowMark(
        job=job,
        ordinal=ordinal,
        line=row.line,
        size=row.size,
        state=result.state,
        key=(result.key or row.key)[:200],
        target_id=result.target_id,
        issues=json.dumps(issues, ensure_ascii=False) if issues else "",
    )


def _totals_add(
    kind: ImportKind, totals: dict[str, dict[str, Decimal]], row: ImportRow, result: RowResult
) -> None:
    is_taken = result.state in (RowState.CREATED, RowState.UPDATED)
    for column in kind.columns:
        if not column.control:
            continue
        values = (
            [line.values.get(column.key) for line in row.nested.get(column.nest, [])]
            if column.nest
            else [row.values.get(column.name)]
        )
        amount = sum((Decimal(value) for value in values if value is not None), Decimal(0))
        sums = totals.setdefault(column.name, {"read": Decimal(0), "taken": Decimal(0)})
        sums["read"] += amount
        sums["taken"] += amount if is_taken else 0


def _totals_text(totals: dict[str, dict[str, Decimal]]) -> str:
    shown = {
        name: {side: format(value.normalize(), "f") for side, value in sums.items()}
        for name, sums in totals.items()
    }
    return json.dumps(shown)


def _update(run: _Run, **values: object) -> None:
    held = ImportJob.objects.filter(pk=run.job.pk, lease=run.lease, state=ImportState.RUNNING)
    if not held.update(**values):
        raise LeaseLostError


def _finish(run: _Run) -> None:
    job = run.job
    with write():
        _update(
            run, state=ImportState.DONE, finished_at=clock.now(), lease="", leased_until=None,
            rows_total=job.rows_read,
        )  # fmt: skip
        job.refresh_from_db()
        after = {name: getattr(job, name) for name in ("rows_read", *_COUNTERS.values())}
        params = {"file": job.source_name}
        code = AUDIT_CHECKED if job.is_dry_run else AUDIT_FINISHED
        audit_record(run.actor, code, job, after=after, params=params)
        _tell(run.actor, job)


def _tell(actor: Actor, job: ImportJob) -> None:
    """Publish the end and tell the person who imports."""
    event_publish(actor, ImportFinished(job.pk, job.actor_id))
    if job.actor_id is not None:
        params = {
            "file": job.source_name,
            "taken": job.rows_created + job.rows_updated,
            "rejected": job.rows_rejected,
        }
        url = reverse("importing:show", args=[job.pk])
        kind = NOTICE_CHECKED if job.is_dry_run else NOTICE_FINISHED
        notices_send(actor, kind, [job.actor_id], params=params, url=url)


def _fail(job: ImportJob, lease: str, text: str) -> None:
    actor = Actor(job.actor_id, job.actor_name, job.company_id or None, "import", job.request_id)
    with write():
        failed = ImportJob.objects.filter(pk=job.pk, lease=lease).update(
            state=ImportState.FAILED,
            error=text[:2000],
            finished_at=clock.now(),
            lease="",
            leased_until=None,
        )
        if failed:
            _tell(actor, job)
