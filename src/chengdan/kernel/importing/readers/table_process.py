"""Read one CSV or XLSX file into lines of JSON; runs as a process of its own.

The parent starts this file by its path, with limits on memory and time, so that a hostile file
can end only this process. It imports nothing of the site.

Output: a first line with facts of the table, then one line `[row number, cell, cell, …]` per row
that is not empty. A cell is a text, null, {"n": "1.5"} for a number, {"x": "…"} for a number whose
digits the spreadsheet has lost, {"d": "2026-11-21"} for a date, {"b": true} for a truth value.

Source: reliability catalogue B5 (archives, encodings, numbers).
"""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REFUSED_EXIT = 3
EXACT_DIGITS = 15  # what a spreadsheet keeps of a number
_TEXT_SUFFIXES = {".csv", ".txt", ".tsv"}
_OLE = b"\xd0\xcf\x11\xe0"
_FOREIGN = (b"%pdf", b"<!doctype", b"<html", b"<?xml", b"\x1f\x8b", b"rar!", b"7z\xbc\xaf", b"mz")


class RefusedError(Exception):
    """The file is not taken; `code` and `params` go to the parent."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def kind_of(path: Path, name: str) -> str:
    """Return "xlsx" or "csv" when name and content agree.

    Raises:
        RefusedError: `old_format` (xls, encrypted), `renamed`, `kind` (anything else).
    """
    with path.open("rb") as file:
        head = file.read(16)
    suffix = Path(name).suffix.lower()
    if suffix not in _TEXT_SUFFIXES | {".xlsx"}:
        raise RefusedError("kind", suffix=suffix[:10])
    if head.startswith(_OLE):
        raise RefusedError("old_format")
    is_zip = head.startswith(b"PK")
    if is_zip != (suffix == ".xlsx") or head.lower().startswith(_FOREIGN):
        raise RefusedError("renamed")
    return "xlsx" if is_zip else "csv"


def archive_check(path: Path, limits: dict[str, int]) -> bool:
    """Look at the directory of a spreadsheet before anything is unpacked.

    Returns:
        True when the workbook counts days from 1904.

    Raises:
        RefusedError: `damaged`, `encrypted`, `entries`, `unzipped`, `ratio`, `names`, `macros`,
            `not_spreadsheet`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _entries_check(entries, path.stat().st_size, limits)
            names = {entry.filename for entry in entries}
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
                raise RefusedError("not_spreadsheet")
            with archive.open("xl/workbook.xml") as file:
                book = file.read(1_000_000)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError) as error:
        raise RefusedError("damaged") from error
    if b"<!DOCTYPE" in book or b"<!ENTITY" in book:
        raise RefusedError("not_spreadsheet")
    return re.search(rb'date1904="(1|true)"', book) is not None


def _entries_check(entries: list[zipfile.ZipInfo], size: int, limits: dict[str, int]) -> None:
    if len(entries) > limits["entries"]:
        raise RefusedError("entries", limit=limits["entries"])
    unzipped = sum(entry.file_size for entry in entries)
    if unzipped > limits["unzipped_bytes"]:
        raise RefusedError("unzipped", limit=limits["unzipped_bytes"] // 1_000_000)
    if unzipped > max(size, 1) * limits["ratio"] and unzipped > 1_000_000:
        raise RefusedError("ratio", limit=limits["ratio"])
    for entry in entries:
        name = entry.filename
        if entry.flag_bits & 0x1:
            raise RefusedError("encrypted")
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
            raise RefusedError("names")
        if (entry.external_attr >> 16) & 0o170000 == 0o120000:
            raise RefusedError("names")
        if name.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".zip", ".xlsx")):
            raise RefusedError("macros")


def decode(data: bytes) -> tuple[str, str]:
    """Return text and encoding: by byte order mark, else UTF-8, else GB18030.

    Raises:
        RefusedError: `encoding`, or `control` for a NUL character.
    """
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
             (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
    marked = [name for mark, name in marks if data.startswith(mark)]
    for name in marked or ["utf-8", "gb18030"]:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise RefusedError("control")
        return text, name
    raise RefusedError("encoding")


def delimiter_of(text: str, header_row: int) -> str:
    """Return the separator of the header line: comma, semicolon or tab."""
    lines = text.splitlines()[: max(header_row, 1) + 20]
    shown = [line for line in lines[max(header_row - 1, 0) :] if line.strip()]
    if not shown:
        return ","
    bare = re.sub(r'"[^"]*"', "", shown[0])
    counts = {mark: bare.count(mark) for mark in (",", ";", "\t")}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def csv_rows(path: Path, options: dict[str, Any]) -> tuple[dict[str, Any], Iterator[list[Any]]]:
    """Return facts and cells of a text table."""
    text, encoding = decode(path.read_bytes())
    mark = options.get("delimiter") or delimiter_of(text, options["header_row"])
    csv.field_size_limit(options["limits"]["cell_bytes"] + 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    return {"encoding": encoding, "delimiter": mark}, _csv_safe(reader)


def _csv_safe(reader: Any) -> Iterator[list[Any]]:
    try:
        yield from reader
    except csv.Error as error:
        code = "cell" if "field limit" in str(error) else "quotes"
        raise RefusedError(code, row=reader.line_num) from error


def xlsx_rows(path: Path, options: dict[str, Any]) -> tuple[dict[str, Any], Iterator[list[Any]]]:
    """Return facts and cells of the named or the first visible sheet."""
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    is_1904 = archive_check(path, options["limits"])
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        wanted = options.get("sheet") or (sheets[0] if sheets else "")
        if wanted not in book.sheet_names:
            raise RefusedError("sheet", name=str(wanted)[:60])
        sheet = book.get_sheet_by_name(wanted)
    except (CalamineError, ValueError, OSError) as error:
        raise RefusedError("damaged") from error
    if sheet.total_width > options["limits"]["columns"]:
        raise RefusedError("columns", row=1, limit=options["limits"]["columns"])
    margin = [None] * (sheet.start[1] if sheet.start else 0)
    rows = ([*margin, *(_cell(value) for value in row)] for row in sheet.iter_rows())
    return {"sheet": wanted, "date1904": is_1904}, rows


def _cell(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, int | float):
        return _number(float(value))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return {"d": value.isoformat()}
    if isinstance(value, datetime.timedelta):
        return {"d": str(value)}
    return str(value)


def _number(value: float) -> dict[str, str]:
    if value != value or value in (float("inf"), float("-inf")):
        return {"x": str(value)}
    if abs(value) >= 10**EXACT_DIGITS:
        return {"x": format(value, ".0f")}
    # A spreadsheet keeps 15 digits; the rest is noise of binary fractions (0.1 + 0.2).
    return {"n": format(value, f".{EXACT_DIGITS}g")}


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip(" \t\r\n\u3000\u00a0\ufeff"))


def _checked(number: int, cells: list[Any], limits: dict[str, int]) -> list[Any]:
    while cells and _is_empty(cells[-1]):
        cells.pop()
    if len(cells) > limits["columns"]:
        raise RefusedError("columns", row=number, limit=limits["columns"])
    for cell in cells:
        if isinstance(cell, str) and len(cell.encode("utf-8", "replace")) > limits["cell_bytes"]:
            raise RefusedError("cell", row=number)
    return cells


def table_write(path: Path, out: Path, options: dict[str, Any]) -> None:
    """Write the table of `path` to `out`.

    Raises:
        RefusedError: see the functions above; also `rows`, `columns`, `cell`, `empty`.
    """
    limits: dict[str, int] = options["limits"]
    if path.stat().st_size > limits["file_bytes"]:
        raise RefusedError("file", limit=limits["file_bytes"] // 1_000_000)
    read = xlsx_rows if kind_of(path, options["name"]) == "xlsx" else csv_rows
    facts, rows = read(path, options)
    count = 0
    with out.open("w", encoding="utf-8", errors="surrogatepass") as file:
        file.write(json.dumps(facts) + "\n")
        for number, row in enumerate(rows, start=1):
            if number < options["header_row"] or all(_is_empty(cell) for cell in row):
                continue
            count += 1
            if count > limits["rows"] + 1:
                raise RefusedError("rows", limit=limits["rows"])
            cells = _checked(number, list(row), limits)
            file.write(json.dumps([number, *cells], ensure_ascii=True) + "\n")
    if not count:
        raise RefusedError("empty")


def main() -> int:
    """Read `path out options` from the command line; report a refusal as JSON on stdout."""
    path, out, options = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
    limits = options["limits"]
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"], limits["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        table_write(path, out, options)
    except RefusedError as error:
        refusal = {"code": error.code, "params": error.params}
    except MemoryError:
        refusal = {"code": "heavy", "params": {}}
    else:
        return 0
    sys.stdout.write(json.dumps(refusal))
    return REFUSED_EXIT


if __name__ == "__main__":
    sys.exit(main())
