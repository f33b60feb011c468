"""Exports are exact, complete and harmless (ASVS 1.2.10, reliability B5, expectations 3.44-45)."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from chengdan.kernel.downloads import disposition
from chengdan.kernel.exporting.services import file_name, list_code
from chengdan.kernel.exporting.writers import ExportColumn, csv_lines, formula_safe, xlsx_write

COLUMNS = [ExportColumn(f"c{at}", lambda row, at=at: row[at]) for at in range(6)]  # type: ignore[misc]
ROWS: list[list[Any]] = [
    [
        "=cmd|' /C calc'!A0", Decimal("-1250.50"), date(2026, 11, 21),
        "6222021234567890123", None, Decimal("123456789012.345678"),
    ],
    ["＝1+1", Decimal("0.1"), datetime(2026, 11, 21, 1, 0, tzinfo=UTC), "007", True, 5],
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "＝1", "＋1", "－1+1", "＠x", " =1",
     '"=1', "'=1", "\u200b=1", "|calc"],
)  # fmt: skip
def test_what_could_start_a_formula_is_text(text: str) -> None:
    assert formula_safe(text).startswith("'")


@pytest.mark.parametrize("text", ["-5", "-5.25", "abc", "北京 = 京", "a-b", "", "2026-11-21"])
def test_harmless_texts_and_negative_numbers_stay(text: str) -> None:
    assert formula_safe(text) == text


@given(st.text(max_size=40))
def test_no_text_is_ever_a_formula(text: str) -> None:
    safe = formula_safe(text)
    assert not safe.startswith(("=", "+", "@", "\t", "\r"))
    assert "\0" not in safe


def test_csv_has_every_row_and_exact_numbers() -> None:
    text = "".join(csv_lines(COLUMNS, ROWS))
    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(read) == 1 + len(ROWS)
    assert read[1] == [
        "'=cmd|' /C calc'!A0", "-1250.50", "2026-11-21", "6222021234567890123", "",
        "123456789012.345678",
    ]  # fmt: skip
    assert read[2][2] == "2026-11-21 09:00:00"
    assert read[2][4:] == ["1", "5"]


def test_xlsx_keeps_numbers_as_numbers_and_long_digits_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert xlsx_write(path, "订单: [a]/b", COLUMNS, ROWS) == 2
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    _head, first, second = sheet.to_python()
    assert first == [
        "'=cmd|' /C calc'!A0", -1250.5, date(2026, 11, 21), "6222021234567890123", "",
        "123456789012.345678",
    ]  # fmt: skip
    assert second[3] == "007"
    assert second[5] == 5


def test_names_of_downloads_are_safe() -> None:
    name = file_name('../a"\r\nX: y\u202e', "csv")
    assert not set(name) & set('/\\"\r\n\u202e')
    header = disposition("订单.csv", plain="orders.csv")
    assert header == "attachment; filename=\"orders.csv\"; filename*=UTF-8''%E8%AE%A2%E5%8D%95.csv"
    assert "\r" not in disposition("a\r\nb.csv", plain="b.csv")
    shown = disposition('SO "1".pdf', plain="order-1.pdf", is_shown=True)
    assert shown == "inline; filename=\"SO__1_.pdf\"; filename*=UTF-8''SO%20%221%22.pdf"


def test_a_list_is_named_by_its_address_where_only_ascii_is_read() -> None:
    assert list_code("/orders/") == "orders"
    assert list_code("/billing/receipts/") == "billing-receipts"
    assert list_code("/") == "export"
