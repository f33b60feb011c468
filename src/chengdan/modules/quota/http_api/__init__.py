"""The room below /api/v1/quota/: cells, what is left of them, setting and transferring."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import Field

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act, act_endpoint, api_router, read
from chengdan.kernel.http.schemas import (
    Id,
    OutSchema,
    Page,
    Quantity,
    StrictSchema,
    Text,
    Version,
    exact,
)
from chengdan.kernel.requests import actor_of
from chengdan.modules.catalog.selectors.products import categories_of, products_visible
from chengdan.modules.customers.selectors import customers_visible
from chengdan.modules.people.access import visible
from chengdan.modules.people.selectors.org import territory_lines
from chengdan.modules.quota import services
from chengdan.modules.quota import vocabulary as words
from chengdan.modules.quota.access import access_cell_for_view
from chengdan.modules.quota.models import Cell

router = api_router("quota")
Limit = exact(6, example="720", ge=0)


class CellIn(StrictSchema):
    """A cell as it shall be: one of product and category, at most one place."""

    starts_on: date
    ends_on: date
    limit: Limit  # type: ignore[valid-type]
    product_id: Id | None = None
    category_id: Id | None = None
    territory_id: Id | None = None
    customer_id: Id | None = None
    measure: Literal["quantity", "amount"] = "quantity"


class CellsIn(StrictSchema):
    """Cells to create or change, all or none."""

    cells: list[CellIn] = Field(min_length=1, max_length=1000)
    reason: Text = ""


class LimitIn(StrictSchema):
    """A new limit of one cell."""

    limit: Limit  # type: ignore[valid-type]
    reason: Text = ""
    expected_version: Version | None = None


class TransferIn(StrictSchema):
    """Unused quota for another cell, with the consent of the giving region's manager."""

    receiving_id: Id
    quantity: Quantity
    consent_by_id: Id
    reason: Text


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


@act(router, "/cells", permission=words.EDIT, response=list[CellOut],
     operation_id="quota_cells_set", summary=_("Create or change quota cells"))  # fmt: skip
def cells_set(request: HttpRequest, payload: CellsIn) -> Any:
    """Give each cell the wanted limit, all or none."""
    actor = actor_of(request)
    _references_check(actor, payload.cells)
    return services.quota_cells_set(
        actor=actor,
        company_id=actor.company_id or 0,
        drafts=[services.CellDraft(**dict(cell)) for cell in payload.cells],
        reason=payload.reason,
    )


def _references_check(actor: Actor, cells: Sequence[CellIn]) -> None:
    """Refuse ids of products, categories, territories and customers that are not the caller's."""
    company_id = actor.company_id or 0

    def ids(name: str) -> set[int]:
        return {found for cell in cells if (found := getattr(cell, name)) is not None}

    products = products_visible(actor).filter(pk__in=ids("product_id"))
    customers = customers_visible(actor).filter(pk__in=ids("customer_id"))
    known: dict[str, Container[int]] = {
        "product_id": set(products.values_list("pk", flat=True)),
        "customer_id": set(customers.values_list("pk", flat=True)),
        "category_id": {row.pk for row in categories_of(company_id)},
        "territory_id": territory_lines(company_id),
    }
    issues = [
        FieldIssue(name, "not_found", _("There is no such entry."), row=row)
        for row, cell in enumerate(cells, 1)
        for name, there in known.items()
        if getattr(cell, name) is not None and getattr(cell, name) not in there
    ]
    if issues:
        raise InvalidError(issues)


def quota_transfer(*, actor: Actor, cell_id: int, **values: Any) -> Cell:
    """Give unused quota of a cell to another one of the same goods and period."""
    return services.quota_transfer(actor=actor, giving_id=cell_id, **values)[0]


act_endpoint(router, "/cells/{cell_id}/limit", services.quota_limit_set, permission=words.EDIT,
             schema_in=LimitIn, schema_out=CellOut)  # fmt: skip
act_endpoint(router, "/cells/{cell_id}/transfer", quota_transfer, permission=words.TRANSFER,
             schema_in=TransferIn, schema_out=CellOut)  # fmt: skip
