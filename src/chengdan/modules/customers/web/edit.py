"""Creating and changing customers, with possible duplicates shown before saving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    FormPage,
    Note,
    PageHead,
    Toast,
    UiForm,
    done,
    page,
    preview_response,
    refusals_on,
    stops_html,
)
from chengdan.modules.customers import rules
from chengdan.modules.customers.rules import Identity
from chengdan.modules.customers.selectors import customer_get, duplicates_find
from chengdan.modules.customers.services import CustomerDraft, customer_create, customer_update
from chengdan.modules.customers.vocabulary import DuplicateError, DuplicateHint, rights
from chengdan.modules.customers.web.common import GET_POST, crumbs_of, show_url
from chengdan.modules.customers.web.forms import (
    NEW_SECTIONS,
    SECTIONS,
    CustomerForm,
    NewCustomerForm,
)

_GROUNDS = {
    "uscc": _("same credit code"),
    "name": _("same name"),
    "phone": _("same phone"),
    "domain": _("same domain"),
}


def hint_note(hint: DuplicateHint) -> Note:
    """Return a possible duplicate as a warning; of a hidden record only who is responsible."""
    grounds = " · ".join(str(_GROUNDS[ground]) for ground in hint.grounds)
    if not hint.is_open:
        text = _("It is looked after by %(person)s (%(grounds)s).")
        values = {"person": hint.responsible, "grounds": grounds}
        return Note("soon", _("This customer exists already"), text % values)
    text = _("%(grounds)s; responsible: %(person)s")
    return Note(
        "soon",
        f"{hint.code} {hint.name}",
        text % {"person": hint.responsible, "grounds": grounds},
        acts=[Act("open", _("Look at it"), show_url(hint.customer_id or 0))],
    )


def _values(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "duplicate_reason"}


@page(permission=rights.CUSTOMER_CREATE, methods=GET_POST)
def create(request: HttpRequest) -> HttpResponseBase:
    """A new customer."""
    form = NewCustomerForm(request.POST or None)
    notes: Sequence[Note] = ()
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            draft = CustomerDraft(
                **_values(form.cleaned_data),
                duplicate_reason=form.cleaned_data["duplicate_reason"],
            )
            try:
                customer = customer_create(actor=actor_of(request), draft=draft)
                return done(request, show_url(customer.pk), Toast(_("Customer created.")))
            except DuplicateError as error:
                notes = _refuse(form, error)
    return FormPage(
        form,
        PageHead(_("New customer"), crumbs=crumbs_of()),
        sections=NEW_SECTIONS,
        cancel_url=reverse("customers:list"),
        preview=reverse("customers:preview"),
        notes=notes,
        has_stops=True,
    ).render(request)


@page(permission=rights.CUSTOMER_EDIT, methods=GET_POST)
def edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a customer."""
    actor = actor_of(request)
    customer = customer_get(actor, pk)
    initial = {name: getattr(customer, name) for name in CustomerForm.base_fields
               if name != "duplicate_reason"}  # fmt: skip
    initial["phone"] = rules.phone_display(customer.phone)
    form = CustomerForm(request.POST or None, initial=initial)
    notes: Sequence[Note] = ()
    if request.method == "POST" and form.is_valid():
        with refusals_on(form, newest=request.path):
            try:
                customer_update(
                    actor=actor,
                    customer_id=pk,
                    values=_values(form.cleaned_data),
                    expected_version=version_of(request),
                    duplicate_reason=form.cleaned_data["duplicate_reason"],
                )
                return done(request, show_url(pk), Toast(_("Customer changed.")))
            except DuplicateError as error:
                notes = _refuse(form, error)
    return FormPage(
        form,
        PageHead(_("Change customer"), customer.code, crumbs=crumbs_of(customer)),
        sections=SECTIONS,
        cancel_url=show_url(pk),
        preview=f"{reverse('customers:preview')}?except={pk}",
        notes=notes,
        has_stops=True,
        values={"expected_version": customer.version},
    ).render(request)


def _refuse(form: UiForm, error: DuplicateError) -> list[Note]:
    form.add_error("duplicate_reason", str(error.message))
    return [hint_note(hint) for hints in error.hints.values() for hint in hints]


@page(permission=rights.CUSTOMER_VIEW, methods=["POST"])
def preview(request: HttpRequest) -> HttpResponseBase:
    """Answer a form while it is typed: possible duplicates and faults; stores nothing."""
    actor = actor_of(request)
    identity, notes, passed = _read(request)
    excluded = request.GET.get("except", "")
    ids = frozenset({int(excluded)}) if excluded.isascii() and excluded.isdigit() else frozenset()
    notes += _duplicates(actor, identity, ids)
    if identity.name and not notes:
        passed.append(_("No other record has this name, code, phone or domain."))
    return preview_response(fragments={"cd-stops": stops_html(request, notes, passed)})


def _read(request: HttpRequest) -> tuple[Identity, list[Note], list[Any]]:
    data = request.POST
    notes: list[Note] = []
    passed: list[Any] = []
    name = data.get("name", "").strip()[:200]
    country = (data.get("country", "") or "CN").strip().upper()[:2]
    uscc = rules.code_pack(data.get("uscc", "")[:60])
    if uscc and country == "CN":
        if rules.uscc_is_valid(uscc):
            passed.append(_("The credit code is well formed."))
        else:
            text = _("Length, characters or check digit are wrong.")
            notes.append(Note("late", _("The credit code is not valid"), text))
    key = rules.name_normalise(name) if name else ""
    if not rules.country_is_known(country):
        notes.append(Note("soon", _("There is no country with this code")))
        return Identity(key, uscc), notes, passed
    phone, domain = "", ""
    try:
        phone = rules.phone_normalise(data.get("phone", "")[:60], country)
        domain = rules.domain_normalise(data.get("domain", "")[:200])
    except (ValueError, UnicodeError):
        notes.append(Note("soon", _("Phone or domain cannot exist")))
    return Identity(key, uscc, phone, domain), notes, passed


def _duplicates(actor: Actor, identity: Identity, excluded: frozenset[int]) -> list[Note]:
    if actor.company_id is None:
        return []
    found = duplicates_find(actor, actor.company_id, [identity], exclude_ids=excluded)
    return [hint_note(hint) for hint in found.get(0, [])]
