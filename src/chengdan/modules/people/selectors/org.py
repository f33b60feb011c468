"""Companies, units, territories and the seats that answer for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.parameters import parameter_values
from chengdan.kernel.reference import remembered
from chengdan.modules.people.models import Company, OrgClosure, OrgUnit, Position, Territory
from chengdan.modules.people.selectors.rights import assignments_in_force
from chengdan.modules.people.vocabulary import CSR_SEAT, SCR_ROLE, TerritoryLevel, UnitKind


class OrderSeats(NamedTuple):
    """The three persons of every order (ORG-18)."""

    csr_id: int
    scr_id: int
    bcr_id: int


@remembered("people")
def company_get(company_id: int) -> Company:
    """Return the company.

    Raises:
        NotFoundError: there is none.
    """
    found = Company.objects.filter(pk=company_id).first()
    if found is None:
        raise NotFoundError
    return found


def company_zone(company_id: int) -> str | None:
    """Return the name of the company's time zone; None when there is no such company."""
    try:
        return company_get(company_id).timezone
    except NotFoundError:
        return None


def companies_of(actor: Actor) -> list[Company]:
    """Return the companies that the actor may work in: the own one, by seat and by grant."""
    return _companies_of(actor.user_id)


@remembered("people")
def _companies_of(user_id: int | None) -> list[Company]:
    if user_id is None:
        return list(Company.objects.filter(is_active=True))
    on = clock.today()
    seats = assignments_in_force(on).filter(user_id=user_id)
    ids = set(seats.values_list("position__company_id", flat=True))
    dated = Q(grants__ends_on__isnull=True) | Q(grants__ends_on__gte=on)
    by_grant = Q(grants__user_id=user_id, grants__starts_on__lte=on) & dated
    condition = Q(pk__in=ids) | Q(users=user_id) | by_grant
    return list(Company.objects.filter(condition, is_active=True).distinct().order_by("code"))


@remembered("people")
def descendants_of(unit_id: int) -> frozenset[int]:
    """Return the ids of the unit and of everything below it."""
    rows = OrgClosure.objects.filter(ancestor_id=unit_id)
    return frozenset(rows.values_list("descendant_id", flat=True))


@remembered("people")
def unit_path(unit_id: int) -> list[OrgUnit]:
    """Return the unit and all above it, root first."""
    rows = OrgClosure.objects.filter(descendant_id=unit_id).select_related("ancestor")
    return [row.ancestor for row in rows.order_by("-depth")]


@remembered("people")
def unit_calendar(unit_id: int) -> str:
    """Return the code of the working calendar that counts for the unit."""
    path = unit_path(unit_id)
    named = [unit.calendar_code for unit in path if unit.calendar_code]
    if named:
        return named[-1]
    codes = Company.objects.filter(units=unit_id).values_list("calendar_code", flat=True)
    return codes.first() or "cn"


@remembered("people")
def unit_head(unit_id: int, on: date | None = None) -> int | None:
    """Return who heads the unit on the day (default today), or None."""
    held = assignments_in_force(on or clock.today())
    head = held.filter(position__unit_id=unit_id, position__is_head=True, user__is_active=True)
    return head.values_list("user_id", flat=True).first()


@remembered("people")
def territory_line(territory_id: int) -> list[Territory]:
    """Return the territory and all above it, narrowest first."""
    line: list[Territory] = []
    wanted: int | None = territory_id
    while wanted is not None and len(line) < len(TerritoryLevel):
        found = Territory.objects.filter(pk=wanted).first()
        if found is None:
            break
        line.append(found)
        wanted = found.parent_id
    return line


@remembered("people")
def territory_name(territory_id: int) -> str | None:
    """Return the name of a territory, or None."""
    rows = Territory.objects.filter(pk=territory_id)
    return rows.values_list("name", flat=True).first()


def territory_ids_by_codes(company_id: int, codes: Iterable[str]) -> dict[str, int]:
    """Return code → id of the company's territories with one query."""
    rows = Territory.objects.filter(company_id=company_id, code__in=set(codes))
    return dict(rows.values_list("code", "id"))


@remembered("people")
def territory_lines(company_id: int) -> dict[int, tuple[int, ...]]:
    """Return territory → itself and all above it, narrowest first, for the whole company."""
    rows = Territory.objects.filter(company_id=company_id)
    parents = dict(rows.values_list("id", "parent_id"))
    return {pk: _upwards(pk, parents) for pk in parents}


def _upwards(start: int, parents: Mapping[int, int | None]) -> tuple[int, ...]:
    line: list[int] = []
    wanted: int | None = start
    while wanted is not None and wanted not in line:
        line.append(wanted)
        wanted = parents.get(wanted)
    return tuple(line)


@remembered("people")
def territory_markets(company_id: int) -> dict[int, int | None]:
    """Return territory → its market (None above markets), for the whole company."""
    rows = Territory.objects.filter(company_id=company_id, level=TerritoryLevel.MARKET)
    markets = set(rows.values_list("id", flat=True))
    lines = territory_lines(company_id)
    return {pk: next((up for up in line if up in markets), None) for pk, line in lines.items()}


@remembered("people")
def territory_ids_below(territory_id: int) -> frozenset[int]:
    """Return the ids of the territory and of everything in it."""
    found = {territory_id}
    layer = {territory_id}
    while layer:
        rows = Territory.objects.filter(parent_id__in=layer).values_list("id", flat=True)
        layer = set(rows) - found
        found |= layer
    return frozenset(found)


def market_of(territory_id: int) -> Territory | None:
    """Return the market that the territory lies in; None for a country."""
    line = territory_line(territory_id)
    return next((item for item in line if item.level == TerritoryLevel.MARKET), None)


def _holder(position_id: int | None, on: date) -> int | None:
    if position_id is None:
        return None
    held = assignments_in_force(on).filter(position_id=position_id, user__is_active=True)
    return held.values_list("user_id", flat=True).first()


@remembered("people")
def slt_member_of_market(territory_id: int, on: date | None = None) -> int | None:
    """Return the member of the leadership team who answers for the territory's market.

    Source: ORG-06 (sales director), ORG-07 (deputy sales director).
    """
    market = market_of(territory_id)
    return None if market is None else _holder(market.slt_position_id, on or clock.today())


@remembered("people")
def slt_members(company_id: int, on: date | None = None) -> list[int]:
    """Return the holders of the leadership team's three seats, by seat (ORG-02)."""
    held = assignments_in_force(on or clock.today()).filter(
        position__company_id=company_id, position__unit__kind=UnitKind.SLT, user__is_active=True
    )
    return list(held.order_by("position__seat_number").values_list("user_id", flat=True))


@remembered("people", "figures")
def order_seats(territory_id: int, on: date | None = None) -> OrderSeats:
    """Return CSR, SCR and BCR for an order of the territory, each exactly one person.

    Raises:
        InvalidError: a seat is empty or named twice; every one that is wrong is listed.

    Source: ORG-18, ORG-65.
    """
    day = on or clock.today()
    market = market_of(territory_id)
    if market is None:
        raise NotFoundError
    figures = parameter_values(market.company_id, [CSR_SEAT, SCR_ROLE])
    held = assignments_in_force(day).filter(
        position__company_id=market.company_id, user__is_active=True
    )
    csr = held.filter(position__unit__kind=UnitKind.SSG, position__seat_number=figures[CSR_SEAT])
    scr = held.filter(position__role__code=figures[SCR_ROLE])
    bcr = held.filter(position_id=market.billing_position_id or 0)
    found = {
        name: list(rows.order_by("position_id").values_list("user_id", flat=True)[:2])
        for name, rows in (("csr", csr), ("scr", scr), ("bcr", bcr))
    }
    return OrderSeats(*_exactly_one(found))


def _exactly_one(found: dict[str, list[int]]) -> list[int]:
    titles = {
        "csr": _("customer service representative"),
        "scr": _("shipping coordinator"),
        "bcr": _("billing coordinator"),
    }
    issues = []
    for name, people in found.items():
        if not people:
            text = _("Nobody holds the seat of the %(seat)s.") % {"seat": titles[name]}
            issues.append(FieldIssue(name, "seat_empty", text, rule="ORG-65"))
        elif len(people) > 1:
            text = _("More than one person holds the seat of the %(seat)s.")
            text = text % {"seat": titles[name]}
            issues.append(FieldIssue(name, "seat_not_unique", text, rule="ORG-65"))
    if issues:
        raise InvalidError(issues, code="seats")
    return [people[0] for people in found.values()]


def superior_positions(position: Position) -> list[Position]:
    """Return the seats above: the reporting line first, then the heads of the units above."""
    if position.reports_to_id is not None:
        return list(Position.objects.filter(pk=position.reports_to_id))
    rows = OrgClosure.objects.filter(descendant_id=position.unit_id).order_by("depth")
    units = list(rows.values_list("ancestor_id", flat=True))
    heads = Position.objects.filter(unit_id__in=units, is_head=True, closed_on__isnull=True)
    by_unit = {head.unit_id: head for head in heads.exclude(pk=position.pk)}
    return [by_unit[unit] for unit in units if unit in by_unit]
