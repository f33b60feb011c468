"""Stock documents and warehouses over the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act, act_endpoint, api_router, expected_version, read
from chengdan.kernel.http.schemas import Id, Page
from chengdan.kernel.requests import actor_of
from chengdan.kernel.transactions import write
from chengdan.modules.people.access import visible
from chengdan.modules.shipping import services
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import stock_documents_visible
from chengdan.modules.shipping.http_api import schemas
from chengdan.modules.shipping.models import StockDocument, Warehouse
from chengdan.modules.shipping.services import StockDraft, StockLineDraft, WarehouseDraft

router = api_router("shipping")


def _draft(
    kind: str,
    warehouse_id: int,
    lines: Sequence[schemas.StockLineIn],
    effective_on: date | None,
    reason: str,
) -> StockDraft:
    return StockDraft(
        kind=kind,
        warehouse_id=warehouse_id,
        lines=[
            StockLineDraft(line.product_id, line.quantity, line.batch, line.expires_on)
            for line in lines
        ],
        effective_on=effective_on,
        reason=reason,
    )


def stock_enter(*, actor: Actor, **values: Any) -> StockDocument:
    """Enter a stock document and post it."""
    with write():
        document = services.stock_draft(actor=actor, draft=_draft(**values))
        return services.stock_post(actor=actor, document_id=document.pk)


def stock_draft(*, actor: Actor, **values: Any) -> StockDocument:
    """Enter a stock document without posting it."""
    return services.stock_draft(actor=actor, draft=_draft(**values))


@read(router, "/stock/documents", permission=words.STOCK_VIEW, response=Page[schemas.StockOut],
      operation_id="stock_list", summary=_("Stock documents, newest first"))  # fmt: skip
def stock_list(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """List the stock documents."""
    return keyset_page(stock_documents_visible(actor_of(request)), query)


@read(router, "/stock/documents/{document_id}", permission=words.STOCK_VIEW,
      response=schemas.StockFull, operation_id="stock_get",
      summary=_("A stock document with its lines"))  # fmt: skip
def stock_get(request: HttpRequest, document_id: Id) -> Any:
    """Return one stock document with its lines."""
    document: Any = stock_documents_visible(actor_of(request)).filter(pk=document_id).first()
    if document is None:
        raise NotFoundError
    document.rows = list(document.lines.order_by("number"))
    return document


@act(router, "/stock/documents/{document_id}", permission=words.STOCK_VIEW,
     response=schemas.StockOut, operation_id="stock_update", method="PUT",
     summary=_("Replace a stock document that is not posted"))  # fmt: skip
def stock_update(
    request: HttpRequest, document_id: Id, payload: schemas.StockChange
) -> StockDocument:
    """Replace the content of a draft."""
    values = {name: getattr(payload, name) for name in schemas.StockIn.model_fields}
    return services.stock_update(
        actor=actor_of(request),
        document_id=document_id,
        draft=_draft(**values),
        expected_version=expected_version(request, payload.expected_version),
    )


@read(router, "/warehouses", permission=words.WAREHOUSE_VIEW,
      response=Page[schemas.WarehouseOut], operation_id="warehouse_list",
      summary=_("Warehouses"))  # fmt: skip
def warehouse_list(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """List the warehouses."""
    rows = visible(actor_of(request), words.WAREHOUSE_VIEW, Warehouse.objects.all())
    return keyset_page(rows, query)


def warehouse_place(*, actor: Actor, **values: Any) -> Warehouse:
    """Open a warehouse; the company's first one becomes its usual one."""
    return services.warehouse_place(actor=actor, draft=WarehouseDraft(**values))


@act(router, "/warehouses/{warehouse_id}", permission=words.WAREHOUSE_EDIT,
     response=schemas.WarehouseOut, operation_id="warehouse_change", method="PUT",
     summary=_("Change a warehouse"))  # fmt: skip
def warehouse_change(
    request: HttpRequest, warehouse_id: Id, payload: schemas.WarehouseChange
) -> Warehouse:
    """Replace the values of a warehouse; one with stock stays in use."""
    values = {name: getattr(payload, name) for name in schemas.WarehouseIn.model_fields}
    return services.warehouse_change(
        actor=actor_of(request),
        warehouse_id=warehouse_id,
        draft=WarehouseDraft(**values),
        expected_version=expected_version(request, payload.expected_version),
    )


act_endpoint(router, "/stock/documents", stock_enter, permission=words.STOCK_VIEW,
             schema_in=schemas.StockIn, schema_out=schemas.StockOut, status=201)  # fmt: skip
act_endpoint(router, "/stock/drafts", stock_draft, permission=words.STOCK_VIEW,
             schema_in=schemas.StockIn, schema_out=schemas.StockOut, status=201)  # fmt: skip
act_endpoint(router, "/stock/documents/{document_id}/post", services.stock_post,
             permission=words.STOCK_VIEW, schema_in=schemas.VersionIn,
             schema_out=schemas.StockOut)  # fmt: skip
act_endpoint(router, "/stock/documents/{document_id}/reverse", services.stock_reverse,
             permission=words.STOCK_REVERSE, schema_in=schemas.ReasonIn,
             schema_out=schemas.StockOut)  # fmt: skip
act_endpoint(router, "/warehouses", warehouse_place, permission=words.WAREHOUSE_EDIT,
             schema_in=schemas.WarehouseIn, schema_out=schemas.WarehouseOut,
             status=201)  # fmt: skip
