"""Cards of a customer's page: contacts, addresses, shipping data, invoice details."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.ui import Act, Chip, Fact, Panel
from chengdan.kernel.ui.parts import Text
from chengdan.modules.customers import rules
from chengdan.modules.customers.models import Address, Customer, ShippingData, TaxTitle
from chengdan.modules.customers.selectors import addresses_of, contacts_of, place_view
from chengdan.modules.customers.services.parts import SHIPPING_EMPTY
from chengdan.modules.customers.vocabulary import rights
from chengdan.modules.people.access import can

_FACTS = "customers/panels/_facts.html"


def _rights(actor: Actor, customer: Customer) -> dict[str, object]:
    return {
        "may_reveal": can(actor, rights.CONTACT_REVEAL, customer),
        "may_edit": can(actor, rights.CONTACT_EDIT, customer),
    }


def contacts_panel(actor: Actor, customer: Customer) -> Panel:
    """Contacts with masked numbers and a button that opens and logs."""
    return Panel(
        _("Contacts"),
        "customers/panels/_contacts.html",
        {"contacts": contacts_of(customer.pk), **_rights(actor, customer)},
        acts=[Act("contact", _("Add"), reverse("customers:contact_add", args=[customer.pk]),
                  icon="plus", permission=rights.CONTACT_EDIT)],
        code="contacts",
    )  # fmt: skip


def _place(address: Address) -> dict[str, object]:
    receiver, phone = place_view(address)
    return {"address": address, "receiver": receiver, "phone": phone}


def addresses_panel(actor: Actor, customer: Customer) -> Panel:
    """Bill-to and ship-to addresses."""
    return Panel(
        _("Addresses"),
        "customers/panels/_addresses.html",
        {"places": [_place(item) for item in addresses_of(customer.pk)],
         **_rights(actor, customer)},
        acts=[Act("address", _("Add"), reverse("customers:address_add", args=[customer.pk]),
                  icon="plus", permission=rights.CONTACT_EDIT)],
        code="addresses",
    )  # fmt: skip


def shipping_panel(customer: Customer) -> Panel:
    """Shipping data with the day of the last check (SHP-05)."""
    data: ShippingData | None = getattr(customer, "shipping", None)
    key = [customer.pk]
    acts = [
        Act("shipping", _("Change"), reverse("customers:shipping", args=key), icon="edit",
            permission=rights.SHIPPING_EDIT),
        Act("confirm", _("Checked, all is right"),
            reverse("customers:shipping_confirm", args=key), method="post", icon="check",
            permission=rights.SHIPPING_EDIT, disabled=shipping_refusal(data)),
    ]  # fmt: skip
    facts = []
    if data is not None:
        receiver, phone = place_view(data)
        facts = [
            Fact(_("Designated carrier"), data.carrier),
            Fact(_("Forwarding station"), data.station),
            Fact(_("Receiver"), f"{receiver} {phone}".strip()),
            Fact(_("Unloading notes"), data.unloading),
            Fact(_("Checked on"), data.checked_on, "day"),
        ]
    months = parameter_value(customer.company_id, rights.SHIPPING_CHECK_MONTHS)
    checked = data.checked_on if data else None
    is_due = customer.is_active and rules.is_stale(checked, clock.today(), int(str(months)))
    chips = [Chip(_("check due"), "soon")] if is_due else []
    return Panel(
        _("Shipping data"), _FACTS, {"facts": facts}, chips=chips, acts=acts, code="shipping"
    )


def shipping_refusal(data: ShippingData | None) -> Text:
    """Return why the shipping data cannot be marked as checked, "" when they can."""
    return SHIPPING_EMPTY if data is None or data.is_empty else ""


def tax_title_panel(customer: Customer) -> Panel:
    """Invoice details; what is empty is taken from the customer."""
    data: TaxTitle | None = getattr(customer, "tax_title", None)
    facts = [
        Fact(_("Title on the invoice"), (data and data.title) or customer.name),
        Fact(_("Tax number"), (data and data.tax_number) or customer.uscc),
    ]
    if data is not None:
        facts += [
            Fact(_("Kind of invoice"), data.get_invoice_kind_display()),
            Fact(_("Registered address"), data.address),
            Fact(_("Registered phone"), rules.phone_display(data.phone)),
            Fact(_("Bank"), data.bank_name),
            Fact(_("Bank account"), data.bank_account),
            Fact(_("Mail for invoices"), data.email),
        ]
    act = Act("tax_title", _("Change"), reverse("customers:tax_title", args=[customer.pk]),
              icon="edit", permission=rights.CUSTOMER_EDIT)  # fmt: skip
    return Panel(_("Invoice details"), _FACTS, {"facts": facts}, acts=[act], code="invoicing")
