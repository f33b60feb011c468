"""Products with their units: new codes are created, known ones changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue, ForbiddenError
from chengdan.kernel.importing import (
    Column,
    ImportKind,
    ImportRow,
    NestedRow,
    RowResult,
    RowState,
    import_kind_register,
)
from chengdan.kernel.importing.bulk import bulk_serve, issues_at
from chengdan.modules.catalog.models import Product, ProductUnit
from chengdan.modules.catalog.selectors import (
    categories_of,
    product_ids_by_codes,
    units_by_codes,
)
from chengdan.modules.catalog.services import (
    CategoryDraft,
    ProductChange,
    ProductDraft,
    UnitDraft,
    categories_place,
    product_discontinue,
    product_resume,
    products_place,
    products_update,
    unit_place,
)
from chengdan.modules.catalog.vocabulary import rights

_TEXTS = ("name", "spec", "barcode", "note")
_PLAIN = ("tax_rate", "shelf_life_days", "on_sale_from", "on_sale_until", "weight_kg", "volume_m3")
_COLUMNS = {"base_unit_id": "base_unit", "category_id": "category", "units": "units.unit"}
_REASON = "import"
_ZERO = Decimal(0)
_PERCENT = Decimal(100)


@dataclass(slots=True)
class _Names:
    """Units and categories that a chunk names; those that are not there are made."""

    units: dict[str, int]
    categories: dict[str, int]

    @classmethod
    def of(cls, actor: Actor, rows: Sequence[ImportRow]) -> _Names:
        asked = dict.fromkeys(name for row in rows for name in _unit_names(row))
        units = units_by_codes(asked)
        for name in asked:
            if name not in units:
                units[name] = unit_place(actor=actor, code=name[:20], name=name[:40]).pk
        known = categories_of(actor.company_id or 0)
        categories = {item.name: item.pk for item in known} | {item.code: item.pk for item in known}
        wanted = dict.fromkeys(row.values["category"] for row in rows if row.values["category"])
        drafts = [CategoryDraft(name[:40], name) for name in wanted if name not in categories]
        for item in categories_place(actor=actor, drafts=drafts) if drafts else []:
            categories[item.name] = item.pk
        return cls(units, categories)


def _units(row: ImportRow) -> list[dict[str, Any]]:
    return [line.values for line in row.nested.get("units", [])]


def _unit_names(row: ImportRow) -> list[str]:
    named = [row.values["base_unit"], *(line["unit"] for line in _units(row))]
    return [name for name in named if name]


def products_apply(actor: Actor, rows: list[ImportRow]) -> list[RowResult]:
    """Create and change the products of a chunk; see `ImportKind.apply`."""
    if actor.company_id is None:
        raise ForbiddenError
    names = _Names.of(actor, rows)
    known = product_ids_by_codes(actor.company_id, [row.values["code"] for row in rows])
    results: dict[int, RowResult] = {}
    for row in rows:
        if issues := _row_issues(row, is_new=row.values["code"] not in known):
            results[id(row)] = RowResult.rejected(*issues)
    left = [row for row in rows if id(row) not in results]
    new = [row for row in left if row.values["code"] not in known]
    made = bulk_serve(
        [_draft(row, names) for row in new],
        lambda chunk: products_place(actor=actor, drafts=chunk),
    )
    for row, item in zip(new, made, strict=True):
        results[id(row)] = _result(row, item, RowState.CREATED)
    old = [row for row in left if row.values["code"] in known]
    results |= _changed(actor, old, known, names)
    return [results[id(row)] for row in rows]


def _result(row: ImportRow, item: Product | list[FieldIssue], state: RowState) -> RowResult:
    if isinstance(item, list):
        return RowResult.rejected(*issues_at(item, row.line, _COLUMNS))
    return RowResult(state, item.code, target_id=item.pk)


def _row_issues(row: ImportRow, *, is_new: bool) -> list[FieldIssue]:
    text: Any = _("Name the further unit.")
    issues = [
        FieldIssue("units.unit", "required", text, line.line)
        for line in row.nested.get("units", [])
        if not line.values["unit"]
    ]
    if is_new and row.values["base_unit"] is None:
        text = _("A new product needs its base unit.")
        issues.append(FieldIssue("base_unit", "required", text, row.line))
    return issues


def _values(row: ImportRow, names: _Names) -> dict[str, Any]:
    given = row.values
    made: dict[str, Any] = {name: given[name] or "" for name in _TEXTS}
    made |= {name: given[name] for name in _PLAIN}
    made["is_batch_managed"] = bool(given["is_batch_managed"])
    made["over_delivery_percent"] = given["over_delivery_percent"] or _ZERO
    made["category_id"] = names.categories.get(given["category"] or "")
    made["base_unit_id"] = names.units.get(given["base_unit"] or "")
    return made


def _unit_drafts(row: ImportRow, names: _Names) -> tuple[UnitDraft, ...]:
    return tuple(
        UnitDraft(
            names.units[line["unit"]],
            line["factor"] or _ZERO,
            line["barcode"] or "",
            bool(line["is_sales_default"]),
        )
        for line in _units(row)
    )


def _draft(row: ImportRow, names: _Names) -> ProductDraft:
    return ProductDraft(
        code=row.values["code"],
        is_discontinued=bool(row.values["is_discontinued"]),
        units=_unit_drafts(row, names),
        origin="imported",
        **_values(row, names),
    )


def _changed(
    actor: Actor, rows: Sequence[ImportRow], known: dict[str, int], names: _Names
) -> dict[int, RowResult]:
    before = {
        item.pk: item
        for item in Product.objects.filter(pk__in=[known[r.values["code"]] for r in rows])
    }
    units: dict[int, dict[int, ProductUnit]] = {pk: {} for pk in before}
    for unit in ProductUnit.objects.filter(product_id__in=before):
        units[unit.product_id][unit.unit_id] = unit
    ids = [known[row.values["code"]] for row in rows]
    changes = [_change(row, pk, names, units[pk]) for row, pk in zip(rows, ids, strict=True)]
    made = bulk_serve(changes, lambda chunk: products_update(actor=actor, changes=chunk))
    results = {}
    for row, item in zip(rows, made, strict=True):
        if isinstance(item, list):
            results[id(row)] = _result(row, item, RowState.UPDATED)
            continue
        was = before[item.pk]
        is_other = item.version != was.version
        is_other |= _discontinued(actor, row, item)
        state = RowState.UPDATED if is_other else RowState.SKIPPED
        results[id(row)] = _result(row, item, state)
    return results


def _change(
    row: ImportRow, product_id: int, names: _Names, stored: Mapping[int, ProductUnit]
) -> ProductChange:
    values = {
        name: value
        for name, value in _values(row, names).items()
        if row.is_given(_COLUMNS.get(name, name))
    }
    lines = row.nested.get("units", [])
    drafts = _unit_drafts(row, names)
    units = tuple(
        _kept(line, draft, stored.get(draft.unit_id))
        for line, draft in zip(lines, drafts, strict=True)
    )
    return ProductChange(product_id, values, units or None)


def _kept(line: NestedRow, draft: UnitDraft, stored: ProductUnit | None) -> UnitDraft:
    """Return a unit with what is stored where the file's cells are empty."""
    if stored is None:
        return draft
    names = ("factor", "barcode", "is_sales_default")
    kept = {name: getattr(stored, name) for name in names if not line.is_given(name)}
    return replace(draft, **kept)


def _discontinued(actor: Actor, row: ImportRow, product: Product) -> bool:
    wanted = row.values["is_discontinued"]
    if wanted is None or wanted == product.is_discontinued:
        return False
    if wanted:
        product_discontinue(actor=actor, product_id=product.pk, reason=_REASON)
    else:
        product_resume(actor=actor, product_id=product.pk)
    return True


PRODUCTS = import_kind_register(
    ImportKind(
        code="products",
        title=_("Products"),
        permission=rights.PRODUCT_IMPORT,
        columns=[
            Column("code", _("Code"), "reference", required=True, example="HY-0712", max_length=40),
            Column("name", _("Name"), required=True, example="臻选蚝油", max_length=200),
            Column("spec", _("Specification"), example="700g×12", max_length=200),
            Column("barcode", _("Barcode"), "reference", example="6901234567892", max_length=40),
            Column("category", _("Category"), example="蚝油", max_length=80,
                   help=_("Code or name; one that is not there is made.")),
            Column("base_unit", _("Base unit"), "reference", example="瓶", max_length=20,
                   clears=False, help=_("Code or name; one that is not there is made.")),
            Column("tax_rate", _("Tax rate"), "decimal", places=4, minimum=_ZERO,
                   maximum=Decimal(1), example="13%", clears=False, help=_("13% or 0.13.")),
            Column("is_batch_managed", _("Kept by batch"), "boolean"),
            Column("shelf_life_days", _("Shelf life (days)"), "integer", minimum=_ZERO,
                   maximum=Decimal(100_000)),
            Column("on_sale_from", _("On sale from"), "date"),
            Column("on_sale_until", _("On sale until"), "date"),
            Column("is_discontinued", _("Discontinued"), "boolean", clears=False),
            Column("weight_kg", _("Weight (kg)"), "decimal", minimum=_ZERO,
                   maximum=Decimal(10) ** 9),
            Column("volume_m3", _("Volume (m³)"), "decimal", minimum=_ZERO,
                   maximum=Decimal(10) ** 9),
            Column("over_delivery_percent", _("Over-delivery tolerance (%)"), "decimal", places=4,
                   minimum=_ZERO, maximum=_PERCENT),
            Column("note", _("Note"), max_length=4000),
            Column("units.unit", _("Further unit"), "reference", example="箱", max_length=20,
                   clears=False,
                   help=_("Code or name; one that is not there is made.")),
            Column("units.factor", _("Base units in one"), "decimal", minimum=_ZERO,
                   maximum=Decimal(10) ** 9, example="12", clears=False),
            Column("units.barcode", _("Further unit: barcode"), "reference", max_length=40),
            Column("units.is_sales_default", _("Offered first in orders"), "boolean",
                   example="是"),
        ],
        key_columns=["code"],
        group_by=["code"],
        apply=products_apply,
        targets=["catalog.product"],
        order=30,
        help=_("Further units of a product stand in following rows with the same code."),
    )
)  # fmt: skip
