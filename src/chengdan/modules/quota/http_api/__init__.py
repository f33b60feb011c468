"""The room below /api/v1/quota/: cells, what is left of them, setting and transferring."""

from __future__ import annotations

from datetime import date, datetime
from operator import itemgetter
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import Field

from chengdan.kernel.actor import Actor
from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act_endpoint, api_router, read
from chengdan.kernel.http.schemas import (
    Day,
    Id,
    OutSchema,
    Page,
    Quantity,
    Reason,
    StrictSchema,
    VersionIn,
    exact,
    made_into,
)
from chengdan.kernel.requests import actor_of
from chengdan.modules.quota import services
from chengdan.modules.quota import vocabulary as words
from chengdan.modules.quota.access import access_cell_for_view, cells_open
from chengdan.modules.quota.models import Cell

router = api_router("quota")
Limit = exact(6, example="720", ge=0)


class CellIn(StrictSchema):
    """A cell as it shall be: one of product and category, at most one place."""

    starts_on: Day
    ends_on: Day
    limit: Limit  # type: ignore[valid-type]
    product_id: Id | None = None
    category_id: Id | None = None
    territory_id: Id | None = None
    customer_id: Id | None = None
    measure: Literal["quantity", "amount"] = "quantity"


class CellsIn(StrictSchema):
    """Cells to create or change, all or none."""

    drafts: list[Annotated[CellIn, made_into(services.CellDraft)]] = Field(
        alias="cells", min_length=1, max_length=1000
    )
    reason: Reason = Field("", description="Needed when a cell that is there already changes.")


class LimitIn(VersionIn):
    """A new limit of one cell, and why."""

    limit: Limit  # type: ignore[valid-type]
    reason: Reason


class EndIn(VersionIn):
    """Why a cell binds no new demand any more."""

    reason: Reason


class TransferIn(StrictSchema):
    """Unused quota for another cell, with the consent of the giving region's manager."""

    receiving_id: Id
    quantity: Quantity
    consent_by_id: Id
    reason: Reason


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
    ended_at: datetime | None
    version: int


@read(router, "/cells", permission=words.VIEW, response=Page[CellOut],
      operation_id="quota_cell_list", summary=_("Quota cells, newest first"))  # fmt: skip
def cell_list(
    request: HttpRequest,
    query: Query[PageQuery],
    product_id: Id | None = None,
    is_ended: bool = False,
) -> Any:
    """List the cells that bind orders, or with `is_ended` those that were ended."""
    rows = cells_open(actor_of(request), Cell.objects.all())
    rows = rows.filter(ended_at__isnull=not is_ended)
    if product_id is not None:
        rows = rows.filter(product_id=product_id)
    return keyset_page(rows, query)


@read(router, "/cells/{cell_id}", permission=words.VIEW, response=CellOut,
      operation_id="quota_cell_get", summary=_("A quota cell"))  # fmt: skip
def cell_get(request: HttpRequest, cell_id: Id) -> Any:
    """Return one cell."""
    return access_cell_for_view(actor_of(request), cell_id)


def quota_cells_set(*, actor: Actor, **values: Any) -> list[Cell]:
    """Give each cell the wanted limit, all or none."""
    return services.quota_cells_set(actor=actor, company_id=actor.company_id or 0, **values)


act_endpoint(router, "/cells", quota_cells_set, permission=words.EDIT, schema_in=CellsIn,
             schema_out=list[CellOut], summary=_("Create or change quota cells"))  # fmt: skip
act_endpoint(router, "/cells/{cell_id}/limit", services.quota_limit_set, permission=words.EDIT,
             schema_in=LimitIn, schema_out=CellOut)  # fmt: skip
act_endpoint(router, "/cells/{cell_id}/end", services.quota_cell_end, permission=words.EDIT,
             schema_in=EndIn, schema_out=CellOut)  # fmt: skip
act_endpoint(router, "/cells/{giving_id}/transfer", services.quota_transfer,
             permission=words.TRANSFER, schema_in=TransferIn, schema_out=CellOut,
             present=itemgetter(0))  # fmt: skip
