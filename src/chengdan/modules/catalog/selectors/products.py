"""Products, units and categories as other rooms read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.reference import remembered_rows
from chengdan.kernel.search import match_q
from chengdan.modules.catalog import rules
from chengdan.modules.catalog.models import Category, Product, ProductUnit, UnitOfMeasure
from chengdan.modules.catalog.vocabulary import NoConversionError, rights
from chengdan.modules.people.access import visible

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class ProductUnitView:
    """A unit that a product may be counted in, with exactly `factor` base units in one."""

    unit_id: int
    code: str
    name: str
    decimals: int
    factor: Decimal
    is_base: bool
    is_sales_default: bool


@dataclass(frozen=True, slots=True)
class ProductSummary:
    """What document lines copy or check; read without a right, for services that checked."""

    id: int
    company_id: int
    code: str
    name: str
    spec: str
    category_id: int | None
    category_ids: tuple[int, ...]
    base_unit_id: int
    tax_rate: Decimal
    is_batch_managed: bool
    shelf_life_days: int | None
    on_sale_from: date | None
    on_sale_until: date | None
    is_discontinued: bool
    weight_kg: Decimal | None
    volume_m3: Decimal | None
    over_delivery_percent: Decimal
    units: tuple[ProductUnitView, ...] = field(default=())

    @property
    def title(self) -> str:
        """Name with specification."""
        return f"{self.name} {self.spec}".strip()

    def factor_of(self, unit_id: int) -> Decimal | None:
        """Return the base units in one of the unit; None when it is not the product's."""
        return next((unit.factor for unit in self.units if unit.unit_id == unit_id), None)

    def places_problem(self, unit_id: int, quantity: Decimal) -> str:
        """Return what is wrong with the decimals of a quantity in the unit; "" when nothing."""
        unit = next((item for item in self.units if item.unit_id == unit_id), None)
        if unit is None or quantity == round(quantity, unit.decimals):
            return ""
        if unit.decimals == 0:
            return _("The unit “%(unit)s” is counted whole.") % {"unit": unit.name}
        text = _("The unit “%(unit)s” takes at most %(places)s decimal places.")
        return text % {"unit": unit.name, "places": unit.decimals}

    @property
    def sales_unit_id(self) -> int:
        """The unit that orders offer first."""
        first = next((unit.unit_id for unit in self.units if unit.is_sales_default), None)
        return first if first is not None else self.base_unit_id


def path_ids(path: str) -> tuple[int, ...]:
    """Return the category ids of a stored path, root first."""
    return tuple(int(part) for part in path.split("/") if part)


def product_get(actor: Actor, product_id: int) -> Product:
    """Return a product that the actor may see.

    Raises:
        NotFoundError: none, or not visible.
    """
    found = products_visible(actor).filter(pk=product_id).first()
    if found is None:
        raise NotFoundError
    return found


def products_visible(actor: Actor) -> QuerySet[Product]:
    """Return the products of the actor's company, when the actor may see products."""
    rows = visible(actor, rights.PRODUCT_VIEW, Product.objects.all())
    return rows.select_related("category", "base_unit")


def product_summaries(ids: Iterable[int]) -> dict[int, ProductSummary]:
    """Return id → summary with its units, with two queries at most."""
    return remembered_rows("catalog", "product", ids, _summaries)


def _summaries(ids: set[int]) -> dict[int, ProductSummary]:
    rows = list(Product.objects.filter(pk__in=ids).select_related("category", "base_unit"))
    units = product_units([row.pk for row in rows], products=rows)
    return {row.pk: _summary(row, units[row.pk]) for row in rows}


def _summary(row: Product, units: Sequence[ProductUnitView]) -> ProductSummary:
    return ProductSummary(
        id=row.pk,
        company_id=row.company_id,
        code=row.code,
        name=row.name,
        spec=row.spec,
        category_id=row.category_id,
        category_ids=path_ids(row.category.path) if row.category else (),
        base_unit_id=row.base_unit_id,
        tax_rate=row.tax_rate,
        is_batch_managed=row.is_batch_managed,
        shelf_life_days=row.shelf_life_days,
        on_sale_from=row.on_sale_from,
        on_sale_until=row.on_sale_until,
        is_discontinued=row.is_discontinued,
        weight_kg=row.weight_kg,
        volume_m3=row.volume_m3,
        over_delivery_percent=row.over_delivery_percent,
        units=tuple(units),
    )


def product_units(
    product_ids: Iterable[int], *, products: Sequence[Product] | None = None
) -> dict[int, list[ProductUnitView]]:
    """Return product → its units, the base unit first.

    Args:
        products: the products themselves, when the caller has them with their base units.
    """
    ids = set(product_ids)
    rows = products
    if rows is None:
        rows = list(Product.objects.filter(pk__in=ids).select_related("base_unit"))
    found: dict[int, list[ProductUnitView]] = defaultdict(list)
    more = list(
        ProductUnit.objects.filter(product_id__in=ids).select_related("unit").order_by("id")
    )
    with_default = {item.product_id for item in more if item.is_sales_default}
    for row in rows:
        found[row.pk].append(_unit(row.base_unit, ONE, True, row.pk not in with_default))
    for item in more:
        found[item.product_id].append(_unit(item.unit, item.factor, False, item.is_sales_default))
    return found


def _unit(
    unit: UnitOfMeasure, factor: Decimal, is_base: bool, is_sales_default: bool
) -> ProductUnitView:
    return ProductUnitView(
        unit.pk, unit.code, unit.name, unit.decimals, factor, is_base, is_sales_default
    )


def product_ids_by_codes(company_id: int, codes: Iterable[str]) -> dict[str, int]:
    """Return code → id of the company's products with one query."""
    rows = Product.objects.filter(company_id=company_id, code__in=set(codes))
    return dict(rows.values_list("code", "id"))


def products_by_codes(company_id: int, codes: Iterable[str]) -> dict[str, ProductSummary]:
    """Return code → summary of the company's products."""
    ids = product_ids_by_codes(company_id, codes)
    summaries = product_summaries(ids.values())
    return {code: summaries[pk] for code, pk in ids.items()}


def units_by_codes(codes: Iterable[str]) -> dict[str, int]:
    """Return code or name → id of units of measure; a code goes before a name."""
    wanted = set(codes)
    rows = UnitOfMeasure.objects.filter(Q(code__in=wanted) | Q(name__in=wanted))
    listed = list(rows.order_by("id").values_list("id", "code", "name"))
    by_name = {name: pk for pk, _code, name in listed if name in wanted}
    return by_name | {code: pk for pk, code, _name in listed if code in wanted}


def to_base_quantity(product_id: int, unit_id: int, quantity: Decimal) -> Decimal:
    """Return a quantity in the product's base unit, exactly.

    Raises:
        NoConversionError: the unit is not the product's, or the result is not exact in six
            decimals.
    """
    return to_base_quantities([(product_id, unit_id, quantity)])[0]


def to_base_quantities(lines: Sequence[tuple[int, int, Decimal]]) -> list[Decimal]:
    """Return the base quantities of (product, unit, quantity) lines with two queries.

    Raises:
        NoConversionError: see `to_base_quantity`.
    """
    units = product_units([line[0] for line in lines])
    result = []
    for product_id, unit_id, quantity in lines:
        factors = {unit.unit_id: unit.factor for unit in units.get(product_id, [])}
        try:
            result.append(rules.base_quantity(quantity, factors.get(unit_id, Decimal(0))))
        except rules.ConversionError as error:
            raise NoConversionError(product=product_id) from error
    return result


def category_line(category_id: int) -> tuple[int, ...]:
    """Return the ids of the category and all above it, root first."""
    path = Category.objects.filter(pk=category_id).values_list("path", flat=True).first()
    return path_ids(path or "")


def categories_of(company_id: int) -> list[Category]:
    """Return the company's categories in tree order."""
    rows = {row.pk: row for row in Category.objects.filter(company_id=company_id)}

    def key(row: Category) -> list[tuple[int, str]]:
        line = [rows[pk] for pk in path_ids(row.path) if pk in rows]
        return [(item.sort, item.code) for item in line]

    return sorted(rows.values(), key=key)


def products_pick(
    actor: Actor, text: str, *, limit: int = 10, is_on_sale_only: bool = True
) -> list[Product]:
    """Return products for a picker by code; discontinued ones are left out unless asked for."""
    rows = products_visible(actor)
    if is_on_sale_only:
        rows = rows.filter(is_discontinued=False)
    if text.strip():
        rows = rows.filter(match_q(text) | Q(barcode=text.strip()))
    return list(rows.order_by("code")[:limit])
