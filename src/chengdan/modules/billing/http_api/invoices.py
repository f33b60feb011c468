"""Invoices over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query

from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act_endpoint, api_router, read
from chengdan.kernel.http.schemas import Id, Page, VersionIn
from chengdan.kernel.requests import actor_of
from chengdan.modules.billing import services
from chengdan.modules.billing.access import access_invoice_for_view
from chengdan.modules.billing.http_api import schemas
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.selectors import invoices_visible
from chengdan.modules.billing.vocabulary import rights

router = api_router("billing")


@read(
    router, "/invoices", permission=rights.VIEW, response=Page[schemas.InvoiceOut],
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
    router, "/invoices/{invoice_id}", permission=rights.VIEW, response=schemas.InvoiceDetail,
    operation_id="invoice_get",
)  # fmt: skip
def invoice_get(request: HttpRequest, invoice_id: Id) -> Any:
    """Return an invoice with its lines."""
    return _detail(access_invoice_for_view(actor_of(request), invoice_id))


def _detail(invoice: Invoice) -> dict[str, Any]:
    names = [name for name in schemas.InvoiceDetail.model_fields if name != "lines"]
    found = {name: getattr(invoice, name) for name in names}
    return {**found, "lines": list(invoice.lines.order_by("number"))}


act_endpoint(
    router, "/invoices", services.invoice_request, permission=rights.REQUEST,
    schema_in=schemas.InvoiceIn, draft=services.InvoiceDraft, schema_out=schemas.InvoiceDetail,
    present=_detail, status=201,
)  # fmt: skip
for _path, _service, _permission, _schema in (
    ("issue", services.invoice_issue, rights.ISSUE, schemas.IssueIn),
    ("deliver", services.invoice_deliver, rights.DELIVER, schemas.DeliverIn),
    ("reverse", services.invoice_reverse, rights.REVERSE, schemas.ReverseIn),
    ("submit", services.invoice_submit, rights.REQUEST, VersionIn),
    ("cancel", services.invoice_cancel, rights.EDIT, schemas.CancelIn),
):
    act_endpoint(
        router, f"/invoices/{{invoice_id}}/{_path}", _service, permission=_permission,
        schema_in=_schema, schema_out=schemas.InvoiceDetail, present=_detail,
    )  # fmt: skip
act_endpoint(
    router, "/invoices/{invoice_id}/collection", services.collection_act_add,
    permission=rights.REMIND, schema_in=schemas.CollectionIn, schema_out=schemas.CollectionOut,
    status=201,
)  # fmt: skip


@read(
    router, "/invoices/{invoice_id}/collection", permission=rights.VIEW,
    response=Page[schemas.CollectionOut], operation_id="collection_act_list",
)  # fmt: skip
def collection_list(request: HttpRequest, invoice_id: Id, query: Query[PageQuery]) -> Any:
    """List how often and with what result the customer was asked for the money."""
    invoice = access_invoice_for_view(actor_of(request), invoice_id)
    return keyset_page(invoice.acts.all(), query)
