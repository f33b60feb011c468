"""Small things every page of the room uses."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui import (
    Chip,
    Crumb,
)
from chengdan.modules.catalog.models import PriceList, Product

GET_POST = ("GET", "HEAD", "POST")


def product_crumbs(product: Product | None = None) -> list[Crumb]:
    """Return the way to a page below the products."""
    found = [Crumb(_("Products"), reverse("catalog:list"))]
    if product is not None:
        found.append(Crumb(product.code, reverse("catalog:show", args=[product.pk])))
    return found


def list_crumbs(price_list: PriceList | None = None) -> list[Crumb]:
    """Return the way to a page below the price lists."""
    found = [Crumb(_("Price lists"), reverse("catalog:price_lists"))]
    if price_list is not None:
        found.append(Crumb(price_list.code, reverse("catalog:price_list", args=[price_list.pk])))
    return found


def product_chip(product: Product) -> Chip:
    """Return whether the product is on sale."""
    if product.is_discontinued:
        return Chip(_("discontinued"), "idle")
    return Chip(_("on sale"), "done")
