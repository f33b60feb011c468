"""Columns of a list or table: where the value comes from and how it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from chengdan.kernel.ui import formats
from chengdan.kernel.ui.drawing import mini_strip
from chengdan.kernel.ui.listing.paging import value_of
from chengdan.kernel.ui.markup import chip_html, due_html
from chengdan.kernel.ui.parts import Chip, Text

Kind: TypeAlias = Literal[
    "text", "number", "quantity", "percent", "money", "day", "chip", "label", "link", "mini",
    "due", "html",
]  # fmt: skip
NUMBER_KINDS = ("number", "quantity", "percent", "money")


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Args:
        name: code of the column; also the path of the value unless `value` says otherwise.
        kind: how it reads; numbers stand right, "percent" takes a share (0.13), "chip" a
            `Chip`, "mini" a list of states of the steps, "due" a Duration that is left, "html"
            a template.
        value: path (`customer.name`) or function of the row; never markup, a file gets it too.
        link: function of the row giving an address.
        sort: code in `ListPage.sorts`; only indexed orders.
        template: for kind "html": rendered with `row` and `value`.
        optional: hidden until the person chooses it.
        phone: place on a phone card: "title", "side", "line" or "" (hidden); a line without
            a value is left out.
        clip: cut a long text with an ellipsis, full text on hover.
    """

    name: str
    title: Text
    kind: Kind = "text"
    value: str | Callable[[Any], Any] = ""
    link: Callable[[Any], str] | None = None
    sort: str = ""
    template: str = ""
    places: int = 2
    optional: bool = False
    phone: Literal["title", "side", "line", ""] = "line"
    clip: bool = False

    @property
    def is_number(self) -> bool:
        """Whether the column is set right."""
        return self.kind in NUMBER_KINDS

    def raw(self, row: Any) -> Any:
        """The value of a row, as an export takes it."""
        if callable(self.value):
            return self.value(row)
        return value_of(row, self.value or self.name)

    def html(self, row: Any) -> SafeString | str:
        """The value of a row, as the page shows it."""
        return cell_html(self, row, self.raw(row))

    def cell(self, row: Any) -> Cell:
        """The cell of a row."""
        html = self.html(row)
        return Cell(self, html, self._css(is_none=html == formats.ZERO))

    def _css(self, *, is_none: bool) -> str:
        names = ["num"] if self.is_number else []
        if self.clip:
            names.append("clip")
        if self.phone and not (is_none and self.phone == "line"):
            names.append(f"ph-{self.phone}")
        return " ".join(names)


@dataclass(frozen=True, slots=True)
class Cell:
    """One drawn cell."""

    column: Column
    html: SafeString | str
    css: str


def row_html(heads: Sequence[tuple[Column, SafeString]], row: Any, url: str) -> SafeString:
    """Draw the cells of a row as a list shows them; the first one leads to the row's page.

    A list has hundreds of cells: drawn here they cost a third of what a template takes.

    Args:
        heads: the columns with their titles, escaped, which phones show beside the value.
    """
    drawn = []
    for place, (column, title) in enumerate(heads):
        cell = column.cell(row)
        css: str = conditional_escape(cell.css)
        html: str = conditional_escape(cell.html)
        if place == 0:
            css = f"{css} first"
            if url and column.link is None:
                html = f'<a href="{conditional_escape(url)}">{html}</a>'
        drawn.append(f'<td class="{css}" data-t="{title}">{html}</td>')
    return SafeString("".join(drawn))


def cell_html(column: Column, row: Any, value: Any) -> SafeString | str:
    """Draw one value; everything that is not our own markup is escaped."""
    if column.kind == "html":
        return render_to_string(column.template, {"row": row, "value": value})
    text = _DRAW[column.kind](column, value)
    if column.link is not None and value not in (None, ""):
        return format_html('<a href="{}">{}</a>', column.link(row), text)
    return text


def _text(column: Column, value: Any) -> SafeString | str:
    if value is None or value == "":
        return formats.ZERO
    if column.clip:
        return format_html('<span title="{}">{}</span>', value, value)
    return str(value)


def _figure(text: str) -> SafeString | str:
    return format_html('<span class="neg">{}</span>', text) if text.startswith("−") else text


def _number(column: Column, value: Any) -> SafeString | str:
    return _figure(formats.number_text(value, None))


def _quantity(column: Column, value: Any) -> SafeString | str:
    return _figure(formats.quantity_text(value))


def _percent(column: Column, value: Any) -> SafeString | str:
    return _figure(formats.percent_text(value)) or formats.ZERO


def _money(column: Column, value: Any) -> SafeString | str:
    return _figure(formats.money_text(value, places=column.places))


def _day(column: Column, value: Any) -> SafeString | str:
    if value is None:
        return formats.ZERO
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        formats.day_title(value),
        formats.day_text(value),
    )


def _chip(column: Column, value: Any) -> SafeString | str:
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return SafeString(" ".join(chip_html(item) for item in value))
    return chip_html(value if isinstance(value, Chip) else Chip(value))


def _label(column: Column, value: Any) -> SafeString | str:
    return format_html('<span class="mk">{}</span>', value) if value else ""


def _mini(column: Column, value: Any) -> SafeString | str:
    return mini_strip(value or ())


def _due(column: Column, value: Any) -> SafeString | str:
    return due_html(value)


_DRAW: dict[str, Callable[[Column, Any], SafeString | str]] = {
    "text": _text,
    "link": _text,
    "number": _number,
    "quantity": _quantity,
    "percent": _percent,
    "money": _money,
    "day": _day,
    "chip": _chip,
    "label": _label,
    "mini": _mini,
    "due": _due,
}
