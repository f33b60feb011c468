"""Files that strangers send: archives, encodings, sizes (reliability B5)."""

import datetime
import io
import os
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.kernel.importing.limits import Limits
from chengdan.kernel.importing.readers import table_process
from chengdan.kernel.importing.readers.tables import (
    DateCell,
    LostDigits,
    ReadOptions,
    Table,
    table_read,
)
from chengdan.kernel.importing.vocabulary import FileRefusedError
from tests.fixtures.importing import csv_bytes, file_at, xlsx_bytes


def read(
    folder: Path, content: bytes, name: str, limits: Limits | None = None, **options: object
) -> Table:
    return table_read(
        file_at(folder, content),
        name=name,
        folder=folder,
        options=ReadOptions(**options),  # type: ignore[arg-type]
        limits=limits or Limits(),
    )


def refused(folder: Path, content: bytes, name: str, limits: Limits | None = None) -> str:
    with pytest.raises(FileRefusedError) as error:
        read(folder, content, name, limits)
    return error.value.code.removeprefix("file_")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_text_tables_are_read_in_every_encoding_and_separator(
    tmp_path: Path, encoding: str, mark: str
) -> None:
    rows = [["编码", "名称"], ["001", "北京长城贸易有限公司"], ["002", "龘"]]
    table = read(tmp_path, csv_bytes(rows, encoding, mark), "客户.csv")
    assert table.headers == ["编码", "名称"]
    assert list(table.rows()) == [(2, ["001", "北京长城贸易有限公司"]), (3, ["002", "龘"])]


def test_a_workbook_gives_exact_values(tmp_path: Path) -> None:
    rows = [
        ["code", "n", "d", "b", "long"],
        ["007", 0.1 + 0.2, datetime.datetime(2026, 11, 21), True, 123456789012345678],
    ]
    table = read(tmp_path, xlsx_bytes(rows), "a.xlsx")
    [(line, cells)] = table.rows()
    assert line == 2
    assert cells[:4] == ["007", Decimal("0.3"), DateCell("2026-11-21"), True]
    assert isinstance(cells[4], LostDigits)


def test_days_counted_from_1904_keep_their_date(tmp_path: Path) -> None:
    rows = [["d", "serial"], [datetime.datetime(2026, 11, 21), 5]]
    table = read(tmp_path, xlsx_bytes(rows, date_1904=True), "a.xlsx")
    assert table.is_1904
    assert next(table.rows())[1][0] == DateCell("2026-11-21")


def test_rows_above_the_titles_are_left_out(tmp_path: Path) -> None:
    content = "明细\n\n账号: 1\n日期,金额\n2026-01-01,5\n".encode("gb18030")
    table = read(tmp_path, content, "bank.csv", header_row=4)
    assert table.headers == ["日期", "金额"]
    assert list(table.rows()) == [(5, ["2026-01-01", "5"])]


def _zip(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


_BOOK = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
_SYMLINK = zipfile.ZipInfo("xl/link")
_SYMLINK.external_attr = 0o120777 << 16


def _with_symlink() -> bytes:
    made = io.BytesIO(_zip(_BOOK))
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(_SYMLINK, "/etc/passwd")
    return made.getvalue()


def _encrypted() -> bytes:
    data = bytearray(_zip(_BOOK))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "empty"),
        (b"\n\n \n", "a.csv", "empty"),
        (b"code\0,x\n", "a.csv", "control"),
        (b"\xff\xff\xff\xff", "a.csv", "encoding"),
        (b'a,b\n"x"y,1\n', "a.csv", "quotes"),
        (b'a,b\n"x,1\n', "a.csv", "quotes"),
        (b"a\n" + b"x" * 40_000, "a.csv", "cell"),
        (b",".join([b"a"] * 201), "a.csv", "columns"),
        (b"a,b", "a.xlsx", "renamed"),
        (b"<html><table>", "a.csv", "renamed"),
        (b"%PDF-1.7", "a.csv", "renamed"),
        (b"\x1f\x8b\x08", "a.csv", "renamed"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.xlsx", "old_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.csv", "old_format"),
        (b"a,b", "a.exe", "kind"),
        (b"a,b", "a.xls", "kind"),
        (b"a,b", "a.xlsm", "kind"),
        (b"PK\x03\x04 truncated", "a.xlsx", "damaged"),
        (xlsx_bytes([["a"]])[:-200], "a.xlsx", "damaged"),
        (xlsx_bytes([["a"]]), "a.csv", "renamed"),
        (_zip({"word/document.xml": b"x"}), "a.xlsx", "not_spreadsheet"),
        (_zip(_BOOK | {"../../etc/x": b"x"}), "a.xlsx", "names"),
        (_zip(_BOOK | {"..\\x": b"x"}), "a.xlsx", "names"),
        (_zip(_BOOK | {"/abs": b"x"}), "a.xlsx", "names"),
        (_with_symlink(), "a.xlsx", "names"),
        (_zip(_BOOK | {"xl/vbaProject.bin": b"x"}), "a.xlsx", "macros"),
        (_zip(_BOOK | {"nested.zip": b"x"}), "a.xlsx", "macros"),
        (_zip(_BOOK | {f"p{n}": b"" for n in range(300)}), "a.xlsx", "entries"),
        (_zip(_BOOK | {"xl/styles.xml": b"0" * 3_000_000}), "a.xlsx", "ratio"),
        (
            _zip({**_BOOK, "xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><workbook/>'}),
            "a.xlsx",
            "not_spreadsheet",
        ),
        (_encrypted(), "a.xlsx", "encrypted"),
        (_zip(_BOOK), "a.xlsx", "damaged"),
    ],
)
def test_a_bad_file_is_refused_by_name(
    tmp_path: Path, content: bytes, name: str, code: str
) -> None:
    assert refused(tmp_path, content, name) == code


def test_ceilings_of_bytes_and_rows(tmp_path: Path) -> None:
    small = Limits(file_bytes=10, rows=2)
    assert refused(tmp_path, b"a\n" * 20, "a.csv", small) == "file"
    assert refused(tmp_path, b"a\n1\n2\n3\n", "a.csv", Limits(rows=2)) == "rows"
    wide = Limits(unzipped_bytes=100)
    assert refused(tmp_path, xlsx_bytes([["a"]]), "a.xlsx", wide) == "unzipped"


def test_a_cell_at_the_far_corner_ends_only_the_reading_process(tmp_path: Path) -> None:
    made = io.BytesIO()
    import xlsxwriter

    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, "x")
    assert refused(tmp_path, made.getvalue(), "a.xlsx") in {"columns", "heavy", "damaged"}


def test_a_process_out_of_memory_is_a_named_refusal(tmp_path: Path) -> None:
    rows = [["a", "b"]] + [[f"text {n}", n] for n in range(60_000)]
    tight = Limits(memory_bytes=16_500_000)
    assert refused(tmp_path, xlsx_bytes(rows), "a.xlsx", tight) in {"heavy", "damaged"}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "..\\..\\x.csv", "CON.csv", "x" * 400 + ".csv", "a\u202e.csv"]
)
def test_a_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, b"a,b\n1,2\n", name).headers == ["a", "b"]
    assert sorted(os.listdir(tmp_path)) == ["source", "source.rows"]


@given(data=st.binary(max_size=400))
def test_any_bytes_are_text_or_a_named_refusal(data: bytes) -> None:
    try:
        text, _encoding = table_process.decode(data)
    except table_process.RefusedError as refusal:
        text = ""
        code = refusal.code
        assert code in {"encoding", "control"}
    assert "\0" not in text


@given(st.lists(st.lists(st.text(max_size=12), min_size=2, max_size=4), min_size=1, max_size=5))
def test_any_csv_is_rows_or_a_named_refusal(rows: list[list[str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        path = file_at(
            Path(made), "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")
        )
        options = {"name": "a.csv", "header_row": 1, "limits": Limits().as_dict()}
        try:
            table_process.table_write(path, Path(made, "out"), options)
        except table_process.RefusedError:
            return
