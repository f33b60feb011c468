"""Finding records that may be the same company, without telling what the reader may not see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q

from chengdan.kernel.actor import Actor
from chengdan.modules.customers.models import Contact, Customer
from chengdan.modules.customers.rules import Identity, duplicate_grounds
from chengdan.modules.customers.vocabulary import CustomerStatus, DuplicateHint, rights
from chengdan.modules.people.access import can

_COLUMNS = {"name": "name_key", "uscc": "uscc", "phone": "phone", "domain": "domain"}
_HINTS_MAX = 10


def duplicates_find(
    actor: Actor,
    company_id: int,
    identities: Sequence[Identity],
    *,
    exclude_ids: frozenset[int] = frozenset(),
) -> dict[int, list[DuplicateHint]]:
    """Return index → records that may be the same, for those that have any.

    The number of queries does not depend on the number of identities. Of a record that the
    actor may not see, only the responsible person is told.

    Source: decisions.md §7.
    """
    found = _candidates(company_id, identities, exclude_ids)
    by_value: dict[tuple[str, str], set[int]] = defaultdict(set)
    for pk, (_customer, known) in found.items():
        for ground in _COLUMNS:
            for one in known:
                if value := getattr(one, ground):
                    by_value[ground, value].add(pk)
    hints: dict[int, list[DuplicateHint]] = {}
    for index, identity in enumerate(identities):
        ids = set().union(*(by_value.get((g, getattr(identity, g)), set()) for g in _COLUMNS))
        if ids:
            listed = sorted(ids)[:_HINTS_MAX]
            hints[index] = [_hint(actor, *found[pk], identity) for pk in listed]
    return hints


def _candidates(
    company_id: int, identities: Sequence[Identity], exclude_ids: frozenset[int]
) -> dict[int, tuple[Customer, list[Identity]]]:
    rows = (
        Customer.objects.filter(company_id=company_id)
        .exclude(status=CustomerStatus.CLOSED)
        .select_related("owner")
    )
    found: dict[int, tuple[Customer, list[Identity]]] = {}
    for ground, column in _COLUMNS.items():
        values = {value for item in identities if (value := getattr(item, ground))}
        if not values:
            continue
        for row in rows.filter(**{f"{column}__in": values}):
            found[row.pk] = (row, [Identity(row.name_key, row.uscc, row.phone, row.domain)])
    phones = {item.phone for item in identities if item.phone}
    if phones:
        people = Contact.objects.filter(
            Q(mobile__in=phones) | Q(phone__in=phones), customer__company_id=company_id,
            is_active=True,
        ).exclude(customer__status=CustomerStatus.CLOSED)  # fmt: skip
        for person in people.select_related("customer__owner"):
            row = person.customer
            known = [Identity(row.name_key, row.uscc, row.phone, row.domain)]
            entry = found.setdefault(row.pk, (row, known))
            entry[1].extend([Identity(phone=person.mobile), Identity(phone=person.phone)])
    return {pk: entry for pk, entry in found.items() if pk not in exclude_ids}


def _hint(
    actor: Actor, customer: Customer, known: list[Identity], identity: Identity
) -> DuplicateHint:
    grounds = {ground for one in known for ground in duplicate_grounds(identity, one)}
    listed = tuple(ground for ground in ("uscc", "name", "phone", "domain") if ground in grounds)
    if not can(actor, rights.CUSTOMER_VIEW, customer):
        return DuplicateHint(listed, customer.owner.display_name)
    return DuplicateHint(
        listed, customer.owner.display_name, customer.pk, customer.code, customer.name
    )
