"""The room below /api/v1/catalog/: products, price lists, prices explained."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import Field

from chengdan.kernel import clock
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.http.paging import PageQuery, SearchQuery, keyset_page
from chengdan.kernel.http.routing import act, act_endpoint, api_router, expected_version, read
from chengdan.kernel.http.schemas import (
    Day,
    Id,
    Line,
    OutSchema,
    Page,
    Percent,
    Price,
    Quantity,
    Rate,
    Reason,
    Share,
    StrictSchema,
    Text,
    Version,
    VersionIn,
    made_into,
)
from chengdan.kernel.requests import actor_of
from chengdan.kernel.search import match_q
from chengdan.modules.catalog import services
from chengdan.modules.catalog.http_api.masters import PriceListOut
from chengdan.modules.catalog.models import Product
from chengdan.modules.catalog.selectors import (
    price_explain,
    price_lists_visible,
    product_get,
    products_visible,
)
from chengdan.modules.catalog.services import PriceDraft, ProductDraft, UnitDraft
from chengdan.modules.catalog.vocabulary import rights
from chengdan.modules.customers.selectors import customer_get

router = api_router("catalog")
Barcode = Annotated[str, Field(max_length=40)]


class UnitIn(StrictSchema):
    """One more unit of a product; `factor` base units in one."""

    unit_id: Id
    factor: Quantity
    barcode: Barcode = ""
    is_sales_default: bool = False


class ProductValues(StrictSchema):
    """What may be said of a product."""

    spec: Line = ""
    barcode: Barcode = ""
    category_id: Id | None = None
    is_batch_managed: bool = False
    shelf_life_days: int | None = Field(None, ge=1, le=36_500)
    on_sale_from: Day | None = None
    on_sale_until: Day | None = None
    over_delivery_percent: Percent = Decimal(0)
    note: Text = ""
    units: list[Annotated[UnitIn, made_into(UnitDraft)]] = Field(
        default_factory=list, max_length=50
    )


class ProductIn(ProductValues):
    """A new product; without a tax rate it takes the company's usual one."""

    code: Annotated[str, Field(max_length=40, examples=["HY-0712"])]
    name: Annotated[Line, Field(examples=["臻选蚝油"])]
    base_unit_id: Id
    tax_rate: Share | None = None


class ProductPatch(ProductValues):
    """New values of a product; what is not named stays, `units` replace all further units."""

    name: Line = ""
    tax_rate: Share = Decimal(0)
    expected_version: Version | None = None


class ReasonIn(VersionIn):
    """An act that says why."""

    reason: Reason


class PriceIn(StrictSchema):
    """One price; `unit_id` empty takes the product's base unit."""

    product_id: Id
    price: Price
    unit_id: Id | None = None
    min_quantity: Quantity = Decimal(0)
    floor_price: Price | None = None


class PricesIn(VersionIn):
    """Prices to set; others of the list stay."""

    drafts: list[Annotated[PriceIn, made_into(PriceDraft)]] = Field(
        alias="prices", min_length=1, max_length=1000
    )


class ProductOut(OutSchema):
    """A product."""

    id: Id
    code: str
    name: str
    spec: str
    category_id: int | None
    base_unit_id: int
    tax_rate: Rate
    is_batch_managed: bool
    is_discontinued: bool
    on_sale_from: date | None
    on_sale_until: date | None
    version: int


class ExplainedOut(OutSchema):
    """The price that counts, and where it comes from."""

    product_id: int
    unit_id: int
    quantity: Quantity
    currency: str
    price: Price | None
    is_tax_inclusive: bool
    list_code: str
    floor: Price | None


@read(router, "/products", permission=rights.PRODUCT_VIEW, response=Page[ProductOut],
      operation_id="product_list", summary=_("Products, newest first"))  # fmt: skip
def product_list(request: HttpRequest, query: Query[SearchQuery], code: str = "") -> Any:
    """List the products."""
    rows = products_visible(actor_of(request))
    if query.q:
        rows = rows.filter(match_q(query.q) | Q(barcode=query.q))
    return keyset_page(rows.filter(code=code) if code else rows, query)


@read(router, "/products/{product_id}", permission=rights.PRODUCT_VIEW, response=ProductOut,
      operation_id="product_get", summary=_("A product"))  # fmt: skip
def product_show(request: HttpRequest, product_id: Id) -> Any:
    """Return one product."""
    return product_get(actor_of(request), product_id)


@read(router, "/products/{product_id}/price", permission=rights.PRICE_EXPLAIN,
      response=ExplainedOut, operation_id="price_explain",
      summary=_("The price for a customer, a quantity and a day"))  # fmt: skip
def product_price(
    request: HttpRequest,
    product_id: Id,
    customer_id: Id,
    quantity: str = "1",
    on: Day | None = None,
) -> Any:
    """Return the price that counts."""
    actor = actor_of(request)
    customer = customer_get(actor, customer_id)
    product = product_get(actor, product_id)
    return price_explain(customer.pk, product.pk, None, _quantity(quantity), on or clock.today())


def _quantity(text: str) -> Decimal:
    """Return the quantity asked for.

    Raises:
        InvalidError: not a number above zero.
    """
    plain = text.strip()
    head, _point, tail = plain.partition(".")
    if len(head) < 13 and len(tail) < 7 and f"{head}{tail}".isascii() and f"{head}{tail}".isdigit():
        number = Decimal(f"{head or 0}.{tail or 0}")
        if number > 0:
            return number
    raise InvalidError(FieldIssue("quantity", "number", _("Enter a number above zero.")))


def _draft(**values: Any) -> ProductDraft:
    return ProductDraft(origin="api", units=tuple(values.pop("units")), **values)


act_endpoint(router, "/products", services.product_create, permission=rights.PRODUCT_EDIT,
             schema_in=ProductIn, draft=_draft, schema_out=ProductOut, status=201,
             summary=_("Create a product"))  # fmt: skip


@act(router, "/products/{product_id}", permission=rights.PRODUCT_EDIT, response=ProductOut,
     operation_id="product_update", method="PATCH", summary=_("Change a product"))  # fmt: skip
def product_update(request: HttpRequest, product_id: Id, payload: ProductPatch) -> Product:
    """Change what the body names."""
    own = payload.model_fields_set - {"units", "expected_version"}
    units: Any = tuple(payload.units) if "units" in payload.model_fields_set else None
    return services.product_update(
        actor=actor_of(request),
        product_id=product_id,
        values={name: getattr(payload, name) for name in own},
        units=units,
        expected_version=expected_version(request, payload.expected_version),
    )


@read(router, "/price-lists", permission=rights.PRICE_VIEW, response=Page[PriceListOut],
      operation_id="price_list_list", summary=_("Price lists"))  # fmt: skip
def price_list_list(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """List the price lists."""
    return keyset_page(price_lists_visible(actor_of(request)), query)


act_endpoint(router, "/price-lists/{list_id}/prices", services.prices_place,
             permission=rights.PRICE_EDIT, schema_in=PricesIn, schema_out=PriceListOut,
             operation_id="prices_set")  # fmt: skip
act_endpoint(router, "/price-lists/{list_id}/prices/replace", services.prices_replace,
             permission=rights.PRICE_EDIT, schema_in=PricesIn,
             schema_out=PriceListOut)  # fmt: skip
for _path, _service, _schema in (
    ("discontinue", services.product_discontinue, ReasonIn),
    ("resume", services.product_resume, VersionIn),
):
    act_endpoint(
        router, f"/products/{{product_id}}/{_path}", _service, permission=rights.PRODUCT_EDIT,
        schema_in=_schema, schema_out=ProductOut,
    )  # fmt: skip
