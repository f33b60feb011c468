"""How customers are found by the global search, written in the transaction of their change."""

from __future__ import annotations

from collections.abc import Sequence

from chengdan.kernel.search import SearchFields
from chengdan.kernel.search.services import search_put_many
from chengdan.modules.customers.models import Customer

KIND = "customers.customer"


def customers_find_put(customers: Sequence[Customer]) -> None:
    """Renew how these customers are found."""
    search_put_many(KIND, [(customer, customer_fields(customer)) for customer in customers])


def customer_fields(customer: Customer) -> SearchFields:
    """Return what finds a customer."""
    return SearchFields(
        title=customer.name,
        url=f"/customers/{customer.pk}/",
        code=customer.code,
        subtitle=customer.short_name,
        words=(customer.short_name,) if customer.short_name else (),
        codes=(customer.uscc,) if customer.uscc else (),
        phones=(customer.phone,) if customer.phone else (),
    )
