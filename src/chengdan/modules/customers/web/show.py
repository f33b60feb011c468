"""The page of a customer."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditView, audit_history
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    DocumentPage,
    Fact,
    HistoryEntry,
    Note,
    PageHead,
    Panel,
    Person,
    page,
)
from chengdan.kernel.ui.parts import Text
from chengdan.modules.customers import rules
from chengdan.modules.customers.models import Address, Contact, Customer
from chengdan.modules.customers.selectors import activation_missing, customer_get
from chengdan.modules.customers.transitions import CUSTOMER
from chengdan.modules.customers.vocabulary import CustomerStatus, Missing, rights
from chengdan.modules.customers.web.common import crumbs_of, state_chip
from chengdan.modules.customers.web.panels import (
    addresses_panel,
    contacts_panel,
    shipping_panel,
    tax_title_panel,
)
from chengdan.modules.people.access import can
from chengdan.modules.people.selectors import roles_allowed

HISTORY_MAX = 30
# Fields of entries that hold the id of a part.
_PARTS = frozenset({"contact", "address"})
_PERSONAL_CODES = ("customers.contact.", "customers.address.", "customers.shipping.")
_PERSONAL_WORDS = ("phone", "mobile", "email", "chat_name", "detail", "receiver")


@page(permission=rights.CUSTOMER_VIEW)
def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything about a customer; credit, orders, shipping and billing add their cards."""
    actor = actor_of(request)
    customer = customer_get(actor, pk)
    panels: list[Panel] = []
    if can(actor, rights.CONTACT_VIEW, customer):
        panels += [contacts_panel(actor, customer), addresses_panel(actor, customer)]
    panels += [shipping_panel(customer), tax_title_panel(customer)]
    return DocumentPage(
        "customers.customer",
        customer,
        head=PageHead(
            customer.name,
            customer.code,
            crumbs=crumbs_of(),
            chips=[state_chip(customer)],
            labels=[
                text
                for text in (
                    customer.get_value_class_display(),
                    customer.get_credit_grade_display(),
                )
                if text
            ],
            acts=_acts(customer),
        ),
        facts=_facts(customer),
        notes=_notes(actor, customer),
        people=_people(customer),
        main_panels=panels,
        history=_history(customer),
    ).render(request)


def _acts(customer: Customer) -> list[Act]:
    key = [customer.pk]
    version: dict[str, str | int] = {"expected_version": customer.version}
    possible = set(CUSTOMER.verbs(customer.status))
    acts = [
        Act("edit", _("Change"), reverse("customers:edit", args=key), icon="edit",
            permission=rights.CUSTOMER_EDIT, shortcut="E"),
        Act("activate", _("Activate"), reverse("customers:activate", args=key), method="post",
            icon="check", permission=rights.CUSTOMER_ACTIVATE, primary=True, values=version),
        Act("resume", _("Resume"), reverse("customers:resume", args=key), method="post",
            icon="check", permission=rights.CUSTOMER_ACTIVATE, primary=True, values=version),
        Act("hand_over", _("Hand over"), reverse("customers:hand_over", args=key), icon="users",
            permission=rights.CUSTOMER_HAND_OVER),
        Act("suspend", _("Suspend"), reverse("customers:suspend", args=key), icon="hand-stop",
            permission=rights.CUSTOMER_SUSPEND, danger=True),
        Act("close", _("Close"), reverse("customers:close", args=key), icon="x",
            permission=rights.CUSTOMER_SUSPEND, danger=True),
        Act("reopen", _("Reopen"), reverse("customers:reopen", args=key), icon="arrow-back-up",
            permission=rights.CUSTOMER_ACTIVATE),
    ]  # fmt: skip
    steps = {"activate", "resume", "suspend", "close", "reopen"}
    return [act for act in acts if act.code not in steps or act.code in possible]


def term_text(customer: Customer) -> Text:
    """Return the payment term in words."""
    if customer.pay_first:
        return _("pays first")
    if customer.payment_term_days is None:
        return _("not agreed")
    days = ngettext("%(days)s day", "%(days)s days", customer.payment_term_days)
    text = days % {"days": customer.payment_term_days}
    return f"{text} · {customer.get_payment_term_basis_display()}"


def _facts(customer: Customer) -> list[Fact]:
    facts = [
        Fact(_("Unified social credit code"), customer.uscc),
        Fact(_("Phone"), rules.phone_display(customer.phone)),
        Fact(_("Territory"), customer.territory.name if customer.territory else ""),
        Fact(_("Market"), customer.market.name if customer.market else ""),
        Fact(_("Payment term"), term_text(customer)),
        Fact(_("Credit grade"), customer.get_credit_grade_display()),
        Fact(_("Value class"), customer.get_value_class_display()),
        Fact(_("Funnel class"), customer.get_funnel_class_display()),
        Fact(_("Importance class"), customer.get_importance_class_display()),
        Fact(_("Relation class"), customer.get_relation_class_display()),
    ]
    if customer.over_delivery_percent is not None:
        facts.append(
            Fact(_("Over-delivery tolerance (%)"), customer.over_delivery_percent, "quantity")
        )
    return facts


def _notes(actor: Actor, customer: Customer) -> list[Note]:
    if customer.status == CustomerStatus.SUSPENDED:
        return [Note("late", _("No new orders"), customer.status_reason)]
    if customer.status != CustomerStatus.DRAFT:
        return []
    missing = activation_missing([customer]).get(customer.pk, [])
    return [_missing_note(actor, customer, item) for item in missing]


def _missing_note(actor: Actor, customer: Customer, item: Missing) -> Note:
    """Say what is missing, with the way to add it, or who may add it when the reader may not."""
    if not item.permission or can(actor, item.permission, customer):
        acts = [Act(item.code, _("Add it"), item.url)] if item.url else []
        return Note("soon", item.message, rule=item.rule, acts=acts)
    roles = roles_allowed(item.permission, customer.company_id)
    text = _("Can be added by: %(roles)s") % {"roles": ", ".join(role.title for role in roles)}
    return Note("soon", item.message, text if roles else "", rule=item.rule)


def _people(customer: Customer) -> list[Person]:
    member = customer.slt_member.display_name if customer.slt_member else "–"
    return [
        Person(_("Responsible sales manager"), customer.owner.display_name),
        Person(_("SLT member"), member),
        Person(_("Organisation unit"), customer.unit.name),
    ]


def _history(customer: Customer) -> list[HistoryEntry]:
    entries = audit_history(customer, limit=HISTORY_MAX)
    parts = _parts_named(customer) if any(_PARTS & item.after.keys() for item in entries) else {}
    return [_entry(item, parts) for item in entries]


def _parts_named(customer: Customer) -> dict[tuple[str, int], str]:
    """Return (field, id) → what a contact or address that an entry names is called."""
    people = Contact.objects.filter(customer=customer).values_list("pk", "name")
    places = Address.objects.filter(customer=customer).only("pk", "label", "kind")
    return {("contact", pk): name for pk, name in people} | {
        ("address", row.pk): row.label or row.get_kind_display() for row in places
    }


def _entry(item: AuditView, parts: dict[tuple[str, int], str]) -> HistoryEntry:
    changes = []
    for name, before, after in item.changes:
        if name in _PARTS:
            changes.append(f"{item.title_of(name)}: {parts.get((name, after), '–')}")
        else:
            shown = f"{item.text_of(name, before)} → {_shown(item, name, after)}"
            changes.append(f"{item.title_of(name)}: {shown}")
    remark = " · ".join(text for text in (item.reason, "; ".join(changes)) if text)
    return HistoryEntry(item.title, item.at, item.who, remark)


def _shown(item: AuditView, name: str, value: object) -> object:
    """Hide personal values of contacts and places: to open them is an act with its own entry."""
    if not name.endswith(_PERSONAL_WORDS):
        return item.text_of(name, value)
    # A new customer's own phone is no secret; those of its contacts are named "contact 1 phone".
    is_part = " " in name or item.code.startswith(_PERSONAL_CODES)
    return rules.mask_text(str(value)) if is_part else value
