"""One cell to one exact value: accepted exactly or refused with a reason, nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from chengdan.kernel.days import day_is_usual, year_refusal
from chengdan.kernel.importing.kinds import CLEAR, Column
from chengdan.kernel.importing.readers.tables import Cell, DateCell, LostDigits
from chengdan.kernel.ui.numberparse import NumberError, parse_number

BLANKS = " \t\r\n\u3000\u00a0\ufeff\u200b"
_LEAP_BUG_SERIAL = 60  # 29 February 1900, a day that never was
_CLEAR_LENGTH_MAX = 20
_EPOCH_1904 = 1462  # days between the two ways of counting
# Zero width, byte order mark and direction overrides: unseen, and a way to forge names.
_HIDDEN = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})"
    r"|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_SPREADSHEET_ERROR = re.compile(r"#(REF!|DIV/0!|VALUE!|NAME\?|N/A|NUM!|NULL!)")
_YES = frozenset({"1", "true", "yes", "y", "t", "是", "对", "√", "真"})
_NO = frozenset({"0", "false", "no", "n", "f", "否", "错", "×", "假"})


class CellError(ValueError):
    """The cell is not taken: a stable code and a message in the active language."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def text_clean(text: str) -> str:
    """Return the text without unseen characters, trimmed, composed (NFC).

    Raises:
        CellError: `control` for characters that no text needs.
    """
    if text.isascii() and text.isprintable():
        return text.strip(BLANKS)
    if _CONTROL.search(text):
        raise CellError("control", _("The text holds forbidden control characters."))
    return unicodedata.normalize("NFC", _HIDDEN.sub("", text)).strip(BLANKS)


def cell_text(cell: Cell) -> str:
    """Return a cell as text: numbers with plain digits, dates as ISO.

    Raises:
        CellError: `digits_lost` when the spreadsheet destroyed the number, `formula` for an error
            value, `control`.
    """
    if isinstance(cell, str):
        text = text_clean(cell)
        if text.startswith("#") and _SPREADSHEET_ERROR.fullmatch(text):
            raise CellError("formula", _("The cell holds the spreadsheet error %s.") % text)
        return text
    if cell is None:
        return ""
    if isinstance(cell, LostDigits):
        raise CellError(
            "digits_lost",
            _("The spreadsheet has lost the last digits of this number. Format it as text."),
        )
    if isinstance(cell, DateCell):
        return cell.text.removesuffix("T00:00:00")
    return str(cell).lower() if isinstance(cell, bool) else format(cell, "f")


def cell_clears(cell: Cell) -> bool:
    """True for the one mark that empties a value on purpose."""
    if not isinstance(cell, str) or len(cell) > _CLEAR_LENGTH_MAX:
        return False
    return unicodedata.normalize("NFKC", cell).strip(BLANKS) == CLEAR


def value_parse(column: Column, cell: Cell, *, is_1904: bool = False) -> Any:
    """Return the value of a cell for its column; None when it is empty or says CLEAR.

    Raises:
        CellError: not of the column's kind or out of its bounds; `required` when it must not
            be empty; `clear` when it cannot be emptied.
    """
    if cell_clears(cell):
        if column.required or not column.clears:
            raise CellError("clear", _("This cannot be emptied."))
        return None
    text = cell_text(cell)
    if not text:
        if column.required:
            raise CellError("required", _("This must not be empty."))
        return None
    if column.kind == "date":
        return _date(text, cell, is_1904=is_1904)
    return _PARSE[column.kind](column, text)


def _text(column: Column, text: str) -> str:
    if len(text) > column.max_length:
        raise CellError("long", _("At most %(limit)s characters.") % {"limit": column.max_length})
    return text


def _reference(column: Column, text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip(BLANKS).replace("\n", " ")
    return _text(column, plain)


def _decimal(column: Column, text: str) -> Decimal:
    shown = text.translate(_WIDE) if not text.isascii() else text
    percent = shown.endswith("%")
    try:
        number = parse_number(
            shown[:-1] if percent else shown,
            places=max(column.places - 2, 0) if percent else column.places,
        )
    except NumberError as error:
        raise CellError(error.code, str(error.message)) from None
    number = number.scaleb(-2) if percent else number
    _bounds(column, number)
    return number


def _integer(column: Column, text: str) -> int:
    try:
        number = parse_number(text, places=0)
    except NumberError as error:
        raise CellError(error.code, str(error.message)) from None
    _bounds(column, number)
    return int(number)


def _bounds(column: Column, number: Decimal) -> None:
    if column.minimum is not None and number < column.minimum:
        raise CellError("minimum", _("Must be at least %(limit)s.") % {"limit": column.minimum})
    if column.maximum is not None and number > column.maximum:
        raise CellError("maximum", _("Must be at most %(limit)s.") % {"limit": column.maximum})


def _boolean(column: Column, text: str) -> bool:
    word = unicodedata.normalize("NFKC", text).casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellError("boolean", _("Enter yes or no."))


def _choice(column: Column, text: str) -> str:
    found = choice_words(column).get(word_plain(text))
    if found is None:
        shown = ", ".join(str(title) for title in (column.choices or {}).values())
        raise CellError("choice", _("“%(value)s” is not one of: %(list)s.") % {
            "value": text[:40], "list": shown})  # fmt: skip
    return found


def _date(text: str, cell: Cell, *, is_1904: bool) -> date:
    if isinstance(cell, Decimal):
        if cell == cell.to_integral_value() and 19_000_101 <= cell <= 21_991_231:
            return _date_text(text)
        return _date_serial(cell, is_1904=is_1904)
    return _date_text(unicodedata.normalize("NFKC", text))


def _date_serial(number: Decimal, *, is_1904: bool) -> date:
    serial = int(number) + (_EPOCH_1904 if is_1904 else 0)
    if serial == _LEAP_BUG_SERIAL or not 1 <= serial <= 2_958_465:
        raise _no_date()
    found = date(1899, 12, 31 if serial < _LEAP_BUG_SERIAL else 30) + timedelta(days=serial)
    return _in_years(found)


def _date_text(text: str) -> date:
    match = _DATE.fullmatch(text)
    if match is None:
        raise _no_date()
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        found = date(year, month, day)
    except ValueError:
        raise _no_date() from None
    return _in_years(found)


def _in_years(found: date) -> date:
    if not day_is_usual(found):
        raise CellError("year", year_refusal())
    return found


def _no_date() -> CellError:
    return CellError("date", _("Enter a date such as 2026-11-21."))


def word_plain(text: str) -> str:
    """Return a title or choice for comparison: width, case, blanks, marks evened out."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s_*:\-]+", "", folded)


@lru_cache(maxsize=512)
def _title_words(key: int, titles: tuple[Any, ...]) -> tuple[tuple[str, ...], ...]:
    words: list[tuple[str, ...]] = []
    for title in titles:
        spelled = []
        for language, _name in settings.LANGUAGES:
            with override(language):
                spelled.append(word_plain(str(title)))
        words.append(tuple(dict.fromkeys(spelled)))
    return tuple(words)


def title_words(title: Any) -> tuple[str, ...]:
    """Return a title in every language of the site, ready for comparison."""
    return _title_words(id(title), (title,))[0]


_choice_cache: dict[int, tuple[Mapping[str, Any], dict[str, str]]] = {}


def choice_words(column: Column) -> dict[str, str]:
    """Return every accepted spelling of a column's choices with its value."""
    choices = column.choices or {}
    known = _choice_cache.get(id(choices))
    if known is not None and known[0] is choices:
        return known[1]
    words: dict[str, str] = {}
    for value, title in choices.items():
        for word in (word_plain(value), *title_words(title)):
            words.setdefault(word, value)
    _choice_cache[id(choices)] = (choices, words)
    return words


_WIDE = str.maketrans("％", "%")
_PARSE: dict[str, Callable[[Column, str], Any]] = {
    "text": _text,
    "reference": _reference,
    "decimal": _decimal,
    "integer": _integer,
    "boolean": _boolean,
    "choice": _choice,
}
