"""Another person becomes responsible; documents of the customer keep their own owner."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.transactions import write
from chengdan.modules.customers.access import access_customer_for
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.services.finding import customers_find_put
from chengdan.modules.customers.services.owners import NOT_A_MANAGER, can_look_after
from chengdan.modules.customers.vocabulary import CustomerHandedOver, rights
from chengdan.modules.people.selectors import home_unit, users_by_ids

_REASON = _("Give a reason.")
_NOT_FOUND = _("There is no such person, or the account is closed.")
_NO_UNIT = _("The responsible person has no unit.")


def customer_hand_over(
    *,
    actor: Actor,
    customer_id: int,
    owner_id: int,
    reason: str,
    unit_id: int | None = None,
    expected_version: int | None = None,
) -> Customer:
    """Make another person responsible for the customer.

    Args:
        unit_id: unit the customer belongs to from now on; None takes the person's own.

    Raises:
        InvalidError: no reason, an unknown or closed account, a person without a unit, or one
            who may not edit the customer as its responsible.
    """
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _REASON))
    with write():
        customer = access_customer_for(
            actor, customer_id, rights.CUSTOMER_HAND_OVER, expected_version
        )
        person = users_by_ids([owner_id]).get(owner_id)
        if person is None or not person.is_active:
            raise InvalidError(FieldIssue("owner_id", "not_found", _NOT_FOUND))
        unit = unit_id or home_unit(owner_id, customer.company_id)
        if unit is None:
            raise InvalidError(FieldIssue("owner_id", "no_unit", _NO_UNIT))
        before = {"owner_id": customer.owner_id, "unit_id": customer.unit_id}
        customer.owner_id, customer.unit_id = owner_id, unit
        if not can_look_after(customer):
            raise InvalidError(FieldIssue("owner_id", "not_a_manager", NOT_A_MANAGER))
        customer.version += 1
        customer.updated_at = clock.now()
        customer.save(update_fields=["owner", "unit", "version", "updated_at"])
        audit_record(
            actor,
            rights.HANDED_OVER,
            customer,
            before=before,
            after={"owner_id": owner_id, "unit_id": unit},
            reason=reason.strip(),
        )
        customers_find_put([customer])
        event_publish(actor, CustomerHandedOver(customer.pk, before["owner_id"], owner_id))
    return customer
