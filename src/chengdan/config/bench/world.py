"""A small company for measuring: one market with its people, five products, customers, stock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from chengdan.kernel.actor import Actor
from chengdan.modules.catalog.selectors import units_by_codes
from chengdan.modules.catalog.services import (
    PriceDraft,
    PriceListDraft,
    ProductDraft,
    UnitDraft,
    price_list_create,
    prices_place,
    products_place,
    unit_place,
)
from chengdan.modules.credit.services import LimitRow, credit_limits_load
from chengdan.modules.customers.services import (
    AddressDraft,
    CustomerDraft,
    customer_activate,
    customers_place,
)
from chengdan.modules.people.models import OrgUnit, Position, Role, Territory
from chengdan.modules.people.services import (
    assignment_start,
    company_create,
    org_ship,
    position_create,
    territory_create,
    user_create,
)
from chengdan.modules.process.services import definitions_publish

DAY = date(2024, 1, 1)
LINES = 5


@dataclass(slots=True)
class BenchWorld:
    """Ids by role and by kind."""

    company: Any
    system: Actor
    unit_id: int = 0
    territory_id: int = 0
    people: dict[str, int] = field(default_factory=dict)
    products: list[int] = field(default_factory=list)
    warehouse_id: int = 0
    customers: list[int] = field(default_factory=list)

    def actor(self, role: str) -> Actor:
        """Return the person of a seat as a fresh request would see them."""
        return Actor(user_id=self.people[role], name=role, company_id=self.company.pk)

    def customer(self, code: str) -> int:
        """Make an active customer with a limit that no bench reaches."""
        draft = CustomerDraft(
            name=f"{code} 食品有限公司",
            code=code,
            territory_id=self.territory_id,
            owner_id=self.people["key_account_manager"],
            payment_term_days=30,
            addresses=(
                AddressDraft(kind="ship_to", detail="太和镇 1 号", is_default=True),
                AddressDraft(kind="bill_to", detail="天河路 1 号", is_default=True),
            ),
        )
        made = customers_place(actor=self.system, drafts=[draft])[0]
        rows = [LimitRow(made.pk, Decimal(900_000_000))]
        credit_limits_load(actor=self.system, rows=rows, reason="opening")
        customer_activate(actor=self.system, customer_id=made.pk)
        self.customers.append(made.pk)
        return int(made.pk)


def world_make() -> BenchWorld:
    """Make the company through its services."""
    company = company_create(actor=Actor.system("bench"), code="BENCH", name="Bench")
    system = Actor.system("bench", company.pk)
    org_ship(system, company)
    world = BenchWorld(company, system)
    _people(world)
    _goods(world)
    definitions_publish(system)
    world.customer("B0001")
    return world


def _people(world: BenchWorld) -> None:
    company, system = world.company, world.system
    market = Territory.objects.get(company=company, code="S")
    place = market
    for code in ("S-1", "S-1-1"):
        place = territory_create(
            actor=system, company_id=company.pk, parent_id=place.pk, code=code, name=code,
            unit_id=market.unit_id,
        )  # fmt: skip
    world.territory_id, world.unit_id = place.pk, OrgUnit.objects.get(pk=market.unit_id or 0).pk
    seats = {
        position.role.code: position.pk
        for position in Position.objects.filter(company=company).select_related("role")
        if position.role.code != "market_manager" or position.unit_id == world.unit_id
    }
    for role in ("region_manager", "key_account_manager", "order_clerk", "sales_rep"):
        seats[role] = _seat(world, role)
    for role, position_id in sorted(seats.items()):
        _person(world, role, role, position_id)
    keeper = Position.objects.get(company=company, role__code="warehouse_keeper")
    _person(world, "second_keeper", "warehouse_keeper", _seat(world, "warehouse_keeper", keeper))


def _seat(world: BenchWorld, role: str, like: Any = None) -> int:
    made = position_create(
        actor=world.system,
        unit_id=like.unit_id if like else world.unit_id,
        role_id=Role.objects.get(code=role).pk,
        territory_ids=[] if like else [world.territory_id],
    )
    return int(made.pk)


def _person(world: BenchWorld, key: str, role: str, position_id: int) -> None:
    unit_id = Position.objects.get(pk=position_id).unit_id
    user = user_create(
        actor=world.system, company_id=world.company.pk, username=f"bench.{key}",
        display_name=key, unit_id=unit_id,
    )  # fmt: skip
    world.people[key] = user.pk
    assignment_start(actor=world.system, position_id=position_id, user_id=user.pk, starts_on=DAY)


def _goods(world: BenchWorld) -> None:
    known = units_by_codes(["btl", "box"])
    units = {
        code: known.get(code) or unit_place(actor=world.system, code=code, name=code).pk
        for code in ("btl", "box")
    }
    drafts = [
        ProductDraft(
            code=f"P{number}",
            name=f"酱油 {number}",
            base_unit_id=units["btl"],
            tax_rate=Decimal("0.13"),
            units=(UnitDraft(units["box"], Decimal(12), is_sales_default=True),),
        )
        for number in range(1, LINES + 1)
    ]
    world.products = [item.pk for item in products_place(actor=world.system, drafts=drafts)]
    listed = price_list_create(
        actor=world.system, draft=PriceListDraft(code="STD", name="标准价", valid_from=DAY)
    )
    prices = [PriceDraft(pk, Decimal("82.80"), units["box"]) for pk in world.products]
    prices_place(actor=world.system, list_id=listed.pk, drafts=prices)
