"""Territories and who answers for markets (ORG-05…07, ORG-62, ORG-65)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.transactions import write
from chengdan.modules.people import audit_codes as codes
from chengdan.modules.people.access import access_row, authorise, org_lock
from chengdan.modules.people.models import OrgUnit, Position, Territory
from chengdan.modules.people.services.edits import code_required, fields_change, text_required
from chengdan.modules.people.vocabulary import (
    TERRITORY_EDIT,
    TERRITORY_VIEW,
    TerritoryLevel,
    UnitKind,
)

_LEVELS = TerritoryLevel.values


def territory_create(
    *,
    actor: Actor,
    company_id: int,
    parent_id: int | None,
    code: str,
    name: str,
    unit_id: int | None = None,
    sort: int = 100,
) -> Territory:
    """Add a territory one level below its parent; without parent it is a country (ORG-62).

    Raises:
        InvalidError: code taken or empty, below a city, unit of another company.
        NotFoundError, ForbiddenError: see `access_row`.
    """
    with write():
        level = TerritoryLevel.COUNTRY
        if parent_id is None:
            org_lock(actor)
            authorise(actor, TERRITORY_EDIT)
        else:
            parent = access_row(
                actor, Territory, parent_id, view=TERRITORY_VIEW, act=TERRITORY_EDIT
            )
            company_id = parent.company_id
            place = _LEVELS.index(parent.level) + 1
            if place == len(_LEVELS):
                message = _("A city is the last level.")
                raise InvalidError(FieldIssue("parent", "last_level", message))
            level = TerritoryLevel(_LEVELS[place])
        code = code_required(code, _("Give the territory a code."))
        name = text_required("name", name, _("Give the territory a name."))
        if Territory.objects.filter(company_id=company_id, code=code).exists():
            raise InvalidError(FieldIssue("code", "taken", _("Another territory has this code.")))
        _unit_check(company_id, unit_id)
        territory = Territory.objects.create(
            company_id=company_id,
            parent_id=parent_id,
            level=level,
            code=code,
            name=name,
            unit_id=unit_id,
            sort=sort,
        )
        after = {"code": code, "name": name, "level": level, "parent": parent_id, "unit": unit_id}
        audit_record(actor, codes.TERRITORY_CREATED, territory, after=after)
        return territory


def _unit_check(company_id: int, unit_id: int | None) -> None:
    units = OrgUnit.objects.filter(company_id=company_id, closed_on__isnull=True, pk=unit_id or 0)
    if unit_id is not None and not units.exists():
        raise InvalidError(FieldIssue("unit", "unknown", _("There is no such unit.")))


def territory_edit(
    *,
    actor: Actor,
    territory_id: int,
    name: str,
    unit_id: int | None,
    is_active: bool = True,
    expected_version: int | None = None,
) -> Territory:
    """Change the name, the unit that works the territory, or take it out of use.

    Raises:
        InvalidError: the name is empty; unknown unit.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.
    """
    with write():
        territory = access_row(
            actor, Territory, territory_id, view=TERRITORY_VIEW, act=TERRITORY_EDIT,
            expected_version=expected_version,
        )  # fmt: skip
        _unit_check(territory.company_id, unit_id)
        values = {
            "name": text_required("name", name, _("Give the territory a name.")),
            "unit_id": unit_id,
            "is_active": is_active,
        }
        fields_change(actor, codes.TERRITORY_CHANGED, territory, values)
        return territory


def market_route(
    *,
    actor: Actor,
    territory_id: int,
    slt_position_id: int | None,
    billing_position_id: int | None,
    reason: str = "",
    expected_version: int | None = None,
) -> Territory:
    """Name the leadership seat that approves for a market, and its billing seat.

    Raises:
        InvalidError: not a market, or a seat outside the leadership or secretary body.
        NotFoundError, ForbiddenError, ConflictError: see `access_row`.

    Source: ORG-06, ORG-07, ORG-65.
    """
    with write():
        market = access_row(
            actor, Territory, territory_id, view=TERRITORY_VIEW, act=TERRITORY_EDIT,
            expected_version=expected_version,
        )  # fmt: skip
        if market.level != TerritoryLevel.MARKET:
            raise InvalidError(FieldIssue("level", "market", _("Only markets are routed.")))
        _seat_check(market.company_id, "slt_position", slt_position_id, UnitKind.SLT)
        _seat_check(market.company_id, "billing_position", billing_position_id, UnitKind.SSG)
        values = {"slt_position_id": slt_position_id, "billing_position_id": billing_position_id}
        fields_change(actor, codes.TERRITORY_CHANGED, market, values, reason=reason)
        return market


def _seat_check(company_id: int, field: str, position_id: int | None, kind: str) -> None:
    seats = Position.objects.filter(
        company_id=company_id, unit__kind=kind, closed_on__isnull=True, pk=position_id or 0
    )
    if position_id is not None and not seats.exists():
        message = _("Choose a seat of the %(body)s.") % {"body": UnitKind(kind).label}
        raise InvalidError(FieldIssue(field, "unknown", message))
