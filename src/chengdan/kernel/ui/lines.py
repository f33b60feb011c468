"""The line editor: a spreadsheet-like grid that travels as JSON in one hidden field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from chengdan.kernel.clock import today
from chengdan.kernel.days import day_is_usual, year_refusal
from chengdan.kernel.ui.formats import day_text, number_text
from chengdan.kernel.ui.numberparse import NumberError, parse_number
from chengdan.kernel.ui.parts import Text

MAX_JSON = 2_000_000
MAX_CELL = 500
HALF_YEAR = 183
_SHORT_DAY = re.compile(r"(\d{1,2})-(\d{1,2})")
_DAY_SIGNS = str.maketrans("/.年月", "----", "日 ")
# Amounts and prices show cents, also whole ones.
CENTS = 2
NUMBERS = ("number", "quantity", "money")


@dataclass(frozen=True, slots=True)
class LineColumn:
    """One column of the grid.

    Args:
        kind: "picker" keeps an id and shows the code; "text", "number", "quantity",
            "money", "day", "choice", "flag"; "shown" is only filled by picker or preview;
            "hidden" is a number that travels with its line and is not drawn.
        url: endpoint of a picker; `{field}` values of the form are sent along.
        total: the footer shows what the preview answers under this name.
        width: class of the column: w36 w48 w60 w80 w100 w140 or "" for the rest.
    """

    name: str
    title: Text
    kind: Literal[
        "text",
        "number",
        "quantity",
        "money",
        "day",
        "picker",
        "choice",
        "flag",
        "shown",
        "hidden",
    ] = "text"
    required: bool = False
    places: int = 2
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    url: Text | Callable[[], str] = ""
    choices: Sequence[tuple[Any, Text]] = ()
    width: str = "w100"
    align_end: bool = False
    total: bool = False
    placeholder: Text = ""

    def as_config(self) -> dict[str, Any]:
        """The column as the browser script reads it."""
        return {
            "name": self.name,
            "title": str(self.title),
            "kind": self.kind,
            "required": self.required,
            "url": str(self.url() if callable(self.url) else self.url),
            "choices": [[str(value), str(title)] for value, title in self.choices],
            "width": self.width,
            "end": self.align_end or self.kind in NUMBERS,
            "total": self.total,
            "placeholder": str(self.placeholder),
        }


@dataclass(frozen=True, slots=True)
class CellError:
    """One wrong cell; rows count from 1."""

    row: int
    column: str
    message: str


class LinesInput(forms.Widget):
    """Draws the grid's place, its configuration and the hidden field."""

    template_name = "ui/forms/lines.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.field: LinesField | None = None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add columns, rows and errors as one JSON block."""
        context = super().get_context(name, value, attrs)
        field = self.field
        if field is None:
            raise ValueError("a LinesInput belongs to a LinesField")
        rows = _rows_for_browser(value, field.columns)
        context["widget"]["config"] = {
            "columns": [column.as_config() for column in field.columns if column.kind != "hidden"],
            "rows": rows,
            "hidden": [column.name for column in field.columns if column.kind == "hidden"],
            "min_rows": field.min_rows,
            "max_rows": field.max_rows,
            "errors": [
                {"row": e.row, "column": e.column, "message": e.message} for e in field.cell_errors
            ],
        }
        context["widget"]["config_id"] = f"{context['widget']['attrs'].get('id', name)}_config"
        context["widget"]["hint"] = field.hint
        context["widget"]["value"] = json.dumps(rows, ensure_ascii=False)
        return context


def _rows_for_browser(value: Any, columns: Sequence[LineColumn]) -> list[dict[str, Any]]:
    if isinstance(value, str):
        try:
            value = json.loads(value) if len(value) <= MAX_JSON else []
        except ValueError:
            return []
    rows = value if isinstance(value, list) else []
    money = {column.name for column in columns if column.kind == "money"}
    return [
        {
            str(key): _cell_for_browser(cell, least=CENTS if key in money else 0)
            for key, cell in row.items()
        }
        for row in rows
        if isinstance(row, dict)
    ]


def _cell_for_browser(cell: Any, least: int = 0) -> Any:
    """Return a cell as the grid shows it; a number without needless zeros after `least` places."""
    if isinstance(cell, Decimal):
        exact = cell.normalize() if cell else cell
        exponent = exact.as_tuple().exponent
        places = max(least, -exponent if isinstance(exponent, int) else 0)
        return number_text(exact, places, zero="0").replace("−", "-")
    if isinstance(cell, date):
        return day_text(cell)
    if isinstance(cell, dict):
        return {str(key): _cell_for_browser(part) for key, part in cell.items()}
    return cell if isinstance(cell, str | int | bool) or cell is None else str(cell)


class LinesField(forms.Field):
    """Lines as `list[dict]`: pickers as ids, numbers as Decimal, days as date.

    Initial data: one dict per line; a picker's cell is `{"id":…, "code":…}`, shown columns
    are texts. Empty lines are dropped; every kept line carries `"_row"`, its number in the
    grid, so that a service's refusal finds its cell again.

    Raises (as ValidationError): a text that is not our JSON, too many lines, wrong cells.
    """

    widget = LinesInput

    def __init__(
        self,
        *,
        columns: Sequence[LineColumn],
        min_rows: int = 6,
        max_rows: int = 500,
        hint: Text = "",
        **kwargs: Any,
    ) -> None:
        self.columns, self.min_rows, self.max_rows, self.hint = columns, min_rows, max_rows, hint
        self.cell_errors: list[CellError] = []
        self.row_count = 0
        super().__init__(**kwargs)
        self._bind_widget()

    def __deepcopy__(self, memo: dict[int, Any]) -> LinesField:
        result: LinesField = super().__deepcopy__(memo)
        result.cell_errors = []
        result._bind_widget()
        return result

    def _bind_widget(self) -> None:
        if isinstance(self.widget, LinesInput):
            self.widget.field = self

    def add_cell_error(self, row: int, column: str, message: str) -> None:
        """Mark a cell as wrong."""
        self.cell_errors.append(CellError(row, column, message))

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        """Read and check every cell."""
        if value in self.empty_values:
            return []
        raw = self._parsed(str(value))
        lines = [
            self._line(number, row)
            for number, row in enumerate(raw, start=1)
            if any(
                _is_filled(row.get(column.name))
                for column in self.columns
                if column.kind not in ("shown", "hidden")
            )
        ]
        if self.cell_errors:
            raise ValidationError(
                [_line_message(error, self.columns) for error in self.cell_errors[:20]]
            )
        return lines

    def _parsed(self, text: str) -> list[dict[str, Any]]:
        try:
            raw = json.loads(text) if len(text) <= MAX_JSON else None
        except (ValueError, RecursionError):
            raw = None
        if not isinstance(raw, list) or not all(isinstance(row, dict) for row in raw):
            raise ValidationError(_("The lines could not be read."), code="json")
        self.row_count = min(len(raw), self.max_rows)
        if len(raw) > self.max_rows:
            raise ValidationError(
                _("At most %(count)s lines.") % {"count": self.max_rows}, code="rows"
            )
        return raw

    def _line(self, number: int, row: dict[str, Any]) -> dict[str, Any]:
        line: dict[str, Any] = {"_row": number}
        for column in self.columns:
            if column.kind == "shown":
                continue
            try:
                line[column.name] = _read_cell(column, row.get(column.name))
            except ValueError as error:
                message = error.message if isinstance(error, NumberError) else str(error)
                self.add_cell_error(number, column.name, str(message))
        return line


def _is_filled(cell: Any) -> bool:
    if isinstance(cell, dict):
        return bool(cell.get("id"))
    return cell not in (None, "", False)


def _line_message(error: CellError, columns: Sequence[LineColumn]) -> str:
    title = next((str(c.title) for c in columns if c.name == error.column), error.column)
    return _("Line %(row)s, %(column)s: %(message)s") % {
        "row": error.row,
        "column": title,
        "message": error.message,
    }


def _read_cell(column: LineColumn, cell: Any) -> Any:
    if not _is_filled(cell):
        if column.required:
            raise ValueError(_("Fill this in."))
        return False if column.kind == "flag" else None
    return _READ[column.kind](column, cell)


def _read_text(column: LineColumn, cell: Any) -> str:
    text = str(cell).strip()
    if len(text) > MAX_CELL or any(ch < " " or "\ud800" <= ch <= "\udfff" for ch in text):
        raise ValueError(_("This text is too long or has characters that can't be stored."))
    return text


def _read_number(column: LineColumn, cell: Any) -> Decimal:
    return parse_number(
        str(cell)[:60], places=column.places, minimum=column.minimum, maximum=column.maximum
    )


def _read_day(column: LineColumn, cell: Any) -> date:
    """Read 2026-11-26, 20261126, or 11-26 as the day nearest to today."""
    text = str(cell).strip().translate(_DAY_SIGNS)
    try:
        short = _SHORT_DAY.fullmatch(text)
        found = _near(int(short[1]), int(short[2])) if short else date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("Enter a day such as 2026-11-26.")) from error
    if not day_is_usual(found):
        raise ValueError(year_refusal())
    return found


def _near(month: int, day: int) -> date:
    now = today()
    near = date(now.year, month, day)
    if (now - near).days > HALF_YEAR:
        return date(now.year + 1, month, day)
    return near if (near - now).days <= HALF_YEAR else date(now.year - 1, month, day)


def _read_picker(column: LineColumn, cell: Any) -> int:
    number = cell.get("id") if isinstance(cell, dict) else cell
    text = str(number)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(_("Choose a row from the list."))
    return int(text)


def _read_choice(column: LineColumn, cell: Any) -> str:
    if str(cell) not in {str(value) for value, _title in column.choices}:
        raise ValueError(_("Choose a row from the list."))
    return str(cell)


def _read_flag(column: LineColumn, cell: Any) -> bool:
    return cell in (True, "1", "true", "on")


_READ: dict[str, Callable[[LineColumn, Any], Any]] = {
    "text": _read_text,
    "number": _read_number,
    "quantity": _read_number,
    "money": _read_number,
    "day": _read_day,
    "hidden": _read_picker,
    "picker": _read_picker,
    "choice": _read_choice,
    "flag": _read_flag,
}
