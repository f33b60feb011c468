"""What a file of customers may hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.importing import Column, ImportRow
from chengdan.kernel.registry import Registry
from chengdan.modules.customers.vocabulary import (
    AddressKind,
    CreditGrade,
    FunnelClass,
    ImportanceClass,
    RelationClass,
    TermBasis,
    ValueClass,
)

PartApply = Callable[[Actor, Sequence[tuple[int, ImportRow]]], None]


@dataclass(frozen=True, slots=True)
class ImportPart:
    """Columns of customers that a later room keeps.

    Attributes:
        apply: takes (customer id, row) of one chunk, after the customers are stored and before
            they are activated; raises what its service raises.
    """

    code: str
    columns: Sequence[Column]
    apply: PartApply


_parts: Registry[ImportPart] = Registry("parts of the customer import")


def customer_import_part_register(part: ImportPart) -> ImportPart:
    """Let another room take columns of its own from files of customers."""
    _parts.add(part.code, part)
    CUSTOMER_COLUMNS.extend(part.columns)
    return part


def customer_import_parts() -> list[ImportPart]:
    """Return the parts of later rooms."""
    return [part for _code, part in _parts.items()]


_DAYS_MAX = Decimal(3650)
CUSTOMER_COLUMNS: list[Column] = [
    Column("code", _("Code"), "reference", required=True, example="C0001", max_length=40),
    Column("name", _("Name"), required=True, example="广州和兴食品有限公司", max_length=200),
    Column("short_name", _("Short name"), example="和兴", max_length=60),
    Column("uscc", _("Unified social credit code"), "reference", example="91440101MA59ABCD0N",
           max_length=40),
    Column("phone", _("Phone"), "reference", example="020-81234567", max_length=40),
    Column("domain", _("Web or mail domain"), max_length=120),
    Column("country", _("Country code"), "reference", example="CN", max_length=2,
           help=_("Two letters; empty means CN.")),
    Column("territory", _("Territory"), "reference", example="S", max_length=40,
           help=_("Code of the territory; its market names the SLT member.")),
    Column("responsible", _("Responsible sales manager"), "reference", example="lin.xiaowen",
           max_length=150, help=_("Login name; empty means the person who imports."), clears=False),
    Column("slt_member", _("SLT member"), "reference", max_length=150,
           help=_("Login name; empty means the one in charge of the market.")),
    Column("payment_term_days", _("Payment term (days)"), "integer", example="30",
           minimum=Decimal(0), maximum=_DAYS_MAX),
    Column("payment_term_basis", _("Term counts"), "choice", choices=dict(TermBasis.choices)),
    Column("pay_first", _("Pays first"), "boolean"),
    Column("over_delivery_percent", _("Over-delivery tolerance (%)"), "decimal", places=4,
           minimum=Decimal(0), maximum=Decimal(100)),
    Column("language", _("Language of documents"), "choice", choices=dict(settings.LANGUAGES)),
    Column("currency", _("Currency"), "reference", example="CNY", max_length=3),
    Column("value_class", _("Value class"), "choice", choices=dict(ValueClass.choices)),
    Column("funnel_class", _("Funnel class"), "choice", choices=dict(FunnelClass.choices)),
    Column("importance_class", _("Importance class"), "choice",
           choices=dict(ImportanceClass.choices)),
    Column("relation_class", _("Relation class"), "choice", choices=dict(RelationClass.choices)),
    Column("credit_grade", _("Credit grade"), "choice", choices=dict(CreditGrade.choices)),
    Column("note", _("Note"), max_length=4000),
    Column("carrier", _("Designated carrier"), example="顺达物流", max_length=120),
    Column("station", _("Forwarding station"), example="广州东站", max_length=120),
    Column("receiver", _("Receiver"), max_length=80),
    Column("receiver_phone", _("Receiver's phone"), "reference", max_length=40),
    Column("unloading", _("Unloading notes"), max_length=2000),
    Column("is_active", _("In business"), "boolean",
           help=_("Yes activates the customer; what it lacks is then a refusal of the row."),
           clears=False),
    Column("duplicate_reason", _("Not a duplicate because"), max_length=300, clears=False,
           help=_("Takes the customer in although another one has the same name or phone.")),
    Column("contacts.name", _("Contact"), example="王芳", max_length=80, clears=False),
    Column("contacts.job", _("Contact: job"), example="采购经理", max_length=80),
    Column("contacts.phone", _("Contact: phone"), "reference", max_length=40),
    Column("contacts.mobile", _("Contact: mobile"), "reference", max_length=40),
    Column("contacts.email", _("Contact: mail"), "reference", max_length=200),
    Column("contacts.chat_name", _("Contact: WeChat"), max_length=60),
    Column("contacts.note", _("Contact: note"), max_length=300),
    Column("addresses.kind", _("Address: kind"), "choice", choices=dict(AddressKind.choices),
           help=_("Empty makes it both, bill-to and ship-to.")),
    Column("addresses.label", _("Address: label"), max_length=60),
    Column("addresses.country", _("Address: country code"), "reference", max_length=2),
    Column("addresses.province", _("Address: province"), example="广东省", max_length=60),
    Column("addresses.city", _("Address: city"), example="广州市", max_length=60),
    Column("addresses.area", _("Address: district"), example="白云区", max_length=60),
    Column("addresses.street", _("Address: street office or town"), max_length=60),
    Column("addresses.detail", _("Address: street and number"), example="太和镇和兴路 1 号",
           max_length=300),
    Column("addresses.postcode", _("Address: postcode"), "reference", max_length=20),
    Column("addresses.receiver", _("Address: receiver"), max_length=80),
    Column("addresses.phone", _("Address: receiver's phone"), "reference", max_length=40),
]  # fmt: skip
