"""What happened to products and prices, for other rooms and webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chengdan.kernel.outbox import Event


@dataclass(frozen=True, slots=True)
class ProductCreated(Event):
    """Products were made; `product_ids` holds all of one act."""

    code: ClassVar[str] = "catalog.ProductCreated"
    product_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProductUpdated(Event):
    """Fields of products changed."""

    code: ClassVar[str] = "catalog.ProductUpdated"
    product_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProductDiscontinued(Event):
    """The product is not sold any more."""

    code: ClassVar[str] = "catalog.ProductDiscontinued"
    product_id: int


@dataclass(frozen=True, slots=True)
class PriceListChanged(Event):
    """Prices or the reach of a list changed."""

    code: ClassVar[str] = "catalog.PriceListChanged"
    price_list_id: int
