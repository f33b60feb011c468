"""What doors hand in, before it is checked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from chengdan.modules.customers.vocabulary import AddressKind, InvoiceKind, TermBasis


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """A person at the customer."""

    name: str
    job: str = ""
    phone: str = ""
    mobile: str = ""
    email: str = ""
    chat_name: str = ""
    is_primary: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """An address; `division_code` is the narrowest division chosen in the picker.

    Attributes:
        province, city, area, street: names, for foreign addresses and for imports, where they
            are matched to codes as far as they fit.
    """

    kind: str = AddressKind.SHIP_TO
    detail: str = ""
    division_code: str = ""
    province: str = ""
    city: str = ""
    area: str = ""
    street: str = ""
    country: str = "CN"
    postcode: str = ""
    label: str = ""
    receiver: str = ""
    phone: str = ""
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class ShippingDraft:
    """How goods reach the customer (SHP-05)."""

    carrier: str = ""
    station: str = ""
    receiver: str = ""
    receiver_phone: str = ""
    unloading: str = ""
    is_checked: bool = True


@dataclass(frozen=True, slots=True)
class TaxTitleDraft:
    """Invoice details."""

    invoice_kind: str = InvoiceKind.SPECIAL
    title: str = ""
    tax_number: str = ""
    address: str = ""
    phone: str = ""
    bank_name: str = ""
    bank_account: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    """A new customer.

    Attributes:
        code: "" takes the next number.
        owner_id: responsible sales manager; None takes the actor.
        slt_member_id: None takes the one of the territory's market, if any.
        duplicate_reason: why it is saved although it may exist already.
        origin: how it came in; see people.ownership.Origin.
    """

    name: str
    code: str = ""
    short_name: str = ""
    uscc: str = ""
    phone: str = ""
    domain: str = ""
    country: str = "CN"
    territory_id: int | None = None
    owner_id: int | None = None
    unit_id: int | None = None
    slt_member_id: int | None = None
    payment_term_days: int | None = None
    payment_term_basis: str = TermBasis.INVOICE
    pay_first: bool = False
    over_delivery_percent: Decimal | None = None
    language: str = "zh-hans"
    currency: str = ""
    value_class: str = ""
    funnel_class: str = ""
    importance_class: str = ""
    relation_class: str = ""
    credit_grade: str = ""
    note: str = ""
    contacts: tuple[ContactDraft, ...] = ()
    addresses: tuple[AddressDraft, ...] = ()
    shipping: ShippingDraft | None = None
    tax_title: TaxTitleDraft | None = None
    duplicate_reason: str = ""
    origin: str = "entered"
