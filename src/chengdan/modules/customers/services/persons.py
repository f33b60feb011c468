"""Contacts; opening masked personal values is an act that leaves an entry (PIPL)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.transactions import write
from chengdan.modules.customers import rules
from chengdan.modules.customers.access import access_customer_for
from chengdan.modules.customers.models import Address, Contact, Customer, ShippingData
from chengdan.modules.customers.services.cleaning import Cleaner
from chengdan.modules.customers.services.drafts import ContactDraft
from chengdan.modules.customers.services.parts import CONTACT_PERSONAL, contact_build
from chengdan.modules.customers.vocabulary import rights

_FIELDS = ("name", "job", "phone", "mobile", "email", "chat_name", "is_primary", "note")
_PRIMARY = _("Name another main contact first.")


def contact_add(*, actor: Actor, customer_id: int, draft: ContactDraft) -> Contact:
    """Add a contact; the first one is the main contact.

    Raises:
        InvalidError: no name, or a phone or mail that cannot exist.
    """
    with write():
        customer = access_customer_for(actor, customer_id, rights.CONTACT_EDIT)
        contact, personal = _built(customer, draft)
        others = Contact.objects.filter(customer=customer, is_active=True)
        contact.is_primary = draft.is_primary or not others.exists()
        if contact.is_primary:
            others.filter(is_primary=True).update(is_primary=False)
        contact.save(force_insert=True)
        audit_record(
            actor, rights.CONTACT_ADDED, customer,
            after={"contact": contact.pk, "job": contact.job, "is_primary": contact.is_primary},
            personal=personal,
        )  # fmt: skip
    return contact


def contact_change(*, actor: Actor, contact_id: int, draft: ContactDraft) -> Contact:
    """Change a contact.

    Raises:
        NotFoundError: none, or its customer is not visible.
        InvalidError: as in `contact_add`, or the only main contact would lose that mark.
    """
    with write():
        contact, customer = _locked(actor, contact_id)
        built, _personal = _built(customer, draft)
        if contact.is_primary and not draft.is_primary:
            raise InvalidError(FieldIssue("is_primary", "primary", _PRIMARY))
        changed = [name for name in _FIELDS if getattr(contact, name) != getattr(built, name)]
        if not changed:
            return contact
        if draft.is_primary and not contact.is_primary:
            Contact.objects.filter(customer=customer, is_primary=True).update(is_primary=False)
        before = {name: getattr(contact, name) for name in changed if name not in CONTACT_PERSONAL}
        for name in changed:
            setattr(contact, name, getattr(built, name))
        contact.save(update_fields=changed)
        audit_record(
            actor, rights.CONTACT_CHANGED, customer,
            before=before,
            after={"contact": contact.pk} | {name: getattr(contact, name) for name in before},
            personal={n: str(getattr(contact, n)) for n in changed if n in CONTACT_PERSONAL},
        )  # fmt: skip
    return contact


def contact_remove(*, actor: Actor, contact_id: int) -> None:
    """Take a contact out of use; documents that name it keep it.

    Raises:
        NotFoundError: none, or its customer is not visible.
    """
    with write():
        contact, customer = _locked(actor, contact_id)
        was_primary = contact.is_primary
        contact.is_active = contact.is_primary = False
        contact.save(update_fields=["is_active", "is_primary"])
        heir = Contact.objects.filter(customer=customer, is_active=True).order_by("id").first()
        if was_primary and heir is not None:
            heir.is_primary = True
            heir.save(update_fields=["is_primary"])
        audit_record(actor, rights.CONTACT_REMOVED, customer, after={"contact": contact.pk})


def contact_reveal(*, actor: Actor, contact_id: int) -> dict[str, str]:
    """Return the personal values of a contact in the open and log that the actor saw them.

    Raises:
        NotFoundError: none, or its customer is not visible.
        ForbiddenError: no right to open personal data.

    Source: decisions.md §18.
    """
    with write():
        contact = _find(contact_id)
        customer = access_customer_for(actor, contact.customer_id, rights.CONTACT_REVEAL)
        audit_record(actor, rights.PERSONAL_REVEALED, customer, after={"contact": contact.pk})
    return {
        "phone": rules.phone_display(contact.phone),
        "mobile": rules.phone_display(contact.mobile),
        "email": contact.email,
        "chat_name": contact.chat_name,
    }


def place_reveal(*, actor: Actor, customer_id: int, address_id: int | None = None) -> str:
    """Return the receiver's phone of an address, or of the shipping data, and log it.

    Raises:
        NotFoundError: none, or the customer is not visible.
        ForbiddenError: no right to open personal data.
    """
    with write():
        customer = access_customer_for(actor, customer_id, rights.CONTACT_REVEAL)
        phone: str | None
        if address_id is None:
            rows = ShippingData.objects.filter(customer=customer)
            phone = rows.values_list("receiver_phone", flat=True).first()
        else:
            places = Address.objects.filter(customer=customer, pk=address_id)
            phone = places.values_list("phone", flat=True).first()
        if phone is None:
            raise NotFoundError
        audit_record(
            actor, rights.PERSONAL_REVEALED, customer,
            after={"address": address_id} if address_id else {"shipping": customer.pk},
        )  # fmt: skip
    return rules.phone_display(phone)


def _built(customer: Customer, draft: ContactDraft) -> tuple[Contact, dict[str, str]]:
    cleaner = Cleaner(0)
    contact, personal = contact_build(cleaner, customer, draft)
    if cleaner.issues:
        raise InvalidError(cleaner.issues)
    return contact, personal


def _find(contact_id: int) -> Contact:
    contact = Contact.objects.filter(pk=contact_id, is_active=True).first()
    if contact is None:
        raise NotFoundError
    return contact


def _locked(actor: Actor, contact_id: int) -> tuple[Contact, Customer]:
    customer_id = _find(contact_id).customer_id
    customer = access_customer_for(actor, customer_id, rights.CONTACT_EDIT)
    return _find(contact_id), customer
