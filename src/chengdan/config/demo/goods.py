"""Four hundred products with prices, authority, restrictions, warehouses, stock and quota."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from chengdan.config.demo.world import Good, World, words
from chengdan.kernel import clock
from chengdan.kernel.numbers import round_half_up
from chengdan.modules.catalog.services import (
    CategoryDraft,
    PriceDraft,
    PriceListDraft,
    ProductDraft,
    UnitDraft,
    authority_set,
    categories_place,
    price_list_create,
    prices_place,
    products_place,
    restriction_add,
    unit_place,
)
from chengdan.modules.people.models import OrgUnit, Territory
from chengdan.modules.quota.services import CellDraft, quota_cells_set
from chengdan.modules.shipping.services import (
    StockDraft,
    StockLineDraft,
    WarehouseDraft,
    stock_draft,
    stock_post,
    warehouse_place,
)

CENT = 2
# what is left of the list price: floor, northern markets, quantity breaks
FLOOR, FAR_AWAY, BREAK = Decimal("0.92"), Decimal("1.03"), Decimal("0.97")
BREAK_BOXES = Decimal(100)
# a product in this many has too little stock, so that orders wait for it
SCARCE_EVERY = 40
# percent below list; True: down to the floor; percent below the floor
AUTHORITY: dict[str, tuple[int, bool, int]] = {
    "key_account_manager": (2, False, 0),
    "region_manager": (4, False, 0),
    "market_manager": (0, True, 0),
    "sales_director": (0, True, 5),
    "deputy_sales_director": (0, True, 5),
    "general_manager": (0, True, 10),
}


def goods_make(world: World) -> None:
    """Create categories, products and price lists as they have been from the start."""
    units = {
        code: unit_place(actor=world.system, code=code, name=name).pk
        for code, name in words()["units"].items()
    }
    drafts = [
        CategoryDraft(item["code"], item["name"], top.get("code", "") if top else "", sort)
        for sort, (top, item) in enumerate(_tree(), 1)
    ]
    made = categories_place(actor=world.system, drafts=drafts)
    categories = {category.code: category.pk for category in made}
    _products_make(world, units, categories)
    _prices_make(world)
    for role, (percent, is_to_floor, below) in AUTHORITY.items():
        authority_set(
            actor=world.system, role_code=role, below_list_percent=Decimal(percent),
            is_to_floor=is_to_floor, below_floor_percent=Decimal(below),
        )  # fmt: skip


def _tree() -> list[tuple[dict[str, Any] | None, dict[str, Any]]]:
    tops = words()["categories"]
    return [(None, top) for top in tops] + [(top, leaf) for top in tops for leaf in top["leaves"]]


def _products_make(world: World, units: dict[str, int], categories: dict[str, int]) -> None:
    drafts: list[ProductDraft] = []
    prices: list[Decimal] = []
    weights: list[int] = []
    for top, leaf in _tree():
        if top is None:
            continue
        for place, (name, size) in enumerate(product(leaf["names"], leaf["sizes"])):
            spec, _mark, factor = size.partition("×")
            drafts.append(
                ProductDraft(
                    code=f"{leaf['code']}-{place + 1:02}",
                    name=name,
                    spec=spec,
                    base_unit_id=units[leaf["unit"]],
                    category_id=categories[leaf["code"]],
                    tax_rate=Decimal(leaf["tax"]) / 100,
                    is_batch_managed=bool(leaf["batch"]),
                    shelf_life_days=leaf["batch"] or None,
                    on_sale_from=date(world.start.year - 2, 1, 1),
                    weight_kg=Decimal("0.6"),
                    units=(UnitDraft(units["box"], Decimal(factor), is_sales_default=True),),
                )
            )
            grade = Decimal(85 + 8 * (place // 5) + 4 * (place % 5)) / 100
            prices.append(round_half_up(Decimal(leaf["price"]) * grade, 1))
            # Half of the sales come from a tenth of the products.
            weights.append(40 if place % 10 == 0 else 10 if place % 5 == 0 else 2)
    made = products_place(actor=world.system, drafts=drafts)
    world.goods = [
        Good(
            id=item.pk,
            code=item.code,
            category_id=item.category_id or 0,
            base_unit_id=item.base_unit_id,
            sales_unit_id=units["box"],
            factor=draft.units[0].factor,
            price=price,
            tax_rate=item.tax_rate,
            weight=weight,
            shelf_life_days=item.shelf_life_days or 0,
        )
        for item, draft, price, weight in zip(made, drafts, prices, weights, strict=True)
    ]


def _prices_make(world: World) -> None:
    """Add the general list with breaks and floors, one for far regions, one for key customers."""
    day = date(world.start.year - 1, 1, 1)
    far = Territory.objects.filter(company=world.company, code__in=("NW", "NE", "SW"))
    general = price_list_create(
        actor=world.system, draft=PriceListDraft(code="STD", name="标准价", valid_from=day)
    )
    rows = [
        row
        for good in world.goods
        for row in (
            _price(good, good.price),
            _price(good, round_half_up(good.price * BREAK, CENT), BREAK_BOXES),
        )
    ]
    prices_place(actor=world.system, list_id=general.pk, drafts=rows)
    region = price_list_create(
        actor=world.system,
        draft=PriceListDraft(
            code="FAR", name="边远区域价", valid_from=day, scope="region",
            territory_ids=tuple(far.order_by("pk").values_list("pk", flat=True)),
        ),
    )  # fmt: skip
    rows = [_price(good, round_half_up(good.price * FAR_AWAY, CENT)) for good in world.goods[::2]]
    prices_place(actor=world.system, list_id=region.pk, drafts=rows)


def _price(good: Good, price: Decimal, least: Decimal = Decimal(0)) -> PriceDraft:
    floor = round_half_up(good.price * FLOOR, CENT)
    return PriceDraft(good.id, price, good.sales_unit_id, least, floor)


def key_prices_make(world: World) -> None:
    """Give the largest customers a list of their own, and keep one product out of a market."""
    largest = sorted(world.buyers, key=lambda item: -item.weight)[:12]
    listed = price_list_create(
        actor=world.system,
        draft=PriceListDraft(
            code="KEY", name="重点客户协议价", valid_from=date(world.start.year, 1, 1),
            scope="customer", customer_ids=tuple(sorted(item.id for item in largest)),
        ),
    )  # fmt: skip
    rows = [
        _price(good, round_half_up(good.price * Decimal("0.95"), CENT))
        for good in world.goods
        if good.weight > 2
    ]
    prices_place(actor=world.system, list_id=listed.pk, drafts=rows)
    north = Territory.objects.get(company=world.company, code="NE")
    restriction_add(
        actor=world.system, kind="forbidden", valid_from=world.today - timedelta(days=60),
        reason="冬季冻裂风险，暂停发往东北", product_id=world.goods[-1].id,
        territory_id=north.pk,
    )  # fmt: skip


def stock_make(world: World) -> None:
    """Open two warehouses and receive batches of every product; a few products are scarce."""
    unit = OrgUnit.objects.get(company=world.company, code="WH1")
    for code, name in (("WH1", "成品库"), ("WH2", "外租库")):
        made = warehouse_place(
            actor=world.system,
            draft=WarehouseDraft(code, name, unit.pk, "佛山市南海区食品工业园", code == "WH1"),
        )
        world.warehouses.append(made.pk)
    for place, warehouse_id in enumerate(world.warehouses):
        lines = [
            line
            for number, good in enumerate(world.goods)
            if place == 0 or number % 4 == 0
            for line in _lots(world, good, number)
        ]
        keeper = world.actor(world.holder("warehouse_keeper"))
        draft = StockDraft("opening", warehouse_id, lines, clock.today(), "期初库存")
        stock_post(actor=keeper, document_id=stock_draft(actor=keeper, draft=draft).pk)


def _lots(world: World, good: Good, number: int) -> list[StockLineDraft]:
    is_scarce = number % SCARCE_EVERY == SCARCE_EVERY // 2
    boxes = 6 if is_scarce else 60 * (good.weight + 5)
    if not good.shelf_life_days:
        return [StockLineDraft(good.id, good.factor * boxes * 2)]
    lines = []
    for batch in range(2):
        made_on = world.today - timedelta(days=80 - 30 * batch + number % 7)
        lines.append(
            StockLineDraft(
                good.id,
                good.factor * boxes,
                f"{made_on:%y%m%d}{'AB'[batch]}",
                made_on + timedelta(days=good.shelf_life_days),
            )
        )
    return lines


def quotas_make(world: World) -> None:
    """Set this month's and next month's quota of sought-after products per market."""
    markets = Territory.objects.filter(company=world.company, code__in=words()["regions"])
    sought = [good for good in world.goods if good.weight == 40][:12]
    first = world.today.replace(day=1)
    months = [first, (first + timedelta(days=32)).replace(day=1)]
    drafts = [
        CellDraft(
            starts_on=month,
            ends_on=(month + timedelta(days=32)).replace(day=1) - timedelta(days=1),
            limit=good.factor * (40 if number % 3 == 0 else 400),
            product_id=good.id,
            territory_id=market.pk,
        )
        for month in months
        for number, good in enumerate(sought)
        for market in markets.order_by("sort")
    ]
    quota_cells_set(
        actor=world.system, company_id=world.company.pk, drafts=drafts, reason="月度配额"
    )
