"""Loading orders for an act: lock, then see, then right, then version."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError, NotFoundError
from chengdan.kernel.locking import LockRank, lock_one, lock_rows
from chengdan.kernel.transactions import current_unit
from chengdan.modules.credit.services import credit_account_lock
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Amendment, Order, SpecialTreatment
from chengdan.modules.people.access import authorise, require_visible, visible


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
    require_visible(actor, words.VIEW, order)
    authorise(actor, permission, order)
    version_check(order, expected_version)
    return order


def access_order_with_account(
    actor: Actor, order_id: int, permission: str, expected_version: int | None = None
) -> Order:
    """Like `access_order`, with the customer's credit account locked before it (lock order)."""
    _account_lock(order_id)
    return access_order(actor, order_id, permission, expected_version)


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


def order_lock(order_id: int) -> Order:
    """Lock an order for an automatic step; the caller acts for the process, not for a person."""
    return lock_one(Order, order_id, LockRank.ORDER)


def orders_lock(order_ids: Iterable[int]) -> list[Order]:
    """Lock orders of a customer whose account is locked already, in order of id."""
    return lock_rows(Order, order_ids, LockRank.ORDER)


def order_lock_with_account(order_id: int, rows: models.QuerySet[Order]) -> Order:
    """Lock the customer's credit account, then the order; return it as `rows` select it.

    Raises:
        NotFoundError: there is none.
    """
    _account_lock(order_id)
    return lock_one(rows, order_id, LockRank.ORDER)


def _account_lock(order_id: int) -> None:
    known: set[int] = current_unit().memo.setdefault("orders_with_account", set())
    if order_id in known:
        return
    customer_id = Order.objects.filter(pk=order_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NotFoundError
    credit_account_lock(customer_id)
    known.add(order_id)


def special_lock(special_id: int) -> SpecialTreatment:
    """Lock the order of an application for special treatment, and return the application."""
    found = SpecialTreatment.objects.filter(pk=special_id).values_list("order_id", flat=True)
    order_id = found.first()
    if order_id is None:
        raise NotFoundError
    lock_one(Order, order_id, LockRank.ORDER)
    return SpecialTreatment.objects.get(pk=special_id)


def amendment_lock(amendment_id: int) -> Amendment:
    """Lock the order of an amendment, and return the amendment."""
    found = Amendment.objects.filter(pk=amendment_id).values_list("order_id", flat=True)
    order_id = found.first()
    if order_id is None:
        raise NotFoundError
    lock_one(Order, order_id, LockRank.ORDER)
    return Amendment.objects.get(pk=amendment_id)


def version_check(document: Order | Amendment | SpecialTreatment, expected: int | None) -> None:
    """Raise ConflictError when the document changed since the caller read it."""
    if expected is not None and document.version != expected:
        raise ConflictError
