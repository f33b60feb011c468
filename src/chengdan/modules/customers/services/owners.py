"""Who may be responsible for a customer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.vocabulary import rights
from chengdan.modules.people.access import can
from chengdan.modules.people.selectors import caller_of

NOT_A_MANAGER = _("This person may not look after customers: none of their rights allows it.")


def can_look_after(customer: Customer) -> bool:
    """True when the person named as responsible may edit this very customer.

    Source: ORG-17 (one responsible sales manager).
    """
    person = caller_of(customer.owner_id, customer.company_id)
    return person is not None and can(person, rights.CUSTOMER_EDIT, customer)
