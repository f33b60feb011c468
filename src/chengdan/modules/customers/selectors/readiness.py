"""What customers lack before they can be activated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from chengdan.modules.customers import rules
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.vocabulary import CustomerFacts, Missing, activation_checks, rights
from chengdan.modules.people.selectors.seats import slt_member_in_charge

_MESSAGES = {
    "territory": _("No territory is named whose market an SLT member answers for."),
    "payment_term": _("No payment term has been agreed."),
    "responsible": _("No responsible sales manager is named."),
    "slt_member": _("No responsible SLT member is named."),
}


def customer_facts(customer: Customer) -> CustomerFacts:
    """Return what activation checks look at."""
    return CustomerFacts(
        id=customer.pk,
        company_id=customer.company_id,
        code=customer.code,
        name=customer.name,
        status=customer.status,
        owner_id=customer.owner_id if customer.owner.is_active else None,
        slt_member_id=customer.slt_member_id,
        payment_term_days=customer.payment_term_days,
        pay_first=customer.pay_first,
        credit_grade=customer.credit_grade,
    )


def activation_missing(customers: Iterable[Customer]) -> dict[int, list[Missing]]:
    """Return id → what is missing, for those that lack something.

    Own checks first, then those of other rooms such as the credit limit.

    Source: ORG-17, ORG-18.
    """
    customers = list(customers)
    facts = [customer_facts(customer) for customer in customers]
    members = _territory_members(customers)
    found: dict[int, list[Missing]] = defaultdict(list)
    for item in facts:
        codes = rules.activation_missing(
            payment_term_days=item.payment_term_days,
            owner_id=item.owner_id,
            territory_member_id=members[item.id],
            slt_member_id=item.slt_member_id,
        )
        found[item.id] += [
            Missing(
                code,
                _MESSAGES[code],
                f"/customers/{item.id}/edit/",
                permission=rights.CUSTOMER_EDIT,
            )
            for code in codes
        ]
    for check in activation_checks():
        for pk, missing in check(facts).items():
            found[pk] += missing
    return {pk: missing for pk, missing in found.items() if missing}


def _territory_members(customers: Sequence[Customer]) -> dict[int, int | None]:
    """Return customer → who of the leadership team answers for its territory's market today."""
    markets = {row.market_id: row.company_id for row in customers if row.market_id is not None}
    members = {pk: slt_member_in_charge(company_id, pk) for pk, company_id in markets.items()}
    return {row.pk: members.get(row.market_id or 0) for row in customers}
