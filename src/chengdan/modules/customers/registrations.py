"""What the room plugs in while the applications start."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.outbox import work_titles_register
from chengdan.kernel.reference import reference_tables_in_act
from chengdan.kernel.search import search_kind_register
from chengdan.kernel.ui import NavItem, NewItem, nav_register, new_register
from chengdan.modules.customers import histories, importing
from chengdan.modules.customers.models import Address, Customer, ShippingData
from chengdan.modules.customers.selectors import customers_visible
from chengdan.modules.customers.vocabulary import rights

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
    icon="users",
    order=20,
)

__all__ = ["histories", "importing"]
