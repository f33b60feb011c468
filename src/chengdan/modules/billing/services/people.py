"""Who answers for an invoice today; the invoice itself keeps the names of when it was made."""

from __future__ import annotations

from chengdan.modules.billing.models import Invoice
from chengdan.modules.customers.selectors import customer_summary, sales_managers
from chengdan.modules.people.selectors import holders_of, superiors_of
from chengdan.modules.people.selectors.seats import answering


def coordinators(invoice: Invoice) -> list[int]:
    """Return the billing coordinator: whoever holds the seat now, else all who hold such a role."""
    territory_id = customer_summary(invoice.customer_id).territory_id
    person = answering("bcr", invoice.bcr_id, invoice.company_id, territory_id)
    return holders_of("csr_billing", invoice.company_id) if person is None else [person]


def managers(invoice: Invoice) -> list[int]:
    """Return the responsible sales manager, or who answers while that account is closed."""
    return sales_managers(invoice.customer_id, invoice.owner_id)


def leaders(invoice: Invoice) -> list[int]:
    """Return the sales manager's superior and the leadership member in charge of the customer."""
    found = [up for who in managers(invoice) for up in superiors_of(who, invoice.company_id)[:1]]
    customer = customer_summary(invoice.customer_id)
    member = answering(
        "slt_member", customer.slt_member_id, customer.company_id, customer.territory_id
    )
    return found if member is None else [*found, member]
