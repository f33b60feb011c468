"""Price lists: their names, time and reach."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.currencies import currency_is_known
from chengdan.kernel.errors import ForbiddenError, InvalidError
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.transactions import write
from chengdan.modules.catalog.access import access_price_list_for
from chengdan.modules.catalog.models import PriceList, PriceListReach
from chengdan.modules.catalog.services.cleaning import Cleaner
from chengdan.modules.catalog.services.drafts import PriceListDraft
from chengdan.modules.catalog.vocabulary import ListScope, PriceListChanged, rights
from chengdan.modules.customers.selectors import customer_summaries
from chengdan.modules.people.access import authorise
from chengdan.modules.people.selectors import company_get, territory_lines

_CODE_TAKEN = _("Another price list has the code %(code)s.")
_CURRENCY = _("There is no currency with this code; use its three letters, such as CNY.")
_REGIONS = _("Name at least one region.")
_CUSTOMERS = _("Name at least one customer.")
_SCOPE = _("This is not one of the choices.")
_OWN = [f.name for f in fields(PriceListDraft) if f.name not in ("territory_ids", "customer_ids")]


def price_list_create(*, actor: Actor, draft: PriceListDraft) -> PriceList:
    """Create a price list without prices.

    Raises:
        InvalidError: wrong or missing values, or a reach that does not fit `scope`.
    """
    authorise(actor, rights.PRICE_EDIT)
    if actor.company_id is None:
        raise ForbiddenError
    with write():
        cleaner = Cleaner()
        values = _cleaned(cleaner, actor.company_id, draft)
        taken = PriceList.objects.filter(company_id=actor.company_id, code=values["code"])
        if taken.exists():
            cleaner.refuse("code", "code_taken", _CODE_TAKEN, code=values["code"])
        if cleaner.issues:
            raise InvalidError(cleaner.issues)
        at = clock.now()
        price_list = PriceList(company_id=actor.company_id, created_at=at, updated_at=at, **values)
        price_list.save(force_insert=True)
        PriceListReach.objects.bulk_create(_reach(price_list, draft))
        audit_record(actor, rights.LIST_CREATED, price_list, after=values | _reach_state(draft))
        event_publish(actor, PriceListChanged(price_list.pk))
    return price_list


def price_list_update(
    *,
    actor: Actor,
    list_id: int,
    draft: PriceListDraft,
    expected_version: int | None = None,
) -> PriceList:
    """Change a price list; its code and currency stay, its prices are `prices_replace`.

    Raises:
        InvalidError: as in `price_list_create`.
        ConflictError: changed since `expected_version`.
    """
    with write():
        price_list = access_price_list_for(actor, list_id, rights.PRICE_EDIT, expected_version)
        cleaner = Cleaner()
        values = _cleaned(cleaner, price_list.company_id, draft)
        if cleaner.issues:
            raise InvalidError(cleaner.issues)
        values |= {"code": price_list.code, "currency": price_list.currency}
        old = PriceListReach.objects.filter(price_list=price_list)
        before = {name: getattr(price_list, name) for name in _OWN} | {
            "territory_ids": sorted(pk for pk in old.values_list("territory_id", flat=True) if pk),
            "customer_ids": sorted(pk for pk in old.values_list("customer_id", flat=True) if pk),
        }
        after: dict[str, Any] = values | _reach_state(draft)
        changed = {name: value for name, value in after.items() if before[name] != value}
        if not changed:
            return price_list
        for name in set(changed) & set(_OWN):
            setattr(price_list, name, changed[name])
        if {"territory_ids", "customer_ids"} & set(changed):
            old.delete()
            PriceListReach.objects.bulk_create(_reach(price_list, draft))
        price_list.version += 1
        price_list.updated_at = clock.now()
        price_list.save(update_fields=[*(set(changed) & set(_OWN)), "version", "updated_at"])
        audit_record(
            actor, rights.LIST_UPDATED, price_list,
            before={name: before[name] for name in changed}, after=changed,
        )  # fmt: skip
        event_publish(actor, PriceListChanged(price_list.pk))
    return price_list


def _cleaned(cleaner: Cleaner, company_id: int, draft: PriceListDraft) -> dict[str, Any]:
    values = cleaner.texts({name: getattr(draft, name) for name in _OWN}, ("code", "name"))
    values["currency"] = values["currency"].upper() or company_get(company_id).currency
    if not currency_is_known(values["currency"]):
        cleaner.refuse("currency", "currency", _CURRENCY)
    cleaner.dates("valid_until", draft.valid_from, draft.valid_until)
    if draft.scope not in ListScope.values:
        cleaner.refuse("scope", "choice", _SCOPE)
    if draft.scope == ListScope.REGION:
        known = territory_lines(company_id)
        if not draft.territory_ids:
            cleaner.refuse("territory_ids", "required", _REGIONS)
        elif set(draft.territory_ids) - set(known):
            cleaner.not_found("territory_ids")
    if draft.scope == ListScope.CUSTOMER:
        found = customer_summaries(draft.customer_ids)
        known_ids = {pk for pk, item in found.items() if item.company_id == company_id}
        if not draft.customer_ids:
            cleaner.refuse("customer_ids", "required", _CUSTOMERS)
        elif set(draft.customer_ids) - known_ids:
            cleaner.not_found("customer_ids")
    return values


def _reach(price_list: PriceList, draft: PriceListDraft) -> list[PriceListReach]:
    state = _reach_state(draft)
    return [
        PriceListReach(price_list=price_list, territory_id=pk) for pk in state["territory_ids"]
    ] + [PriceListReach(price_list=price_list, customer_id=pk) for pk in state["customer_ids"]]


def _reach_state(draft: PriceListDraft) -> dict[str, list[int]]:
    is_region, is_customer = draft.scope == ListScope.REGION, draft.scope == ListScope.CUSTOMER
    return {
        "territory_ids": sorted(set(draft.territory_ids)) if is_region else [],
        "customer_ids": sorted(set(draft.customer_ids)) if is_customer else [],
    }
