"""Who answers today as the sales manager of a document."""

from __future__ import annotations

from chengdan.modules.customers.selectors.customers import customer_summary
from chengdan.modules.people.selectors import superiors_of, unit_head, unit_path, users_by_ids


def sales_managers(customer_id: int, named_id: int) -> list[int]:
    """Return the sales manager whom a document of the customer names, or who answers instead.

    Nobody only where neither the customer nor any unit above it has anyone left.

    Documents keep their own owner when a customer is handed over. When the account of the owner
    is closed, the customer's present sales manager answers, then the superior of who left, then
    the head of the customer's unit or of the next one above.

    Args:
        named_id: the owner of the document.
    """
    customer = customer_summary(customer_id)
    known = users_by_ids([named_id, customer.owner_id])
    for person in (named_id, customer.owner_id):
        if person in known and known[person].is_active:
            return [person]
    above = superiors_of(named_id, customer.company_id)
    if above:
        return above[:1]
    heads = (unit_head(unit.pk) for unit in reversed(unit_path(customer.unit_id)))
    return [head for head in heads if head is not None][:1]
