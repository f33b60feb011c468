"""Categories and units of measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record, audit_record_many
from chengdan.kernel.errors import ConflictError, FieldIssue, ForbiddenError, InvalidError
from chengdan.kernel.locking import LockRank, lock_one
from chengdan.kernel.transactions import write
from chengdan.modules.catalog.models import Category, UnitOfMeasure
from chengdan.modules.catalog.services.cleaning import Cleaner
from chengdan.modules.catalog.vocabulary import rights
from chengdan.modules.people.access import authorise, require_visible

_CODE_TAKEN = _("The code %(code)s is taken.")
_PARENT = _("The category above must stand before its subcategories.")
_LOOP = _("A category cannot lie below itself.")
_DECIMALS = _("Between 0 and 6 decimal places.")
_DEPTH_MAX = 8
_TOO_DEEP = _("At most %(limit)s levels.")


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """A new category; `parent_code` names one that exists or stands before it in the act."""

    code: str
    name: str
    parent_code: str = ""
    sort: int = 100


def unit_place(*, actor: Actor, code: str, name: str, decimals: int = 0) -> UnitOfMeasure:
    """Add a unit of measure.

    Raises:
        InvalidError: no code or name, the code is taken, or decimals outside 0..6.
    """
    authorise(actor, rights.PRODUCT_EDIT)
    cleaner = Cleaner()
    values = cleaner.texts({"code": code, "name": name}, ("code", "name"))
    if not 0 <= decimals <= 6:
        cleaner.refuse("decimals", "range", _DECIMALS)
    with write():
        if UnitOfMeasure.objects.filter(code=values["code"]).exists():
            cleaner.refuse("code", "code_taken", _CODE_TAKEN, code=values["code"])
        if cleaner.issues:
            raise InvalidError(cleaner.issues)
        unit = UnitOfMeasure(decimals=decimals, **values)
        unit.save(force_insert=True)
        audit_record(actor, rights.UNIT_CREATED, unit, after=values | {"decimals": decimals})
    return unit


def categories_place(*, actor: Actor, drafts: Sequence[CategoryDraft]) -> list[Category]:
    """Add categories, parents before children, all or none.

    Raises:
        InvalidError: a code is taken, a name is missing or a parent is unknown; rows 1-based.
    """
    authorise(actor, rights.PRODUCT_EDIT)
    if actor.company_id is None:
        raise ForbiddenError
    with write():
        known = {row.code: row for row in Category.objects.filter(company_id=actor.company_id)}
        made: list[Category] = []
        issues: list[FieldIssue] = []
        for row, draft in enumerate(drafts, start=1):
            cleaner = Cleaner(row)
            category = _category(cleaner, actor.company_id, draft, known)
            issues += cleaner.issues
            if cleaner.issues:
                continue
            # A child needs the key of its parent, so each is saved on its own.
            category.save(force_insert=True)
            above = category.parent.path if category.parent else "/"
            category.path = f"{above}{category.pk}/"
            category.save(update_fields=["path"])
            known[category.code] = category
            made.append(category)
        if issues:
            raise InvalidError(issues)
        rows = [
            AuditRow(item, after={"code": item.code, "name": item.name, "parent": item.parent_id})
            for item in made
        ]
        audit_record_many(actor, rights.CATEGORY_CREATED, rows)
    return made


def _category(
    cleaner: Cleaner, company_id: int, draft: CategoryDraft, known: dict[str, Category]
) -> Category:
    values = cleaner.texts({"code": draft.code, "name": draft.name}, ("code", "name"))
    if values["code"] in known:
        cleaner.refuse("code", "code_taken", _CODE_TAKEN, code=values["code"])
    parent = known.get(draft.parent_code.strip()) if draft.parent_code.strip() else None
    if draft.parent_code.strip() and parent is None:
        cleaner.refuse("parent_code", "not_found", _PARENT)
    if parent is not None and parent.path.count("/") > _DEPTH_MAX:
        cleaner.refuse("parent_code", "too_deep", _TOO_DEEP, limit=_DEPTH_MAX)
    return Category(company_id=company_id, parent=parent, sort=draft.sort, **values)


def category_update(
    *,
    actor: Actor,
    category_id: int,
    name: str,
    parent_id: int | None,
    sort: int = 100,
    expected_version: int | None = None,
) -> Category:
    """Rename or move a category with everything below it.

    Raises:
        InvalidError: no name, or it would lie below itself.
        ConflictError: changed since `expected_version`.
    """
    with write():
        category = lock_one(Category, category_id, LockRank.MASTER)
        require_visible(actor, rights.PRODUCT_VIEW, category)
        authorise(actor, rights.PRODUCT_EDIT, category)
        if expected_version not in (None, category.version):
            raise ConflictError(code="version")
        cleaner = Cleaner()
        values = cleaner.texts({"name": name}, ("name",))
        rows = Category.objects.filter(company_id=category.company_id)
        parent = rows.filter(pk=parent_id).first() if parent_id else None
        if parent_id and parent is None:
            cleaner.not_found("parent_id")
        if parent is not None and f"/{category.pk}/" in parent.path:
            cleaner.refuse("parent_id", "loop", _LOOP)
        if cleaner.issues:
            raise InvalidError(cleaner.issues)
        before = {"name": category.name, "parent": category.parent_id, "sort": category.sort}
        old_path = category.path
        category.name, category.parent, category.sort = values["name"], parent, sort
        category.path = f"{parent.path if parent else '/'}{category.pk}/"
        category.version += 1
        category.save(update_fields=["name", "parent", "sort", "path", "version"])
        below = list(rows.filter(path__startswith=old_path).exclude(pk=category.pk))
        for row in below:
            row.path = category.path + row.path.removeprefix(old_path)
        Category.objects.bulk_update(below, ["path"], batch_size=200)
        after = {"name": category.name, "parent": parent_id, "sort": sort}
        audit_record(actor, rights.CATEGORY_UPDATED, category, before=before, after=after)
    return category
