"""Bill-to and ship-to addresses: many of each, one default of each."""

from __future__ import annotations

from django.db.models import QuerySet

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import InvalidError, NotFoundError
from chengdan.kernel.transactions import write
from chengdan.modules.customers.access import access_customer_for
from chengdan.modules.customers.models import Address, Customer
from chengdan.modules.customers.services.cleaning import Cleaner
from chengdan.modules.customers.services.drafts import AddressDraft
from chengdan.modules.customers.services.parts import ADDRESS_PERSONAL, address_build
from chengdan.modules.customers.vocabulary import rights

_FIELDS = (
    "label", "country", "province_code", "city_code", "area_code", "street_code", "province",
    "city", "area", "street", "detail", "postcode", "receiver", "phone",
)  # fmt: skip


def address_add(*, actor: Actor, customer_id: int, draft: AddressDraft) -> Address:
    """Add an address; the first of its kind is the default.

    Raises:
        InvalidError: no street and number, an unknown division or an impossible phone.
    """
    with write():
        customer = access_customer_for(actor, customer_id, rights.CONTACT_EDIT)
        address, personal = _built(customer, draft)
        others = _others(customer, address.kind)
        address.is_default = draft.is_default or not others.exists()
        if address.is_default:
            others.filter(is_default=True).update(is_default=False)
        address.save(force_insert=True)
        after = {"address": address.pk, "kind": address.kind, "is_default": address.is_default}
        audit_record(actor, rights.ADDRESS_ADDED, customer, after=after, personal=personal)
    return address


def address_change(*, actor: Actor, address_id: int, draft: AddressDraft) -> Address:
    """Change an address; its kind and default mark stay.

    Raises:
        NotFoundError: none, or its customer is not visible.
        InvalidError: as in `address_add`.
    """
    with write():
        address, customer = _locked(actor, address_id)
        built, _personal = _built(customer, draft)
        changed = [name for name in _FIELDS if getattr(address, name) != getattr(built, name)]
        if not changed:
            return address
        open_names = [name for name in changed if name not in ADDRESS_PERSONAL]
        before = {name: getattr(address, name) for name in open_names}
        for name in changed:
            setattr(address, name, getattr(built, name))
        address.save(update_fields=changed)
        after = {"address": address.pk} | {name: getattr(address, name) for name in open_names}
        personal = {n: str(getattr(address, n)) for n in changed if n in ADDRESS_PERSONAL}
        audit_record(
            actor, rights.ADDRESS_CHANGED, customer, before=before, after=after, personal=personal
        )
    return address


def address_default_set(*, actor: Actor, address_id: int) -> Address:
    """Make the address the default of its kind.

    Raises:
        NotFoundError: none, or its customer is not visible.
    """
    with write():
        address, customer = _locked(actor, address_id)
        _others(customer, address.kind).filter(is_default=True).update(is_default=False)
        address.is_default = True
        address.save(update_fields=["is_default"])
        after = {"address": address.pk, "is_default": True}
        audit_record(actor, rights.ADDRESS_CHANGED, customer, after=after)
    return address


def address_remove(*, actor: Actor, address_id: int) -> None:
    """Take an address out of use; the oldest other one of its kind becomes the default.

    Raises:
        NotFoundError: none, or its customer is not visible.
    """
    with write():
        address, customer = _locked(actor, address_id)
        was_default = address.is_default
        address.is_active = address.is_default = False
        address.save(update_fields=["is_active", "is_default"])
        heir = _others(customer, address.kind).order_by("id").first()
        if was_default and heir is not None:
            heir.is_default = True
            heir.save(update_fields=["is_default"])
        audit_record(actor, rights.ADDRESS_REMOVED, customer, after={"address": address.pk})


def _others(customer: Customer, kind: str) -> QuerySet[Address]:
    return Address.objects.filter(customer=customer, kind=kind, is_active=True)


def _built(customer: Customer, draft: AddressDraft) -> tuple[Address, dict[str, str]]:
    cleaner = Cleaner(0)
    address, personal = address_build(cleaner, customer, draft)
    if cleaner.issues:
        raise InvalidError(cleaner.issues)
    return address, personal


def _find(address_id: int) -> Address:
    address = Address.objects.filter(pk=address_id, is_active=True).first()
    if address is None:
        raise NotFoundError
    return address


def _locked(actor: Actor, address_id: int) -> tuple[Address, Customer]:
    customer_id = _find(address_id).customer_id
    customer = access_customer_for(actor, customer_id, rights.CONTACT_EDIT)
    return _find(address_id), customer
