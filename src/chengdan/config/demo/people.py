"""The company, its organisation with regions and cities, and about 160 people in seats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from chengdan.config.demo.world import City, World, words
from chengdan.kernel.pinyin import pinyin_columns
from chengdan.kernel.transactions import write
from chengdan.modules.customers import divisions
from chengdan.modules.people.models import OrgUnit, Position, Role, Territory
from chengdan.modules.people.services import (
    assignment_start,
    company_create,
    deputy_name,
    org_ship,
    org_unit_create,
    passwords_give,
    position_create,
    territory_create,
    user_create,
)
from chengdan.modules.people.vocabulary import UnitKind

PASSWORD = "yuexian-2026"  # noqa: S105  printed by the command, valid in the demo company only
REPS_PER_CITY = 1
# unit → role → further people beside the shipped seat
MORE_SEATS = {"WH1": ("warehouse_keeper", 3), "QA": ("quality_inspector", 2),
              "FIN": ("finance_clerk", 2), "MKT": ("market_department", 3)}  # fmt: skip


def people_make(world: World) -> None:
    """Create the company and everybody in it."""
    names = words()["company"]
    with write():
        world.company = company_create(actor=world.system, code=names["code"], name=names["name"])
        world.system = world.system.at_company(world.company.pk)
        org_ship(world.system, world.company)
        roles = {role.code: role for role in Role.objects.all()}
        _seats_add(world, roles)
        places = _regions_make(world, roles)
        _seats_fill(world)
        _cities_keep(world, places)
    passwords_give(actor=world.system, user_ids=list(world.people), password=PASSWORD)


def _seats_add(world: World, roles: dict[str, Role]) -> None:
    for unit in OrgUnit.objects.filter(company=world.company, code__in=MORE_SEATS):
        role, count = MORE_SEATS[unit.code]
        for _number in range(count):
            position_create(actor=world.system, unit_id=unit.pk, role_id=roles[role].pk)


def _regions_make(world: World, roles: dict[str, Role]) -> list[tuple[Territory, str, str, str]]:
    """Add regions with their unit, manager and clerk, and cities with account managers and reps."""
    markets = Territory.objects.filter(company=world.company, code__in=words()["regions"])
    places = []
    for market in markets.select_related("unit").order_by("sort"):
        for number, row in enumerate(words()["regions"][market.code], 1):
            code = f"{market.code}-{number}"
            unit = org_unit_create(
                actor=world.system, company_id=world.company.pk, parent_id=market.unit_id,
                code=f"FSF-{code}", name=f"{row['name']}区域", kind=UnitKind.REGION,
            )  # fmt: skip
            region = territory_create(
                actor=world.system, company_id=world.company.pk, parent_id=market.pk, code=code,
                name=row["name"], unit_id=unit.pk,
            )  # fmt: skip
            position_create(
                actor=world.system, unit_id=unit.pk, role_id=roles["region_manager"].pk,
                is_head=True, territory_ids=[region.pk],
            )  # fmt: skip
            position_create(
                actor=world.system, unit_id=unit.pk, role_id=roles["order_clerk"].pk,
                territory_ids=[region.pk],
            )  # fmt: skip
            for place, (province, city) in enumerate(row["cities"], 1):
                territory = _city_make(world, roles, region, f"{code}-{place}", city)
                places.append((territory, market.code, province, city))
    return places


def _city_make(
    world: World, roles: dict[str, Role], region: Territory, code: str, name: str
) -> Territory:
    territory = territory_create(
        actor=world.system, company_id=world.company.pk, parent_id=region.pk, code=code,
        name=name, unit_id=region.unit_id,
    )  # fmt: skip
    for role, count in (("key_account_manager", 1), ("sales_rep", REPS_PER_CITY)):
        for _number in range(count):
            position_create(
                actor=world.system, unit_id=region.unit_id or 0, role_id=roles[role].pk,
                territory_ids=[territory.pk],
            )  # fmt: skip
    return territory


def _names(world: World) -> Iterator[str]:
    surnames, given = words()["surnames"], words()["given"]
    pairs = [f"{first}{second}" for first in dict.fromkeys(surnames) for second in given]
    world.rng.shuffle(pairs)
    return iter(pairs)


def _seats_fill(world: World) -> None:
    day = date(world.start.year - 1, 1, 1)
    taken: Counter[str] = Counter()
    names = _names(world)
    seats = Position.objects.filter(company=world.company).select_related("role")
    for position in seats.order_by("role__sort", "pk"):
        name = next(names)
        login = pinyin_columns(name)[0]
        taken[login] += 1
        user = user_create(
            actor=world.system,
            company_id=world.company.pk,
            username=login if taken[login] == 1 else f"{login}{taken[login]}",
            display_name=name,
            unit_id=position.unit_id,
            phone=f"199{world.rng.randrange(10**8):08}",
        )
        assignment_start(
            actor=world.system, position_id=position.pk, user_id=user.pk, starts_on=day
        )
        world.people[user.pk] = user
        world.seats.setdefault(position.role.code, []).append(user.pk)


def _cities_keep(world: World, places: list[tuple[Territory, str, str, str]]) -> None:
    by_territory: dict[int, dict[str, list[int]]] = {}
    rows = Position.objects.filter(company=world.company, assignments__isnull=False).values_list(
        "territories", "role__code", "assignments__user_id"
    )
    for territory_id, role, user_id in rows:
        if territory_id is not None:
            by_territory.setdefault(territory_id, {}).setdefault(role, []).append(user_id)
    markets = Territory.objects.filter(pk__in=by_territory, level="market")
    managers = {item.code: by_territory[item.pk]["market_manager"][0] for item in markets}
    for territory, market, province, name in places:
        own = by_territory[territory.pk]
        clerks = by_territory[territory.parent_id or 0]["order_clerk"]
        world.cities.append(
            City(
                territory_id=territory.pk,
                market=market,
                province=province,
                name=name,
                manager_id=own["key_account_manager"][0],
                market_manager_id=managers[market],
                submitters=tuple(clerks),
                divisions=_districts(province, name),
            )
        )


def _districts(province: str, city: str) -> tuple[str, ...]:
    above = divisions.division_by_name(province)
    found = divisions.division_by_name(city, above.code) if above else None
    code = (found or above).code if above else ""
    return tuple(item.code for item in divisions.children_of(code, 3))


def deputies_name(world: World) -> None:
    """Let a travelling leader's and a manager's signature be given by others, on their consent."""
    consent = words()["reasons"]["consent"]
    pairs: list[tuple[int, int, dict[str, Any]]] = [
        (world.holder("sales_director"), world.holder("csr_billing"), {}),
        (world.holder("market_manager"), world.seats["region_manager"][0],
         {"document_types": ["orders.order"]}),
        (world.holder("finance_manager"), world.holder("finance_clerk"),
         {"document_types": ["billing.invoice"]}),
    ]  # fmt: skip
    for principal, deputy, values in pairs:
        deputy_name(
            actor=world.actor(principal),
            principal_id=principal,
            deputy_id=deputy,
            starts_on=world.today,
            ends_on=world.today + timedelta(days=9),
            consent_text=consent,
            **values,
        )
