"""Giving lists away: at once when small, prepared by a worker when large, always on record."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve, reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.callers import caller_get
from chengdan.kernel.downloads import disposition
from chengdan.kernel.errors import DomainError, NotFoundError
from chengdan.kernel.exporting.models import ExportRun
from chengdan.kernel.exporting.vocabulary import (
    AUDIT_EXPORTED,
    DIRECT_ROWS,
    KEEP_DAYS,
    NOTICE_FINISHED,
    ExportFinished,
    ExportState,
)
from chengdan.kernel.exporting.writers import ExportColumn, csv_lines, xlsx_stream, xlsx_write
from chengdan.kernel.notices.services import notices_send
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.requests import actor_of, actor_put
from chengdan.kernel.rights import right_require
from chengdan.kernel.transactions import write
from chengdan.kernel.ui.formats import due_text, percent_text
from chengdan.kernel.ui.listing.columns import Column
from chengdan.kernel.ui.pages import done
from chengdan.kernel.ui.parts import Toast
from chengdan.kernel.zones import company_time, in_zone_of_now

log = logging.getLogger(__name__)
LEASE_SECONDS = 900
MONEY_PLACES = 2
ROWS_READ_AT_ONCE = 2000
ROWS_PREPARED_AT_ONCE = 500
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_UNSAFE = '\\/:*?"<>|'


def export_folder() -> Path:
    """Return (and make) the folder of prepared exports, outside the web root."""
    folder = Path(settings.HOME, "exports")
    folder.mkdir(mode=0o750, exist_ok=True)
    return folder


def file_name(title: str, kind: str) -> str:
    """Return a name for the download: title and day, without anything a system could mistake."""
    cleaned = "".join(
        " " if char in _UNSAFE or not char.isprintable() else char for char in title
    ).strip(" .")
    return f"{cleaned[:80] or 'export'}-{clock.today():%Y-%m-%d}.{kind}"


def list_code(path: str) -> str:
    """Return the address of a list as one word, such as `billing-receipts`: it names files."""
    return "-".join(part for part in path.split("/") if part)[:60] or "export"


def export_now(
    *,
    actor: Actor,
    title: str,
    columns: Sequence[ExportColumn],
    rows: Iterable[Any],
    row_count: int,
    file_kind: str,
    path: str = "",
    permission: str = "",
    query: str = "",
) -> StreamingHttpResponse:
    """Return the file as a stream and put the export on record.

    Args:
        rows: what the actor sees on the screen, unpaged.
        row_count: exact count of them, for the record.
        path: address of the list, which names the file for clients that read ASCII only.

    Raises:
        ForbiddenError: no right to export this.
        NotFoundError: neither csv nor xlsx.
    """
    right_require(actor, permission)
    if file_kind not in TYPES:
        raise NotFoundError
    export = _open(actor, title=title, file_kind=file_kind, query=query)
    with write():
        export.state, export.row_count = ExportState.DONE, row_count
        export.finished_at = clock.now()
        export.save(force_insert=True)
        _record(actor, export)
    body: Iterable[str | bytes] = (
        csv_lines(columns, rows) if file_kind == "csv" else xlsx_stream(title, columns, rows)
    )
    stream = in_zone_of_now(body)
    response = StreamingHttpResponse(stream, content_type=TYPES[file_kind])
    _head(response, title, path, file_kind)
    return response


def _head(response: HttpResponseBase, title: str, path: str, file_kind: str) -> None:
    name, plain = file_name(title, file_kind), file_name(list_code(path), file_kind)
    response["Content-Disposition"] = disposition(name, plain=plain)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"


def _open(
    actor: Actor, *, title: str, file_kind: str, query: str = "", source: str = ""
) -> ExportRun:
    return ExportRun(
        company_id=actor.company_id,
        actor_id=actor.user_id,
        actor_name=actor.name,
        title=title[:200],
        source=source,
        query=query[:5000],
        file_kind=file_kind,
        language=get_language() or "en",
        created_at=clock.now(),
    )


def _record(actor: Actor, export: ExportRun) -> None:
    params = {"title": export.title, "rows": export.row_count}
    after = {"query": export.query, "file": export.file_kind, "rows": export.row_count}
    audit_record(actor, AUDIT_EXPORTED, export, after=after, params=params)


def direct_rows(actor: Actor) -> int:
    """Return how many rows are exported at once."""
    return int(parameter_value(actor.company_id, DIRECT_ROWS))


def export_queue(*, actor: Actor, title: str, file_kind: str, path: str, query: str) -> ExportRun:
    """Let a worker prepare the export of a list page; the actor is told when it can be fetched.

    Args:
        path, query: address of the list with its filter; the worker asks the same page, as the
            same person, so that the rights of that moment count.

    Raises:
        NotFoundError: neither csv nor xlsx.
    """
    if file_kind not in TYPES:
        raise NotFoundError
    export = _open(actor, title=title, file_kind=file_kind, query=query, source=path)
    with write():
        export.save(force_insert=True)
    return export


def exports_run_due() -> int:
    """Prepare what waits or whose worker died; return how many. Called by the worker."""
    at = clock.now()
    due = Q(state=ExportState.QUEUED) | Q(state=ExportState.RUNNING, leased_until__lt=at)
    count = 0
    for pk in list(ExportRun.objects.filter(due).order_by("pk").values_list("pk", flat=True)[:20]):
        claimed = ExportRun.objects.filter(due, pk=pk).update(
            state=ExportState.RUNNING, leased_until=at + timedelta(seconds=LEASE_SECONDS)
        )
        if claimed:
            _prepare(ExportRun.objects.get(pk=pk))
            count += 1
    return count


def _prepare(export: ExportRun) -> None:
    actor = Actor.system("export", export.company_id)
    name = f"{secrets.token_hex(16)}.{export.file_kind}"
    try:
        actor = caller_get(export.actor_id or 0, export.company_id)
        with override(export.language), company_time(export.company_id):
            count = page_export(actor, export, export_folder() / name)
    except Exception as error:
        if not isinstance(error, DomainError):
            log.exception("export %s failed", export.pk)
        (export_folder() / name).unlink(missing_ok=True)
        export.state, export.error = ExportState.FAILED, type(error).__name__
    else:
        export.state, export.path, export.row_count = ExportState.DONE, name, count
    export.finished_at, export.leased_until = clock.now(), None
    with write():
        export.save()
        if export.state == ExportState.DONE:
            _record(actor, export)
            params = {"title": export.title}
            url = reverse("exporting:list")
            notices_send(actor, NOTICE_FINISHED, [actor.user_id or 0], params=params, url=url)
        event_publish(actor, ExportFinished(export.pk, export.actor_id))


def page_export(actor: Actor, export: ExportRun, path: Path) -> int:
    """Ask the list page again as the person who wanted it, and write its rows to `path`.

    Raises:
        NotFoundError: the page is gone, or does not open to the person any more.
    """
    request = HttpRequest()
    request.method, request.path = "GET", export.source
    request.path_info = export.source
    request.GET = QueryDict(export.query)
    request.user = get_user_model()._default_manager.get(pk=actor.user_id or 0)
    actor_put(request, actor)
    counts: list[int] = []
    request.export_sink = (  # type: ignore[attr-defined]
        lambda title, columns, rows: counts.append(
            file_write(path, export.file_kind, title, columns, rows)
        )
    )
    match = resolve(export.source)
    match.func(request, *match.args, **match.kwargs)
    if not counts:
        raise NotFoundError
    return counts[0]


def file_write(
    path: Path, kind: str, title: str, columns: Sequence[ExportColumn], rows: Iterable[Any]
) -> int:
    """Write rows to a file of this kind; return how many."""
    if kind == "xlsx":
        return xlsx_write(path, title, columns, rows)
    count = -1
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in csv_lines(columns, rows):
            file.write(line)
            count += 1
    return count


def export_fetch(*, actor: Actor, export_id: int) -> FileResponse:
    """Return the file of a prepared export, only to the person who asked for it.

    Raises:
        NotFoundError: not theirs, not ready, or no longer kept.
    """
    export = (
        ExportRun.objects.filter(pk=export_id, actor_id=actor.user_id, state=ExportState.DONE)
        .exclude(path="")
        .first()
    )
    if export is None or actor.user_id is None:
        raise NotFoundError
    path = export_folder() / export.path
    if not path.is_file():
        raise NotFoundError
    response = FileResponse(path.open("rb"), content_type=TYPES[export.file_kind])
    _head(response, export.title, export.source, export.file_kind)
    return response


def exports_clean() -> int:
    """Delete prepared files past their time, and pieces that a killed worker left in the folder.

    The records stay. Return how many files.
    """
    limit = clock.now() - timedelta(days=int(parameter_value(None, KEEP_DAYS)))
    old = [
        path
        for path in export_folder().iterdir()
        if path.is_file() and path.stat().st_mtime < limit.timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    ExportRun.objects.filter(created_at__lt=limit).exclude(path="").update(path="")
    return len(old)


def export_columns(columns: Sequence[Column]) -> list[ExportColumn]:
    """Return the columns of a list page for a file; drawn ones become words and figures."""
    return [ExportColumn(column.title, _reader(column)) for column in columns]


def _prepared(queryset: QuerySet[Any], prepare: Callable[[list[Any]], None]) -> Iterator[Any]:
    """Yield the rows of a list page as its own page shows them, a few hundred at a time."""
    rows = queryset.iterator(chunk_size=ROWS_READ_AT_ONCE)
    while chunk := list(islice(rows, ROWS_PREPARED_AT_ONCE)):
        prepare(chunk)
        yield from chunk


def _reader(column: Column) -> Callable[[Any], Any]:
    if column.kind == "mini":
        return lambda row: _steps(column.raw(row))
    if column.kind == "due":
        return lambda row: due_text(column.raw(row))
    if column.kind == "percent":
        return lambda row: percent_text(column.raw(row))
    least = MONEY_PLACES if column.kind == "money" else 0
    return lambda row: _trimmed(column.raw(row), least)


def _trimmed(value: Any, least: int) -> Any:
    """Return a number without the zeros that only the width of its column brings."""
    if not isinstance(value, Decimal):
        return value
    places = max(least, -int(value.normalize().as_tuple().exponent))
    return round(value, places)


def _steps(states: Sequence[str] | None) -> str:
    shown = states or ()
    return f"{sum(state in ('done', 'skip') for state in shown)} / {len(shown)}"


def list_export(
    request: HttpRequest,
    title: str,
    queryset: QuerySet[Any],
    columns: Sequence[Column],
    kind: str,
    prepare: Callable[[list[Any]], None],
) -> HttpResponseBase:
    """Answer the export button of a list page: a file at once, or a job with a notice.

    Args:
        queryset: filtered and narrowed to what the actor may see; the page has checked the right.
        columns: the columns that the person sees.
        prepare: attaches to rows what the columns need.
    """
    actor = actor_of(request)
    wanted = export_columns(columns)
    sink = getattr(request, "export_sink", None)
    if sink is not None:
        sink(title, wanted, _prepared(queryset, prepare))
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    count = queryset.count()
    query = request.GET.urlencode()
    if count > direct_rows(actor):
        export_queue(actor=actor, title=title, file_kind=kind, path=request.path, query=query)
        text = _("%(count)s rows are being prepared. You will be told when the file is there.")
        return done(request, reverse("exporting:list"), Toast(text % {"count": count}))
    return export_now(
        actor=actor,
        title=title,
        columns=wanted,
        rows=_prepared(queryset, prepare),
        row_count=count,
        file_kind=kind,
        path=request.path,
        query=query,
    )
