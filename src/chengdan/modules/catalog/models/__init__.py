"""Every table of the room, gathered for Django."""

from chengdan.modules.catalog.models.prices import FloatAuthority, Price, PriceList, PriceListReach
from chengdan.modules.catalog.models.products import (
    Category,
    Product,
    ProductUnit,
    SaleRestriction,
    UnitOfMeasure,
)

__all__ = [
    "Category",
    "FloatAuthority",
    "Price",
    "PriceList",
    "PriceListReach",
    "Product",
    "ProductUnit",
    "SaleRestriction",
    "UnitOfMeasure",
]
