"""Rows to CSV and XLSX, as a stream, exact, and harmless when a spreadsheet opens them."""

from __future__ import annotations

import csv
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils import timezone

from chengdan.kernel.exporting.vocabulary import SHEET_ROWS_MAX

CELL_LENGTH_MAX = 32_767
EXACT_DIGITS = 15
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of an export.

    Attributes:
        value: function of the row.
            Numbers, days and instants are written as such; a number longer than a
            spreadsheet keeps becomes text, so do all digits that come as text.
    """

    title: Any
    value: Callable[[Any], Any]


def formula_safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: `'` before what could start one.

    Full-width twins count, and so do starts hidden behind blanks; plain negative numbers are
    numbers and stay.

    Source: ASVS 1.2.10, reliability catalogue B5.
    """
    cleaned = _CONTROL.sub("", text)
    start = unicodedata.normalize("NFKC", cleaned[:20]).lstrip(" \u3000\u00a0\ufeff\u200b'\"")
    raw_start = cleaned[:1]
    if not (start.startswith(_DANGEROUS) or (raw_start in _DANGEROUS and raw_start)):
        return cleaned
    return cleaned if _NUMBER.fullmatch(cleaned) else f"'{cleaned}"


def plain_value(value: Any) -> str | Decimal | date | datetime | None:
    """Return a value as text, exact number, day or local instant."""
    if value is None or isinstance(value, str | Decimal):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, datetime):
        return timezone.localtime(value) if timezone.is_aware(value) else value
    if isinstance(value, date):
        return value
    if isinstance(value, Sequence):
        return ", ".join(str(_text_of(item)) for item in value)
    return str(_text_of(value))


def _text_of(value: Any) -> Any:
    return getattr(value, "text", value)


def csv_lines(columns: Sequence[ExportColumn], rows: Iterable[Any]) -> Iterator[str]:
    """Yield the lines of a CSV file that opens rightly in every spreadsheet (UTF-8 with mark)."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield "\ufeff" + writer.writerow([formula_safe(str(column.title)) for column in columns])
    for row in rows:
        yield writer.writerow([_csv_cell(column, row) for column in columns])


class _Echo:
    """A file that gives back what is written, so that lines can be streamed."""

    def write(self, text: str) -> str:
        return text


def _csv_cell(column: ExportColumn, row: Any) -> str:
    value = plain_value(column.value(row))
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return formula_safe(value)


def xlsx_write(path: Path, title: str, columns: Sequence[ExportColumn], rows: Iterable[Any]) -> int:
    """Write a workbook with constant memory; return the number of rows.

    Raises:
        ValueError: more rows than a sheet has.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        styles = {
            "head": book.add_format({"bold": True, "bg_color": "#E9EEF5", "bottom": 1}),
            "text": book.add_format({"num_format": "@"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(columns) - 1, 0), 16)
        for at, column in enumerate(columns):
            sheet.write_string(0, at, formula_safe(str(column.title)), styles["head"])
        count = 0
        for row in rows:
            count += 1
            if count > SHEET_ROWS_MAX:
                raise ValueError("more rows than a sheet has")
            for at, column in enumerate(columns):
                _xlsx_cell(sheet, count, at, plain_value(column.value(row)), styles)
    return count


def _xlsx_cell(sheet: Any, row: int, at: int, value: Any, styles: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) <= EXACT_DIGITS:
        sheet.write_number(row, at, float(value))
    elif isinstance(value, Decimal):
        sheet.write_string(row, at, format(value, "f"), styles["text"])
    elif isinstance(value, datetime) and value.year >= 1900:
        sheet.write_datetime(row, at, value.replace(tzinfo=None), styles["instant"])
    elif isinstance(value, date) and value.year >= 1900:
        sheet.write_datetime(row, at, value, styles["day"])
    else:
        text = formula_safe(str(value))[:CELL_LENGTH_MAX]
        sheet.write_string(row, at, text, styles["text"])


def _sheet_name(title: str) -> str:
    cleaned = re.sub(r"[\[\]:*?/\\]", " ", title).strip().strip("'")
    return cleaned[:31] or "Export"


def xlsx_stream(
    title: str, columns: Sequence[ExportColumn], rows: Iterable[Any]
) -> Iterator[bytes]:
    """Yield the bytes of a workbook, written to a temporary file first."""
    with tempfile.TemporaryDirectory(prefix="chengdan-export-") as folder:
        path = Path(folder, "export.xlsx")
        xlsx_write(path, title, columns, rows)
        with path.open("rb") as file:
            while block := file.read(65_536):
                yield block
