"""Reads that leave the room."""

from chengdan.modules.catalog.rules import Block, PriceVerdict, price_verdict
from chengdan.modules.catalog.selectors.authority import (
    PriceAuthority,
    price_authorities,
    price_authority,
)
from chengdan.modules.catalog.selectors.blocks import block_message, sale_blocks
from chengdan.modules.catalog.selectors.prices import (
    PriceExplanation,
    PriceLine,
    price_explain,
    prices_explain,
)
from chengdan.modules.catalog.selectors.products import (
    ProductSummary,
    categories_of,
    category_line,
    product_get,
    product_ids_by_codes,
    product_summaries,
    product_units,
    products_by_codes,
    products_pick,
    products_visible,
    to_base_quantities,
    to_base_quantity,
    units_by_codes,
)

__all__ = [
    "Block",
    "PriceAuthority",
    "PriceExplanation",
    "PriceLine",
    "PriceVerdict",
    "ProductSummary",
    "block_message",
    "categories_of",
    "category_line",
    "price_authorities",
    "price_authority",
    "price_explain",
    "price_verdict",
    "prices_explain",
    "product_get",
    "product_ids_by_codes",
    "product_summaries",
    "product_units",
    "products_by_codes",
    "products_pick",
    "products_visible",
    "sale_blocks",
    "to_base_quantities",
    "to_base_quantity",
    "units_by_codes",
]
