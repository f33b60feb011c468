"""One cell, one exact value or a named refusal (reliability B5: numbers, text, time)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.kernel.importing.kinds import Column
from chengdan.kernel.importing.readers.tables import Cell, DateCell, LostDigits
from chengdan.kernel.importing.values import CellError, text_clean, value_parse, word_plain

TEXT = Column("t", "T", max_length=20)
REFERENCE = Column("r", "R", "reference")
NUMBER = Column("n", "N", "decimal", places=4)
DATE = Column("d", "D", "date")
BOOLEAN = Column("b", "B", "boolean")
CHOICE = Column("c", "C", "choice", choices={"paid_first": "先款后货", "term": "账期"})


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        (NUMBER, "1,234.5", Decimal("1234.5")),
        (NUMBER, "１２３．５", Decimal("123.5")),
        (NUMBER, "-3.00", Decimal(-3)),
        (NUMBER, "13%", Decimal("0.13")),
        (NUMBER, "１３％", Decimal("0.13")),
        (NUMBER, Decimal("0.3"), Decimal("0.3")),
        (NUMBER, "", None),
        (NUMBER, " \u3000", None),
        (TEXT, Decimal("123456789012345"), "123456789012345"),
        (TEXT, "  王\u200b五\ufeff ", "王五"),
        (TEXT, "e\u0301", "é"),
        (TEXT, "\u202egnp.exe", "gnp.exe"),
        (TEXT, "'; DROP TABLE x", "'; DROP TABLE x"),
        (REFERENCE, "Ｃ００１", "C001"),
        (DATE, "2026-11-21", date(2026, 11, 21)),
        (DATE, "2026/1/2", date(2026, 1, 2)),
        (DATE, "2026.1.2", date(2026, 1, 2)),
        (DATE, "2026年11月21日", date(2026, 11, 21)),
        (DATE, "２０２６-１１-２１", date(2026, 11, 21)),
        (DATE, "20261121", date(2026, 11, 21)),
        (DATE, Decimal(20261121), date(2026, 11, 21)),
        (DATE, "2026-11-21 08:30:00", date(2026, 11, 21)),
        (DATE, DateCell("2026-11-21T08:30:00"), date(2026, 11, 21)),
        (DATE, Decimal(1), date(1900, 1, 1)),
        (DATE, Decimal(59), date(1900, 2, 28)),
        (DATE, Decimal(61), date(1900, 3, 1)),
        (DATE, "2024-02-29", date(2024, 2, 29)),
        (BOOLEAN, "是", True),
        (BOOLEAN, "No", False),
        (BOOLEAN, True, True),
        (BOOLEAN, Decimal(0), False),
        (CHOICE, "先款后货", "paid_first"),
        (CHOICE, "PAID_FIRST", "paid_first"),
    ],
)
def test_taken(column: Column, cell: Cell, value: object) -> None:
    assert value_parse(column, cell) == value


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        (NUMBER, "NaN", "number"),
        (NUMBER, "Infinity", "number"),
        (NUMBER, "-0", "number"),
        (NUMBER, "1E+999999999", "number"),
        (NUMBER, "1_000", "number"),
        (NUMBER, "1,5", "number"),
        (NUMBER, "1.234,56", "number"),
        (NUMBER, "٣.٥", "number"),
        (NUMBER, "¥5", "number"),
        (NUMBER, "0.12345", "places"),
        (NUMBER, "1234567890123456789", "digits"),
        (NUMBER, LostDigits("123456789012345680000"), "digits_lost"),
        (TEXT, LostDigits("6222021234567890000"), "digits_lost"),
        (TEXT, "#REF!", "formula"),
        (TEXT, "a\x00b", "control"),
        (TEXT, "\ud800", "control"),
        (TEXT, "x" * 21, "long"),
        (DATE, "29.02.2025", "date"),
        (DATE, "2025-02-29", "date"),
        (DATE, "01/02/2025", "date"),
        (DATE, "0001-01-01", "year"),
        (DATE, "9999-12-31", "year"),
        (DATE, Decimal(60), "date"),
        (DATE, Decimal(-1), "date"),
        (DATE, Decimal(10**12), "date"),
        (BOOLEAN, "maybe", "boolean"),
        (CHOICE, "wer weiß", "choice"),
    ],
)
def test_refused(column: Column, cell: Cell, code: str) -> None:
    with pytest.raises(CellError) as error:
        value_parse(column, cell)
    assert error.value.code == code
    assert error.value.message


def test_serial_days_from_1904() -> None:
    assert value_parse(DATE, Decimal(0), is_1904=True) == date(1904, 1, 1)


def test_bounds_and_required() -> None:
    column = Column("n", "N", "decimal", required=True, minimum=Decimal(0), maximum=Decimal(1))
    for cell, code in (("-1", "minimum"), ("1.01", "maximum"), ("", "required")):
        with pytest.raises(CellError) as error:
            value_parse(column, cell)
        assert error.value.code == code


def test_titles_are_compared_without_marks() -> None:
    assert word_plain("Customer code *") == word_plain("customer_CODE")
    assert word_plain("编　码：") == word_plain("编码")


@given(st.text(max_size=30))
def test_any_text_is_clean_or_refused(text: str) -> None:
    for column in (TEXT, REFERENCE, NUMBER, DATE, BOOLEAN, CHOICE):
        try:
            value_parse(column, text)
        except CellError:
            continue


@given(st.text(max_size=30))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    try:
        once = text_clean(text)
    except CellError:
        return
    assert text_clean(once) == once


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
def test_numbers_survive_exactly(number: Decimal) -> None:
    text = format(number, "f")
    if number == 0 and text.startswith("-"):
        return
    assert value_parse(NUMBER, text) == number
