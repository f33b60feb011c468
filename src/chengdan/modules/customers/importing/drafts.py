"""From rows of a file to drafts and changes of customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.importing import ImportRow
from chengdan.kernel.importing.bulk import issues_at, unknown_issue
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.services import (
    AddressDraft,
    ContactDraft,
    CustomerDraft,
    ShippingDraft,
)
from chengdan.modules.customers.services.cleaning import Cleaner
from chengdan.modules.customers.services.parts import address_build, contact_build
from chengdan.modules.customers.vocabulary import AddressKind
from chengdan.modules.people.selectors import territory_ids_by_codes, user_ids_by_logins

TEXTS = (
    "name", "short_name", "uscc", "phone", "domain", "currency", "value_class", "funnel_class",
    "importance_class", "relation_class", "credit_grade", "note",
)  # fmt: skip
_DEFAULTED = {"country": "CN", "payment_term_basis": "invoice", "language": "zh-hans"}
SHIPPING = ("carrier", "station", "receiver", "receiver_phone", "unloading")
COLUMNS = {
    "territory_id": "territory",
    "owner_id": "responsible",
    "slt_member_id": "slt_member",
    "contact_name": "contacts.name",
    "contact_phone": "contacts.phone",
    "contact_mobile": "contacts.mobile",
    "contact_email": "contacts.email",
    "address_kind": "addresses.kind",
    "address_detail": "addresses.detail",
    "address_phone": "addresses.phone",
    "address_country": "addresses.country",
    "address_division": "addresses.division_code",
    "payment_term": "payment_term_days",
}


@dataclass(slots=True)
class Names:
    """Codes and login names of a chunk with their ids."""

    territories: dict[str, int]
    users: dict[str, int]

    @classmethod
    def of(cls, company_id: int, rows: Sequence[ImportRow]) -> Names:
        """Look up what the rows name, with one query each."""
        codes = {row.values["territory"] for row in rows} - {None}
        logins = {row.values[name] for row in rows for name in ("responsible", "slt_member")}
        return cls(
            territory_ids_by_codes(company_id, codes),
            user_ids_by_logins(company_id, logins - {None}),
        )

    def issues(self, row: ImportRow) -> list[FieldIssue]:
        """Return the names of a row that are nobody's."""
        asked = {
            "territory": self.territories,
            "responsible": self.users,
            "slt_member": self.users,
        }
        return [
            unknown_issue(row, column, row.values[column])
            for column, known in asked.items()
            if row.values[column] is not None and row.values[column] not in known
        ]


def values_of(row: ImportRow, names: Names, *, is_new: bool) -> dict[str, Any]:
    """Return the customer's own fields; for a known one what the row gives."""
    given = row.values
    made: dict[str, Any] = {name: given[name] or "" for name in TEXTS}
    made |= {name: given[name] or default for name, default in _DEFAULTED.items()}
    made["payment_term_days"] = given["payment_term_days"]
    made["over_delivery_percent"] = given["over_delivery_percent"]
    made["pay_first"] = bool(given["pay_first"])
    made["territory_id"] = names.territories.get(given["territory"] or "")
    made["slt_member_id"] = names.users.get(given["slt_member"] or "")
    if is_new:
        return made
    return {name: made[name] for name in made if row.is_given(COLUMNS.get(name, name))}


def customer_draft(row: ImportRow, names: Names) -> CustomerDraft:
    """Return the new customer of a row."""
    return CustomerDraft(
        code=row.values["code"],
        owner_id=names.users.get(row.values["responsible"] or ""),
        contacts=tuple(contact_drafts(row)),
        addresses=tuple(address_drafts(row)),
        shipping=shipping_draft(row),
        duplicate_reason=row.values["duplicate_reason"] or "",
        origin="imported",
        **values_of(row, names, is_new=True),
    )


def contact_drafts(row: ImportRow) -> dict[ContactDraft, int]:
    """Return the contacts of a row with their file rows; each name once."""
    found: dict[str, tuple[ContactDraft, int]] = {}
    for line in row.nested.get("contacts", []):
        texts: dict[str, Any] = {name: value or "" for name, value in line.values.items()}
        found.setdefault(texts["name"], (ContactDraft(**texts), line.line))
    return dict(found.values())


def address_drafts(row: ImportRow) -> dict[AddressDraft, int]:
    """Return the addresses of a row with their file rows; one without a kind serves as both."""
    found: dict[AddressDraft, int] = {}
    for line in row.nested.get("addresses", []):
        texts: dict[str, Any] = {name: value or "" for name, value in line.values.items()}
        kind = texts.pop("kind")
        texts["country"] = texts["country"] or row.values["country"] or "CN"
        for each in [kind] if kind else [AddressKind.SHIP_TO, AddressKind.BILL_TO]:
            found.setdefault(AddressDraft(kind=each, **texts), line.line)
    return found


def issues_of_new(row: ImportRow, refused: Sequence[FieldIssue]) -> list[FieldIssue]:
    """Return why a new customer was refused; what is wrong with a part at the part's own row."""
    customer = Customer(country=row.values["country"] or "CN")
    found = issues_at(refused, row.line, COLUMNS)
    parts = []
    for contact, line in contact_drafts(row).items():
        cleaner = Cleaner(0, line, is_whole=True)
        contact_build(cleaner, customer, contact)
        parts += issues_at(cleaner.issues, line, COLUMNS)
    for address, line in address_drafts(row).items():
        cleaner = Cleaner(0, line, is_whole=True)
        address_build(cleaner, customer, address)
        parts += issues_at(cleaner.issues, line, COLUMNS)
    named = {(item.field, item.code) for item in parts}
    own = [item for item in found if (item.field, item.code) not in named]
    return own + issues_once(parts)


def issues_once(issues: Sequence[FieldIssue]) -> list[FieldIssue]:
    """Return each issue once: an address of a row serves as two."""
    return list({(item.field, item.code, item.row): item for item in issues}.values())


def shipping_draft(row: ImportRow) -> ShippingDraft | None:
    """Return the shipping data of a row, None when it has none."""
    texts: dict[str, Any] = {name: row.values[name] or "" for name in SHIPPING}
    return ShippingDraft(**texts) if any(map(row.is_given, SHIPPING)) else None
