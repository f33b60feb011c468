"""Changing the fields of customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record_many
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.locking import LockRank, lock_rows
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.transactions import write
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.selectors import duplicates_find
from chengdan.modules.customers.services.cleaning import EDITABLE, Cleaner, derived_columns
from chengdan.modules.customers.services.finding import customers_find_put
from chengdan.modules.customers.services.place import NOT_A_LEADER, identity_of
from chengdan.modules.customers.vocabulary import (
    CustomerUpdated,
    DuplicateError,
    rights,
)
from chengdan.modules.people.access import authorise, require_visible
from chengdan.modules.people.selectors import slt_members, territory_markets

_NOT_FOUND = _("There is no such entry.")
_NOT_EDITABLE = _("This field is not changed here.")
_NEEDED = _("An active customer needs this.")
_IDENTITY = {"name", "uscc", "phone", "domain"}


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """New values of one customer; fields that are not named stay as they are."""

    customer_id: int
    values: Mapping[str, Any] = field(default_factory=dict)
    expected_version: int | None = None
    duplicate_reason: str = ""


def customer_update(
    *,
    actor: Actor,
    customer_id: int,
    values: Mapping[str, Any],
    expected_version: int | None = None,
    duplicate_reason: str = "",
) -> Customer:
    """Change one customer; see `customers_update`."""
    change = CustomerChange(customer_id, values, expected_version, duplicate_reason)
    return customers_update(actor=actor, changes=[change])[0]


def customers_update(*, actor: Actor, changes: Sequence[CustomerChange]) -> list[Customer]:
    """Change customers, all or none, with a constant number of queries.

    The responsible person changes by `customer_hand_over`, the state by its own acts.

    Raises:
        NotFoundError, ForbiddenError: as for one customer, for any of them.
        ConflictError: one was changed since its `expected_version`.
        InvalidError: wrong values; `items` name field and row (1-based place in `changes`).
        DuplicateError: a changed name, code or phone fits another record.
    """
    authorise(actor, rights.CUSTOMER_EDIT)
    with write():
        found = lock_rows(Customer, [item.customer_id for item in changes], LockRank.MASTER)
        customers = {customer.pk: customer for customer in found}
        _check_for_rights(actor, customers, changes)
        if not customers:
            return []
        cleaned = _cleaned(customers, changes)
        rows: list[AuditRow] = []
        fields: set[str] = set()
        identity_changed: set[int] = set()
        for index, (change, values) in enumerate(zip(changes, cleaned, strict=True)):
            row = _apply(customers[change.customer_id], values)
            if row is None:
                continue
            rows.append(row)
            fields |= set(row.after or {})
            if _IDENTITY & set(row.after or {}):
                identity_changed.add(index)
        _check_for_duplicates(actor, customers, changes, identity_changed)
        if rows:
            _save(actor, rows, fields)
    return [customers[change.customer_id] for change in changes]


def _check_for_rights(
    actor: Actor, customers: Mapping[int, Customer], changes: Sequence[CustomerChange]
) -> None:
    for change in changes:
        customer = customers.get(change.customer_id)
        if customer is None:
            raise NotFoundError
        require_visible(actor, rights.CUSTOMER_VIEW, customer)
        authorise(actor, rights.CUSTOMER_EDIT, customer)
        if change.expected_version not in (None, customer.version):
            raise ConflictError(code="version")


def _cleaned(
    customers: Mapping[int, Customer], changes: Sequence[CustomerChange]
) -> list[dict[str, Any]]:
    company_id = next(iter(customers.values())).company_id
    markets = territory_markets(company_id)
    leaders = slt_members(company_id)
    limit = int(str(parameter_value(company_id, rights.PAYMENT_TERM_DAYS_MAX)))
    issues: list[FieldIssue] = []
    result = []
    for row, change in enumerate(changes, start=1):
        customer = customers[change.customer_id]
        cleaner = Cleaner(limit, row=row)
        for name in set(change.values) - set(EDITABLE):
            cleaner.refuse(name, "not_editable", _NOT_EDITABLE)
        known = {name: value for name, value in change.values.items() if name in EDITABLE}
        values = cleaner.customer(known, customer.country)
        member = values.get("slt_member_id")
        if member not in {None, customer.slt_member_id, *leaders}:
            cleaner.refuse("slt_member_id", "not_a_leader", NOT_A_LEADER)
        territory = values.get("territory_id")
        if territory is not None and territory not in markets:
            cleaner.refuse("territory_id", "not_found", _NOT_FOUND)
        if "territory_id" in values:
            values["market_id"] = markets.get(territory) if territory else None
        if customer.is_active:
            for name in ("payment_term_days", "territory_id", "slt_member_id"):
                if name in values and values[name] is None:
                    cleaner.refuse(name, "required", _NEEDED)
        issues += cleaner.issues
        result.append(values)
    if issues:
        raise InvalidError(issues)
    return result


def _apply(customer: Customer, values: Mapping[str, Any]) -> AuditRow | None:
    before = {name: getattr(customer, name) for name in values}
    changed = {name: value for name, value in values.items() if before[name] != value}
    if not changed:
        return None
    for name, value in changed.items():
        setattr(customer, name, value)
    if {"name", "short_name"} & set(changed):
        derived_columns(customer)
    customer.version += 1
    customer.updated_at = clock.now()
    return AuditRow(customer, {name: before[name] for name in changed}, changed)


def _check_for_duplicates(
    actor: Actor,
    customers: Mapping[int, Customer],
    changes: Sequence[CustomerChange],
    identity_changed: set[int],
) -> None:
    asked = [
        index
        for index in range(len(changes))
        if index in identity_changed and not changes[index].duplicate_reason.strip()
    ]
    if not asked:
        return
    rows = [customers[changes[index].customer_id] for index in asked]
    hints = duplicates_find(
        actor,
        rows[0].company_id,
        [identity_of(row) for row in rows],
        exclude_ids=frozenset(customers),
    )
    if hints:
        raise DuplicateError({asked[index] + 1: found for index, found in hints.items()})


def _save(actor: Actor, rows: Sequence[AuditRow], fields: set[str]) -> None:
    customers = [row.target for row in rows if isinstance(row.target, Customer)]
    columns = [
        *sorted(fields),
        "name_key",
        "search_text",
        "pinyin",
        "initials",
        "version",
        "updated_at",
    ]
    names = [name.removesuffix("_id") for name in columns]
    if len(customers) == 1:
        customers[0].save(update_fields=names)
    else:
        Customer.objects.bulk_update(customers, names, batch_size=100)
    audit_record_many(actor, rights.UPDATED, rows)
    customers_find_put(customers)
    ids = tuple(customer.pk for customer in customers)
    event_publish(actor, CustomerUpdated(ids, tuple(sorted(fields))))
