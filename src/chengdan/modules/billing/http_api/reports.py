"""Receivables by age, collection rate, statements and the order-to-remittance clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.http.routing import api_router, read
from chengdan.kernel.http.schemas import Id
from chengdan.kernel.requests import actor_of
from chengdan.modules.billing import selectors
from chengdan.modules.billing.http_api.schemas import (
    AgingOut,
    RateOut,
    RemittanceOut,
    StatementOut,
)
from chengdan.modules.billing.vocabulary import rights
from chengdan.modules.customers.selectors import customer_get

router = api_router("billing")
DAYS_MAX = 366


def _period(first: date, last: date) -> None:
    """Refuse a period that ends before it begins, or is longer than a year.

    Raises:
        InvalidError: it does.
    """
    if not timedelta(0) <= last - first <= timedelta(days=DAYS_MAX):
        message = _("The period must have between 1 and 366 days.")
        raise InvalidError(FieldIssue("last", "period", message))


@read(
    router, "/aging", permission=rights.LEDGER, response=list[AgingOut], operation_id="aging",
    summary=_("Receivables by age as of any day"),
)  # fmt: skip
def aging(request: HttpRequest, on: date | None = None) -> Any:
    """Return who owed what on a day, by how long it was due."""
    return selectors.aging(actor_of(request), on or clock.today()).rows


@read(
    router, "/collection-rate", permission=rights.VIEW, response=list[RateOut],
    operation_id="collection_rate", summary=_("Collection rate by sales manager"),
)  # fmt: skip
def collection_rate(request: HttpRequest, first: date, last: date) -> Any:
    """Return what fell due in a period and was collected in time."""
    _period(first, last)
    found = selectors.collection(actor_of(request), first, last)
    return [
        {
            "owner_id": row.owner_id,
            "owner_name": row.owner_name,
            "due": row.rate.due,
            "collected": row.rate.collected,
            "is_below_goal": row.rate.is_below(found.goal),
        }
        for row in found.rows
    ]


@read(
    router, "/customers/{customer_id}/statement", permission=rights.LEDGER,
    response=StatementOut, operation_id="statement", summary=_("A customer's account"),
)  # fmt: skip
def statement(request: HttpRequest, customer_id: Id, first: date, last: date) -> Any:
    """Return opening balance, movements and closing balance of a customer."""
    _period(first, last)
    customer = customer_get(actor_of(request), customer_id)
    return selectors.statement_of(customer.pk, first, last)


@read(
    router, "/remittances", permission=rights.LEDGER, response=list[RemittanceOut],
    operation_id="remittances", summary=_("Order to remittance, order by order"),
)  # fmt: skip
def remittances(request: HttpRequest, first: date, last: date) -> Any:
    """Return how long the orders of a period took to become money, part by part."""
    _period(first, last)
    return [
        {
            "order_id": row.order_id,
            "number": row.number,
            "release_seconds": _seconds(row.to_release),
            "dispatch_seconds": _seconds(row.to_dispatch),
            "invoice_seconds": _seconds(row.to_invoice),
            "money_seconds": _seconds(row.to_money),
            "total_seconds": _seconds(row.total),
        }
        for row in selectors.remittances(actor_of(request), first, last)
    ]


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())
