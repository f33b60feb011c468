"""What the room plugs in while the applications start."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.outbox import work_titles_register
from chengdan.kernel.reference import reference_tables
from chengdan.kernel.search import SearchSource, search_kind_register
from chengdan.kernel.ui import NavItem, NewItem, nav_register, new_register
from chengdan.modules.catalog import histories, importing
from chengdan.modules.catalog.models import (
    Category,
    FloatAuthority,
    Price,
    PriceList,
    PriceListReach,
    Product,
    ProductUnit,
    SaleRestriction,
    UnitOfMeasure,
)
from chengdan.modules.catalog.selectors import products_visible
from chengdan.modules.catalog.services.finding import product_fields
from chengdan.modules.catalog.vocabulary import rights

reference_tables(
    "catalog", Category, FloatAuthority, Price, PriceList, PriceListReach, Product, ProductUnit,
    SaleRestriction, UnitOfMeasure,
)  # fmt: skip
work_titles_register(
    {
        "catalog.PriceListChanged": _("A price list was changed"),
        "catalog.ProductCreated": _("Products were created"),
        "catalog.ProductDiscontinued": _("A product is not sold any more"),
        "catalog.ProductUpdated": _("Products were changed"),
    }
)
nav_register(
    NavItem("products", _("Products"), "package", "catalog:list", rights.PRODUCT_VIEW, order=30),
    NavItem("prices", _("Price lists"), "tag", "catalog:price_lists", rights.PRICE_VIEW, order=31),
)
new_register(
    NewItem("product", _("Product"), "package", "catalog:create", rights.PRODUCT_EDIT, order=30),
)
search_kind_register(
    "catalog.product",
    title=_("Products"),
    permission=rights.PRODUCT_VIEW,
    scope_filter=products_visible,
    source=SearchSource(Product.objects.all, product_fields),
    icon="package",
    order=30,
)

__all__ = ["histories", "importing"]
