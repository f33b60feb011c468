"""Making customers: the single form is a list of one (architecture §3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record_many
from chengdan.kernel.errors import FieldIssue, ForbiddenError, InvalidError, RuleError
from chengdan.kernel.numbering import numbers_take
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.transactions import write
from chengdan.modules.customers import rules
from chengdan.modules.customers.models import (
    Address,
    Contact,
    Customer,
    ShippingData,
    TaxTitle,
)
from chengdan.modules.customers.rules import Identity
from chengdan.modules.customers.selectors import customer_ids_by_codes, duplicates_find
from chengdan.modules.customers.services.cleaning import EDITABLE, Cleaner, derived_columns
from chengdan.modules.customers.services.drafts import CustomerDraft
from chengdan.modules.customers.services.finding import customers_find_put
from chengdan.modules.customers.services.owners import NOT_A_MANAGER, can_look_after
from chengdan.modules.customers.services.parts import (
    address_build,
    contact_build,
    shipping_build,
    tax_title_build,
)
from chengdan.modules.customers.vocabulary import CustomerCreated, DuplicateError, rights
from chengdan.modules.people.access import authorise, can
from chengdan.modules.people.selectors import (
    home_unit,
    slt_member_of_market,
    slt_members,
    territory_markets,
    users_by_ids,
)

_CODE_TAKEN = _("Another customer has the code %(code)s.")
_CODE_TWICE = _("The code %(code)s stands here twice.")
_NOT_FOUND = _("There is no such entry.")
NOT_A_LEADER = _("This is nobody of the sales leadership team.")
_NO_UNIT = _("The responsible person has no unit.")
_TOO_MANY = 2000


class TooManyError(RuleError):
    """A bulk act is limited so that its transaction stays short."""

    default_code = "too_many"
    default_message = _("At most %(limit)s at once.")


@dataclass(slots=True)
class _Batch:
    """The customers of one act with what belongs to them, built but not saved."""

    customers: list[Customer]
    contacts: list[Contact]
    addresses: list[Address]
    shipping: list[ShippingData]
    tax_titles: list[TaxTitle]
    personal: dict[int, dict[str, str]]


class _Lookups:
    """People, units and territories of one company, asked once per act."""

    def __init__(self, company_id: int, drafts: Sequence[CustomerDraft], actor: Actor) -> None:
        self.company_id = company_id
        self.markets = territory_markets(company_id)
        wanted = {draft.owner_id for draft in drafts} | {actor.user_id}
        ids = {pk for pk in wanted if pk is not None}
        self.users = {pk: user for pk, user in users_by_ids(ids).items() if user.is_active}
        self.leaders = slt_members(company_id)
        self._units: dict[int, int | None] = {}
        self._members: dict[int, int | None] = {}

    def unit_of(self, user_id: int) -> int | None:
        """Return the unit that new customers of the person belong to."""
        if user_id not in self._units:
            self._units[user_id] = home_unit(user_id, self.company_id)
        return self._units[user_id]

    def member_of(self, market_id: int | None) -> int | None:
        """Return who of the leadership team answers for the market."""
        if market_id is None:
            return None
        if market_id not in self._members:
            self._members[market_id] = slt_member_of_market(market_id)
        return self._members[market_id]


def customer_create(*, actor: Actor, draft: CustomerDraft) -> Customer:
    """Create one customer; see `customers_place`."""
    return customers_place(actor=actor, drafts=[draft])[0]


def customers_place(*, actor: Actor, drafts: Sequence[CustomerDraft]) -> list[Customer]:
    """Create customers in the state draft, with contacts, addresses, shipping data and title.

    All or nothing; the number of queries does not depend on the number of drafts.

    Raises:
        ForbiddenError: no right to create, or not for that responsible person.
        InvalidError: wrong values; `items` name field and row (1-based place in `drafts`).
        DuplicateError: possible duplicates without a reason to save them anyway; `hints` by row.
        TooManyError: more than 2,000 at once.

    Source: issue §4.
    """
    authorise(actor, rights.CUSTOMER_CREATE)
    if len(drafts) > _TOO_MANY:
        raise TooManyError(limit=_TOO_MANY)
    if actor.company_id is None:
        raise ForbiddenError
    if not drafts:
        return []
    company_id = actor.company_id
    with write():
        batch = _build(actor, company_id, drafts)
        for customer in batch.customers:
            if not can(actor, rights.CUSTOMER_CREATE, customer):
                raise ForbiddenError(permission=rights.CUSTOMER_CREATE)
        _owners_check(batch.customers)
        _check_for_duplicates(actor, company_id, drafts, batch.customers)
        _codes_take(actor, company_id, batch.customers)
        for customer in batch.customers:
            # The code is among what they are found by.
            derived_columns(customer)
        _save(batch)
        _record(actor, drafts, batch)
        customers_find_put(batch.customers)
        ids = tuple(customer.pk for customer in batch.customers)
        event_publish(actor, CustomerCreated(ids))
    return batch.customers


def _build(actor: Actor, company_id: int, drafts: Sequence[CustomerDraft]) -> _Batch:
    lookups = _Lookups(company_id, drafts, actor)
    term_days_max = int(str(parameter_value(company_id, rights.PAYMENT_TERM_DAYS_MAX)))
    batch = _Batch([], [], [], [], [], {})
    issues = _code_issues(company_id, drafts)
    for index, draft in enumerate(drafts):
        cleaner = Cleaner(term_days_max, row=index + 1, is_whole=True)
        customer = _customer(actor, lookups, draft, cleaner)
        _parts(batch, index, customer, draft, cleaner)
        issues += cleaner.issues
    if issues:
        raise InvalidError(issues)
    return batch


def _owners_check(customers: Sequence[Customer]) -> None:
    fit: dict[int, bool] = {}
    for customer in customers:
        if customer.owner_id not in fit:
            fit[customer.owner_id] = can_look_after(customer)
    issues = [
        FieldIssue("owner_id", "not_a_manager", NOT_A_MANAGER, row=row)
        for row, customer in enumerate(customers, start=1)
        if not fit[customer.owner_id]
    ]
    if issues:
        raise InvalidError(issues)


def _code_issues(company_id: int, drafts: Sequence[CustomerDraft]) -> list[FieldIssue]:
    codes = [draft.code.strip() for draft in drafts]
    taken = customer_ids_by_codes(company_id, [code for code in codes if code])
    counts = Counter(code for code in codes if code)
    issues = []
    for row, code in enumerate(codes, start=1):
        if code in taken:
            issues.append(FieldIssue("code", "code_taken", _CODE_TAKEN % {"code": code}, row=row))
        elif counts[code] > 1:
            issues.append(FieldIssue("code", "code_twice", _CODE_TWICE % {"code": code}, row=row))
    return issues


def _customer(actor: Actor, lookups: _Lookups, draft: CustomerDraft, cleaner: Cleaner) -> Customer:
    values = cleaner.customer({name: getattr(draft, name) for name in EDITABLE}, draft.country)
    owner_id = draft.owner_id if draft.owner_id is not None else actor.user_id
    if owner_id not in lookups.users:
        cleaner.refuse("owner_id", "not_found", _NOT_FOUND)
    unit_id = draft.unit_id or (lookups.unit_of(owner_id) if owner_id else None)
    if unit_id is None:
        cleaner.refuse("owner_id", "no_unit", _NO_UNIT)
    territory_id = values["territory_id"]
    if territory_id is not None and territory_id not in lookups.markets:
        cleaner.refuse("territory_id", "not_found", _NOT_FOUND)
    market_id = lookups.markets.get(territory_id) if territory_id else None
    if values["slt_member_id"] is None:
        values["slt_member_id"] = lookups.member_of(market_id)
    elif values["slt_member_id"] not in lookups.leaders:
        cleaner.refuse("slt_member_id", "not_a_leader", NOT_A_LEADER)
    customer = Customer(code=draft.code.strip(), market_id=market_id, **values)
    customer.ownership_set(
        actor,
        company_id=lookups.company_id,
        owner_id=owner_id or 0,
        unit_id=unit_id or 0,
        origin=draft.origin,
    )
    customer.updated_at = customer.created_at
    customer.name_key = rules.name_normalise(customer.name)[:200]
    return customer


def _parts(
    batch: _Batch, index: int, customer: Customer, draft: CustomerDraft, cleaner: Cleaner
) -> None:
    batch.customers.append(customer)
    personal: dict[str, str] = {}
    has_primary = any(item.is_primary for item in draft.contacts)
    for number, item in enumerate(draft.contacts):
        contact, values = contact_build(cleaner, customer, item)
        contact.is_primary = item.is_primary if has_primary else number == 0
        batch.contacts.append(contact)
        personal |= {f"contact {number + 1} {name}": text for name, text in values.items()}
    kinds_with_default = {item.kind for item in draft.addresses if item.is_default}
    seen: set[str] = set()
    for number, place in enumerate(draft.addresses):
        address, values = address_build(cleaner, customer, place)
        if place.kind not in kinds_with_default:
            address.is_default = place.kind not in seen
        seen.add(place.kind)
        batch.addresses.append(address)
        personal |= {f"address {number + 1} {name}": text for name, text in values.items()}
    if draft.shipping is not None:
        shipping, values = shipping_build(cleaner, customer, draft.shipping)
        batch.shipping.append(shipping)
        personal |= values
    if draft.tax_title is not None:
        batch.tax_titles.append(tax_title_build(cleaner, customer, draft.tax_title))
    if personal:
        batch.personal[index] = personal


def _check_for_duplicates(
    actor: Actor,
    company_id: int,
    drafts: Sequence[CustomerDraft],
    customers: Sequence[Customer],
) -> None:
    identities = [identity_of(customer) for customer in customers]
    hints = duplicates_find(actor, company_id, identities)
    unexplained = {
        index + 1: found
        for index, found in hints.items()
        if not drafts[index].duplicate_reason.strip()
    }
    if unexplained:
        raise DuplicateError(unexplained)


def identity_of(customer: Customer) -> Identity:
    """Return what duplicates of a customer are found by."""
    return Identity(customer.name_key, customer.uscc, customer.phone, customer.domain)


def _codes_take(actor: Actor, company_id: int, customers: Sequence[Customer]) -> None:
    without = [customer for customer in customers if not customer.code]
    while without:
        numbers = numbers_take(
            actor, company_id, rights.CUSTOMER_SERIES, clock.today(), len(without)
        )
        # Imported codes may already use numbers that the series gives.
        taken = set(customer_ids_by_codes(company_id, numbers))
        taken |= {customer.code for customer in customers if customer.code}
        free = [number for number in numbers if number not in taken]
        for customer, number in zip(without, free, strict=False):
            customer.code = number
        without = without[len(free) :]


def _save(batch: _Batch) -> None:
    Customer.objects.bulk_create(batch.customers, batch_size=500)
    for rows, model in (
        (batch.contacts, Contact),
        (batch.addresses, Address),
        (batch.shipping, ShippingData),
        (batch.tax_titles, TaxTitle),
    ):
        for row in rows:
            # The parent had no key when the row was built.
            row.customer_id = row.customer.pk
        model._default_manager.bulk_create(rows, batch_size=500)  # type: ignore[arg-type]


def _record(actor: Actor, drafts: Sequence[CustomerDraft], batch: _Batch) -> None:
    rows, overridden = [], []
    for index, (draft, customer) in enumerate(zip(drafts, batch.customers, strict=True)):
        after = _after(draft, customer)
        personal = batch.personal.get(index, {})
        rows.append(AuditRow(customer, after=after, personal=personal, is_first=True))
        if reason := draft.duplicate_reason.strip():
            overridden.append(AuditRow(customer, reason=reason))
    code = rights.IMPORTED if drafts[0].origin == "imported" else rights.CREATED
    audit_record_many(actor, code, rows)
    if overridden:
        audit_record_many(actor, rights.DUPLICATE_OVERRIDDEN, overridden)


def _after(draft: CustomerDraft, customer: Customer) -> dict[str, Any]:
    names = ("code", "owner_id", "unit_id", "market_id", *EDITABLE)
    after = {name: getattr(customer, name) for name in names}
    if draft.tax_title is not None:
        after["tax_title"] = asdict(draft.tax_title)
    counts = {"contacts": len(draft.contacts), "addresses": len(draft.addresses)}
    filled = {name: value for name, value in after.items() if value not in (None, "", False)}
    return filled | {name: count for name, count in counts.items() if count}
