"""Contacts, addresses, shipping data and invoice details of a customer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import PageHead, Toast, done, form_answer, page, render_fragment
from chengdan.modules.customers import rules, services
from chengdan.modules.customers.models import Address, Contact, Customer
from chengdan.modules.customers.selectors import customer_get
from chengdan.modules.customers.vocabulary import rights
from chengdan.modules.customers.web import forms
from chengdan.modules.customers.web.common import GET_POST, crumbs_of, show_url
from chengdan.modules.people.access import authorise


def _head(title: Any, customer: Customer) -> PageHead:
    return PageHead(title, customer.code, crumbs=crumbs_of(customer))


def _contact(actor: Actor, pk: int) -> tuple[Contact, Customer]:
    contact = Contact.objects.filter(pk=pk, is_active=True).first()
    if contact is None:
        raise NotFoundError
    return contact, customer_get(actor, contact.customer_id)


def _address(actor: Actor, pk: int) -> tuple[Address, Customer]:
    address = Address.objects.filter(pk=pk, is_active=True).first()
    if address is None:
        raise NotFoundError
    return address, customer_get(actor, address.customer_id)


@page(permission=rights.CONTACT_EDIT, methods=GET_POST)
def contact_add(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Add a contact."""
    actor = actor_of(request)
    customer = customer_get(actor, pk)

    def run(data: dict[str, Any]) -> Contact:
        draft = services.ContactDraft(**data)
        return services.contact_add(actor=actor, customer_id=pk, draft=draft)

    return form_answer(
        request, forms.ContactForm(request.POST or None), _head(_("New contact"), customer), run,
        url=show_url(pk), toast=_("Contact added."),
    )  # fmt: skip


@page(permission=rights.CONTACT_EDIT, methods=GET_POST)
def contact_edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a contact; whoever changes it sees its values, which is logged like an opening."""
    actor = actor_of(request)
    contact, customer = _contact(actor, pk)
    authorise(actor, rights.CONTACT_EDIT, customer)
    initial = {name: getattr(contact, name) for name in forms.ContactForm.base_fields}
    if request.method != "POST":
        initial |= services.contact_reveal(actor=actor, contact_id=pk)

    def run(data: dict[str, Any]) -> Contact:
        draft = services.ContactDraft(**data)
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
    customer = customer_get(actor, pk)
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
    address, customer = _address(actor, pk)
    names = ("kind", "label", "country", "province", "city", "detail", "postcode", "receiver",
             "is_default", "province_code", "city_code", "area_code", "street_code")  # fmt: skip
    initial = {name: getattr(address, name) for name in names}
    if request.method != "POST" and address.phone:
        initial["phone"] = services.place_reveal(
            actor=actor, customer_id=customer.pk, address_id=pk
        )
    form = forms.AddressForm(request.POST or None, initial=initial)

    def run(data: dict[str, Any]) -> Address:
        return services.address_change(actor=actor, address_id=pk, draft=form.draft())

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
    _row, customer = _address(actor, pk)
    services.address_remove(actor=actor, address_id=pk)
    return done(request, show_url(customer.pk), Toast(_("Address removed.")))


@page(permission=rights.CONTACT_REVEAL, methods=["POST"])
def address_reveal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the receiver's phone of an address; the opening is logged."""
    actor = actor_of(request)
    _row, customer = _address(actor, pk)
    phone = services.place_reveal(actor=actor, customer_id=customer.pk, address_id=pk)
    return render_fragment(request, "customers/panels/_revealed.html", values=[phone])


@page(permission=rights.SHIPPING_EDIT, methods=GET_POST)
def shipping(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change the shipping data; saving counts as the check of this month."""
    actor = actor_of(request)
    customer = customer_get(actor, pk)
    data = getattr(customer, "shipping", None)
    initial: dict[str, Any] = {}
    if data is not None:
        initial = {name: getattr(data, name) for name in forms.ShippingForm.base_fields}
        initial["receiver_phone"] = rules.phone_display(data.receiver_phone)

    def run(values: dict[str, Any]) -> object:
        draft = services.ShippingDraft(**values)
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
    customer = customer_get(actor, pk)
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
