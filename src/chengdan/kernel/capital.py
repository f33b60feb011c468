"""Amounts in Chinese capital numerals, as statutory documents need them."""

from __future__ import annotations

from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
LIMIT = Decimal(10) ** 16
_TRADITIONAL = str.maketrans("贰叁陆万亿", "貳參陸萬億")


def amount_in_capitals(amount: Decimal, *, is_traditional: bool = False) -> str:
    """Return an amount of yuan in capital numerals: 100005.20 → 壹拾万零伍元贰角整.

    整 follows 元 and 角, not 分; 零 stands for gaps and for a missing 角 before 分.

    Args:
        amount: at most two decimals, absolute value below 10^16.

    Raises:
        ValueError: more than two decimals, not finite, or too large; a caller bug.
        TypeError: not a Decimal, since floats lose cents.

    Source: rules for bank settlement papers; expectations of accountants.
    """
    if not isinstance(amount, Decimal):
        raise TypeError("an amount is a Decimal")
    if not amount.is_finite() or abs(amount) >= LIMIT:
        raise ValueError("the amount is out of range")
    cents = abs(amount).scaleb(2)
    if cents != cents.to_integral_value():
        raise ValueError("round the amount to cents first")
    yuan, rest = divmod(int(cents), 100)
    jiao, fen = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif fen and yuan:
        text += "零"
    text += f"{DIGITS[fen]}分" if fen else "整"
    if not cents:
        text = "零元整"
    sign = "负" if amount < 0 and cents else ""
    return f"{sign}{text}".translate(_TRADITIONAL) if is_traditional else f"{sign}{text}"


def _whole(number: int) -> str:
    """Return a number above zero; 亿 and 万 each join a higher and a lower part."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        high, low = divmod(number, size)
        if high:
            gap = "零" if 0 < low < size // 10 else ""
            return f"{_whole(high)}{unit}{gap}{_whole(low) if low else ''}"
    return _below_ten_thousand(number)


def _below_ten_thousand(number: int) -> str:
    text, is_gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if is_gap else "") + DIGITS[digit] + PLACES[place]
        is_gap = not digit and bool(text)
    return text
