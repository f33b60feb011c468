"""Prices of lists; a list that is not there is made from the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue, ForbiddenError
from chengdan.kernel.importing import (
    CHANGE,
    Column,
    ImportKind,
    ImportRow,
    RowResult,
    RowState,
    import_kind_register,
)
from chengdan.kernel.importing.bulk import bulk_serve, issues_at, unknown_issue
from chengdan.kernel.ui.formats import number_text
from chengdan.modules.catalog.models import Price, PriceList
from chengdan.modules.catalog.selectors import ProductSummary, products_by_codes, units_by_codes
from chengdan.modules.catalog.services import (
    PriceDraft,
    PriceListDraft,
    price_list_create,
    prices_place,
)
from chengdan.modules.catalog.vocabulary import rights
from chengdan.modules.people.selectors import company_get

_COLUMNS = {"product_id": "product", "unit_id": "unit"}
_ZERO = Decimal(0)
_PRICE_MAX = Decimal(10) ** 9
_CURRENCY = _("The price list is in %(currency)s.")
Figures = dict[tuple[int, int, Decimal], tuple[Decimal, Decimal | None]]


def prices_apply(actor: Actor, rows: list[ImportRow]) -> list[RowResult]:
    """Set the prices of a chunk, list by list; see `ImportKind.apply`."""
    if actor.company_id is None:
        raise ForbiddenError
    company_id = actor.company_id
    products = products_by_codes(company_id, {row.values["product"] for row in rows})
    units = units_by_codes({row.values["unit"] for row in rows} - {None})
    results: dict[int, RowResult] = {}
    by_list: dict[str, list[ImportRow]] = {}
    for row in rows:
        by_list.setdefault(row.values["list"], []).append(row)
    for code, group in by_list.items():
        listed = _list_of(actor, company_id, code, group)
        for row in group:
            if issues := _issues(row, listed, products, units):
                results[id(row)] = RowResult.rejected(*issues)
        left = [row for row in group if id(row) not in results]
        drafts = [_draft(row, products, units) for row in left]
        results |= _set(actor, listed, left, drafts)
    return [results[id(row)] for row in rows]


def _list_of(actor: Actor, company_id: int, code: str, rows: Sequence[ImportRow]) -> PriceList:
    """Return the list of the code, made for everybody when it is new."""
    known = PriceList.objects.filter(company_id=company_id, code=code).first()
    if known is not None:
        return known
    first = rows[0].values
    days = [row.values["valid_from"] for row in rows if row.values["valid_from"]]
    company = company_get(company_id)
    is_inclusive = first["is_tax_inclusive"]
    start: date = min(days) if days else clock.today(company.timezone)
    return price_list_create(
        actor=actor,
        draft=PriceListDraft(
            code=code,
            name=first["list_name"] or code,
            valid_from=start,
            valid_until=first["valid_until"],
            currency=first["currency"] or "",
            is_tax_inclusive=company.is_tax_inclusive if is_inclusive is None else is_inclusive,
        ),
    )


def _issues(
    row: ImportRow,
    listed: PriceList,
    products: dict[str, ProductSummary],
    units: dict[str, int],
) -> list[FieldIssue]:
    given, issues = row.values, []
    if given["product"] not in products:
        issues.append(unknown_issue(row, "product", given["product"]))
    if given["unit"] is not None and given["unit"] not in units:
        issues.append(unknown_issue(row, "unit", given["unit"]))
    if (given["currency"] or listed.currency).upper() != listed.currency:
        text = _CURRENCY % {"currency": listed.currency}
        issues.append(FieldIssue("currency", "currency", text, row.line))
    return issues


def _draft(
    row: ImportRow, products: dict[str, ProductSummary], units: dict[str, int]
) -> PriceDraft:
    product = products[row.values["product"]]
    return PriceDraft(
        product_id=product.id,
        price=row.values["price"],
        unit_id=units.get(row.values["unit"] or "") or product.base_unit_id,
        min_quantity=row.values["min_quantity"] or _ZERO,
        floor_price=row.values["floor_price"],
    )


def _set(
    actor: Actor, listed: PriceList, rows: Sequence[ImportRow], drafts: Sequence[PriceDraft]
) -> dict[int, RowResult]:
    known = _figures(listed, drafts)
    drafts = [_kept(row, draft, known) for row, draft in zip(rows, drafts, strict=True)]

    def place(chunk: list[PriceDraft]) -> list[PriceDraft]:
        prices_place(actor=actor, list_id=listed.pk, drafts=chunk)
        return chunk

    results = {}
    for row, item in zip(rows, bulk_serve(drafts, place), strict=True):
        if isinstance(item, list):
            results[id(row)] = RowResult.rejected(*issues_at(item, row.line, _COLUMNS))
            continue
        was = known.get(_place_of(item))
        is_same = was == (item.price, item.floor_price)
        state = RowState.CREATED if was is None else RowState.UPDATED
        changes = _changes(row, was, (item.price, item.floor_price)) if was else []
        results[id(row)] = RowResult(RowState.SKIPPED if is_same else state, row.key, changes)
    return results


def _place_of(draft: PriceDraft) -> tuple[int, int, Decimal]:
    return draft.product_id, draft.unit_id or 0, draft.min_quantity


def _kept(row: ImportRow, draft: PriceDraft, known: Figures) -> PriceDraft:
    """Return a draft with the floor price that is stored, where the file's cell is empty."""
    was = known.get(_place_of(draft))
    if was is None or row.is_given("floor_price"):
        return draft
    return replace(draft, floor_price=was[1])


def _changes(
    row: ImportRow, was: tuple[Decimal, Decimal | None], now: tuple[Decimal, Decimal | None]
) -> list[FieldIssue]:
    """Return what differs, as remarks on the row: "96 → 97"."""
    names = ("price", "floor_price")
    return [
        FieldIssue(name, CHANGE, f"{_shown(one)} → {_shown(two)}", row.line)
        for name, one, two in zip(names, was, now, strict=True)
        if one != two
    ]


def _figures(listed: PriceList, drafts: Sequence[PriceDraft]) -> Figures:
    rows = Price.objects.filter(
        price_list=listed, product_id__in={draft.product_id for draft in drafts}
    )
    return {
        (row.product_id, row.unit_id, row.min_quantity): (row.price, row.floor_price)
        for row in rows
    }


def _shown(price: Decimal | None) -> str:
    return "–" if price is None else number_text(price.normalize(), zero="0")


PRICES = import_kind_register(
    ImportKind(
        code="prices",
        title=_("Prices"),
        permission=rights.PRICE_IMPORT,
        columns=[
            Column("list", _("Price list"), "reference", required=True, example="STD",
                   max_length=40, help=_("Code; a list that is not there is made.")),
            Column("list_name", _("Name of the list"), example="标准价", max_length=120),
            Column("product", _("Product"), "reference", required=True, example="HY-0712",
                   max_length=40),
            Column("unit", _("Unit"), "reference", example="箱", max_length=40,
                   clears=False, help=_("Empty means the product's base unit.")),
            Column("min_quantity", _("From quantity"), "decimal", minimum=_ZERO,
                   maximum=_PRICE_MAX, clears=False),
            Column("price", _("Price"), "decimal", required=True, minimum=_ZERO,
                   maximum=_PRICE_MAX, example="118.00"),
            Column("floor_price", _("Floor price"), "decimal", minimum=_ZERO, maximum=_PRICE_MAX,
                   example="112.00"),
            Column("currency", _("Currency"), "reference", example="CNY", max_length=3),
            Column("is_tax_inclusive", _("Prices include tax"), "boolean", example="是"),
            Column("valid_from", _("Valid from"), "date", example="2026-01-01"),
            Column("valid_until", _("Valid until"), "date"),
        ],
        key_columns=["list", "product", "unit", "min_quantity"],
        apply=prices_apply,
        order=40,
        help=_("Known prices (list, product, unit, quantity) are changed, others are added."),
    )
)  # fmt: skip
