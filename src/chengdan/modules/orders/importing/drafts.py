"""From rows of a file to order drafts, and from what is wrong with a draft back to the row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.importing import ImportRow, NestedRow
from chengdan.kernel.importing.bulk import unknown_issue
from chengdan.modules.catalog.selectors import product_ids_by_codes, units_by_codes
from chengdan.modules.customers.selectors import (
    CustomerSummary,
    customer_ids_by_codes,
    customer_summaries,
)
from chengdan.modules.orders.services import LineDraft, OrderDraft
from chengdan.modules.orders.vocabulary import LineKind
from chengdan.modules.people.selectors import company_get

ZERO = Decimal(0)
_COLUMNS = {"unit": "unit", "closed_on": "shipped_on"}
_HEADER_TEXTS = ("customer_order_number", "ship_to_text", "note", "internal_note")


@dataclass(slots=True)
class Names:
    """Codes of a chunk with their ids."""

    currency: str
    customers: dict[str, CustomerSummary]
    products: dict[str, int]
    units: dict[str, int]

    @classmethod
    def of(cls, company_id: int, rows: Sequence[ImportRow]) -> Names:
        """Look up what the rows name, with a constant number of queries."""
        codes = {row.values["customer"] for row in rows}
        ids = customer_ids_by_codes(company_id, codes)
        found = customer_summaries(ids.values())
        lines = [line.values for row in rows for line in row.nested.get("lines", [])]
        return cls(
            company_get(company_id).currency,
            {code: found[pk] for code, pk in ids.items()},
            product_ids_by_codes(company_id, {line["product"] for line in lines} - {None}),
            units_by_codes({line["unit"] for line in lines} - {None}),
        )

    def issues(self, row: ImportRow) -> list[FieldIssue]:
        """Return the codes of a row that name nothing, and a currency that is not the usual."""
        issues = []
        customer = self.customers.get(row.values["customer"])
        if customer is None:
            issues.append(unknown_issue(row, "customer", row.values["customer"]))
        usual = (customer.currency if customer else "") or self.currency
        if customer and (row.values["currency"] or usual).upper() != usual:
            text = _("Orders of this customer are in %(currency)s.") % {"currency": usual}
            issues.append(FieldIssue("currency", "currency", text, row.line))
        if not row.nested.get("lines"):
            issues.append(FieldIssue("lines.product", "required", _("No lines."), row.line))
        for line in row.nested.get("lines", []):
            issues += self._line_issues(row, line)
        return issues

    def _line_issues(self, row: ImportRow, line: NestedRow) -> Iterable[FieldIssue]:
        asked = {"product": self.products, "unit": self.units}
        for name, known in asked.items():
            value = line.values[name]
            if value is not None and value not in known:
                yield unknown_issue(row, f"lines.{name}", value, line.line)


def order_draft(row: ImportRow, names: Names) -> OrderDraft:
    """Return the order of a row."""
    given = row.values
    lines = [_line(line, names) for line in row.nested.get("lines", [])]
    lines += [_charge(line) for line in row.nested.get("charges", [])]
    texts: dict[str, Any] = {name: given[name] or "" for name in _HEADER_TEXTS}
    if given["carrier"]:
        wish = _("Carrier: %(name)s") % {"name": given["carrier"]}
        texts["internal_note"] = "\n".join(filter(None, [texts["internal_note"], wish]))
    return OrderDraft(
        customer_id=names.customers[given["customer"]].id,
        lines=tuple(lines),
        ordered_on=given["ordered_on"],
        requested_on=given["requested_on"],
        is_partial_allowed=given["is_partial_allowed"] is not False,
        number=given["number"],
        **texts,
    )


def header_kept(row: ImportRow, draft: OrderDraft, stored: OrderDraft) -> OrderDraft:
    """Return the draft with what is stored where the file's cells are empty."""
    sources = {name: [name] for name in (*_HEADER_TEXTS, "requested_on", "is_partial_allowed")}
    sources["internal_note"].append("carrier")
    kept = {
        name: getattr(stored, name)
        for name, columns in sources.items()
        if not any(map(row.is_given, columns))
    }
    return replace(draft, **kept)


def _line(line: NestedRow, names: Names) -> LineDraft:
    given = line.values
    return LineDraft(
        kind=given["kind"] or LineKind.GOODS,
        product_id=names.products.get(given["product"] or ""),
        unit_of_measure_id=names.units.get(given["unit"] or ""),
        quantity=given["quantity"] or ZERO,
        price=given["price"],
        discount=given["discount"] or ZERO,
        tax_rate=given["tax_rate"],
        requested_on=given["requested_on"],
        note=given["note"] or "",
    )


def _charge(line: NestedRow) -> LineDraft:
    given = line.values
    amount = given["amount"] or ZERO
    return LineDraft(
        kind=LineKind.DISCOUNT if amount < ZERO else LineKind.CHARGE,
        price=abs(amount),
        tax_rate=given["tax_rate"],
        description=given["description"] or _("Charge"),
    )


def row_issues(row: ImportRow, issues: Iterable[FieldIssue]) -> list[FieldIssue]:
    """Return issues of a draft with the column and the row of the file."""
    lines = row.nested.get("lines", [])
    charges = row.nested.get("charges", [])
    found = []
    for item in issues:
        place = (item.row or 0) - 1
        if 0 <= place < len(lines):
            field, at = f"lines.{item.field}", lines[place].line
        elif 0 <= place - len(lines) < len(charges):
            field, at = "charges.amount", charges[place - len(lines)].line
        else:
            field, at = _COLUMNS.get(item.field, item.field), row.line
        found.append(FieldIssue(field, item.code, item.message, at, item.rule))
    return found
