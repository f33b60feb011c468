"""Invoices over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Body, Query

from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act, act_endpoint, api_router, read
from chengdan.kernel.http.schemas import Id, Page
from chengdan.kernel.requests import actor_of
from chengdan.modules.billing import services
from chengdan.modules.billing.access import access_invoice_for_view
from chengdan.modules.billing.http_api.schemas import (
    CancelIn,
    CollectionIn,
    CollectionOut,
    DeliverIn,
    InvoiceDetail,
    InvoiceIn,
    InvoiceOut,
    IssueIn,
    ReverseIn,
    VersionIn,
    fields_of,
)
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.selectors import invoices_visible
from chengdan.modules.billing.vocabulary import rights

router = api_router("billing")


@read(
    router, "/invoices", permission=rights.VIEW, response=Page[InvoiceOut],
    operation_id="invoice_list",
)  # fmt: skip
def invoice_list(
    request: HttpRequest, query: Query[PageQuery], customer_id: Id | None = None
) -> Any:
    """List invoices and credit notes, newest first."""
    rows = invoices_visible(actor_of(request))
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    return keyset_page(rows, query)


@read(
    router, "/invoices/{invoice_id}", permission=rights.VIEW, response=InvoiceDetail,
    operation_id="invoice_get",
)  # fmt: skip
def invoice_get(request: HttpRequest, invoice_id: Id) -> Any:
    """Return an invoice with its lines."""
    return _detail(access_invoice_for_view(actor_of(request), invoice_id))


def _detail(invoice: Invoice) -> dict[str, Any]:
    names = [name for name in InvoiceDetail.model_fields if name != "lines"]
    found = {name: getattr(invoice, name) for name in names}
    return {**found, "lines": list(invoice.lines.order_by("number"))}


@act(
    router, "/invoices", permission=rights.REQUEST, response=InvoiceDetail,
    operation_id="invoice_request", status=201,
)  # fmt: skip
def invoice_request(request: HttpRequest, payload: Body[InvoiceIn]) -> Any:
    """Request an invoice of parts of order lines; it goes on to approval."""
    items = [services.InvoiceItem(**fields_of(item)) for item in payload.items]
    draft = services.InvoiceDraft(items, note=payload.note, is_ahead=payload.is_ahead)
    return _detail(services.invoice_request(actor=actor_of(request), draft=draft))


act_endpoint(
    router, "/invoices/{invoice_id}/issue", services.invoice_issue, permission=rights.ISSUE,
    schema_in=IssueIn, schema_out=InvoiceDetail, present=_detail,
)  # fmt: skip
act_endpoint(
    router, "/invoices/{invoice_id}/deliver", services.invoice_deliver,
    permission=rights.DELIVER, schema_in=DeliverIn, schema_out=InvoiceDetail, present=_detail,
)  # fmt: skip
act_endpoint(
    router, "/invoices/{invoice_id}/reverse", services.invoice_reverse,
    permission=rights.REVERSE, schema_in=ReverseIn, schema_out=InvoiceDetail, present=_detail,
)  # fmt: skip
act_endpoint(
    router, "/invoices/{invoice_id}/submit", services.invoice_submit, permission=rights.REQUEST,
    schema_in=VersionIn, schema_out=InvoiceDetail, present=_detail,
)  # fmt: skip
act_endpoint(
    router, "/invoices/{invoice_id}/cancel", services.invoice_cancel, permission=rights.EDIT,
    schema_in=CancelIn, schema_out=InvoiceDetail, present=_detail,
)  # fmt: skip
act_endpoint(
    router, "/invoices/{invoice_id}/collection", services.collection_act_add,
    permission=rights.REMIND, schema_in=CollectionIn, schema_out=CollectionOut, status=201,
)  # fmt: skip


@read(
    router, "/invoices/{invoice_id}/collection", permission=rights.VIEW,
    response=Page[CollectionOut], operation_id="collection_act_list",
)  # fmt: skip
def collection_list(request: HttpRequest, invoice_id: Id, query: Query[PageQuery]) -> Any:
    """List how often and with what result the customer was asked for the money."""
    invoice = access_invoice_for_view(actor_of(request), invoice_id)
    return keyset_page(invoice.acts.all(), query)
