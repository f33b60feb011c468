"""The organisation tree: create, change, move, close."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.transactions import write
from chengdan.modules.people import audit_codes as codes
from chengdan.modules.people.access import access_row, authorise, org_lock
from chengdan.modules.people.errors import CycleError, InUseError
from chengdan.modules.people.models import OrgClosure, OrgUnit, Position
from chengdan.modules.people.services.edits import (
    calendar_check,
    code_required,
    fields_change,
    text_required,
)
from chengdan.modules.people.vocabulary import UNIT_EDIT, UNIT_KINDS, UNIT_VIEW, UnitKind


def org_unit_create(
    *,
    actor: Actor,
    company_id: int,
    parent_id: int | None,
    code: str,
    name: str,
    kind: str,
    calendar_code: str = "",
    seat_count: int | None = None,
    sort: int = 100,
) -> OrgUnit:
    """Add a unit below `parent_id`; without parent it is the root of the company.

    Raises:
        ForbiddenError: no right over the parent.
        NotFoundError: the parent is not open to the actor.
        InvalidError: code taken or no code, unknown kind or calendar, second root.
    """
    with write():
        if parent_id is None:
            org_lock(actor)
            authorise(actor, UNIT_EDIT)
        else:
            parent = access_row(actor, OrgUnit, parent_id, view=UNIT_VIEW, act=UNIT_EDIT)
            company_id = parent.company_id
        code = code_required(code, _("Give the unit a code."))
        name = text_required("name", name, _("Give the unit a name."))
        _check_new(company_id, parent_id, code, kind)
        unit = OrgUnit.objects.create(
            company_id=company_id,
            parent_id=parent_id,
            code=code,
            name=name,
            kind=kind,
            calendar_code=calendar_check(company_id, calendar_code),
            seat_count=seat_count,
            sort=sort,
            created_at=clock.now(),
        )
        _closure_link(unit.pk, parent_id)
        after = {"code": code, "name": name, "kind": kind, "parent": parent_id}
        audit_record(actor, codes.UNIT_CREATED, unit, after=after)
        return unit


def _check_new(company_id: int, parent_id: int | None, code: str, kind: str) -> None:
    if kind not in [*UnitKind.values, *parameter_value(company_id, UNIT_KINDS)]:
        raise InvalidError(FieldIssue("kind", "unknown", _("There is no such kind of unit.")))
    units = OrgUnit.objects.filter(company_id=company_id)
    if units.filter(code=code).exists():
        raise InvalidError(FieldIssue("code", "taken", _("Another unit has this code.")))
    if parent_id is None and units.filter(parent__isnull=True).exists():
        message = _("The company has its root unit already; choose where the new unit belongs.")
        raise InvalidError(FieldIssue("parent", "second_root", message))


def _closure_link(unit_id: int, parent_id: int | None) -> None:
    rows = [OrgClosure(ancestor_id=unit_id, descendant_id=unit_id, depth=0)]
    if parent_id is not None:
        above = OrgClosure.objects.filter(descendant_id=parent_id)
        rows += [
            OrgClosure(ancestor_id=ancestor, descendant_id=unit_id, depth=depth + 1)
            for ancestor, depth in above.values_list("ancestor_id", "depth")
        ]
    OrgClosure.objects.bulk_create(rows)


def org_unit_rename(
    *,
    actor: Actor,
    unit_id: int,
    name: str,
    calendar_code: str | None = None,
    sort: int | None = None,
    expected_version: int | None = None,
) -> OrgUnit:
    """Change name, working calendar or place among its sisters.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
        InvalidError: the name is empty, or there is no such calendar.
    """
    with write():
        unit = access_row(
            actor, OrgUnit, unit_id, view=UNIT_VIEW, act=UNIT_EDIT,
            expected_version=expected_version,
        )  # fmt: skip
        values: dict[str, object] = {
            "name": text_required("name", name, _("Give the unit a name."))
        }
        if calendar_code is not None:
            values["calendar_code"] = calendar_check(unit.company_id, calendar_code)
        if sort is not None:
            values["sort"] = sort
        fields_change(actor, codes.UNIT_CHANGED, unit, values)
        return unit


def org_unit_move(
    *,
    actor: Actor,
    unit_id: int,
    parent_id: int,
    reason: str = "",
    expected_version: int | None = None,
) -> OrgUnit:
    """Hang a unit with all below it under another one.

    Raises:
        CycleError: the new place lies inside the unit itself.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`; both places need the right.
        InvalidError: the root, another company, a closed unit, or where it hangs already.
    """
    with write():
        unit = access_row(
            actor, OrgUnit, unit_id, view=UNIT_VIEW, act=UNIT_EDIT,
            expected_version=expected_version,
        )  # fmt: skip
        parent = access_row(actor, OrgUnit, parent_id, view=UNIT_VIEW, act=UNIT_EDIT)
        if unit.parent_id == parent.pk:
            raise InvalidError(FieldIssue("parent", "same", _("The unit is there already.")))
        if unit.parent_id is None or parent.company_id != unit.company_id or parent.closed_on:
            message = _("The unit can't be moved there.")
            raise InvalidError(FieldIssue("parent", "unsuitable", message))
        inside = OrgClosure.objects.filter(ancestor_id=unit.pk, descendant_id=parent.pk)
        if inside.exists():
            raise CycleError
        fields_change(actor, codes.UNIT_MOVED, unit, {"parent_id": parent.pk}, reason=reason)
        _closure_move(unit.pk, parent.pk)
        return unit


def _closure_move(unit_id: int, parent_id: int) -> None:
    below = dict(
        OrgClosure.objects.filter(ancestor_id=unit_id).values_list("descendant_id", "depth")
    )
    above_old = OrgClosure.objects.filter(descendant_id=unit_id).exclude(ancestor_id=unit_id)
    old_ids = list(above_old.values_list("ancestor_id", flat=True))
    OrgClosure.objects.filter(ancestor_id__in=old_ids, descendant_id__in=below).delete()
    above = OrgClosure.objects.filter(descendant_id=parent_id).values_list("ancestor_id", "depth")
    OrgClosure.objects.bulk_create(
        OrgClosure(ancestor_id=ancestor, descendant_id=unit, depth=up + 1 + down)
        for ancestor, up in above
        for unit, down in below.items()
    )


def org_unit_close(
    *,
    actor: Actor,
    unit_id: int,
    closed_on: date | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> OrgUnit:
    """Close a unit that has no open units, positions or members left.

    Raises:
        InUseError: something in it is still open.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
    """
    with write():
        unit = access_row(
            actor, OrgUnit, unit_id, view=UNIT_VIEW, act=UNIT_EDIT,
            expected_version=expected_version,
        )  # fmt: skip
        day = closed_on or clock.today()
        _check_for_close(unit, day)
        fields_change(actor, codes.UNIT_CLOSED, unit, {"closed_on": day}, reason=reason)
        return unit


def _check_for_close(unit: OrgUnit, day: date) -> None:
    still_open = Q(closed_on__isnull=True) | Q(closed_on__gt=day)
    uses = []
    if unit.parent_id is None:
        uses.append(_("it is the root of the company"))
    if unit.children.filter(still_open).exists():
        uses.append(_("units below it"))
    if Position.objects.filter(still_open, unit=unit).exists():
        uses.append(_("positions"))
    if unit.territories.filter(is_active=True).exists():
        uses.append(_("territories"))
    if unit.members.filter(is_active=True).exists():
        uses.append(_("people whose home it is"))
    if uses:
        raise InUseError(name=unit.name, uses=", ".join(uses))
