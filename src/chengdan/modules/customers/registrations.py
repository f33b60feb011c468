"""What the room plugs in while the applications start."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chengdan.kernel.outbox import work_titles_register
from chengdan.kernel.reference import reference_tables_in_act
from chengdan.kernel.search import SearchSource, search_kind_register
from chengdan.kernel.ui import NavItem, NewItem, nav_register, new_register
from chengdan.modules.customers import histories, importing
from chengdan.modules.customers.models import Address, Customer, ShippingData
from chengdan.modules.customers.selectors import customers_visible
from chengdan.modules.customers.services.finding import customer_fields
from chengdan.modules.customers.vocabulary import rights
from chengdan.modules.customers.vocabulary.choices import CustomerStatus
from chengdan.modules.people.selectors import OpenWork, open_work_register


def _customers_left(user_id: int) -> list[OpenWork]:
    count = Customer.objects.filter(owner=user_id).exclude(status=CustomerStatus.CLOSED).count()
    if not count:
        return []
    title = ngettext(
        "Responsible for %(count)s customer", "Responsible for %(count)s customers", count
    )
    url = f"{reverse('customers:list')}?owner={user_id}"
    text = _("Hand them over to somebody else, else nobody looks after them.")
    return [OpenWork(title % {"count": count}, text, url, rights.CUSTOMER_VIEW)]


reference_tables_in_act("customers", Customer, ShippingData)
reference_tables_in_act("addresses", Address)
work_titles_register(
    {
        "customers.CustomerActivated": _("A customer was activated"),
        "customers.CustomerClosed": _("A customer was closed"),
        "customers.CustomerCreated": _("A customer was created"),
        "customers.CustomerHandedOver": _("A customer was handed over"),
        "customers.CustomerSuspended": _("A customer was suspended"),
        "customers.CustomerUpdated": _("A customer was changed"),
    }
)
open_work_register("customers.responsible", _customers_left)
nav_register(
    NavItem("customers", _("Customers"), "users", "customers:list", rights.CUSTOMER_VIEW, order=20),
)
new_register(
    NewItem(
        "customer", _("Customer"), "users", "customers:create", rights.CUSTOMER_CREATE, order=20
    ),
)
search_kind_register(
    "customers.customer",
    title=_("Customers"),
    permission=rights.CUSTOMER_VIEW,
    scope_filter=customers_visible,
    source=SearchSource(Customer.objects.all, customer_fields),
    icon="users",
    order=20,
)

__all__ = ["histories", "importing"]
