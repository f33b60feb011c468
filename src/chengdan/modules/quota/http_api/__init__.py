"""The room below /api/v1/quota/: cells and what is left of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query

from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import actor_of, api_router, read
from chengdan.kernel.http.schemas import Id, OutSchema, Page, Quantity
from chengdan.modules.people.access import visible
from chengdan.modules.quota import vocabulary as words
from chengdan.modules.quota.access import access_cell_for_view
from chengdan.modules.quota.models import Cell

router = api_router("quota")


class CellOut(OutSchema):
    """A quota cell; quantities in base units, or gross in the company's currency."""

    id: Id
    starts_on: date
    ends_on: date
    product_id: int | None
    category_id: int | None
    territory_id: int | None
    customer_id: int | None
    measure: str
    limit: Quantity
    reserved: Quantity
    consumed: Quantity
    over: Quantity
    version: int


@read(router, "/cells", permission=words.VIEW, response=Page[CellOut],
      operation_id="quota_cell_list", summary=_("Quota cells, newest first"))  # fmt: skip
def cell_list(request: HttpRequest, query: Query[PageQuery], product_id: Id | None = None) -> Any:
    """List the cells."""
    rows = visible(actor_of(request), words.VIEW, Cell.objects.all())
    if product_id is not None:
        rows = rows.filter(product_id=product_id)
    return keyset_page(rows, query)


@read(router, "/cells/{cell_id}", permission=words.VIEW, response=CellOut,
      operation_id="quota_cell_get", summary=_("A quota cell"))  # fmt: skip
def cell_get(request: HttpRequest, cell_id: Id) -> Any:
    """Return one cell."""
    return access_cell_for_view(actor_of(request), cell_id)
