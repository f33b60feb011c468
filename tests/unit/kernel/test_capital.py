"""Amounts in capital numerals, against a reader written the other way round."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.kernel.capital import amount_in_capitals

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read_whole(text: str) -> int:
    """Read from the left: digits wait for a unit, 万 and 亿 multiply all that came before."""
    total = section = digit = 0
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in UNITS:
            section += digit * UNITS[character]
            digit = 0
        elif character == "万":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        elif character == "亿":
            total, section, digit = (total + section + digit) * 100_000_000, 0, 0
        else:
            raise AssertionError(character)
    return total + section + digit


def read(text: str) -> Decimal:
    sign = -1 if text.startswith("负") else 1
    text = text.removeprefix("负").removesuffix("整")
    whole, yuan, rest = text.rpartition("元")
    cents = 0
    for unit, size in (("角", 10), ("分", 1)):
        head, found, rest = rest.rpartition(unit) if unit in rest else ("", "", rest)
        if found:
            cents += DIGITS[head[-1]] * size
    return sign * (Decimal(read_whole(whole) if yuan else 0) + Decimal(cents) / 100)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "零元整"),
        ("-0.00", "零元整"),
        ("0.07", "柒分"),
        ("0.10", "壹角整"),
        ("0.15", "壹角伍分"),
        ("1", "壹元整"),
        ("1.05", "壹元零伍分"),
        ("10", "壹拾元整"),
        ("10.50", "壹拾元伍角整"),
        ("100.05", "壹佰元零伍分"),
        ("-0.09", "负玖分"),
        ("-12.30", "负壹拾贰元叁角整"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("10001.01", "壹万零壹元零壹分"),
        ("12000.01", "壹万贰仟元零壹分"),
        ("67348.18", "陆万柒仟叁佰肆拾捌元壹角捌分"),
        ("100000", "壹拾万元整"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("123456.78", "壹拾贰万叁仟肆佰伍拾陆元柒角捌分"),
        ("200000000", "贰亿元整"),
        ("100000001", "壹亿零壹元整"),
        ("100010000", "壹亿零壹万元整"),
        ("1234567890123.45", "壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元肆角伍分"),
        ("1000000000000", "壹万亿元整"),
        ("9999999999999999.99", None),
    ],
)
def test_amounts(amount: str, text: str | None) -> None:
    found = amount_in_capitals(Decimal(amount))
    assert text is None or found == text
    assert read(found) == Decimal(amount)


@given(st.decimals(-(10**15), 10**15, places=2))
def test_what_is_written_reads_back(amount: Decimal) -> None:
    text = amount_in_capitals(amount)
    assert read(text) == amount
    assert "零零" not in text
    assert not text.startswith("拾")


@pytest.mark.parametrize("amount", ["0.001", "NaN", "Infinity", "10000000000000000"])
def test_what_cannot_be_written_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        amount_in_capitals(Decimal(amount))


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        amount_in_capitals(1.5)  # type: ignore[arg-type]


def test_traditional_numerals() -> None:
    assert amount_in_capitals(Decimal("20003"), is_traditional=True) == "貳萬零參元整"
