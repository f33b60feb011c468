"""The room below /api/v1/customers/: customers with contacts and addresses."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import Field

from chengdan.kernel.http.paging import PageQuery, keyset_page
from chengdan.kernel.http.routing import act, act_endpoint, api_router, expected_version, read
from chengdan.kernel.http.schemas import Id, Line, OutSchema, Page, StrictSchema, Text, Version
from chengdan.kernel.requests import actor_of
from chengdan.modules.customers import services
from chengdan.modules.customers.http_api.belongings import AddressIn, AddressOut, ContactIn
from chengdan.modules.customers.selectors import addresses_of, customer_get, customers_visible
from chengdan.modules.customers.services import AddressDraft, ContactDraft, CustomerDraft
from chengdan.modules.customers.vocabulary import rights
from chengdan.modules.people.access import can

router = api_router("customers")


class CustomerValues(StrictSchema):
    """What may be changed of a customer; what is not named stays."""

    name: Line = Field("", examples=["广州和兴食品有限公司"])
    short_name: Line = Field("", max_length=60)
    uscc: Line = Field("", max_length=18)
    phone: Line = Field("", max_length=40)
    territory_id: Id | None = None
    slt_member_id: Id | None = None
    payment_term_days: int | None = Field(None, ge=0, le=3650)
    pay_first: bool = False
    language: Literal["zh-hans", "zh-hant", "en"] = "zh-hans"
    note: Text = ""


class CustomerIn(CustomerValues):
    """A new customer."""

    code: Line = Field("", max_length=40, description="Empty takes the next number.")
    owner_id: Id | None = Field(None, description="Responsible; empty takes the caller.")
    contacts: list[ContactIn] = Field(default_factory=list, max_length=50)
    addresses: list[AddressIn] = Field(default_factory=list, max_length=50)
    duplicate_reason: Line = ""


class CustomerChange(CustomerValues):
    """New values of a customer."""

    duplicate_reason: Line = ""
    expected_version: Version | None = None


class VersionIn(StrictSchema):
    """The version that the caller saw."""

    expected_version: Version | None = None


class ReasonIn(VersionIn):
    """An act that says why."""

    reason: Text


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
def customer_list(request: HttpRequest, query: Query[PageQuery], code: str = "") -> Any:
    """List the customers that the caller may see."""
    rows = customers_visible(actor_of(request))
    return keyset_page(rows.filter(code=code) if code else rows, query)


@read(router, "/customers/{customer_id}", permission=rights.CUSTOMER_VIEW, response=CustomerOut,
      operation_id="customer_get", summary=_("A customer"))  # fmt: skip
def customer_show(request: HttpRequest, customer_id: Id) -> Any:
    """Return one customer."""
    return customer_get(actor_of(request), customer_id)


@read(router, "/customers/{customer_id}/addresses", permission=rights.CONTACT_REVEAL,
      response=list[AddressOut], operation_id="customer_addresses",
      summary=_("Addresses of a customer"))  # fmt: skip
def customer_addresses(request: HttpRequest, customer_id: Id) -> Any:
    """Return the addresses in the open; the right to open them is needed."""
    customer = customer_get(actor_of(request), customer_id)
    is_open = can(actor_of(request), rights.CONTACT_REVEAL, customer)
    return addresses_of(customer.pk) if is_open else []


@act(router, "/customers", permission=rights.CUSTOMER_CREATE, response=CustomerOut,
     operation_id="customer_create", status=201, summary=_("Create a customer"))  # fmt: skip
def customer_create(request: HttpRequest, payload: CustomerIn) -> Any:
    """Create a customer as a draft."""
    values = {name: getattr(payload, name) for name in type(payload).model_fields}
    values["contacts"] = tuple(ContactDraft(**dict(item)) for item in payload.contacts)
    values["addresses"] = tuple(AddressDraft(**dict(item)) for item in payload.addresses)
    draft = CustomerDraft(origin="api", **values)
    return services.customer_create(actor=actor_of(request), draft=draft)


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
