"""Customers as other rooms read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.prepared import prepared, row_by_pk
from chengdan.kernel.reference import remembered_rows, rows_remember
from chengdan.kernel.search import match_q
from chengdan.modules.customers import rules
from chengdan.modules.customers.models import Address, Customer, TaxTitle
from chengdan.modules.customers.vocabulary import CustomerStatus, rights
from chengdan.modules.people.access import visible
from chengdan.modules.people.selectors import territory_lines


@dataclass(frozen=True, slots=True)
class CustomerSummary:
    """What documents copy or check; read without a right, for services that checked already."""

    id: int
    company_id: int
    code: str
    name: str
    short_name: str
    uscc: str
    status: str
    owner_id: int
    unit_id: int
    slt_member_id: int | None
    territory_id: int | None
    market_id: int | None
    payment_term_days: int | None
    payment_term_basis: str
    pay_first: bool
    currency: str
    language: str
    over_delivery_percent: Decimal | None
    value_class: str
    funnel_class: str
    importance_class: str
    relation_class: str
    credit_grade: str
    carrier: str
    station: str
    receiver: str
    receiver_phone: str
    unloading: str

    @property
    def is_active(self) -> bool:
        """True when orders may be taken."""
        return self.status == CustomerStatus.ACTIVE


_OWN = tuple(CustomerSummary.__dataclass_fields__)
_SHIPPING = ("carrier", "station", "receiver", "receiver_phone", "unloading")


def customer_get(actor: Actor, customer_id: int) -> Customer:
    """Return a customer that the actor may see, with its people, territory and shipping data.

    Raises:
        NotFoundError: none, or not visible.
    """
    rows = customers_visible(actor).select_related(
        "owner", "unit", "territory", "market", "slt_member", "shipping", "tax_title"
    )
    found = rows.filter(pk=customer_id).first()
    if found is None:
        raise NotFoundError
    return found


def customer_summary(customer_id: int) -> CustomerSummary:
    """Return the summary; the caller has checked the actor's right.

    Raises:
        NotFoundError: there is none.
    """
    found = customer_summaries([customer_id]).get(customer_id)
    if found is None:
        raise NotFoundError
    return found


def customer_summaries(ids: Iterable[int]) -> dict[int, CustomerSummary]:
    """Return id → summary with one query at most."""
    return remembered_rows("customers", "summary", ids, _summaries)


def customers_remember(customers: Iterable[Customer]) -> None:
    """Let this act use customers that it has read with their shipping data."""
    rows = {row.pk: _summary_of(row) for row in customers}
    rows_remember("customers", "summary", rows)


def _summary_of(customer: Customer) -> CustomerSummary:
    shipping = getattr(customer, "shipping", None)
    values = {name: getattr(customer, name) for name in _OWN if name not in _SHIPPING}
    values |= {name: getattr(shipping, name, "") for name in _SHIPPING}
    return CustomerSummary(**values)


@prepared
def _summary_rows(ids: Collection[int]) -> QuerySet[Customer, tuple[Any, ...]]:
    names = [f"shipping__{name}" if name in _SHIPPING else name for name in _OWN]
    return Customer.objects.filter(pk__in=ids).values_list(*names)


def _summaries(ids: set[int]) -> dict[int, CustomerSummary]:
    found = {}
    for row in _summary_rows(ids):
        values: dict[str, Any] = dict(zip(_OWN, row, strict=True))
        values |= {name: values[name] or "" for name in _SHIPPING}
        found[int(row[0])] = CustomerSummary(**values)
    return found


def customers_open_to(actor: Actor, ids: Iterable[int]) -> dict[int, CustomerSummary]:
    """Return id → summary of those customers that the actor may see."""
    wanted = set(ids)
    if actor.is_system:
        found = customer_summaries(wanted)
        return {pk: row for pk, row in found.items() if actor.company_id in (None, row.company_id)}

    def load(missing: set[int]) -> dict[int, bool]:
        seen = customers_visible(actor).filter(pk__in=missing)
        return dict.fromkeys(seen.values_list("pk", flat=True), True)

    return customer_summaries(remembered_rows("customers", f"open to {actor}", wanted, load))


def tax_title_of(customer_id: int) -> TaxTitle | None:
    """Return what is printed on the customer's invoices, None when the customer's own data is."""
    return row_by_pk(TaxTitle, customer_id)


def customer_ids_by_codes(company_id: int, codes: Iterable[str]) -> dict[str, int]:
    """Return code → id of the company's customers with one query."""
    rows = Customer.objects.filter(company_id=company_id, code__in=set(codes))
    return dict(rows.values_list("code", "id"))


def customers_visible(actor: Actor) -> QuerySet[Customer]:
    """Return the customers that the actor may see."""
    return visible(actor, rights.CUSTOMER_VIEW, Customer.objects.all())


def customers_pick(
    actor: Actor, text: str, *, limit: int = 10, is_active_only: bool = True
) -> list[Customer]:
    """Return visible customers for a picker, best first: by code, then by name."""
    rows = customers_visible(actor).exclude(status=CustomerStatus.CLOSED)
    if is_active_only:
        rows = rows.filter(status=CustomerStatus.ACTIVE)
    if text.strip():
        rows = rows.filter(match_q(text))
    return list(rows.select_related("owner", "territory").order_by("code")[:limit])


def addresses_of(customer_id: int, kind: str = "", *, with_old: bool = False) -> list[Address]:
    """Return the addresses in use, default first; the caller has checked the right.

    Args:
        with_old: also those out of use, for documents that name them.
    """
    rows = Address.objects.filter(customer_id=customer_id)
    if not with_old:
        rows = rows.filter(is_active=True)
    if kind:
        rows = rows.filter(kind=kind)
    return list(rows.order_by("kind", "-is_default", "id"))


def addresses_by_customers(customer_ids: Iterable[int]) -> dict[int, list[Address]]:
    """Return customer → addresses in use, default first, with one query at most."""
    return remembered_rows("addresses", "in use", customer_ids, _addresses_of)


def _addresses_of(customer_ids: set[int]) -> dict[int, list[Address]]:
    found: dict[int, list[Address]] = {}
    for row in _addresses_in_use(customer_ids):
        found.setdefault(row.customer_id, []).append(row)
    return found


@prepared
def _addresses_in_use(customer_ids: Collection[int]) -> QuerySet[Address]:
    rows = Address.objects.filter(customer_id__in=customer_ids, is_active=True)
    return rows.order_by("kind", "-is_default", "id")


def address_default(customer_id: int, kind: str) -> Address | None:
    """Return the default address of a kind, or None."""
    rows = Address.objects.filter(
        customer_id=customer_id, kind=kind, is_default=True, is_active=True
    )
    return rows.first()


def territories_over(customer_id: int) -> tuple[int, ...]:
    """Return the customer's territory and all above it, narrowest first; () without one."""
    customer = customer_summaries([customer_id]).get(customer_id)
    if customer is None or customer.territory_id is None:
        return ()
    return territory_lines(customer.company_id).get(customer.territory_id, ())


def customer_due_on(customer: Customer | CustomerSummary, start: date) -> date:
    """Return the day on which an invoice of `start` falls due; without a term it is due at once.

    Source: CRD-14.
    """
    return rules.due_on(
        start,
        customer.payment_term_days or 0,
        basis=customer.payment_term_basis,
        pays_first=customer.pay_first,
    )
