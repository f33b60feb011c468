"""Stock documents and warehouses over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query

from chengdan.kernel.actor import Actor
from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act_endpoint, api_router, read
from chengdan.kernel.http.schemas import Id, Page, VersionIn
from chengdan.kernel.requests import actor_of
from chengdan.kernel.transactions import write
from chengdan.modules.people.access import visible
from chengdan.modules.shipping import services
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.access import (
    access_stock_document_for_view,
    stock_documents_visible,
)
from chengdan.modules.shipping.http_api import schemas
from chengdan.modules.shipping.models import StockDocument, Warehouse
from chengdan.modules.shipping.services import StockDraft, WarehouseDraft

router = api_router("shipping")


def stock_enter(*, actor: Actor, draft: StockDraft) -> StockDocument:
    """Enter a stock document and post it."""
    with write():
        document = services.stock_draft(actor=actor, draft=draft)
        return services.stock_post(actor=actor, document_id=document.pk)


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
    document: Any = access_stock_document_for_view(actor_of(request), document_id)
    document.rows = list(document.lines.order_by("number"))
    return document


@read(router, "/warehouses", permission=words.WAREHOUSE_VIEW,
      response=Page[schemas.WarehouseOut], operation_id="warehouse_list",
      summary=_("Warehouses"))  # fmt: skip
def warehouse_list(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """List the warehouses."""
    rows = visible(actor_of(request), words.WAREHOUSE_VIEW, Warehouse.objects.all())
    return keyset_page(rows, query)


for _path, _service in (("documents", stock_enter), ("drafts", services.stock_draft)):
    act_endpoint(
        router, f"/stock/{_path}", _service, permission=words.STOCK_VIEW,
        schema_in=schemas.StockIn, draft=StockDraft, schema_out=schemas.StockOut, status=201,
    )  # fmt: skip
act_endpoint(router, "/stock/documents/{document_id}", services.stock_update,
             permission=words.STOCK_VIEW, schema_in=schemas.StockChange, draft=StockDraft,
             schema_out=schemas.StockOut, method="PUT",
             summary=_("Replace a stock document that is not posted"))  # fmt: skip
act_endpoint(router, "/stock/documents/{document_id}/post", services.stock_post,
             permission=words.STOCK_VIEW, schema_in=VersionIn,
             schema_out=schemas.StockOut)  # fmt: skip
act_endpoint(router, "/stock/documents/{document_id}/reverse", services.stock_reverse,
             permission=words.STOCK_REVERSE, schema_in=schemas.ReasonIn,
             schema_out=schemas.StockOut)  # fmt: skip
act_endpoint(router, "/warehouses", services.warehouse_place, permission=words.WAREHOUSE_EDIT,
             schema_in=schemas.WarehouseIn, draft=WarehouseDraft,
             schema_out=schemas.WarehouseOut, status=201)  # fmt: skip
act_endpoint(router, "/warehouses/{warehouse_id}", services.warehouse_change,
             permission=words.WAREHOUSE_EDIT, schema_in=schemas.WarehouseChange,
             draft=WarehouseDraft, schema_out=schemas.WarehouseOut, method="PUT",
             summary=_("Change a warehouse"))  # fmt: skip
