"""Contacts, addresses, shipping and invoice details of a customer over the API."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from chengdan.kernel.actor import Actor
from chengdan.kernel.http.routing import act, act_endpoint, api_router
from chengdan.kernel.http.schemas import Id, Line, OutSchema, StrictSchema
from chengdan.kernel.requests import actor_of
from chengdan.modules.customers import services
from chengdan.modules.customers.vocabulary import rights

router = api_router("customers")


class AddressIn(StrictSchema):
    """An address; names of divisions are matched to codes as far as they fit."""

    kind: Literal["ship_to", "bill_to"] = "ship_to"
    detail: Line = Field(examples=["太和镇和兴路 1 号"])
    province: Line = ""
    city: Line = ""
    area: Line = ""
    country: Line = Field("CN", max_length=2)
    postcode: Line = Field("", max_length=20)
    receiver: Line = Field("", max_length=80)
    phone: Line = Field("", max_length=40)


class ContactIn(StrictSchema):
    """A person at the customer."""

    name: Line = Field(max_length=80, examples=["王芳"])
    job: Line = Field("", max_length=80)
    phone: Line = Field("", max_length=40)
    mobile: Line = Field("", max_length=40)
    email: Line = ""


class ShippingIn(StrictSchema):
    """How goods reach the customer; saving counts as the check of this month."""

    carrier: Line = Field("", max_length=80, examples=["顺达物流"])
    station: Line = Field("", max_length=80)
    receiver: Line = Field("", max_length=80)
    receiver_phone: Line = Field("", max_length=40)
    unloading: Line = ""


class TaxTitleIn(StrictSchema):
    """Invoice details."""

    invoice_kind: Literal["special", "ordinary"] = "special"
    title: Line = Field("", max_length=100, examples=["广州和兴食品有限公司"])
    tax_number: Line = Field("", max_length=20)
    address: Line = ""
    phone: Line = Field("", max_length=40)
    bank_name: Line = Field("", max_length=100)
    bank_account: Line = Field("", max_length=40)
    email: Line = ""


class ContactOut(OutSchema):
    """A contact; phone and mail are opened on its page, where the opening is logged."""

    id: Id
    customer_id: int
    name: str
    job: str
    is_primary: bool
    is_active: bool


class AddressOut(OutSchema):
    """An address of a customer."""

    id: Id
    kind: str
    label: str
    is_default: bool
    one_line: str


class ShippingOut(OutSchema):
    """Carrier and station that the customer designated."""

    customer_id: int
    carrier: str
    station: str


class TaxTitleOut(OutSchema):
    """Invoice details; the bank's are opened on the customer's page."""

    customer_id: int
    invoice_kind: str
    title: str
    tax_number: str


class RemovedOut(OutSchema):
    """What was taken out of use."""

    id: Id


def _values(payload: StrictSchema) -> dict[str, Any]:
    return {name: getattr(payload, name) for name in type(payload).model_fields}


@act(router, "/customers/{customer_id}/contacts", permission=rights.CONTACT_EDIT,
     response=ContactOut, operation_id="contact_add", status=201,
     summary=_("Add a contact"))  # fmt: skip
def contact_add(request: HttpRequest, customer_id: Id, payload: ContactIn) -> Any:
    """Add a contact."""
    draft = services.ContactDraft(**_values(payload))
    return services.contact_add(actor=actor_of(request), customer_id=customer_id, draft=draft)


@act(router, "/contacts/{contact_id}", permission=rights.CONTACT_EDIT, response=ContactOut,
     operation_id="contact_change", method="PUT", summary=_("Change a contact"))  # fmt: skip
def contact_change(request: HttpRequest, contact_id: Id, payload: ContactIn) -> Any:
    """Replace the values of a contact."""
    draft = services.ContactDraft(**_values(payload))
    return services.contact_change(actor=actor_of(request), contact_id=contact_id, draft=draft)


@act(router, "/customers/{customer_id}/addresses", permission=rights.CONTACT_EDIT,
     response=AddressOut, operation_id="address_add", status=201,
     summary=_("Add an address"))  # fmt: skip
def address_add(request: HttpRequest, customer_id: Id, payload: AddressIn) -> Any:
    """Add an address."""
    draft = services.AddressDraft(**_values(payload))
    return services.address_add(actor=actor_of(request), customer_id=customer_id, draft=draft)


@act(router, "/addresses/{address_id}", permission=rights.CONTACT_EDIT, response=AddressOut,
     operation_id="address_change", method="PUT", summary=_("Change an address"))  # fmt: skip
def address_change(request: HttpRequest, address_id: Id, payload: AddressIn) -> Any:
    """Replace the values of an address."""
    draft = services.AddressDraft(**_values(payload))
    return services.address_change(actor=actor_of(request), address_id=address_id, draft=draft)


@act(router, "/customers/{customer_id}/shipping", permission=rights.SHIPPING_EDIT,
     response=ShippingOut, operation_id="shipping_save", method="PUT",
     summary=_("Set carrier and station"))  # fmt: skip
def shipping_save(request: HttpRequest, customer_id: Id, payload: ShippingIn) -> Any:
    """Store how goods reach the customer."""
    draft = services.ShippingDraft(**_values(payload))
    return services.shipping_save(actor=actor_of(request), customer_id=customer_id, draft=draft)


@act(router, "/customers/{customer_id}/tax-title", permission=rights.CUSTOMER_EDIT,
     response=TaxTitleOut, operation_id="tax_title_save", method="PUT",
     summary=_("Set the invoice details"))  # fmt: skip
def tax_title_save(request: HttpRequest, customer_id: Id, payload: TaxTitleIn) -> Any:
    """Store the invoice details."""
    draft = services.TaxTitleDraft(**_values(payload))
    return services.tax_title_save(actor=actor_of(request), customer_id=customer_id, draft=draft)


def contact_remove(*, actor: Actor, contact_id: int) -> dict[str, int]:
    """Take a contact out of use."""
    services.contact_remove(actor=actor, contact_id=contact_id)
    return {"id": contact_id}


def address_remove(*, actor: Actor, address_id: int) -> dict[str, int]:
    """Take an address out of use."""
    services.address_remove(actor=actor, address_id=address_id)
    return {"id": address_id}


act_endpoint(router, "/contacts/{contact_id}/remove", contact_remove,
             permission=rights.CONTACT_EDIT, schema_in=None, schema_out=RemovedOut)  # fmt: skip
act_endpoint(router, "/addresses/{address_id}/remove", address_remove,
             permission=rights.CONTACT_EDIT, schema_in=None, schema_out=RemovedOut)  # fmt: skip
act_endpoint(router, "/addresses/{address_id}/default", services.address_default_set,
             permission=rights.CONTACT_EDIT, schema_in=None, schema_out=AddressOut)  # fmt: skip
act_endpoint(router, "/customers/{customer_id}/shipping/confirm", services.shipping_confirm,
             permission=rights.SHIPPING_EDIT, schema_in=None,
             schema_out=ShippingOut)  # fmt: skip
