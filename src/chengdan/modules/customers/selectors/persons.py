"""Contacts and addresses with personal values hidden; opening them is a service that is logged."""

from __future__ import annotations

from dataclasses import dataclass

from chengdan.modules.customers import rules
from chengdan.modules.customers.models import Address, Contact, ShippingData


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact as the page shows it without the right to open personal data."""

    id: int
    name: str
    job: str
    phone: str
    mobile: str
    email: str
    chat_name: str
    is_primary: bool
    note: str

    @property
    def has_hidden(self) -> bool:
        """True when there is something to open."""
        return bool(self.phone or self.mobile or self.email or self.chat_name)


def contacts_of(customer_id: int) -> list[ContactView]:
    """Return the contacts in use, masked; the caller has checked the right to see them.

    Source: decisions.md §18.
    """
    rows = Contact.objects.filter(customer_id=customer_id, is_active=True)
    return [contact_view(row) for row in rows.order_by("-is_primary", "id")]


def contact_view(contact: Contact) -> ContactView:
    """Return one contact, masked; the caller has checked the right to see it."""
    return ContactView(
        id=contact.pk,
        name=contact.name,
        job=contact.job,
        phone=rules.mask_phone(contact.phone),
        mobile=rules.mask_phone(contact.mobile),
        email=rules.mask_email(contact.email),
        chat_name=rules.mask_text(contact.chat_name),
        is_primary=contact.is_primary,
        note=contact.note,
    )


def mail_address(customer_id: int) -> str:
    """Return the address that the system's own mails to a customer go to, "" for none.

    For sending only; it is never shown, so it needs no right to open personal data.
    """
    rows = Contact.objects.filter(customer_id=customer_id, is_active=True).exclude(email="")
    return rows.order_by("-is_primary", "id").values_list("email", flat=True).first() or ""


def place_view(place: Address | ShippingData) -> tuple[str, str]:
    """Return (receiver, masked phone) of an address or of shipping data."""
    phone = place.phone if isinstance(place, Address) else place.receiver_phone
    return place.receiver, rules.mask_phone(phone)
