"""Opening stock from files: one posted document per warehouse and chunk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
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
from chengdan.modules.catalog.selectors import product_ids_by_codes
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import StockEntry, Warehouse
from chengdan.modules.shipping.selectors import warehouse_default, warehouses_of
from chengdan.modules.shipping.services import OpeningRow, stock_opening_load
from chengdan.modules.shipping.vocabulary import EntryKind

_ZERO = Decimal(0)
_NONE = _("Open a warehouse first.")
_ALREADY = _("This batch has its opening stock already.")
Key = tuple[int, int, str]


def stock_apply(actor: Actor, rows: list[ImportRow]) -> list[RowResult]:
    """Post the opening stock of a chunk; see `ImportKind.apply`."""
    if actor.company_id is None:
        raise ForbiddenError
    products = product_ids_by_codes(actor.company_id, {row.values["product"] for row in rows})
    houses = {house.code: house for house in warehouses_of(actor.company_id)}
    usual = warehouse_default(actor.company_id)
    results: dict[int, RowResult] = {}
    wanted: list[tuple[ImportRow, OpeningRow, date | None]] = []
    for row in rows:
        house = houses.get(row.values["warehouse"]) if row.values["warehouse"] else usual
        if issues := _issues(row, house, products):
            results[id(row)] = RowResult.rejected(*issues, key=row.key)
        elif house is not None:
            wanted.append((row, _opening(row, house, products), row.values["effective_on"]))
    posted = _posted([item for _row, item, _on in wanted])
    for row, item, _on in wanted:
        if (item.warehouse_id, item.product_id, item.batch) in posted:
            issue = FieldIssue("product", "already", _ALREADY, row.line)
            results[id(row)] = RowResult(RowState.SKIPPED, row.key, [issue])
    left = [entry for entry in wanted if id(entry[0]) not in results]
    for on in dict.fromkeys(entry[2] for entry in left):
        results |= _post(actor, [entry[:2] for entry in left if entry[2] == on], on)
    return [results[id(row)] for row in rows]


def _issues(row: ImportRow, house: Warehouse | None, products: dict[str, int]) -> list[FieldIssue]:
    issues = []
    if row.values["product"] not in products:
        issues.append(unknown_issue(row, "product", row.values["product"]))
    if house is None and row.values["warehouse"]:
        issues.append(unknown_issue(row, "warehouse", row.values["warehouse"]))
    elif house is None:
        issues.append(FieldIssue("warehouse", "required", _NONE, row.line))
    return issues


def _opening(row: ImportRow, house: Warehouse, products: dict[str, int]) -> OpeningRow:
    return OpeningRow(
        warehouse_id=house.pk,
        product_id=products[row.values["product"]],
        quantity=row.values["quantity"],
        batch=row.values["batch"] or "",
        expires_on=row.values["expires_on"],
        received_on=row.values["received_on"],
    )


def _posted(rows: Sequence[OpeningRow]) -> set[Key]:
    """Return (warehouse, product, batch) that got opening stock before."""
    entries = StockEntry.objects.filter(
        kind=EntryKind.OPENING, lot__product_id__in={row.product_id for row in rows}
    )
    return set(entries.values_list("lot__warehouse_id", "lot__product_id", "lot__batch"))


def _post(
    actor: Actor, rows: Sequence[tuple[ImportRow, OpeningRow]], on: date | None
) -> dict[int, RowResult]:
    def post(chunk: list[OpeningRow]) -> list[OpeningRow]:
        stock_opening_load(actor, chunk, effective_on=on)
        return chunk

    made = bulk_serve([item for _row, item in rows], post)
    results = {}
    for (row, _item), done in zip(rows, made, strict=True):
        if isinstance(done, list):
            results[id(row)] = RowResult.rejected(*issues_at(done, row.line), key=row.key)
        else:
            results[id(row)] = RowResult(RowState.CREATED, row.key)
    return results


import_kind_register(
    ImportKind(
        code="stock",
        title=_("Opening stock"),
        permission=words.STOCK_OPENING,
        columns=[
            Column("product", _("Product"), "reference", required=True, example="HY-0712",
                   max_length=40),
            Column("warehouse", _("Warehouse"), "reference", max_length=20,
                   help=_("Code; empty takes the usual one.")),
            Column("quantity", _("Quantity"), "decimal", required=True, minimum=_ZERO,
                   maximum=Decimal(10) ** 9, example="1200", control=True,
                   help=_("In the product's base unit.")),
            Column("batch", _("Batch"), "reference", example="20250301A", max_length=60),
            Column("expires_on", _("Expires on"), "date"),
            Column("received_on", _("Stocked on"), "date"),
            Column("effective_on", _("Posted on"), "date", help=_("Empty means today.")),
        ],
        key_columns=["product", "warehouse", "batch"],
        apply=stock_apply,
        order=50,
    )
)  # fmt: skip
