"""Receipts and allocations over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query

from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act_endpoint, api_router, read
from chengdan.kernel.http.schemas import Id, Page
from chengdan.kernel.requests import actor_of
from chengdan.modules.billing import services
from chengdan.modules.billing.access import access_receipt_for_view
from chengdan.modules.billing.http_api import schemas
from chengdan.modules.billing.selectors import receipts_visible
from chengdan.modules.billing.vocabulary import rights

router = api_router("billing")


@read(
    router, "/receipts", permission=rights.RECEIPT_VIEW, response=Page[schemas.ReceiptOut],
    operation_id="receipt_list",
)  # fmt: skip
def receipt_list(
    request: HttpRequest, query: Query[PageQuery], customer_id: Id | None = None
) -> Any:
    """List receipts, newest first."""
    rows = receipts_visible(actor_of(request))
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    return keyset_page(rows, query)


@read(
    router, "/receipts/{receipt_id}", permission=rights.RECEIPT_VIEW, response=schemas.ReceiptOut,
    operation_id="receipt_get",
)  # fmt: skip
def receipt_get(request: HttpRequest, receipt_id: Id) -> Any:
    """Return a receipt."""
    return access_receipt_for_view(actor_of(request), receipt_id)


@read(
    router, "/receipts/{receipt_id}/allocations", permission=rights.RECEIPT_VIEW,
    response=Page[schemas.AllocationOut], operation_id="allocation_list",
)  # fmt: skip
def allocation_list(request: HttpRequest, receipt_id: Id, query: Query[PageQuery]) -> Any:
    """List what a receipt was used for, with what was taken back."""
    receipt = access_receipt_for_view(actor_of(request), receipt_id)
    return keyset_page(receipt.allocations.all(), query)


@read(
    router, "/receipts/{receipt_id}/proposal", permission=rights.ALLOCATE,
    response=list[schemas.ProposedOut], operation_id="receipt_allocate_proposal",
)  # fmt: skip
def receipt_proposal(request: HttpRequest, receipt_id: Id) -> Any:
    """Propose invoices: those the memo names, one of equal amount, then the oldest."""
    return services.receipt_allocate_proposal(actor=actor_of(request), receipt_id=receipt_id)


for _path, _service, _permission, _schema in (
    ("allocate", services.receipt_allocate, rights.ALLOCATE, schemas.AllocateIn),
    ("confirm", services.receipt_confirm, rights.CONFIRM, schemas.ConfirmIn),
    ("reverse", services.receipt_reverse, rights.RECEIPT_REVERSE, schemas.ReverseIn),
    ("earmark", services.receipt_earmark, rights.EARMARK, schemas.EarmarkIn),
    ("unallocate", services.receipt_unallocate, rights.UNALLOCATE, schemas.UnallocateIn),
    ("unearmark", services.receipt_unearmark, rights.EARMARK, schemas.UnearmarkIn),
):
    act_endpoint(
        router, f"/receipts/{{receipt_id}}/{_path}", _service, permission=_permission,
        schema_in=_schema, schema_out=schemas.ReceiptOut,
    )  # fmt: skip
act_endpoint(
    router, "/receipts/{receipt_id}/correct", services.receipt_correct,
    permission=rights.REGISTER, schema_in=schemas.ReceiptIn, draft=services.ReceiptDraft,
    schema_out=schemas.ReceiptOut,
)  # fmt: skip
act_endpoint(
    router, "/receipts", services.receipt_register, permission=rights.REGISTER,
    schema_in=schemas.ReceiptIn, draft=services.ReceiptDraft, schema_out=schemas.ReceiptOut,
    status=201,
)  # fmt: skip
