"""Changing a customer that the file names by its code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import DomainError, FieldIssue, InvalidError
from chengdan.kernel.importing import ImportRow, RowResult, RowState
from chengdan.kernel.importing.bulk import issues_at
from chengdan.kernel.transactions import savepoint
from chengdan.modules.customers.importing.drafts import (
    COLUMNS,
    SHIPPING,
    Names,
    address_drafts,
    contact_drafts,
    issues_once,
    shipping_draft,
    values_of,
)
from chengdan.modules.customers.models import Address, Contact, Customer, ShippingData
from chengdan.modules.customers.services import (
    address_add,
    contact_add,
    contact_change,
    customer_hand_over,
    customer_update,
    shipping_save,
)
from chengdan.modules.customers.services.cleaning import Cleaner

_REASON = "import"
_CONTACT = ("job", "phone", "mobile", "email", "chat_name", "note")


class _PartsRefusedError(Exception):
    """Undoes the changes of a customer of which parts are refused."""

    def __init__(self, issues: list[FieldIssue]) -> None:
        super().__init__()
        self.issues = issues


def known_update(actor: Actor, customer_id: int, row: ImportRow, names: Names) -> RowResult:
    """Bring a customer to what the row says; skipped when nothing differs."""
    code = row.values["code"]
    try:
        with savepoint():
            changed = _changed(actor, customer_id, row, names)
    except _PartsRefusedError as error:
        return RowResult.rejected(*error.issues, key=code)
    except InvalidError as error:
        return RowResult.rejected(*issues_at(error.items, row.line, COLUMNS), key=code)
    except DomainError as error:
        issue = FieldIssue("", error.code, error.message, row.line, error.rule)
        return RowResult.rejected(issue, key=code)
    state = RowState.UPDATED if changed else RowState.SKIPPED
    return RowResult(state, code, target_id=customer_id)


def _changed(actor: Actor, customer_id: int, row: ImportRow, names: Names) -> bool:
    before = Customer.objects.values_list("version", "owner_id").get(pk=customer_id)
    customer = customer_update(
        actor=actor,
        customer_id=customer_id,
        values=values_of(row, names, is_new=False),
        duplicate_reason=row.values["duplicate_reason"] or "",
    )
    changed = customer.version != before[0]
    owner_id = names.users.get(row.values["responsible"] or "")
    if owner_id is not None and owner_id != before[1]:
        customer_hand_over(actor=actor, customer_id=customer_id, owner_id=owner_id, reason=_REASON)
        changed = True
    issues: list[FieldIssue] = []
    changed |= _contacts(actor, customer_id, row, issues)
    changed |= _addresses(actor, customer_id, row, issues)
    if issues:
        raise _PartsRefusedError(issues_once(issues))
    return changed | _shipping(actor, customer, row)


def _contacts(actor: Actor, customer_id: int, row: ImportRow, issues: list[FieldIssue]) -> bool:
    """Add contacts with new names, change those that are there."""
    rows = Contact.objects.filter(customer_id=customer_id, is_active=True)
    known = {contact.name: contact for contact in rows}
    cleared = {
        line.values["name"]: line.cleared for line in reversed(row.nested.get("contacts", []))
    }
    changed = False
    for draft, line in contact_drafts(row).items():
        contact = known.get(draft.name.strip())
        if contact is None:
            with _part("contacts", line, issues):
                contact_add(actor=actor, customer_id=customer_id, draft=draft)
            changed = True
            continue
        emptied = cleared.get(draft.name, frozenset())
        kept = {
            name: getattr(contact, name)
            for name in _CONTACT
            if not getattr(draft, name) and name not in emptied
        }
        merged = replace(draft, is_primary=contact.is_primary, **kept)
        with _part("contacts", line, issues):
            after = contact_change(actor=actor, contact_id=contact.pk, draft=merged)
            changed |= any(getattr(after, n) != getattr(contact, n) for n in _CONTACT)
    return changed


def _addresses(actor: Actor, customer_id: int, row: ImportRow, issues: list[FieldIssue]) -> bool:
    """Add addresses that are not there yet, by kind and street."""
    rows = Address.objects.filter(customer_id=customer_id, is_active=True)
    known = set(rows.values_list("kind", "detail"))
    changed = False
    for draft, line in address_drafts(row).items():
        if (draft.kind, draft.detail.strip()) not in known:
            with _part("addresses", line, issues):
                address_add(actor=actor, customer_id=customer_id, draft=draft)
            changed = True
    return changed


def _shipping(actor: Actor, customer: Customer, row: ImportRow) -> bool:
    """Save shipping data that differ; empty cells leave what is there."""
    draft = shipping_draft(row)
    if draft is None:
        return False
    known = ShippingData.objects.filter(customer=customer).first() or ShippingData()
    given = {name: getattr(draft, name).strip() for name in SHIPPING if row.is_given(name)}
    wanted = dict(given)
    if wanted.get("receiver_phone"):
        wanted["receiver_phone"] = Cleaner(0).phone("", given["receiver_phone"], customer.country)
    if all(getattr(known, name) == value for name, value in wanted.items()):
        return False
    kept = {name: getattr(known, name) for name in SHIPPING if name not in given}
    shipping_save(actor=actor, customer_id=customer.pk, draft=replace(draft, **kept))
    return True


@contextmanager
def _part(nest: str, line: int, issues: list[FieldIssue]) -> Iterator[None]:
    """Note what is wrong with a part, at its file row and column, and go on to the next one."""
    try:
        yield
    except InvalidError as error:
        names = {item.field: f"{nest}.{item.field}" for item in error.items}
        issues += issues_at(error.items, line, names)
