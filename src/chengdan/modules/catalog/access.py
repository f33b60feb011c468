"""Loading products and price lists under the reader's rights."""

from __future__ import annotations

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError
from chengdan.kernel.locking import LockRank, lock_one
from chengdan.modules.catalog.models import PriceList, Product
from chengdan.modules.catalog.vocabulary import rights
from chengdan.modules.people.access import authorise, require_visible


def access_product_for(
    actor: Actor, product_id: int, permission: str, expected_version: int | None = None
) -> Product:
    """Return the product locked for a change.

    Raises:
        NotFoundError: none, or not visible.
        ForbiddenError: visible, but without the right.
        ConflictError: changed since the reader loaded it.
    """
    product = lock_one(Product, product_id, LockRank.MASTER)
    require_visible(actor, rights.PRODUCT_VIEW, product)
    authorise(actor, permission, product)
    if expected_version not in (None, product.version):
        raise ConflictError(code="version")
    return product


def access_price_list_for(
    actor: Actor, list_id: int, permission: str, expected_version: int | None = None
) -> PriceList:
    """Return the price list locked for a change; raises as `access_product_for`."""
    price_list = lock_one(PriceList, list_id, LockRank.MASTER)
    require_visible(actor, rights.PRICE_VIEW, price_list)
    authorise(actor, permission, price_list)
    if expected_version not in (None, price_list.version):
        raise ConflictError(code="version")
    return price_list
