"""Loading customers under the reader's rights."""

from __future__ import annotations

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError
from chengdan.kernel.locking import LockRank, lock_one
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.selectors import customer_get
from chengdan.modules.customers.vocabulary import CustomerNotActiveError, rights
from chengdan.modules.people.access import authorise, require_visible


def access_customer_for(
    actor: Actor, customer_id: int, permission: str, expected_version: int | None = None
) -> Customer:
    """Return the customer locked for a change.

    Raises:
        NotFoundError: none, or not visible.
        ForbiddenError: visible, but without the right.
        ConflictError: changed since the reader loaded it.
    """
    customer = lock_one(Customer, customer_id, LockRank.MASTER)
    require_visible(actor, rights.CUSTOMER_VIEW, customer)
    authorise(actor, permission, customer)
    if expected_version is not None and customer.version != expected_version:
        raise ConflictError(code="version")
    return customer


def access_customer_for_order(actor: Actor, customer_id: int) -> Customer:
    """Return a customer that an order may be taken for.

    Raises:
        NotFoundError: none, or not visible.
        CustomerNotActiveError: visible, but not active.
    """
    customer = customer_get(actor, customer_id)
    if not customer.is_active:
        raise CustomerNotActiveError(customer=customer.code, state=customer.get_status_display())
    return customer
