"""Warehouses of a company."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError
from chengdan.kernel.locking import LockRank, lock_one
from chengdan.kernel.transactions import write
from chengdan.modules.people.access import authorise, require_visible
from chengdan.modules.people.selectors import unit_path
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import Lot, Warehouse


@dataclass(frozen=True, slots=True)
class WarehouseDraft:
    """What is kept of a warehouse; `unit_id` is the unit that runs it and whose calendar counts."""

    code: str
    name: str
    unit_id: int
    address: str = ""
    is_default: bool = False
    is_active: bool = True


def warehouse_place(*, actor: Actor, draft: WarehouseDraft) -> Warehouse:
    """Open a warehouse; the company's first one becomes its usual one.

    Raises:
        InvalidError: code taken, a text missing, or a unit of another company.
        ForbiddenError: no right.
    """
    authorise(actor, words.WAREHOUSE_EDIT)
    with write():
        company_id = actor.company_id or 0
        others = Warehouse.objects.filter(company_id=company_id)
        _check(company_id, draft, others)
        warehouse = Warehouse(company_id=company_id, **asdict(draft))
        warehouse.is_default = draft.is_default or not others.exists()
        if warehouse.is_default:
            _default_move(actor, others)
        warehouse.save(force_insert=True)
        audit_record(actor, words.WAREHOUSE_CREATED, warehouse, after=_state(warehouse))
        return warehouse


def warehouse_change(
    *, actor: Actor, warehouse_id: int, draft: WarehouseDraft, expected_version: int | None = None
) -> Warehouse:
    """Change a warehouse; one with stock stays in use.

    Raises:
        InvalidError: see `warehouse_place`; also closing one that holds stock.
        NotFoundError, ForbiddenError, ConflictError: as usual.
    """
    with write():
        warehouse = lock_one(Warehouse, warehouse_id, LockRank.MASTER)
        require_visible(actor, words.WAREHOUSE_VIEW, warehouse)
        authorise(actor, words.WAREHOUSE_EDIT, warehouse)
        if expected_version is not None and warehouse.version != expected_version:
            raise ConflictError
        others = Warehouse.objects.filter(company_id=warehouse.company_id)
        others = others.exclude(pk=warehouse.pk)
        _check(warehouse.company_id, draft, others)
        if not draft.is_active and Lot.objects.filter(~Q(on_hand=0), warehouse=warehouse).exists():
            text = _("There is stock in it; move it out first.")
            raise InvalidError(FieldIssue("is_active", "stock", text))
        before = _state(warehouse)
        for name, value in asdict(draft).items():
            setattr(warehouse, name, value)
        if draft.is_default:
            _default_move(actor, others)
        warehouse.version += 1
        warehouse.save()
        audit_record(
            actor, words.WAREHOUSE_CHANGED, warehouse, before=before, after=_state(warehouse)
        )
        return warehouse


def _default_move(actor: Actor, others: Any) -> None:
    for other in others.filter(is_default=True):
        other.is_default = False
        other.version += 1
        other.save(update_fields=["is_default", "version"])
        audit_record(actor, words.WAREHOUSE_CHANGED, other, after={"is_default": False})


def _check(company_id: int, draft: WarehouseDraft, others: Any) -> None:
    issues = []
    for name in ("code", "name"):
        if not getattr(draft, name).strip():
            issues.append(FieldIssue(name, "required", _("This is needed.")))
    if others.filter(code=draft.code.strip()).exists():
        issues.append(FieldIssue("code", "twice", _("This code is taken.")))
    if not unit_path(draft.unit_id):
        issues.append(FieldIssue("unit", "unknown", _("This unit is not known.")))
    if draft.is_default and not draft.is_active:
        text = _("The usual warehouse must be in use.")
        issues.append(FieldIssue("is_active", "default", text))
    if issues:
        raise InvalidError(issues)


def _state(warehouse: Warehouse) -> dict[str, Any]:
    names = ("code", "name", "unit_id", "address", "is_default", "is_active")
    return {name: getattr(warehouse, name) for name in names}
