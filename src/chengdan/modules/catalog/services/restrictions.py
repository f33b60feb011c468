"""Where and to whom products are not sold, or only sold."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import ForbiddenError, InvalidError
from chengdan.kernel.locking import LockRank, lock_one
from chengdan.kernel.transactions import write
from chengdan.modules.catalog.models import Category, Product, SaleRestriction
from chengdan.modules.catalog.services.cleaning import Cleaner
from chengdan.modules.catalog.vocabulary import RestrictionKind, rights
from chengdan.modules.customers.selectors import customer_summaries
from chengdan.modules.people.access import authorise, require_visible
from chengdan.modules.people.selectors import territory_lines

_ONE_THING = _("Name either a product or a category.")
_ONE_PLACE = _("Name either a region or a customer.")
_KIND = _("This is not one of the choices.")


def restriction_add(
    *,
    actor: Actor,
    kind: str,
    valid_from: date,
    reason: str,
    product_id: int | None = None,
    category_id: int | None = None,
    territory_id: int | None = None,
    customer_id: int | None = None,
    valid_until: date | None = None,
) -> SaleRestriction:
    """Forbid a product or category somewhere, or allow it only there.

    Raises:
        InvalidError: not exactly one thing and one place, no reason, or an end before the start.
    """
    authorise(actor, rights.RESTRICTION_EDIT)
    if actor.company_id is None:
        raise ForbiddenError
    cleaner = Cleaner()
    values = cleaner.texts({"reason": reason}, ("reason",))
    cleaner.dates("valid_until", valid_from, valid_until)
    if kind not in RestrictionKind.values:
        cleaner.refuse("kind", "choice", _KIND)
    if (product_id is None) == (category_id is None):
        cleaner.refuse("product_id", "one_thing", _ONE_THING)
    if (territory_id is None) == (customer_id is None):
        cleaner.refuse("territory_id", "one_place", _ONE_PLACE)
    named = {
        "product_id": product_id, "category_id": category_id,
        "territory_id": territory_id, "customer_id": customer_id,
    }  # fmt: skip
    _check_for_company(cleaner, actor.company_id, named)
    if cleaner.issues:
        raise InvalidError(cleaner.issues)
    with write():
        row = SaleRestriction(
            company_id=actor.company_id, kind=kind, valid_from=valid_from,
            valid_until=valid_until, reason=values["reason"][:300],
            created_at=clock.now(), **named,
        )  # fmt: skip
        row.save(force_insert=True)
        after = {"kind": kind, "valid_from": valid_from, "valid_until": valid_until, **named}
        audit_record(actor, rights.RESTRICTION_ADDED, row, after=after, reason=row.reason)
    return row


def _check_for_company(cleaner: Cleaner, company_id: int, named: dict[str, int | None]) -> None:
    for name, model in (("product_id", Product), ("category_id", Category)):
        pk = named[name]
        rows = model._default_manager.filter(company_id=company_id)
        if pk is not None and not rows.filter(pk=pk).exists():
            cleaner.not_found(name)
    territory, customer = named["territory_id"], named["customer_id"]
    if territory is not None and territory not in territory_lines(company_id):
        cleaner.not_found("territory_id")
    if customer is not None:
        found = customer_summaries([customer]).get(customer)
        if found is None or found.company_id != company_id:
            cleaner.not_found("customer_id")


def restriction_end(*, actor: Actor, restriction_id: int, last_day: date) -> SaleRestriction:
    """Let a restriction end after `last_day`.

    Raises:
        NotFoundError: there is none in the actor's company.
        InvalidError: the day lies before its beginning.
    """
    with write():
        row = lock_one(SaleRestriction, restriction_id, LockRank.MASTER)
        require_visible(actor, rights.PRODUCT_VIEW, row)
        authorise(actor, rights.RESTRICTION_EDIT, row)
        cleaner = Cleaner()
        cleaner.dates("last_day", row.valid_from, last_day)
        if cleaner.issues:
            raise InvalidError(cleaner.issues)
        before = {"valid_until": row.valid_until}
        row.valid_until = last_day
        row.save(update_fields=["valid_until"])
        audit_record(
            actor, rights.RESTRICTION_ENDED, row, before=before, after={"valid_until": last_day}
        )
    return row
