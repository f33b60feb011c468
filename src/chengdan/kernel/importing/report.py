"""The marked file: every refused row as it was, with what is wrong beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.exporting.writers import ExportColumn, csv_lines, xlsx_write
from chengdan.kernel.importing.engine import assembled
from chengdan.kernel.importing.kinds import ImportKind, import_kind_find
from chengdan.kernel.importing.models import ImportFile, ImportJob, ImportRowMark
from chengdan.kernel.importing.readers.tables import Cell, DateCell, LostDigits, Table
from chengdan.kernel.importing.vocabulary import RowState


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A row of the file with its marks."""

    line: int
    cells: list[Cell]
    state: str
    reasons: str


def marked_write(job: ImportJob, path: Path, kind: str) -> int:
    """Write the refused rows of the main file with two columns more; return how many.

    Titles stay as they were, so the corrected file can be imported again as it is.

    Args:
        kind: "xlsx" or "csv".

    Raises:
        NotFoundError: the file is no longer kept, or the kind is gone.
    """
    import_kind = import_kind_find(job.kind)
    digests = [file["sha256"] for file in job.file_list]
    kept = ImportFile.objects.filter(sha256__in=digests).count()
    if import_kind is None or kept < len(set(digests)):
        raise NotFoundError
    with override(job.language), assembled(job, import_kind) as assembly:
        table = assembly.main
        columns = _columns(table)
        rows = _rows(job, table, column_titles(import_kind))
        if kind == "xlsx":
            return xlsx_write(path, job.source_name, columns, rows)
        count = -1
        with path.open("w", encoding="utf-8", newline="") as file:
            for line in csv_lines(columns, rows):
                file.write(line)
                count += 1
        return count


def _columns(table: Table) -> list[ExportColumn]:
    own = [ExportColumn(title, partial(_shown, at=at)) for at, title in enumerate(table.headers)]
    return [
        *own,
        ExportColumn(_("Row in the file"), lambda row: row.line),
        ExportColumn(_("Result"), lambda row: row.state),
        ExportColumn(_("Reasons"), lambda row: row.reasons),
    ]


def _shown(row: MarkedRow, at: int) -> Any:
    cell = row.cells[at] if at < len(row.cells) else None
    return cell.text if isinstance(cell, DateCell | LostDigits) else cell


def column_titles(kind: ImportKind | None) -> dict[str, str]:
    """Return name → title of the columns, in the language that is spoken now."""
    return {column.name: str(column.title) for column in kind.columns} if kind else {}


def _rows(job: ImportJob, table: Table, titles: dict[str, str]) -> Iterator[MarkedRow]:
    marks: dict[int, list[str]] = {}
    refused = ImportRowMark.objects.filter(job=job, state=RowState.REJECTED)
    for mark in refused.order_by("ordinal").iterator():
        for issue in mark.issue_list:
            name = titles.get(issue["field"], issue["field"])
            text = f"{name}: {issue['message']}" if name else issue["message"]
            line = issue["row"] if mark.size == 1 or not job.mapping_text else mark.line
            marks.setdefault(line, []).append(text)
            if line != mark.line:
                marks.setdefault(mark.line, [])
    for line, cells in table.rows():
        if line in marks:
            state = str(RowState.REJECTED.label)
            yield MarkedRow(line, cells, state, "; ".join(marks[line]))
