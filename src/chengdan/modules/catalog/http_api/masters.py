"""Units, categories, price lists, authority and restrictions over the API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from chengdan.kernel.actor import Actor
from chengdan.kernel.http.routing import act_endpoint, api_router, read
from chengdan.kernel.http.schemas import (
    Day,
    Id,
    OutSchema,
    Percent,
    Reason,
    StrictSchema,
    Text,
    Version,
)
from chengdan.kernel.requests import actor_of
from chengdan.modules.catalog import services
from chengdan.modules.catalog.models import Category
from chengdan.modules.catalog.selectors.pages import units_all
from chengdan.modules.catalog.services import CategoryDraft, PriceListDraft
from chengdan.modules.catalog.vocabulary import rights
from chengdan.modules.people.access import visible

router = api_router("catalog")
Sort = Field(100, ge=0, le=100_000)


class UnitIn(StrictSchema):
    """A unit of measure."""

    code: Annotated[str, Field(max_length=20, examples=["box"])]
    name: Annotated[str, Field(max_length=40, examples=["箱"])]
    decimals: int = Field(0, ge=0, le=6)


class UnitOut(OutSchema):
    """A unit of measure."""

    id: Id
    code: str
    name: str
    decimals: int


class CategoryIn(StrictSchema):
    """A new category below the one that `parent_code` names."""

    code: Annotated[str, Field(max_length=40, examples=["SAUCE"])]
    name: Annotated[str, Field(max_length=80, examples=["酱料"])]
    parent_code: Annotated[str, Field(max_length=40)] = ""
    sort: int = Sort


class CategoryChange(StrictSchema):
    """Name and place of a category."""

    name: Annotated[str, Field(max_length=80)]
    parent_id: Id | None = None
    sort: int = Sort
    expected_version: Version | None = None


class CategoryOut(OutSchema):
    """A category."""

    id: Id
    code: str
    name: str
    parent_id: int | None
    sort: int
    version: int


class PriceListIn(StrictSchema):
    """Name, time and reach of a price list."""

    code: Annotated[str, Field(max_length=40, examples=["STD-2027"])]
    name: Annotated[str, Field(max_length=120, examples=["2027 标准价"])]
    valid_from: Day
    valid_until: Day | None = None
    currency: Annotated[str, Field(max_length=3, description="Empty takes the company's.")] = ""
    is_tax_inclusive: bool = True
    scope: Literal["general", "region", "customer"] = "general"
    priority: int = Field(0, ge=0, le=1000)
    is_active: bool = True
    note: Text = ""
    territory_ids: list[Id] = Field(default_factory=list, max_length=500)
    customer_ids: list[Id] = Field(default_factory=list, max_length=500)


class PriceListChange(PriceListIn):
    """New name, time and reach of a price list."""

    expected_version: Version | None = None


class PriceListOut(OutSchema):
    """A price list."""

    id: Id
    code: str
    name: str
    currency: str
    is_tax_inclusive: bool
    scope: str
    valid_from: date
    valid_until: date | None
    is_active: bool
    version: int


class AuthorityIn(StrictSchema):
    """How far below the list the holders of a role may go."""

    role_code: Annotated[str, Field(max_length=40, examples=["market_manager"])]
    category_id: Id | None = None
    below_list_percent: Percent = Decimal(0)
    is_to_floor: bool = False
    below_floor_percent: Percent = Decimal(0)


class AuthorityOut(OutSchema):
    """The authority of a role."""

    id: Id
    role_code: str
    category_id: int | None
    below_list_percent: Percent
    is_to_floor: bool
    below_floor_percent: Percent


class RestrictionIn(StrictSchema):
    """Where or to whom a product or category is not sold, or only sold."""

    kind: Literal["forbidden", "only"]
    valid_from: Day
    reason: Reason
    product_id: Id | None = None
    category_id: Id | None = None
    territory_id: Id | None = None
    customer_id: Id | None = None
    valid_until: Day | None = None


class RestrictionEnd(StrictSchema):
    """The last day on which a restriction counts."""

    last_day: Day


class RestrictionOut(OutSchema):
    """A restriction."""

    id: Id
    kind: str
    product_id: int | None
    category_id: int | None
    territory_id: int | None
    customer_id: int | None
    valid_from: date
    valid_until: date | None


class RemovedOut(OutSchema):
    """What was taken away."""

    id: Id


@read(router, "/units", permission=rights.PRODUCT_VIEW, response=list[UnitOut],
      operation_id="unit_list", summary=_("Units of measure"))  # fmt: skip
def unit_list(request: HttpRequest) -> Any:
    """List the units."""
    return units_all()


@read(router, "/categories", permission=rights.PRODUCT_VIEW, response=list[CategoryOut],
      operation_id="category_list", summary=_("The tree of categories"))  # fmt: skip
def category_list(request: HttpRequest) -> Any:
    """List the categories, each after the one above it."""
    rows = visible(actor_of(request), rights.PRODUCT_VIEW, Category.objects.all())
    return list(rows.order_by("path", "pk"))


def category_create(*, actor: Actor, draft: CategoryDraft) -> Category:
    """Add a category."""
    return services.categories_place(actor=actor, drafts=[draft])[0]


def _list_draft(**values: Any) -> PriceListDraft:
    return PriceListDraft(
        territory_ids=tuple(values.pop("territory_ids")),
        customer_ids=tuple(values.pop("customer_ids")),
        **values,
    )


act_endpoint(router, "/price-lists", services.price_list_create, permission=rights.PRICE_EDIT,
             schema_in=PriceListIn, draft=_list_draft, schema_out=PriceListOut, status=201,
             summary=_("Create a price list"))  # fmt: skip
act_endpoint(router, "/price-lists/{list_id}", services.price_list_update,
             permission=rights.PRICE_EDIT, schema_in=PriceListChange, draft=_list_draft,
             schema_out=PriceListOut, method="PUT", summary=_("Change a price list"))  # fmt: skip
act_endpoint(router, "/categories", category_create, permission=rights.PRODUCT_EDIT,
             schema_in=CategoryIn, draft=CategoryDraft, schema_out=CategoryOut,
             status=201)  # fmt: skip


def authority_remove(*, actor: Actor, authority_id: int) -> dict[str, int]:
    """Take the authority of a role away."""
    services.authority_remove(actor=actor, authority_id=authority_id)
    return {"id": authority_id}


for _path, _service, _permission, _schema, _out, _status in (
    ("/units", services.unit_place, rights.PRODUCT_EDIT, UnitIn, UnitOut, 201),
    ("/categories/{category_id}", services.category_update, rights.PRODUCT_EDIT, CategoryChange,
     CategoryOut, 200),
    ("/authorities", services.authority_set, rights.AUTHORITY_EDIT, AuthorityIn, AuthorityOut, 200),
    ("/authorities/{authority_id}/remove", authority_remove, rights.AUTHORITY_EDIT, None,
     RemovedOut, 200),
    ("/restrictions", services.restriction_add, rights.RESTRICTION_EDIT, RestrictionIn,
     RestrictionOut, 201),
    ("/restrictions/{restriction_id}/end", services.restriction_end, rights.RESTRICTION_EDIT,
     RestrictionEnd, RestrictionOut, 200),
):  # fmt: skip
    act_endpoint(
        router, _path, _service, permission=_permission, schema_in=_schema, schema_out=_out,
        status=_status,
    )  # fmt: skip
