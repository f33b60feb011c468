"""How products are found by the global search, written in the transaction of their change."""

from __future__ import annotations

from collections.abc import Sequence

from chengdan.kernel.search import SearchFields
from chengdan.kernel.search.services import search_put_many
from chengdan.modules.catalog.models import Product

KIND = "catalog.product"


def products_find_put(products: Sequence[Product]) -> None:
    """Renew how these products are found."""
    search_put_many(KIND, [(product, product_fields(product)) for product in products])


def product_fields(product: Product) -> SearchFields:
    """Return what finds a product."""
    return SearchFields(
        title=product.name,
        url=f"/catalog/products/{product.pk}/",
        code=product.code,
        subtitle=product.spec,
        codes=(product.barcode,) if product.barcode else (),
    )
