"""Every change of products and prices; pages, API and imports call these and nothing else."""

from chengdan.modules.catalog.services.authority import authority_remove, authority_set
from chengdan.modules.catalog.services.drafts import (
    PriceDraft,
    PriceListDraft,
    ProductChange,
    ProductDraft,
    UnitDraft,
)
from chengdan.modules.catalog.services.lists import price_list_create, price_list_update
from chengdan.modules.catalog.services.masters import (
    CategoryDraft,
    categories_place,
    category_update,
    unit_place,
)
from chengdan.modules.catalog.services.prices import prices_place, prices_replace
from chengdan.modules.catalog.services.products import (
    product_create,
    product_discontinue,
    product_resume,
    product_update,
    products_place,
    products_update,
)
from chengdan.modules.catalog.services.restrictions import restriction_add, restriction_end

__all__ = [
    "CategoryDraft",
    "PriceDraft",
    "PriceListDraft",
    "ProductChange",
    "ProductDraft",
    "UnitDraft",
    "authority_remove",
    "authority_set",
    "categories_place",
    "category_update",
    "price_list_create",
    "price_list_update",
    "prices_place",
    "prices_replace",
    "product_create",
    "product_discontinue",
    "product_resume",
    "product_update",
    "products_place",
    "products_update",
    "restriction_add",
    "restriction_end",
    "unit_place",
]
