"""Contacts, addresses, shipping and invoice details of a customer over the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from chengdan.kernel.actor import Actor
from chengdan.kernel.http.routing import act_endpoint, api_router, read
from chengdan.kernel.http.schemas import Id, Line, OutSchema, StrictSchema, Text
from chengdan.kernel.requests import actor_of
from chengdan.modules.customers import services
from chengdan.modules.customers.selectors import addresses_of, customer_get
from chengdan.modules.customers.vocabulary import rights
from chengdan.modules.people.access import authorise

router = api_router("customers")
Phone = Annotated[str, Field(max_length=40)]


class AddressIn(StrictSchema):
    """An address: the code of its narrowest division, or names that are matched to codes."""

    kind: Literal["ship_to", "bill_to"] = "ship_to"
    label: Annotated[str, Field(max_length=60)] = ""
    detail: Annotated[str, Field(max_length=300, examples=["太和镇和兴路 1 号"])]
    division_code: Annotated[str, Field(max_length=12)] = ""
    province: Annotated[str, Field(max_length=60)] = ""
    city: Annotated[str, Field(max_length=60)] = ""
    area: Annotated[str, Field(max_length=60)] = ""
    street: Annotated[str, Field(max_length=60)] = ""
    country: Annotated[str, Field(max_length=2)] = "CN"
    postcode: Annotated[str, Field(max_length=20)] = ""
    receiver: Annotated[str, Field(max_length=80)] = ""
    phone: Phone = ""
    is_default: bool = Field(False, description="Of a new address; a change leaves it.")


class ContactIn(StrictSchema):
    """A person at the customer."""

    name: Annotated[str, Field(max_length=80, examples=["王芳"])]
    job: Annotated[str, Field(max_length=80)] = ""
    phone: Phone = ""
    mobile: Phone = ""
    email: Line = ""
    chat_name: Annotated[str, Field(max_length=60)] = ""
    is_primary: bool = Field(False, description="The main contact stays it until another is.")
    note: Annotated[str, Field(max_length=300)] = ""


class ShippingIn(StrictSchema):
    """How goods reach the customer; saving counts as the check of this month."""

    carrier: Annotated[str, Field(max_length=120, examples=["顺达物流"])] = ""
    station: Annotated[str, Field(max_length=120)] = ""
    receiver: Annotated[str, Field(max_length=80)] = ""
    receiver_phone: Phone = ""
    unloading: Text = ""


class TaxTitleIn(StrictSchema):
    """Invoice details."""

    invoice_kind: Literal["special", "ordinary"] = "special"
    title: Annotated[Line, Field(examples=["广州和兴食品有限公司"])] = ""
    tax_number: Annotated[str, Field(max_length=40)] = ""
    address: Annotated[str, Field(max_length=300)] = ""
    phone: Phone = ""
    bank_name: Annotated[str, Field(max_length=120)] = ""
    bank_account: Annotated[str, Field(max_length=60)] = ""
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
    """An address of a customer; the receiver's phone is opened on the customer's page."""

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


@read(router, "/customers/{customer_id}/addresses", permission=rights.CONTACT_VIEW,
      response=list[AddressOut], operation_id="customer_addresses",
      summary=_("Addresses of a customer"))  # fmt: skip
def customer_addresses(request: HttpRequest, customer_id: Id) -> Any:
    """Return the addresses in use, default first, as the customer's page shows them."""
    actor = actor_of(request)
    customer = customer_get(actor, customer_id)
    authorise(actor, rights.CONTACT_VIEW, customer)
    return addresses_of(customer.pk)


def contact_remove(*, actor: Actor, contact_id: int) -> dict[str, int]:
    """Take a contact out of use."""
    services.contact_remove(actor=actor, contact_id=contact_id)
    return {"id": contact_id}


def address_remove(*, actor: Actor, address_id: int) -> dict[str, int]:
    """Take an address out of use."""
    services.address_remove(actor=actor, address_id=address_id)
    return {"id": address_id}


act_endpoint(router, "/customers/{customer_id}/contacts", services.contact_add,
             permission=rights.CONTACT_EDIT, schema_in=ContactIn, draft=services.ContactDraft,
             schema_out=ContactOut, status=201, summary=_("Add a contact"))  # fmt: skip
act_endpoint(router, "/contacts/{contact_id}", services.contact_change,
             permission=rights.CONTACT_EDIT, schema_in=ContactIn, draft=services.ContactDraft,
             schema_out=ContactOut, method="PUT", summary=_("Change a contact"))  # fmt: skip
act_endpoint(router, "/contacts/{contact_id}/remove", contact_remove,
             permission=rights.CONTACT_EDIT, schema_in=None, schema_out=RemovedOut)  # fmt: skip
act_endpoint(router, "/customers/{customer_id}/addresses", services.address_add,
             permission=rights.CONTACT_EDIT, schema_in=AddressIn, draft=services.AddressDraft,
             schema_out=AddressOut, status=201, summary=_("Add an address"))  # fmt: skip
act_endpoint(router, "/addresses/{address_id}", services.address_change,
             permission=rights.CONTACT_EDIT, schema_in=AddressIn, draft=services.AddressDraft,
             schema_out=AddressOut, method="PUT", summary=_("Change an address"))  # fmt: skip
act_endpoint(router, "/addresses/{address_id}/remove", address_remove,
             permission=rights.CONTACT_EDIT, schema_in=None, schema_out=RemovedOut)  # fmt: skip
act_endpoint(router, "/addresses/{address_id}/default", services.address_default_set,
             permission=rights.CONTACT_EDIT, schema_in=None, schema_out=AddressOut)  # fmt: skip
act_endpoint(router, "/customers/{customer_id}/shipping", services.shipping_save,
             permission=rights.SHIPPING_EDIT, schema_in=ShippingIn, draft=services.ShippingDraft,
             schema_out=ShippingOut, method="PUT",
             summary=_("Set carrier and station"))  # fmt: skip
act_endpoint(router, "/customers/{customer_id}/shipping/confirm", services.shipping_confirm,
             permission=rights.SHIPPING_EDIT, schema_in=None,
             schema_out=ShippingOut)  # fmt: skip
act_endpoint(router, "/customers/{customer_id}/tax-title", services.tax_title_save,
             permission=rights.CUSTOMER_EDIT, schema_in=TaxTitleIn, draft=services.TaxTitleDraft,
             schema_out=TaxTitleOut, method="PUT",
             summary=_("Set the invoice details"))  # fmt: skip
