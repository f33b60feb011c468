"""Contacts, addresses, shipping data and invoice details of a customer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import PageHead, Toast, done, form_answer, page, render_fragment
from chengdan.modules.customers import rules, services
from chengdan.modules.customers.models import Address, Contact, Customer, ShippingData
from chengdan.modules.customers.selectors import contact_view, customer_get, place_view
from chengdan.modules.customers.vocabulary import rights
from chengdan.modules.customers.web import forms
from chengdan.modules.customers.web.common import GET_POST, crumbs_of, show_url
from chengdan.modules.people.access import authorise, can

_HIDDEN = ("phone", "mobile", "email", "chat_name")


def _head(title: Any, customer: Customer) -> PageHead:
    return PageHead(title, customer.code, crumbs=crumbs_of(customer))


def _customer(actor: Actor, pk: int, right: str) -> Customer:
    """Return a customer whose form the actor may open."""
    customer = customer_get(actor, pk)
    authorise(actor, right, customer)
    return customer


def _contact(actor: Actor, pk: int) -> tuple[Contact, Customer]:
    contact = Contact.objects.filter(pk=pk, is_active=True).first()
    if contact is None:
        raise NotFoundError
    return contact, _customer(actor, contact.customer_id, rights.CONTACT_EDIT)


def _address(actor: Actor, pk: int, right: str) -> tuple[Address, Customer]:
    address = Address.objects.filter(pk=pk, is_active=True).first()
    if address is None:
        raise NotFoundError
    return address, _customer(actor, address.customer_id, right)


def _phone(request: HttpRequest, customer: Customer, place: Address | ShippingData) -> str:
    """Return the receiver's phone for a form: opened and logged, or masked without the right."""
    actor, masked = actor_of(request), place_view(place)[1]
    if request.method == "POST" or not masked or not can(actor, rights.CONTACT_REVEAL, customer):
        return masked
    address_id = place.pk if isinstance(place, Address) else None
    return services.place_reveal(actor=actor, customer_id=customer.pk, address_id=address_id)


def _kept(given: str, stored: str, masked: str) -> str:
    """Return what a form gave; the masked value that came back is the stored one."""
    return stored if given == masked else given


@page(permission=rights.CONTACT_EDIT, methods=GET_POST)
def contact_add(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Add a contact."""
    actor = actor_of(request)
    customer = _customer(actor, pk, rights.CONTACT_EDIT)

    def run(data: dict[str, Any]) -> Contact:
        draft = services.ContactDraft(**data)
        return services.contact_add(actor=actor, customer_id=pk, draft=draft)

    return form_answer(
        request, forms.ContactForm(request.POST or None), _head(_("New contact"), customer), run,
        url=show_url(pk), toast=_("Contact added."),
    )  # fmt: skip


@page(permission=rights.CONTACT_EDIT, methods=GET_POST)
def contact_edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a contact: with its values opened and logged, or masked without the right."""
    actor = actor_of(request)
    contact, customer = _contact(actor, pk)
    view = contact_view(contact)
    masked = {name: getattr(view, name) for name in _HIDDEN}
    initial = {name: getattr(contact, name) for name in forms.ContactForm.base_fields} | masked
    if request.method != "POST" and can(actor, rights.CONTACT_REVEAL, customer):
        initial |= services.contact_reveal(actor=actor, contact_id=pk)

    def run(data: dict[str, Any]) -> Contact:
        kept = {name: _kept(data[name], getattr(contact, name), masked[name]) for name in masked}
        draft = services.ContactDraft(**data | kept)
        return services.contact_change(actor=actor, contact_id=pk, draft=draft)

    return form_answer(
        request, forms.ContactForm(request.POST or None, initial=initial),
        _head(_("Change contact"), customer), run,
        url=show_url(customer.pk), toast=_("Contact changed."),
    )  # fmt: skip


@page(permission=rights.CONTACT_EDIT, methods=["POST"])
def contact_remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a contact out of use."""
    actor = actor_of(request)
    _row, customer = _contact(actor, pk)
    services.contact_remove(actor=actor, contact_id=pk)
    return done(request, show_url(customer.pk), Toast(_("Contact removed.")))


@page(permission=rights.CONTACT_REVEAL, methods=["POST"])
def contact_reveal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the personal values of a contact; the opening is logged."""
    values = services.contact_reveal(actor=actor_of(request), contact_id=pk)
    shown = [value for value in values.values() if value]
    return render_fragment(request, "customers/panels/_revealed.html", values=shown)


@page(permission=rights.CONTACT_EDIT, methods=GET_POST)
def address_add(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Add an address."""
    actor = actor_of(request)
    customer = _customer(actor, pk, rights.CONTACT_EDIT)
    initial = {"kind": request.GET.get("kind", "ship_to"), "country": customer.country}
    form = forms.AddressForm(request.POST or None, initial=initial)

    def run(data: dict[str, Any]) -> Address:
        return services.address_add(actor=actor, customer_id=pk, draft=form.draft())

    return form_answer(
        request, form, _head(_("New address"), customer), run,
        url=show_url(pk), toast=_("Address added."),
    )  # fmt: skip


@page(permission=rights.CONTACT_EDIT, methods=GET_POST)
def address_edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change an address."""
    actor = actor_of(request)
    address, customer = _address(actor, pk, rights.CONTACT_EDIT)
    names = ("kind", "label", "country", "province", "city", "detail", "postcode", "receiver",
             "is_default", "province_code", "city_code", "area_code", "street_code")  # fmt: skip
    initial = {name: getattr(address, name) for name in names}
    initial["phone"] = _phone(request, customer, address)
    form = forms.AddressForm(request.POST or None, initial=initial)

    def run(data: dict[str, Any]) -> Address:
        phone = _kept(data["phone"], address.phone, place_view(address)[1])
        draft = replace(form.draft(), phone=phone)
        return services.address_change(actor=actor, address_id=pk, draft=draft)

    return form_answer(
        request, form, _head(_("Change address"), customer), run,
        url=show_url(customer.pk), toast=_("Address changed."),
    )  # fmt: skip


@page(permission=rights.CONTACT_EDIT, methods=["POST"])
def address_default(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Make an address the default of its kind."""
    address = services.address_default_set(actor=actor_of(request), address_id=pk)
    return done(request, show_url(address.customer_id), Toast(_("Default address changed.")))


@page(permission=rights.CONTACT_EDIT, methods=["POST"])
def address_remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take an address out of use."""
    actor = actor_of(request)
    _row, customer = _address(actor, pk, rights.CONTACT_EDIT)
    services.address_remove(actor=actor, address_id=pk)
    return done(request, show_url(customer.pk), Toast(_("Address removed.")))


@page(permission=rights.CONTACT_REVEAL, methods=["POST"])
def address_reveal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the receiver's phone of an address; the opening is logged."""
    actor = actor_of(request)
    _row, customer = _address(actor, pk, rights.CONTACT_REVEAL)
    phone = services.place_reveal(actor=actor, customer_id=customer.pk, address_id=pk)
    return render_fragment(request, "customers/panels/_revealed.html", values=[phone])


@page(permission=rights.SHIPPING_EDIT, methods=GET_POST)
def shipping(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change the shipping data; saving counts as the check of this month."""
    actor = actor_of(request)
    customer = _customer(actor, pk, rights.SHIPPING_EDIT)
    data: ShippingData | None = getattr(customer, "shipping", None)
    initial: dict[str, Any] = {}
    if data is not None:
        initial = {name: getattr(data, name) for name in forms.ShippingForm.base_fields}
        initial["receiver_phone"] = _phone(request, customer, data)

    def run(values: dict[str, Any]) -> object:
        draft = services.ShippingDraft(**values)
        if data is not None:
            phone = _kept(draft.receiver_phone, data.receiver_phone, place_view(data)[1])
            draft = replace(draft, receiver_phone=phone)
        return services.shipping_save(actor=actor, customer_id=pk, draft=draft)

    return form_answer(
        request, forms.ShippingForm(request.POST or None, initial=initial),
        _head(_("Shipping data"), customer), run,
        url=show_url(pk), toast=_("Shipping data saved and checked."),
    )  # fmt: skip


@page(permission=rights.SHIPPING_EDIT, methods=["POST"])
def shipping_confirm(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Note that the shipping data are right."""
    services.shipping_confirm(actor=actor_of(request), customer_id=pk)
    return done(request, show_url(pk), Toast(_("Shipping data checked.")))


@page(permission=rights.CUSTOMER_EDIT, methods=GET_POST)
def tax_title(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change the invoice details."""
    actor = actor_of(request)
    customer = _customer(actor, pk, rights.CUSTOMER_EDIT)
    data = getattr(customer, "tax_title", None)
    initial: dict[str, Any] = {}
    if data is not None:
        initial = {name: getattr(data, name) for name in forms.TaxTitleForm.base_fields}
        initial["phone"] = rules.phone_display(data.phone)

    def run(values: dict[str, Any]) -> object:
        draft = services.TaxTitleDraft(**values)
        return services.tax_title_save(actor=actor, customer_id=pk, draft=draft)

    return form_answer(
        request, forms.TaxTitleForm(request.POST or None, initial=initial),
        _head(_("Invoice details"), customer), run,
        url=show_url(pk), toast=_("Invoice details saved."),
    )  # fmt: skip
