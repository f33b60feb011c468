"""Reads that only the pages of the room need."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.modules.catalog.models import (
    FloatAuthority,
    Price,
    PriceList,
    PriceListReach,
    Product,
    SaleRestriction,
    UnitOfMeasure,
)
from chengdan.modules.catalog.selectors.products import path_ids
from chengdan.modules.catalog.vocabulary import rights
from chengdan.modules.people.access import visible


def units_all() -> list[UnitOfMeasure]:
    """Return all units of measure by code."""
    return list(UnitOfMeasure.objects.order_by("code"))


def price_lists_visible(actor: Actor) -> QuerySet[PriceList]:
    """Return the price lists of the actor's company, when the actor may see prices."""
    return visible(actor, rights.PRICE_VIEW, PriceList.objects.all())


def price_list_get(actor: Actor, list_id: int) -> PriceList:
    """Return a price list that the actor may see.

    Raises:
        NotFoundError: none, or not visible.
    """
    found = price_lists_visible(actor).filter(pk=list_id).first()
    if found is None:
        raise NotFoundError
    return found


def prices_of_list(list_id: int) -> list[Price]:
    """Return the prices of a list by product, unit and quantity."""
    rows = Price.objects.filter(price_list_id=list_id).select_related("product", "unit")
    return list(rows.order_by("product__code", "unit_id", "min_quantity"))


def prices_of_product(product_id: int) -> list[Price]:
    """Return the prices of a product in all lists in use."""
    rows = Price.objects.filter(product_id=product_id, price_list__is_active=True)
    return list(
        rows.select_related("price_list", "unit").order_by("price_list__code", "min_quantity")
    )


def reach_of_list(list_id: int) -> list[PriceListReach]:
    """Return the regions and customers that a list is for."""
    rows = PriceListReach.objects.filter(price_list_id=list_id)
    return list(rows.select_related("territory", "customer").order_by("id"))


def restrictions_visible(actor: Actor) -> QuerySet[SaleRestriction]:
    """Return the sale restrictions of the actor's company."""
    rows = SaleRestriction.objects.select_related("product", "category", "territory", "customer")
    return visible(actor, rights.PRODUCT_VIEW, rows)


def restrictions_of(product: Product, on: date) -> list[SaleRestriction]:
    """Return the restrictions of a product or its categories that are not over."""
    categories = path_ids(product.category.path) if product.category else ()
    rows = SaleRestriction.objects.filter(Q(product=product) | Q(category_id__in=categories))
    rows = rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=on))
    return list(rows.select_related("territory", "customer").order_by("-valid_from"))


def authorities_of(company_id: int) -> list[FloatAuthority]:
    """Return the price authorities of a company by role."""
    rows = FloatAuthority.objects.filter(company_id=company_id).select_related("category")
    return list(rows.order_by("role_code", "category__path"))
