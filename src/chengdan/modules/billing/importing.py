"""Opening receivables from files: posted invoices with the numbers they had, without order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue, ForbiddenError
from chengdan.kernel.importing import (
    Column,
    ImportKind,
    ImportRow,
    RowResult,
    RowState,
    import_kind_register,
)
from chengdan.kernel.importing.bulk import bulk_serve, issues_at, unknown_issue
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.services import OpeningRow, receivables_open
from chengdan.modules.billing.vocabulary import rights
from chengdan.modules.customers.selectors import customer_ids_by_codes

_ALREADY = _("An invoice with this number is here already.")


def receivables_apply(actor: Actor, rows: list[ImportRow]) -> list[RowResult]:
    """Open the receivables of a chunk; see `ImportKind.apply`."""
    if actor.company_id is None:
        raise ForbiddenError
    ids = customer_ids_by_codes(actor.company_id, {row.values["customer"] for row in rows})
    numbers = {row.values["number"] for row in rows}
    found = Invoice.objects.filter(company_id=actor.company_id, number__in=numbers)
    known = set(found.values_list("number", flat=True))
    results: dict[int, RowResult] = {}
    for row in rows:
        if row.values["customer"] not in ids:
            issue = unknown_issue(row, "customer", row.values["customer"])
            results[id(row)] = RowResult.rejected(issue, key=row.key)
        elif row.values["number"] in known:
            issue = FieldIssue("number", "already", _ALREADY, row.line)
            results[id(row)] = RowResult(RowState.SKIPPED, row.key, [issue])
    left = [row for row in rows if id(row) not in results]
    drafts = [_opening(row, ids) for row in left]
    made = bulk_serve(drafts, lambda chunk: receivables_open(actor=actor, rows=chunk))
    results |= _results(left, made)
    return [results[id(row)] for row in rows]


def _opening(row: ImportRow, ids: dict[str, int]) -> OpeningRow:
    return OpeningRow(
        customer_id=ids[row.values["customer"]],
        number=row.values["number"],
        invoice_on=row.values["invoice_on"],
        due_on=row.values["due_on"],
        open=row.values["open"],
        note=row.values["note"] or "",
    )


def _results(
    rows: Sequence[ImportRow], made: Sequence[Invoice | list[FieldIssue]]
) -> dict[int, RowResult]:
    names = {"customer_id": "customer"}
    results = {}
    for row, item in zip(rows, made, strict=True):
        if isinstance(item, list):
            results[id(row)] = RowResult.rejected(*issues_at(item, row.line, names), key=row.key)
        else:
            results[id(row)] = RowResult(RowState.CREATED, row.key, target_id=item.pk)
    return results


import_kind_register(
    ImportKind(
        code="receivables",
        title=_("Opening receivables"),
        permission=rights.OPENING,
        columns=[
            Column("number", _("Invoice number"), "reference", required=True, example="12345678",
                   max_length=40),
            Column("customer", _("Customer"), "reference", required=True, example="C0001",
                   max_length=40),
            Column("invoice_on", _("Invoice date"), "date", required=True, example="2026-10-08"),
            Column("due_on", _("Due on"), "date", required=True, example="2026-11-07"),
            Column("open", _("Still owed"), "decimal", required=True, places=2,
                   minimum=Decimal("0.01"), maximum=Decimal(10) ** 12, example="11800.00",
                   control=True),
            Column("note", _("Note"), max_length=500),
        ],
        key_columns=["number"],
        apply=receivables_apply,
        order=70,
    )
)  # fmt: skip
