"""The room below /api/v1/customers/: customers with contacts and addresses."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import Field

from chengdan.kernel.http.paging import SearchQuery, keyset_page
from chengdan.kernel.http.routing import act, act_endpoint, api_router, expected_version, read
from chengdan.kernel.http.schemas import (
    Id,
    Line,
    OutSchema,
    Page,
    Reason,
    StrictSchema,
    Text,
    Version,
    VersionIn,
    made_into,
)
from chengdan.kernel.requests import actor_of
from chengdan.kernel.search import match_q
from chengdan.modules.customers import services
from chengdan.modules.customers.http_api.belongings import AddressIn, ContactIn, Phone
from chengdan.modules.customers.selectors import customer_get, customers_visible
from chengdan.modules.customers.services import AddressDraft, ContactDraft, CustomerDraft
from chengdan.modules.customers.vocabulary import rights

router = api_router("customers")


class CustomerValues(StrictSchema):
    """What may be changed of a customer; what is not named stays."""

    name: Annotated[Line, Field(examples=["广州和兴食品有限公司"])] = ""
    short_name: Annotated[str, Field(max_length=60)] = ""
    uscc: Annotated[str, Field(max_length=18)] = ""
    phone: Phone = ""
    territory_id: Id | None = None
    slt_member_id: Id | None = None
    payment_term_days: int | None = Field(None, ge=0, le=3650)
    pay_first: bool = False
    language: Literal["zh-hans", "zh-hant", "en"] = "zh-hans"
    note: Text = ""


class CustomerIn(CustomerValues):
    """A new customer."""

    code: Annotated[str, Field(max_length=40, description="Empty takes the next number.")] = ""
    owner_id: Id | None = Field(None, description="Responsible; empty takes the caller.")
    contacts: list[Annotated[ContactIn, made_into(ContactDraft)]] = Field(
        default_factory=list, max_length=50
    )
    addresses: list[Annotated[AddressIn, made_into(AddressDraft)]] = Field(
        default_factory=list, max_length=50
    )
    duplicate_reason: Line = ""


class CustomerChange(CustomerValues):
    """New values of a customer."""

    duplicate_reason: Line = ""
    expected_version: Version | None = None


class ReasonIn(VersionIn):
    """An act that says why."""

    reason: Reason


class HandOverIn(ReasonIn):
    """Who answers for the customer from now on."""

    owner_id: Id
    unit_id: Id | None = Field(None, description="Empty takes the person's own unit.")


class CustomerOut(OutSchema):
    """A customer."""

    id: Id
    code: str
    name: str
    short_name: str
    uscc: str
    status: str
    territory_id: int | None
    owner_id: int
    slt_member_id: int | None
    payment_term_days: int | None
    pay_first: bool
    language: str
    currency: str
    credit_grade: str
    version: int


@read(router, "/customers", permission=rights.CUSTOMER_VIEW, response=Page[CustomerOut],
      operation_id="customer_list", summary=_("Customers, newest first"))  # fmt: skip
def customer_list(request: HttpRequest, query: Query[SearchQuery], code: str = "") -> Any:
    """List the customers that the caller may see."""
    rows = customers_visible(actor_of(request))
    if query.q:
        rows = rows.filter(match_q(query.q) | Q(uscc__istartswith=query.q))
    return keyset_page(rows.filter(code=code) if code else rows, query)


@read(router, "/customers/{customer_id}", permission=rights.CUSTOMER_VIEW, response=CustomerOut,
      operation_id="customer_get", summary=_("A customer"))  # fmt: skip
def customer_show(request: HttpRequest, customer_id: Id) -> Any:
    """Return one customer."""
    return customer_get(actor_of(request), customer_id)


def _draft(**values: Any) -> CustomerDraft:
    return CustomerDraft(
        origin="api",
        contacts=tuple(values.pop("contacts")),
        addresses=tuple(values.pop("addresses")),
        **values,
    )


act_endpoint(router, "/customers", services.customer_create, permission=rights.CUSTOMER_CREATE,
             schema_in=CustomerIn, draft=_draft, schema_out=CustomerOut, status=201,
             summary=_("Create a customer"))  # fmt: skip


@act(router, "/customers/{customer_id}", permission=rights.CUSTOMER_EDIT, response=CustomerOut,
     operation_id="customer_update", method="PATCH", summary=_("Change a customer"))  # fmt: skip
def customer_update(request: HttpRequest, customer_id: Id, payload: CustomerChange) -> Any:
    """Change what the body names."""
    own = set(CustomerValues.model_fields) & payload.model_fields_set
    return services.customer_update(
        actor=actor_of(request),
        customer_id=customer_id,
        values={name: getattr(payload, name) for name in own},
        duplicate_reason=payload.duplicate_reason,
        expected_version=expected_version(request, payload.expected_version),
    )


for _path, _service, _permission, _schema in (
    ("activate", services.customer_activate, rights.CUSTOMER_ACTIVATE, VersionIn),
    ("resume", services.customer_resume, rights.CUSTOMER_ACTIVATE, VersionIn),
    ("suspend", services.customer_suspend, rights.CUSTOMER_SUSPEND, ReasonIn),
    ("close", services.customer_close, rights.CUSTOMER_SUSPEND, ReasonIn),
    ("reopen", services.customer_reopen, rights.CUSTOMER_ACTIVATE, ReasonIn),
    ("hand-over", services.customer_hand_over, rights.CUSTOMER_HAND_OVER, HandOverIn),
):
    act_endpoint(
        router, f"/customers/{{customer_id}}/{_path}", _service, permission=_permission,
        schema_in=_schema, schema_out=CustomerOut,
    )  # fmt: skip
