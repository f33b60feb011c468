"""Every change of customers; other rooms, pages, API and imports call these and nothing else."""

from chengdan.modules.customers.services.drafts import (
    AddressDraft,
    ContactDraft,
    CustomerDraft,
    ShippingDraft,
    TaxTitleDraft,
)
from chengdan.modules.customers.services.hand_over import customer_hand_over
from chengdan.modules.customers.services.invoicing import tax_title_save
from chengdan.modules.customers.services.persons import (
    contact_add,
    contact_change,
    contact_remove,
    contact_reveal,
    place_reveal,
)
from chengdan.modules.customers.services.place import customer_create, customers_place
from chengdan.modules.customers.services.places import (
    address_add,
    address_change,
    address_default_set,
    address_remove,
)
from chengdan.modules.customers.services.shipping import shipping_confirm, shipping_save
from chengdan.modules.customers.services.states import (
    customer_activate,
    customer_close,
    customer_reopen,
    customer_resume,
    customer_suspend,
    customers_activate,
)
from chengdan.modules.customers.services.update import customer_update, customers_update

__all__ = [
    "AddressDraft",
    "ContactDraft",
    "CustomerDraft",
    "ShippingDraft",
    "TaxTitleDraft",
    "address_add",
    "address_change",
    "address_default_set",
    "address_remove",
    "contact_add",
    "contact_change",
    "contact_remove",
    "contact_reveal",
    "customer_activate",
    "customer_close",
    "customer_create",
    "customer_hand_over",
    "customer_reopen",
    "customer_resume",
    "customer_suspend",
    "customer_update",
    "customers_activate",
    "customers_place",
    "customers_update",
    "place_reveal",
    "shipping_confirm",
    "shipping_save",
    "tax_title_save",
]
