"""Shipping data, kept up every month (SHP-05)."""

from __future__ import annotations

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.transactions import write
from chengdan.modules.customers.access import access_customer_for
from chengdan.modules.customers.models import ShippingData
from chengdan.modules.customers.services.cleaning import Cleaner
from chengdan.modules.customers.services.drafts import ShippingDraft
from chengdan.modules.customers.services.parts import (
    SHIPPING_EMPTY,
    SHIPPING_PERSONAL,
    shipping_build,
)
from chengdan.modules.customers.vocabulary import rights

_OPEN = ("carrier", "station", "unloading")


def shipping_save(*, actor: Actor, customer_id: int, draft: ShippingDraft) -> ShippingData:
    """Store how goods reach the customer; saving counts as the check of this month.

    Raises:
        InvalidError: an impossible phone number, or nothing at all that could be checked.
    """
    with write():
        customer = access_customer_for(actor, customer_id, rights.SHIPPING_EDIT)
        cleaner = Cleaner(0)
        shipping, personal = shipping_build(cleaner, customer, draft, actor.user_id)
        if cleaner.issues:
            raise InvalidError(cleaner.issues)
        known = ShippingData.objects.filter(customer=customer).first()
        before = {name: getattr(known, name) for name in _OPEN} if known else {}
        after = {name: getattr(shipping, name) for name in _OPEN}
        if known is not None:
            same = {n: getattr(known, n) for n in SHIPPING_PERSONAL}
            personal = {n: v for n, v in personal.items() if same[n] != v}
            if not draft.is_checked:
                shipping.checked_on, shipping.checked_by_id = (
                    known.checked_on,
                    known.checked_by_id,
                )
        shipping.save(force_insert=known is None, force_update=known is not None)
        audit_record(
            actor, rights.SHIPPING_CHANGED, customer,
            before={n: v for n, v in before.items() if v != after[n]},
            after={n: v for n, v in after.items() if v != before.get(n, "")},
            personal=personal,
        )  # fmt: skip
    return shipping


def shipping_confirm(*, actor: Actor, customer_id: int) -> ShippingData:
    """Note that the shipping data were checked today and are right.

    Raises:
        InvalidError: there are none.

    Source: SHP-05.
    """
    with write():
        customer = access_customer_for(actor, customer_id, rights.SHIPPING_EDIT)
        shipping = ShippingData.objects.filter(customer=customer).first()
        if shipping is None or shipping.is_empty:
            raise InvalidError(FieldIssue("carrier", "required", SHIPPING_EMPTY))
        before = shipping.checked_on
        shipping.checked_on = clock.today()
        shipping.checked_by_id = actor.user_id
        shipping.save(update_fields=["checked_on", "checked_by"])
        audit_record(
            actor, rights.SHIPPING_CHECKED, customer,
            before={"checked_on": before}, after={"checked_on": shipping.checked_on},
        )  # fmt: skip
    return shipping
