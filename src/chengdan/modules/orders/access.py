"""Loading orders for an act: lock, then see, then right, then version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError, NotFoundError
from chengdan.kernel.locking import LockRank, lock_found, lock_one, lock_rows
from chengdan.modules.credit.services import credit_account_lock_with
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Amendment, Order, SpecialTreatment
from chengdan.modules.people.access import authorise, require_visible, visible

# An order as its process sees it.
ORDERS = Order.objects.select_related("customer", "ship_to")


def access_order(
    actor: Actor, order_id: int, permission: str, expected_version: int | None = None
) -> Order:
    """Lock the order for the act that needs `permission`.

    Raises:
        NotFoundError: there is none, or the actor may not see it.
        ForbiddenError: the actor sees it but may not do this.
        ConflictError: somebody changed it since `expected_version`.
    """
    order = lock_one(Order, order_id, LockRank.ORDER)
    _access_check(actor, order, permission, expected_version)
    return order


def _access_check(
    actor: Actor, order: Order, permission: str, expected_version: int | None
) -> None:
    require_visible(actor, words.VIEW, order)
    authorise(actor, permission, order)
    version_check(order, expected_version)


def access_order_with_account(
    actor: Actor, order_id: int, permission: str, expected_version: int | None = None
) -> Order:
    """Like `access_order`, with the customer's credit account locked before it (lock order)."""
    order = order_lock_with_account(order_id)
    _access_check(actor, order, permission, expected_version)
    return order


def access_order_for_view(actor: Actor, order_id: int) -> Order:
    """Return the order for reading, with its customer; 404 when not visible."""
    order = (
        visible(actor, words.VIEW, Order.objects.filter(pk=order_id))
        .select_related(
            "customer", "company", "owner", "csr", "scr", "bcr", "slt_member", "ship_to", "unit"
        )
        .first()
    )
    if order is None:
        raise NotFoundError
    return order


def orders_require_visible(actor: Actor, orders: Iterable[Order]) -> None:
    """Pass when the actor may see every one of them.

    Raises:
        NotFoundError: one of them is out of sight.
    """
    for order in orders:
        require_visible(actor, words.VIEW, order)


def order_lock(order_id: int) -> Order:
    """Lock an order for an automatic step; the caller acts for the process, not for a person."""
    return lock_one(Order, order_id, LockRank.ORDER)


def orders_lock(order_ids: Iterable[int]) -> list[Order]:
    """Lock orders of a customer whose account is locked already, in order of id."""
    return lock_rows(Order, order_ids, LockRank.ORDER)


def orders_to_lock(ids: models.QuerySet[Any]) -> models.QuerySet[Order]:
    """Return a read that locks the orders whose ids another query finds; see `orders_locked`."""
    return Order.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))


def orders_locked(found: Iterable[Order]) -> list[Order]:
    """Note orders that `orders_to_lock` has locked, behind the account of their customer."""
    return lock_found(found, LockRank.ORDER)


def order_lock_with_account(order_id: int) -> Order:
    """Lock the customer's credit account, then the order; return it with what processes ask.

    Raises:
        NotFoundError: there is none.
    """
    return credit_account_lock_with(ORDERS, order_id, LockRank.ORDER)


def version_check(document: Order | Amendment | SpecialTreatment, expected: int | None) -> None:
    """Raise ConflictError when the document changed since the caller read it."""
    if expected is not None and document.version != expected:
        raise ConflictError
