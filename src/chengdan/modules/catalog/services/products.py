"""Creating and changing products; the single form is a list of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record, audit_record_many
from chengdan.kernel.errors import (
    ConflictError,
    FieldIssue,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RuleError,
)
from chengdan.kernel.locking import LockRank, lock_rows
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.search import search_columns
from chengdan.kernel.transactions import write
from chengdan.modules.catalog.access import access_product_for
from chengdan.modules.catalog.models import Category, Price, Product, ProductUnit, UnitOfMeasure
from chengdan.modules.catalog.selectors import product_ids_by_codes
from chengdan.modules.catalog.services.cleaning import EDITABLE, Cleaner
from chengdan.modules.catalog.services.drafts import ProductChange, ProductDraft, UnitDraft
from chengdan.modules.catalog.services.finding import products_find_put
from chengdan.modules.catalog.vocabulary import (
    ProductCreated,
    ProductDiscontinued,
    ProductUpdated,
    rights,
)
from chengdan.modules.people.access import authorise, require_visible

_CODE_TAKEN = _("Another product has the code %(code)s.")
_CODE_TWICE = _("The code %(code)s stands here twice.")
_NOT_EDITABLE = _("This field is not changed here.")
_BASE_UNIT = _("The base unit stays once there are further units or prices.")
_REASON = _("Give a reason.")
TOO_MANY = 2000


class TooManyError(RuleError):
    """A bulk act is limited so that its transaction stays short."""

    default_code = "too_many"
    default_message = _("At most %(limit)s at once.")


def product_create(*, actor: Actor, draft: ProductDraft) -> Product:
    """Create one product; see `products_place`."""
    return products_place(actor=actor, drafts=[draft])[0]


def products_place(*, actor: Actor, drafts: Sequence[ProductDraft]) -> list[Product]:
    """Create products with their units, all or none, with a constant number of queries.

    Raises:
        ForbiddenError: no right to change products.
        InvalidError: wrong values; `items` name field and row (1-based place in `drafts`).
        TooManyError: more than 2,000 at once.
    """
    authorise(actor, rights.PRODUCT_EDIT)
    if len(drafts) > TOO_MANY:
        raise TooManyError(limit=TOO_MANY)
    if actor.company_id is None:
        raise ForbiddenError
    if not drafts:
        return []
    with write():
        products, units = _build(actor.company_id, drafts)
        Product.objects.bulk_create(products, batch_size=500)
        for unit in units:
            unit.product_id = unit.product.pk
        ProductUnit.objects.bulk_create(units, batch_size=500)
        is_import = drafts[0].origin == "imported"
        code = rights.PRODUCT_IMPORTED if is_import else rights.PRODUCT_CREATED
        rows = [AuditRow(item, after=_state(item)) for item in products]
        audit_record_many(actor, code, rows)
        products_find_put(products)
        event_publish(actor, ProductCreated(tuple(item.pk for item in products)))
    return products


def _build(
    company_id: int, drafts: Sequence[ProductDraft]
) -> tuple[list[Product], list[ProductUnit]]:
    known_units, categories = _references(company_id)
    usual = Decimal(str(parameter_value(company_id, rights.TAX_RATE_DEFAULT)))
    issues = _code_issues(company_id, drafts)
    products, units = [], []
    at = clock.now()
    for row, draft in enumerate(drafts, start=1):
        cleaner = Cleaner(row)
        names = ("code", *EDITABLE)
        values = cleaner.product({name: getattr(draft, name) for name in names})
        if values["tax_rate"] is None:
            values["tax_rate"] = usual
        _check_for_references(cleaner, values, known_units, categories)
        cleaner.units(draft.units, draft.base_unit_id, known_units)
        issues += cleaner.issues
        product = Product(
            company_id=company_id, origin=draft.origin, is_discontinued=draft.is_discontinued,
            created_at=at, updated_at=at, **values,
        )  # fmt: skip
        _search_columns(product)
        products.append(product)
        units += [_unit(product, item) for item in draft.units]
    if issues:
        raise InvalidError(issues)
    return products, units


def _references(company_id: int) -> tuple[set[int], set[int]]:
    units = set(UnitOfMeasure.objects.values_list("id", flat=True))
    categories = Category.objects.filter(company_id=company_id)
    return units, set(categories.values_list("id", flat=True))


def _check_for_references(
    cleaner: Cleaner, values: Mapping[str, Any], units: set[int], categories: set[int]
) -> None:
    if values.get("base_unit_id") is not None and values["base_unit_id"] not in units:
        cleaner.not_found("base_unit_id")
    if values.get("category_id") is not None and values["category_id"] not in categories:
        cleaner.not_found("category_id")


def _code_issues(company_id: int, drafts: Sequence[ProductDraft]) -> list[FieldIssue]:
    codes = [draft.code.strip() for draft in drafts]
    taken = product_ids_by_codes(company_id, codes)
    counts = Counter(codes)
    issues = []
    for row, code in enumerate(codes, start=1):
        if code in taken:
            issues.append(FieldIssue("code", "code_taken", _CODE_TAKEN % {"code": code}, row=row))
        elif code and counts[code] > 1:
            issues.append(FieldIssue("code", "code_twice", _CODE_TWICE % {"code": code}, row=row))
    return issues


def _search_columns(product: Product) -> None:
    for name, value in search_columns(f"{product.name} {product.spec}", product.code).items():
        setattr(product, name, value)


def _unit(product: Product, draft: UnitDraft) -> ProductUnit:
    return ProductUnit(
        product=product,
        unit_id=draft.unit_id,
        factor=draft.factor,
        barcode=draft.barcode.strip()[:40],
        is_sales_default=draft.is_sales_default,
    )


def _state(product: Product) -> dict[str, Any]:
    values = {name: getattr(product, name) for name in ("code", "is_discontinued", *EDITABLE)}
    return {name: value for name, value in values.items() if value not in (None, "", False)}


def product_update(
    *,
    actor: Actor,
    product_id: int,
    values: Mapping[str, Any],
    units: tuple[UnitDraft, ...] | None = None,
    expected_version: int | None = None,
) -> Product:
    """Change one product; see `products_update`."""
    change = ProductChange(product_id, values, units, expected_version)
    return products_update(actor=actor, changes=[change])[0]


def products_update(*, actor: Actor, changes: Sequence[ProductChange]) -> list[Product]:
    """Change products and, where given, replace their further units; all or none.

    Raises:
        NotFoundError, ForbiddenError: for any of them.
        ConflictError: one was changed since its `expected_version`.
        InvalidError: wrong values; `items` name field and row (1-based place in `changes`).
    """
    authorise(actor, rights.PRODUCT_EDIT)
    with write():
        found = lock_rows(Product, [item.product_id for item in changes], LockRank.MASTER)
        products = {product.pk: product for product in found}
        _check_for_rights(actor, products, changes)
        if not products:
            return []
        cleaned = _cleaned(products, changes)
        rows, fields = [], set()
        for change, values in zip(changes, cleaned, strict=True):
            row = _apply(products[change.product_id], values)
            if row is not None:
                rows.append(row)
                fields |= set(row.after or {})
        names = [name.removesuffix("_id") for name in sorted(fields)]
        columns = [*names, "search_text", "pinyin", "initials", "version", "updated_at"]
        if rows:
            Product.objects.bulk_update([r.target for r in rows], columns, batch_size=100)  # type: ignore[misc]
            audit_record_many(actor, rights.PRODUCT_UPDATED, rows)
            products_find_put([products[int(row.target.pk)] for row in rows])
        changed_units = _units_replace(actor, products, changes)
        if rows or changed_units:
            touched = {int(row.target.pk) for row in rows} | changed_units
            event_publish(actor, ProductUpdated(tuple(sorted(touched))))
    return [products[change.product_id] for change in changes]


def _check_for_rights(
    actor: Actor, products: Mapping[int, Product], changes: Sequence[ProductChange]
) -> None:
    for change in changes:
        product = products.get(change.product_id)
        if product is None:
            raise NotFoundError
        require_visible(actor, rights.PRODUCT_VIEW, product)
        authorise(actor, rights.PRODUCT_EDIT, product)
        if change.expected_version not in (None, product.version):
            raise ConflictError(code="version")


def _cleaned(
    products: Mapping[int, Product], changes: Sequence[ProductChange]
) -> list[dict[str, Any]]:
    known_units, categories = _references(next(iter(products.values())).company_id)
    counted = ProductUnit.objects.filter(product_id__in=products)
    priced = Price.objects.filter(product_id__in=products)
    fixed = {*counted.values_list("product_id", flat=True)}
    fixed |= {*priced.values_list("product_id", flat=True)}
    issues: list[FieldIssue] = []
    result = []
    for row, change in enumerate(changes, start=1):
        product = products[change.product_id]
        cleaner = Cleaner(row)
        for name in set(change.values) - set(EDITABLE):
            cleaner.refuse(name, "not_editable", _NOT_EDITABLE)
        known = {name: value for name, value in change.values.items() if name in EDITABLE}
        both = {"on_sale_from": product.on_sale_from, "on_sale_until": product.on_sale_until}
        values = cleaner.product(both | known)
        values = {name: value for name, value in values.items() if name in known}
        _check_for_references(cleaner, values, known_units, categories)
        base = values.get("base_unit_id", product.base_unit_id)
        if base != product.base_unit_id and product.pk in fixed:
            cleaner.refuse("base_unit_id", "fixed", _BASE_UNIT)
        if change.units is not None:
            cleaner.units(change.units, base, known_units)
        issues += cleaner.issues
        result.append(values)
    if issues:
        raise InvalidError(issues)
    return result


def _apply(product: Product, values: Mapping[str, Any]) -> AuditRow | None:
    before = {name: getattr(product, name) for name in values}
    changed = {name: value for name, value in values.items() if before[name] != value}
    if not changed:
        return None
    for name, value in changed.items():
        setattr(product, name, value)
    _search_columns(product)
    product.version += 1
    product.updated_at = clock.now()
    return AuditRow(product, {name: before[name] for name in changed}, changed)


def _units_replace(
    actor: Actor, products: Mapping[int, Product], changes: Sequence[ProductChange]
) -> set[int]:
    wanted = {item.product_id: item.units for item in changes if item.units is not None}
    known: dict[int, list[ProductUnit]] = {pk: [] for pk in wanted}
    for unit in ProductUnit.objects.filter(product_id__in=wanted).order_by("id"):
        known[unit.product_id].append(unit)
    rows, gone, new = [], [], []
    for pk, units in wanted.items():
        before, after = _unit_states(known[pk]), _unit_states(units)
        if before != after:
            gone += [unit.pk for unit in known[pk]]
            new += [_unit(products[pk], unit) for unit in units]
            rows.append(AuditRow(products[pk], {"units": before}, {"units": after}))
    if rows:
        ProductUnit.objects.filter(pk__in=gone).delete()
        ProductUnit.objects.bulk_create(new, batch_size=500)
        audit_record_many(actor, rights.UNITS_CHANGED, rows)
    return {int(row.target.pk) for row in rows}


def _unit_states(units: Sequence[ProductUnit | UnitDraft]) -> list[dict[str, Any]]:
    listed = [
        {
            "unit": unit.unit_id,
            "factor": format(unit.factor.normalize(), "f"),
            "barcode": unit.barcode,
            "is_sales_default": unit.is_sales_default,
        }
        for unit in units
    ]
    return sorted(listed, key=lambda item: str(item["unit"]))


def product_discontinue(
    *, actor: Actor, product_id: int, reason: str, expected_version: int | None = None
) -> Product:
    """Stop selling the product at once; open orders show it as a stop.

    Raises:
        InvalidError: no reason given.
    """
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _REASON))
    return _discontinued_set(actor, product_id, True, reason.strip(), expected_version)


def product_resume(
    *, actor: Actor, product_id: int, expected_version: int | None = None
) -> Product:
    """Sell a discontinued product again."""
    return _discontinued_set(actor, product_id, False, "", expected_version)


def _discontinued_set(
    actor: Actor, product_id: int, is_discontinued: bool, reason: str, version: int | None
) -> Product:
    with write():
        product = access_product_for(actor, product_id, rights.PRODUCT_EDIT, version)
        if product.is_discontinued == is_discontinued:
            raise ConflictError
        product.is_discontinued = is_discontinued
        product.version += 1
        product.updated_at = clock.now()
        product.save(update_fields=["is_discontinued", "version", "updated_at"])
        code = rights.PRODUCT_DISCONTINUED if is_discontinued else rights.PRODUCT_RESUMED
        audit_record(
            actor, code, product, after={"is_discontinued": is_discontinued}, reason=reason
        )
        event_publish(
            actor,
            ProductDiscontinued(product.pk) if is_discontinued else ProductUpdated((product.pk,)),
        )
    return product
