"""Seats and their holders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.transactions import write
from chengdan.modules.people import audit_codes as codes
from chengdan.modules.people.access import access_row
from chengdan.modules.people.errors import (
    CycleError,
    FixedSeatsError,
    InUseError,
    SeatTakenError,
)
from chengdan.modules.people.models import (
    Assignment,
    OrgUnit,
    Position,
    PositionTerritory,
    Role,
    Territory,
    User,
)
from chengdan.modules.people.rules import dates_overlap, leads_back
from chengdan.modules.people.services.edits import fields_change
from chengdan.modules.people.services.guards import administrator_kept, check_for_own_rights
from chengdan.modules.people.vocabulary import (
    POSITION_EDIT,
    UNIT_VIEW,
    AssignmentChanged,
)


def position_create(
    *,
    actor: Actor,
    unit_id: int,
    role_id: int,
    title: str = "",
    is_head: bool = False,
    reports_to_id: int | None = None,
    seat_number: int | None = None,
    territory_ids: Sequence[int] = (),
) -> Position:
    """Add a seat to a unit.

    Raises:
        FixedSeatsError: the body has all its seats (ORG-02, ORG-03).
        InvalidError: the unit is closed or has a head, the role is closed.
        CycleError: the reporting line closes a circle.
        NotFoundError, ForbiddenError: see `access_row`.
    """
    with write():
        unit = access_row(actor, OrgUnit, unit_id, view=UNIT_VIEW, act=POSITION_EDIT)
        role = Role.objects.filter(pk=role_id, is_active=True).first()
        if role is None or unit.closed_on is not None:
            raise InvalidError(FieldIssue("role", "closed", _("Choose an open unit and role.")))
        seat_number = _seat_check(unit, seat_number)
        _head_check(unit.pk, is_head)
        _line_check(unit.company_id, None, reports_to_id)
        position = Position.objects.create(
            company_id=unit.company_id,
            unit=unit,
            role=role,
            title=title.strip(),
            is_head=is_head,
            reports_to_id=reports_to_id,
            seat_number=seat_number,
            created_at=clock.now(),
        )
        _territories_set(position, territory_ids)
        after = {"unit": unit.pk, "role": role.code, "is_head": is_head}
        after["reports_to"] = reports_to_id
        after["territories"] = sorted(territory_ids)
        audit_record(actor, codes.POSITION_CREATED, position, after=after)
        return position


def _seat_check(unit: OrgUnit, seat_number: int | None) -> int | None:
    if unit.seat_count is None:
        return None
    open_seats = Position.objects.filter(unit=unit, closed_on__isnull=True)
    taken = set(open_seats.values_list("seat_number", flat=True))
    free = [number for number in range(1, unit.seat_count + 1) if number not in taken]
    if not free or (seat_number is not None and seat_number not in free):
        raise FixedSeatsError(unit=unit.name, count=unit.seat_count)
    return seat_number or free[0]


def _head_check(unit_id: int, is_head: bool, position_id: int | None = None) -> None:
    heads = Position.objects.filter(unit_id=unit_id, is_head=True, closed_on__isnull=True)
    if is_head and heads.exclude(pk=position_id or 0).exists():
        raise InvalidError(FieldIssue("is_head", "taken", _("The unit has a head already.")))


def _line_check(company_id: int, position_id: int | None, reports_to_id: int | None) -> None:
    if reports_to_id is None:
        return
    seats = Position.objects.filter(company_id=company_id, closed_on__isnull=True)
    lines = dict(seats.values_list("id", "reports_to_id"))
    if reports_to_id not in lines:
        message = _("There is no such position to report to.")
        raise InvalidError(FieldIssue("reports_to", "unknown", message))
    if position_id is not None and leads_back(reports_to_id, position_id, lines):
        raise CycleError


def _territories_set(position: Position, territory_ids: Sequence[int]) -> None:
    wanted = set(territory_ids)
    known = Territory.objects.filter(company_id=position.company_id, pk__in=wanted)
    if known.count() != len(wanted):
        message = _("There is no such territory.")
        raise InvalidError(FieldIssue("territories", "unknown", message))
    held = PositionTerritory.objects.filter(position=position)
    held.exclude(territory_id__in=wanted).delete()
    have = set(held.values_list("territory_id", flat=True))
    PositionTerritory.objects.bulk_create(
        PositionTerritory(position=position, territory_id=pk) for pk in sorted(wanted - have)
    )


def position_edit(
    *,
    actor: Actor,
    position_id: int,
    title: str,
    is_head: bool,
    role_id: int,
    reports_to_id: int | None,
    territory_ids: Sequence[int],
    expected_version: int | None = None,
) -> Position:
    """Change role, title, lead, reporting line and territories of a seat.

    Raises:
        OwnRightsError: the actor holds the seat.
        CycleError: the reporting line closes a circle.
        InvalidError: the unit has another head; unknown line or territory.
        LastAdministratorError: the seat was the last one that could grant rights.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
    """
    with write(), administrator_kept():
        position = access_row(
            actor, Position, position_id, view=UNIT_VIEW, act=POSITION_EDIT,
            expected_version=expected_version,
        )  # fmt: skip
        for user_id in _open_holders(position, clock.today()):
            check_for_own_rights(actor, user_id)
        _head_check(position.unit_id, is_head, position.pk)
        _line_check(position.company_id, position.pk, reports_to_id)
        held = position.territories.values_list("id", flat=True)
        before, wanted = sorted(held), sorted(set(territory_ids))
        values = {
            "title": title.strip(), "is_head": is_head, "role_id": role_id,
            "reports_to_id": reports_to_id,
        }  # fmt: skip
        fields_change(actor, codes.POSITION_CHANGED, position, values)
        if before != wanted:
            _territories_set(position, wanted)
            audit_record(
                actor, codes.POSITION_CHANGED, position,
                before={"territories": before}, after={"territories": wanted},
            )  # fmt: skip
        return position


def _open_holders(position: Position, on: date) -> list[int]:
    held = Assignment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on), position=position
    )
    return list(held.values_list("user_id", flat=True))


def position_close(
    *, actor: Actor, position_id: int, reason: str = "", expected_version: int | None = None
) -> Position:
    """Close a seat that nobody holds or will hold.

    Raises:
        FixedSeatsError: the body keeps its seats (ORG-02, ORG-03).
        InUseError: held, reported to, or named by a market.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
    """
    with write():
        position = access_row(
            actor, Position, position_id, view=UNIT_VIEW, act=POSITION_EDIT,
            expected_version=expected_version,
        )  # fmt: skip
        if position.unit.seat_count is not None:
            raise FixedSeatsError(unit=position.unit.name, count=position.unit.seat_count)
        uses = []
        if _open_holders(position, clock.today()):
            uses.append(_("it has a holder"))
        if position.direct_reports.filter(closed_on__isnull=True).exists():
            uses.append(_("positions report to it"))
        markets = Territory.objects.filter(Q(slt_position=position) | Q(billing_position=position))
        if markets.exists():
            uses.append(_("markets name it"))
        if uses:
            raise InUseError(name=position.shown_title, uses=", ".join(uses))
        values = {"closed_on": clock.today()}
        fields_change(actor, codes.POSITION_CLOSED, position, values, reason=reason)
        return position


def assignment_start(
    *,
    actor: Actor,
    position_id: int,
    user_id: int,
    starts_on: date,
    ends_on: date | None = None,
) -> Assignment:
    """Give a seat to a person; a person may hold several.

    Raises:
        OwnRightsError: the person is the actor.
        SeatTakenError: somebody holds the seat in that time.
        InvalidError: dates the wrong way round, closed seat, disabled person.
        NotFoundError, ForbiddenError: see `access_row`.
    """
    with write():
        position = access_row(actor, Position, position_id, view=UNIT_VIEW, act=POSITION_EDIT)
        check_for_own_rights(actor, user_id)
        if ends_on is not None and ends_on < starts_on:
            raise InvalidError(FieldIssue("ends_on", "order", _("The end lies before the start.")))
        if position.closed_on is not None:
            raise InvalidError(FieldIssue("position", "closed", _("The position is closed.")))
        if not User.objects.filter(pk=user_id, is_active=True).exists():
            raise InvalidError(FieldIssue("user", "unknown", _("Choose an active person.")))
        for other in Assignment.objects.filter(position=position).select_related("user"):
            if dates_overlap((starts_on, ends_on), (other.starts_on, other.ends_on)):
                raise SeatTakenError(person=other.user.display_name, start=other.starts_on)
        assignment = Assignment.objects.create(
            position=position,
            user_id=user_id,
            starts_on=starts_on,
            ends_on=ends_on,
            created_at=clock.now(),
        )
        after = {"user": user_id, "starts_on": starts_on, "ends_on": ends_on}
        audit_record(actor, codes.POSITION_FILLED, position, after=after)
        event_publish(actor, AssignmentChanged(position.pk, user_id, position.company_id))
        return assignment


def assignment_end(
    *, actor: Actor, assignment_id: int, ends_on: date, reason: str = ""
) -> Assignment:
    """Let a person give a seat up; `ends_on` is the last day.

    Raises:
        LastAdministratorError: nobody could grant rights after that day.
        InvalidError: the end lies before the start.
        NotFoundError, ForbiddenError: see `access_row`.
    """
    known = Assignment.objects.filter(pk=assignment_id).values_list("position_id", flat=True)
    with write(), administrator_kept(ends_on + timedelta(days=1)):
        position = access_row(
            actor, Position, known.first() or 0, view=UNIT_VIEW, act=POSITION_EDIT
        )
        assignment = Assignment.objects.get(pk=assignment_id)
        if ends_on < assignment.starts_on:
            raise InvalidError(FieldIssue("ends_on", "order", _("The end lies before the start.")))
        if assignment.ends_on is not None and assignment.ends_on < ends_on:
            check_for_own_rights(actor, assignment.user_id)
        before = {"user": assignment.user_id, "ends_on": assignment.ends_on}
        assignment.ends_on = ends_on
        assignment.save(update_fields=["ends_on"])
        after = {"user": assignment.user_id, "ends_on": ends_on}
        audit_record(
            actor, codes.POSITION_VACATED, position, before=before, after=after, reason=reason
        )
        event_publish(
            actor, AssignmentChanged(position.pk, assignment.user_id, position.company_id)
        )
        return assignment
