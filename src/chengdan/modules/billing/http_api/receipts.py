"""Receipts and allocations over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Body, Query

from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act, act_endpoint, api_router, expected_version, read
from chengdan.kernel.http.schemas import Id, Page
from chengdan.kernel.requests import actor_of
from chengdan.modules.billing import services
from chengdan.modules.billing.access import access_receipt_for_view
from chengdan.modules.billing.http_api.schemas import (
    AllocateIn,
    AllocationOut,
    ConfirmIn,
    EarmarkIn,
    ProposedOut,
    ReceiptIn,
    ReceiptOut,
    ReverseIn,
    UnallocateIn,
    UnearmarkIn,
    fields_of,
)
from chengdan.modules.billing.selectors import receipts_visible
from chengdan.modules.billing.vocabulary import rights

router = api_router("billing")


@read(
    router, "/receipts", permission=rights.RECEIPT_VIEW, response=Page[ReceiptOut],
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
    router, "/receipts/{receipt_id}", permission=rights.RECEIPT_VIEW, response=ReceiptOut,
    operation_id="receipt_get",
)  # fmt: skip
def receipt_get(request: HttpRequest, receipt_id: Id) -> Any:
    """Return a receipt."""
    return access_receipt_for_view(actor_of(request), receipt_id)


@read(
    router, "/receipts/{receipt_id}/allocations", permission=rights.RECEIPT_VIEW,
    response=Page[AllocationOut], operation_id="allocation_list",
)  # fmt: skip
def allocation_list(request: HttpRequest, receipt_id: Id, query: Query[PageQuery]) -> Any:
    """List what a receipt was used for, with what was taken back."""
    receipt = access_receipt_for_view(actor_of(request), receipt_id)
    return keyset_page(receipt.allocations.all(), query)


@act(
    router, "/receipts", permission=rights.REGISTER, response=ReceiptOut,
    operation_id="receipt_register", status=201,
)  # fmt: skip
def receipt_register(request: HttpRequest, payload: Body[ReceiptIn]) -> Any:
    """Register money that came in."""
    draft = services.ReceiptDraft(**fields_of(payload))
    return services.receipt_register(actor=actor_of(request), draft=draft)


@act(
    router, "/receipts/{receipt_id}/allocate", permission=rights.ALLOCATE, response=ReceiptOut,
    operation_id="receipt_allocate",
)  # fmt: skip
def receipt_allocate(request: HttpRequest, receipt_id: Id, payload: Body[AllocateIn]) -> Any:
    """Use a receipt for invoices, all in one act."""
    return services.receipt_allocate(
        actor=actor_of(request),
        receipt_id=receipt_id,
        parts=[services.Part(**fields_of(part)) for part in payload.parts],
        effective_on=payload.effective_on,
        expected_version=expected_version(request, payload.expected_version),
    )


act_endpoint(
    router, "/receipts/{receipt_id}/confirm", services.receipt_confirm, permission=rights.CONFIRM,
    schema_in=ConfirmIn, schema_out=ReceiptOut,
)  # fmt: skip
act_endpoint(
    router, "/receipts/{receipt_id}/reverse", services.receipt_reverse,
    permission=rights.RECEIPT_REVERSE, schema_in=ReverseIn, schema_out=ReceiptOut,
)  # fmt: skip
act_endpoint(
    router, "/receipts/{receipt_id}/earmark", services.receipt_earmark, permission=rights.EARMARK,
    schema_in=EarmarkIn, schema_out=ReceiptOut,
)  # fmt: skip
act_endpoint(
    router, "/receipts/{receipt_id}/unallocate", services.receipt_unallocate,
    permission=rights.UNALLOCATE, schema_in=UnallocateIn, schema_out=ReceiptOut,
)  # fmt: skip
act_endpoint(
    router, "/receipts/{receipt_id}/unearmark", services.receipt_unearmark,
    permission=rights.EARMARK, schema_in=UnearmarkIn, schema_out=ReceiptOut,
)  # fmt: skip


@read(
    router, "/receipts/{receipt_id}/proposal", permission=rights.ALLOCATE,
    response=list[ProposedOut], operation_id="receipt_allocate_proposal",
)  # fmt: skip
def receipt_proposal(request: HttpRequest, receipt_id: Id) -> Any:
    """Propose invoices: those the memo names, one of equal amount, then the oldest."""
    return services.receipt_allocate_proposal(actor=actor_of(request), receipt_id=receipt_id)
