"""Cells pasted from a spreadsheet or read from a file: rows of text to drafts.

Columns: from, to, product code, category code, territory code, customer code, quota, measure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.days import day_is_usual
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.ui.numberparse import NumberError, parse_number
from chengdan.modules.catalog.selectors import categories_of, product_ids_by_codes
from chengdan.modules.customers.selectors import customer_ids_by_codes
from chengdan.modules.people.selectors import territory_ids_by_codes
from chengdan.modules.quota.rules import ZERO
from chengdan.modules.quota.services import CellDraft
from chengdan.modules.quota.vocabulary import Measure

COLUMNS = ("from", "to", "product", "category", "territory", "customer", "quota", "measure")
HEADS = (
    _("From"), _("To"), _("Product code"), _("Category code"), _("Territory code"),
    _("Customer code"), _("Quota"), _("Measure"),
)  # fmt: skip
# What the columns are called where services name what is wrong with a cell.
CELL_COLUMNS = dict(zip(COLUMNS, HEADS, strict=True)) | {
    "starts_on": _("From"), "ends_on": _("To"), "limit": _("Quota"),
    "product_id": _("Product code"),
    "category_id": _("Category code"), "territory_id": _("Territory code"),
    "customer_id": _("Customer code"),
}  # fmt: skip
MAX_ROWS = 5000
# What may stand in the column of the measure; nothing is a quantity.
_MEASURES = {
    "": Measure.QUANTITY, "quantity": Measure.QUANTITY, "数量": Measure.QUANTITY,
    "數量": Measure.QUANTITY, "amount": Measure.AMOUNT, "金额": Measure.AMOUNT,
    "金額": Measure.AMOUNT,
}  # fmt: skip
_DAY = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_PLACES = 6


def measure_words() -> dict[str, str]:
    """Return what stands for the measures, in the reader's language."""
    return {"amount": gettext("amount"), "quantity": gettext("quantity")}


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the pasted block as rows by `COLUMNS`; a head line in any language is left out.

    "line" says where a row stands in the block, from 1.

    Raises:
        InvalidError: nothing, or more rows than one act takes.
    """
    rows = [
        (str(number), *line.split("\t"))
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]
    if rows and not any(character.isdigit() for character in rows[0][1]):
        rows = rows[1:]
        if not rows:
            alone = _("This is only a head line; paste the rows below it, too.")
            raise InvalidError(FieldIssue("rows", "head", alone))
    if not rows or len(rows) > MAX_ROWS:
        message = _("Paste between 1 and %(most)s rows.") % {"most": MAX_ROWS}
        raise InvalidError(FieldIssue("rows", "count", message))
    return [
        dict(zip(("line", *COLUMNS), [*map(str.strip, row), *[""] * len(COLUMNS)], strict=False))
        for row in rows
    ]


def drafts_of(company_id: int, rows: Sequence[dict[str, str]]) -> list[CellDraft]:
    """Return the cells that the rows mean, codes looked up with one query per kind.

    Raises:
        InvalidError: everything that is wrong, with row numbers.
    """
    reader = _Reader(company_id, rows)
    drafts = [reader.draft(number, row) for number, row in enumerate(rows, start=1)]
    if reader.issues:
        raise InvalidError(reader.issues)
    return [draft for draft in drafts if draft is not None]


class _Reader:
    """Known codes and the issues found so far."""

    def __init__(self, company_id: int, rows: Sequence[dict[str, str]]) -> None:
        def codes(name: str) -> set[str]:
            return {row[name] for row in rows if row[name]}

        self.issues: list[FieldIssue] = []
        self.known = {
            "product": product_ids_by_codes(company_id, codes("product")),
            "category": {item.code: item.pk for item in categories_of(company_id)},
            "territory": territory_ids_by_codes(company_id, codes("territory")),
            "customer": customer_ids_by_codes(company_id, codes("customer")),
        }

    def draft(self, number: int, row: dict[str, str]) -> CellDraft | None:
        before = len(self.issues)
        starts_on, ends_on = self._day(number, row, "from"), self._day(number, row, "to")
        ids = {name: self._id(number, row, name) for name in self.known}
        try:
            limit = parse_number(row["quota"], places=_PLACES, minimum=ZERO)
        except NumberError as error:
            self._issue(number, "quota", "number", error.message)
            limit = ZERO
        measure = _MEASURES.get(row["measure"].lower())
        if measure is None:
            message = _("Write “%(amount)s” or “%(quantity)s” here, or nothing.") % measure_words()
            self._issue(number, "measure", "measure", message)
        if len(self.issues) > before or measure is None or starts_on is None or ends_on is None:
            return None
        return CellDraft(
            starts_on=starts_on,
            ends_on=ends_on,
            limit=limit,
            product_id=ids["product"],
            category_id=ids["category"],
            territory_id=ids["territory"],
            customer_id=ids["customer"],
            measure=measure,
        )

    def _issue(self, number: int, field: str, code: str, message: object) -> None:
        self.issues.append(FieldIssue(field, code, message, row=number))

    def _day(self, number: int, row: dict[str, str], name: str) -> date | None:
        parts = _DAY.fullmatch(row[name])
        try:
            found = date(*map(int, parts.groups())) if parts else None
        except ValueError:
            found = None
        if found is None or not day_is_usual(found):
            self._issue(number, name, "date", _("Enter a date such as 2026-11-01."))
            return None
        return found

    def _id(self, number: int, row: dict[str, str], name: str) -> int | None:
        code = row[name]
        if not code:
            return None
        found = self.known[name].get(code)
        if found is None:
            message = _("“%(code)s” is not known.") % {"code": code}
            self._issue(number, name, "unknown", message)
        return found
