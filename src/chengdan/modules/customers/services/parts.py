"""Building contacts, addresses, shipping data and invoice details from drafts."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.modules.customers import divisions, rules
from chengdan.modules.customers.models import (
    Address,
    Contact,
    Customer,
    ShippingData,
    TaxTitle,
)
from chengdan.modules.customers.services.cleaning import Cleaner
from chengdan.modules.customers.services.drafts import (
    AddressDraft,
    ContactDraft,
    ShippingDraft,
    TaxTitleDraft,
)
from chengdan.modules.customers.vocabulary import AddressKind, InvoiceKind

CONTACT_PERSONAL = ("name", "phone", "mobile", "email", "chat_name")
ADDRESS_PERSONAL = ("receiver", "phone", "detail")
SHIPPING_PERSONAL = ("receiver", "receiver_phone")
_EMAIL = _("This is not a mail address.")
_NAME = _("A contact needs a name.")
_DETAIL = _("An address needs street and number.")
_DIVISION = _("There is no such administrative division.")
_TAX_NUMBER = _("A tax number has 15 to 20 letters and digits.")
_TAX_ABROAD = _("A tax number has 4 to 30 letters and digits.")
_BANK_ACCOUNT = _("A bank account has 6 to 34 letters and digits.")
SHIPPING_EMPTY = _(
    "There is nothing to check yet: enter carrier, station, receiver or unloading notes first."
)
_SPECIAL = _(
    "A special VAT invoice needs a tax number; the customer has no credit code of its own."
)
_KIND = _("This is not one of the kinds.")

Personal = dict[str, str]


def email_clean(cleaner: Cleaner, field: str, value: str) -> str:
    """Return a mail address; "" with a fault noted when it is none."""
    text = value.strip()
    if text:
        try:
            validate_email(text)
        except ValidationError:
            cleaner.refuse(field, "email", _EMAIL)
            return ""
    return text


def _personal(row: object, names: tuple[str, ...]) -> Personal:
    return {name: str(getattr(row, name)) for name in names if getattr(row, name)}


def contact_build(
    cleaner: Cleaner, customer: Customer, draft: ContactDraft
) -> tuple[Contact, Personal]:
    """Return an unsaved contact and its personal values."""
    if not draft.name.strip():
        cleaner.refuse(cleaner.named("contact", "name"), "required", _NAME)
    contact = Contact(
        customer=customer,
        name=draft.name.strip()[:80],
        job=draft.job.strip()[:80],
        phone=cleaner.phone(cleaner.named("contact", "phone"), draft.phone, customer.country),
        mobile=cleaner.phone(cleaner.named("contact", "mobile"), draft.mobile, customer.country),
        email=email_clean(cleaner, cleaner.named("contact", "email"), draft.email),
        chat_name=draft.chat_name.strip()[:60],
        is_primary=draft.is_primary,
        note=draft.note.strip()[:300],
    )
    return contact, _personal(contact, CONTACT_PERSONAL)


def address_build(
    cleaner: Cleaner, customer: Customer, draft: AddressDraft
) -> tuple[Address, Personal]:
    """Return an unsaved address with codes and names of its divisions, and personal values."""
    if draft.kind not in AddressKind.values:
        cleaner.refuse(cleaner.named("address", "kind"), "choice", _KIND)
    if not draft.detail.strip():
        cleaner.refuse(cleaner.named("address", "detail"), "required", _DETAIL)
    country = cleaner.country(cleaner.named("address", "country"), draft.country or "CN")
    address = Address(
        customer=customer,
        kind=draft.kind,
        label=draft.label.strip()[:60],
        is_default=draft.is_default,
        country=country,
        detail=draft.detail.strip()[:300],
        postcode=draft.postcode.strip()[:20],
        receiver=draft.receiver.strip()[:80],
        phone=cleaner.phone(cleaner.named("address", "phone"), draft.phone, country),
    )
    if draft.division_code:
        _division_fill(cleaner, address, draft.division_code)
    else:
        _names_fill(address, draft)
    return address, _personal(address, ADDRESS_PERSONAL)


def _division_fill(cleaner: Cleaner, address: Address, code: str) -> None:
    line = divisions.path_of(code)
    if not line:
        cleaner.refuse(cleaner.named("address", "division"), "division", _DIVISION)
    _line_set(address, line)


def _line_set(address: Address, line: list[divisions.Division]) -> None:
    names = {1: "province", 2: "city", 3: "area", 4: "street"}
    for item in line:
        setattr(address, names[item.level], item.name)
        setattr(address, f"{names[item.level]}_code", item.code)
    if address.area and not address.city:
        # Districts of a municipality stand directly below it.
        address.city, address.city_code = address.province, address.province_code


def _names_fill(address: Address, draft: AddressDraft) -> None:
    given = [draft.province, draft.city, draft.area, draft.street]
    address.province, address.city, address.area, address.street = (
        text.strip()[:60] for text in given
    )
    if address.country != "CN":
        return
    parent, line = "", []
    for text in given:
        found = divisions.division_by_name(text, parent)
        if found is not None:
            line.append(found)
            parent = found.code
    _line_set(address, line)


def shipping_build(
    cleaner: Cleaner, customer: Customer, draft: ShippingDraft, checked_by: int | None = None
) -> tuple[ShippingData, Personal]:
    """Return unsaved shipping data and their personal values."""
    shipping = ShippingData(
        customer=customer,
        carrier=draft.carrier.strip()[:120],
        station=draft.station.strip()[:120],
        receiver=draft.receiver.strip()[:80],
        receiver_phone=cleaner.phone("receiver_phone", draft.receiver_phone, customer.country),
        unloading=draft.unloading.strip(),
    )
    if draft.is_checked and shipping.is_empty:
        cleaner.refuse("carrier", "required", SHIPPING_EMPTY)
    elif draft.is_checked:
        shipping.checked_on = clock.today()
        shipping.checked_by_id = checked_by
    return shipping, _personal(shipping, SHIPPING_PERSONAL)


def tax_title_build(cleaner: Cleaner, customer: Customer, draft: TaxTitleDraft) -> TaxTitle:
    """Return unsaved invoice details."""
    if draft.invoice_kind not in InvoiceKind.values:
        cleaner.refuse("invoice_kind", "choice", _KIND)
    number = rules.code_pack(draft.tax_number)
    if number and not rules.tax_number_is_likely(number, customer.country):
        message = _TAX_NUMBER if rules.is_china(customer.country) else _TAX_ABROAD
        cleaner.refuse("tax_number", "tax_number", message)
    is_special = draft.invoice_kind == InvoiceKind.SPECIAL and rules.is_china(customer.country)
    if is_special and not (number or customer.uscc):
        cleaner.refuse("tax_number", "required", _SPECIAL)
    account = rules.code_pack(draft.bank_account)
    if account and not rules.bank_account_is_likely(account):
        cleaner.refuse("bank_account", "bank_account", _BANK_ACCOUNT)
    return TaxTitle(
        customer=customer,
        invoice_kind=draft.invoice_kind,
        title=draft.title.strip()[:200],
        tax_number=number,
        address=draft.address.strip()[:300],
        phone=cleaner.phone(cleaner.named("tax", "phone"), draft.phone, customer.country),
        bank_name=draft.bank_name.strip()[:120],
        bank_account=account,
        email=email_clean(cleaner, cleaner.named("tax", "email"), draft.email),
    )
