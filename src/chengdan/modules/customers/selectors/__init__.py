"""Reads that leave the room."""

from chengdan.modules.customers.selectors.charge import sales_managers
from chengdan.modules.customers.selectors.customers import (
    CustomerSummary,
    address_default,
    addresses_by_customers,
    addresses_of,
    customer_due_on,
    customer_get,
    customer_ids_by_codes,
    customer_summaries,
    customer_summary,
    customers_open_to,
    customers_pick,
    customers_remember,
    customers_visible,
    tax_title_of,
    territories_over,
)
from chengdan.modules.customers.selectors.duplicates import duplicates_find
from chengdan.modules.customers.selectors.persons import (
    ContactView,
    contact_view,
    contacts_of,
    mail_address,
    place_view,
)
from chengdan.modules.customers.selectors.readiness import activation_missing
from chengdan.modules.customers.selectors.shipping import shipping_stale, shipping_stale_count

__all__ = [
    "ContactView",
    "CustomerSummary",
    "activation_missing",
    "address_default",
    "addresses_by_customers",
    "addresses_of",
    "contact_view",
    "contacts_of",
    "customer_due_on",
    "customer_get",
    "customer_ids_by_codes",
    "customer_summaries",
    "customer_summary",
    "customers_open_to",
    "customers_pick",
    "customers_remember",
    "customers_visible",
    "duplicates_find",
    "mail_address",
    "place_view",
    "sales_managers",
    "shipping_stale",
    "shipping_stale_count",
    "tax_title_of",
    "territories_over",
]
