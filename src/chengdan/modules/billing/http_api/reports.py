"""Receivables by age, collection rate, statements and the order-to-remittance clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query

from chengdan.kernel import clock
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.http.paging import PageQuery, keyset_ids, keyset_page
from chengdan.kernel.http.routing import api_router, read
from chengdan.kernel.http.schemas import Day, Id, Page
from chengdan.kernel.requests import actor_of
from chengdan.modules.billing import selectors
from chengdan.modules.billing.access import access_customer_for_ledger
from chengdan.modules.billing.http_api.schemas import (
    AgingOut,
    RateOut,
    RemittanceOut,
    StatementOut,
)
from chengdan.modules.billing.vocabulary import rights

router = api_router("billing")
DAYS_MAX = 366


def _period(first: date, last: date) -> None:
    """Refuse a period that ends before it begins, or is longer than a year.

    Raises:
        InvalidError: it does.
    """
    if not timedelta(0) <= last - first < timedelta(days=DAYS_MAX):
        message = _("The period must have between 1 and 366 days.")
        raise InvalidError(FieldIssue("last", "period", message))


@read(
    router, "/aging", permission=rights.LEDGER, response=Page[AgingOut], operation_id="aging",
    summary=_("Receivables by age as of any day"),
)  # fmt: skip
def aging(request: HttpRequest, query: Query[PageQuery], on: Day | None = None) -> Any:
    """Return who owed what on a day, by how long it was due; page by page of customers."""
    actor, day = actor_of(request), on or clock.today()
    posted = selectors.aging_posted(actor, day)
    customers, cursor = keyset_ids(posted, "customer_id", query)
    return {"items": selectors.aging(actor, day, customers).rows, "next": cursor}


@read(
    router, "/collection-rate", permission=rights.VIEW, response=list[RateOut],
    operation_id="collection_rate", summary=_("Collection rate by sales manager"),
)  # fmt: skip
def collection_rate(request: HttpRequest, first: Day, last: Day) -> Any:
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
def statement(request: HttpRequest, customer_id: Id, first: Day, last: Day) -> Any:
    """Return opening balance, movements and closing balance of a customer."""
    _period(first, last)
    customer = access_customer_for_ledger(actor_of(request), customer_id)
    return selectors.statement_of(customer.pk, first, last)


@read(
    router, "/remittances", permission=rights.LEDGER, response=Page[RemittanceOut],
    operation_id="remittances", summary=_("Order to remittance, order by order"),
)  # fmt: skip
def remittances(request: HttpRequest, query: Query[PageQuery], first: Day, last: Day) -> Any:
    """Return how long the orders of a period took to become money, part by part."""
    _period(first, last)
    orders = selectors.remittance_orders(actor_of(request))
    page = keyset_page(orders.filter(ordered_on__gte=first, ordered_on__lte=last), query)
    return {**page, "items": [_times(selectors.remittance_of(row)) for row in page["items"]]}


def _times(row: selectors.Remittance) -> dict[str, Any]:
    seconds = {
        f"{code}_seconds": int(span.elapsed.total_seconds()) for code, span in row.spans.items()
    }
    minutes = {f"{code}_working_minutes": span.minutes for code, span in row.spans.items()}
    return {"order_id": row.order_id, "number": row.number, **seconds, **minutes}
