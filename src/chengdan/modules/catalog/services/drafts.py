"""What doors hand in, before it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from chengdan.modules.catalog.vocabulary import ListScope


@dataclass(frozen=True, slots=True)
class UnitDraft:
    """One more unit of a product; `factor` base units in one."""

    unit_id: int
    factor: Decimal
    barcode: str = ""
    is_sales_default: bool = False


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A new product; `tax_rate` None takes the company's usual one."""

    code: str
    name: str
    base_unit_id: int | None
    spec: str = ""
    barcode: str = ""
    category_id: int | None = None
    tax_rate: Decimal | None = None
    is_batch_managed: bool = False
    shelf_life_days: int | None = None
    on_sale_from: date | None = None
    on_sale_until: date | None = None
    is_discontinued: bool = False
    weight_kg: Decimal | None = None
    volume_m3: Decimal | None = None
    over_delivery_percent: Decimal = Decimal(0)
    note: str = ""
    units: tuple[UnitDraft, ...] = ()
    origin: str = "entered"


@dataclass(frozen=True, slots=True)
class ProductChange:
    """New values of one product; fields that are not named stay. `units` None leaves them."""

    product_id: int
    values: Mapping[str, Any] = field(default_factory=dict)
    units: tuple[UnitDraft, ...] | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class PriceListDraft:
    """A price list; `currency` "" takes the company's."""

    code: str
    name: str
    valid_from: date
    valid_until: date | None = None
    currency: str = ""
    is_tax_inclusive: bool = True
    scope: str = ListScope.GENERAL
    priority: int = 0
    is_active: bool = True
    note: str = ""
    territory_ids: tuple[int, ...] = ()
    customer_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """One price of a list; `unit_id` None takes the product's base unit."""

    product_id: int
    price: Decimal
    unit_id: int | None = None
    min_quantity: Decimal = Decimal(0)
    floor_price: Decimal | None = None
