"""How far below the list the holders of a role may go (PRI-01)."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import ConflictError, FieldIssue, ForbiddenError, InvalidError
from chengdan.kernel.locking import LockRank, lock_one
from chengdan.kernel.transactions import write
from chengdan.modules.catalog.models import Category, FloatAuthority
from chengdan.modules.catalog.services.cleaning import Cleaner
from chengdan.modules.catalog.vocabulary import rights
from chengdan.modules.people.access import authorise, require_visible
from chengdan.modules.people.selectors import role_codes_of, role_titles

_PERCENT = _("A percentage lies between 0 and 100.")
_OWN_ROLE = _("Nobody sets the price authority of a role of their own.")
_TAKEN = _("This role has its authority for these products already: change it in the list.")


def authority_set(
    *,
    actor: Actor,
    role_code: str,
    category_id: int | None = None,
    below_list_percent: Decimal = Decimal(0),
    is_to_floor: bool = False,
    below_floor_percent: Decimal = Decimal(0),
    expected_version: int | None = None,
) -> FloatAuthority:
    """Set the price authority of a role for a category, or for all; one row per pair.

    Args:
        expected_version: 0 when the pair must have none yet.

    Raises:
        InvalidError: no or an unknown role, one that the actor holds, an unknown category or a
            percentage outside 0..100; or the pair has an authority already.
        ConflictError: changed since `expected_version`.
    """
    authorise(actor, rights.AUTHORITY_EDIT)
    if actor.company_id is None:
        raise ForbiddenError
    cleaner = Cleaner()
    values = cleaner.texts({"role_code": role_code}, ("role_code",))
    cleaner.between("below_list_percent", below_list_percent, 100, _PERCENT)
    cleaner.between("below_floor_percent", below_floor_percent, 100, _PERCENT)
    with write():
        categories = Category.objects.filter(company_id=actor.company_id)
        if category_id is not None and not categories.filter(pk=category_id).exists():
            cleaner.not_found("category_id")
        if values["role_code"] and values["role_code"] not in role_titles():
            cleaner.not_found("role_code")
        elif actor.user_id and role_code in role_codes_of(actor.user_id, actor.company_id):
            cleaner.refuse("role_code", "own_role", _OWN_ROLE)
        if cleaner.issues:
            raise InvalidError(cleaner.issues)
        rows = FloatAuthority.objects.filter(
            company_id=actor.company_id, role_code=values["role_code"]
        )
        rows = (
            rows.filter(category__isnull=True)
            if category_id is None
            else rows.filter(category_id=category_id)
        )
        row = rows.select_for_update(of=("self",)).first()
        _version_check(row, expected_version)
        after = {
            "below_list_percent": below_list_percent,
            "is_to_floor": is_to_floor,
            "below_floor_percent": below_floor_percent,
        }
        before = {name: getattr(row, name) for name in after} if row else {}
        if row is None:
            row = FloatAuthority(
                company_id=actor.company_id, role_code=values["role_code"],
                category_id=category_id, version=0,
            )  # fmt: skip
        for name, value in after.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        named = {"role_code": row.role_code, "category_id": category_id}
        audit_record(actor, rights.AUTHORITY_SET, row, before=before, after=after | named)
    return row


def _version_check(row: FloatAuthority | None, expected: int | None) -> None:
    standing = row.version if row is not None else 0
    if expected == 0 and standing:
        raise InvalidError(FieldIssue("role_code", "taken", _TAKEN))
    if expected not in (None, standing):
        raise ConflictError(code="version")


def authority_remove(*, actor: Actor, authority_id: int) -> None:
    """Take a price authority away.

    Raises:
        NotFoundError: there is none in the actor's company.
    """
    with write():
        row = lock_one(FloatAuthority, authority_id, LockRank.MASTER)
        require_visible(actor, rights.AUTHORITY_VIEW, row)
        authorise(actor, rights.AUTHORITY_EDIT, row)
        before = {
            "role_code": row.role_code,
            "category_id": row.category_id,
            "below_list_percent": row.below_list_percent,
            "is_to_floor": row.is_to_floor,
            "below_floor_percent": row.below_floor_percent,
        }
        audit_record(actor, rights.AUTHORITY_REMOVED, row, before=before)
        row.delete()
