"""The template of a kind: titles, a sample row, lists to choose from, an explaining sheet."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from chengdan.kernel.importing.kinds import CLEAR, Column, ImportKind

ROWS_PREPARED = 1000


def template_bytes(kind: ImportKind) -> bytes:
    """Return the workbook in the active language.

    Required columns have a red head, codes and long digits are text cells, choices are lists.
    The sample row may stay: it is left out when the file is imported unchanged.
    """
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        styles = {
            "head": book.add_format({"bold": True, "bg_color": "#E9EEF5", "bottom": 1}),
            "required": book.add_format(
                {"bold": True, "bg_color": "#F8D7DA", "font_color": "#9B1C1C", "bottom": 1}
            ),
            "sample": book.add_format({"italic": True, "font_color": "#6B7280"}),
            "text": book.add_format({"num_format": "@"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "number": book.add_format({"num_format": "General"}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        sheet = book.add_worksheet(_sheet_name(str(kind.title)))
        lists = book.add_worksheet("_lists")
        lists.hide()
        for at, column in enumerate(kind.columns):
            _column_write(sheet, lists, at, column, styles)
        sheet.freeze_panes(1, 0)
        _help_write(book.add_worksheet(_("Explanations")[:31]), kind, styles)
    return made.getvalue()


def _sheet_name(title: str) -> str:
    return "".join(" " if char in "[]:*?/\\'" else char for char in title)[:31] or "1"


def _column_write(sheet: Any, lists: Any, at: int, column: Column, styles: dict[str, Any]) -> None:
    style = {"date": "day", "decimal": "number", "integer": "number"}.get(column.kind, "text")
    sheet.set_column(at, at, max(12, len(str(column.title)) * 2), styles[style])
    sheet.write_string(0, at, str(column.title), styles["required" if column.required else "head"])
    sheet.write_string(1, at, column.example, styles["sample"])
    if column.help:
        sheet.write_comment(0, at, str(column.help))
    options = _options(column)
    if not options:
        return
    for row, option in enumerate(options):
        lists.write_string(row, at, option)
    letters = xlsxwriter.utility.xl_col_to_name(at)
    source = f"=_lists!${letters}$1:${letters}${len(options)}"
    sheet.data_validation(
        1, at, ROWS_PREPARED, at,
        {"validate": "list", "source": source, "error_type": "warning"},
    )  # fmt: skip


def _options(column: Column) -> list[str]:
    if column.kind == "choice":
        return [str(title) for title in (column.choices or {}).values()]
    return [_("yes"), _("no")] if column.kind == "boolean" else []


def _help_write(sheet: Any, kind: ImportKind, styles: dict[str, Any]) -> None:
    sheet.set_column(0, 3, 24, styles["wrap"])
    sheet.set_column(4, 4, 60, styles["wrap"])
    titles = [_("Column"), _("Code"), _("Required"), _("Kind"), _("Explanation")]
    for at, title in enumerate(titles):
        sheet.write_string(0, at, title, styles["head"])
    last = len(kind.columns) + 2
    sheet.write_string(last, 0, CLEAR, styles["head"])
    sheet.write_string(last, 4, _("Empties what is stored. An empty cell leaves it as it is."))
    for row, column in enumerate(kind.columns, start=1):
        texts = [
            str(column.title),
            column.name,
            _("yes") if column.required else "",
            kind_word(column),
            str(column.help or "") or ", ".join(_options(column)),
        ]
        for at, text in enumerate(texts):
            sheet.write_string(row, at, text)


def kind_word(column: Column) -> str:
    """Return what a column takes, in words."""
    words = {
        "text": _("text"),
        "reference": _("code"),
        "decimal": _("decimal number"),
        "integer": _("whole number"),
        "date": _("date"),
        "choice": _("choice"),
        "boolean": _("yes or no"),
    }
    return words[column.kind]
