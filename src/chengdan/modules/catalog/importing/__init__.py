"""Products and prices from files."""

from chengdan.modules.catalog.importing.prices import PRICES
from chengdan.modules.catalog.importing.products import PRODUCTS

__all__ = ["PRICES", "PRODUCTS"]
