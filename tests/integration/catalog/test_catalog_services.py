"""Products, units, restrictions, price lists and authority through the services."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError
from chengdan.kernel.outbox.models import OutboxMessage
from chengdan.kernel.reference import reference_scope
from chengdan.kernel.search import search
from chengdan.kernel.transactions import unguarded
from tests.fixtures.catalog import FIRST, Shelf
from tests.fixtures.customers import Buyers
from tests.fixtures.people import People

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 16)


def _list(shelf: Shelf, code: str, price: str, **values: Any) -> Any:
    from chengdan.modules.catalog import services as s

    made = s.price_list_create(
        actor=shelf.actor, draft=s.PriceListDraft(code, code, values.pop("since", FIRST), **values)
    )
    draft = s.PriceDraft(shelf.wine.pk, Decimal(price), shelf.box.pk)
    s.prices_place(actor=shelf.actor, list_id=made.pk, drafts=[draft])
    return made


def test_a_product_is_recorded_searchable_and_told(people: People, shelf: Shelf) -> None:
    from chengdan.modules.catalog.selectors import product_summaries, products_pick

    wine = product_summaries([shelf.wine.pk])[shelf.wine.pk]
    assert wine.tax_rate == Decimal("0.13")
    assert wine.category_ids == (shelf.drinks.pk, shelf.wines.pk)
    assert (wine.sales_unit_id, wine.factor_of(shelf.box.pk)) == (shelf.box.pk, Decimal(12))
    assert audit_history(shelf.wine)[0].code == "catalog.product.created"
    assert OutboxMessage.objects.filter(topic="catalog.ProductCreated").exists()
    actor = people.actor("market_department")
    for text in ("葱姜", "congjiang", "cjlj", "LJ-0512"):
        assert [row.pk for row in products_pick(actor, text)] == [shelf.wine.pk]
    assert {hit.code for hit in search(actor, "cjlj")} == {"LJ-0512"}


def test_every_fault_of_every_row_is_named(shelf: Shelf) -> None:
    from chengdan.modules.catalog import services as s

    drafts = [
        s.ProductDraft("LJ-0512", "", None, tax_rate=Decimal(13)),
        s.ProductDraft("A", "甲", shelf.box.pk, category_id=999999,
                       units=(s.UnitDraft(shelf.box.pk, Decimal(0)),)),
        s.ProductDraft("A", "乙", 999999, on_sale_from=DAY, on_sale_until=FIRST),
    ]  # fmt: skip
    with pytest.raises(InvalidError) as refused:
        s.products_place(actor=shelf.actor, drafts=drafts)
    assert {(item.row, item.field) for item in refused.value.items} == {
        (1, "code"), (1, "name"), (1, "base_unit_id"), (1, "tax_rate"),
        (2, "code"), (2, "category_id"), (2, "units"),
        (3, "code"), (3, "base_unit_id"), (3, "on_sale_until"),
    }  # fmt: skip


def test_who_has_no_right_changes_nothing(people: People, shelf: Shelf) -> None:
    from chengdan.modules.catalog import services as s

    actor = people.actor("sales_rep")
    with pytest.raises(ForbiddenError):
        s.product_update(actor=actor, product_id=shelf.wine.pk, values={"name": "x"})
    with pytest.raises(ForbiddenError):
        s.prices_place(actor=actor, list_id=shelf.prices.pk, drafts=[])


def test_a_change_keeps_before_after_and_version(shelf: Shelf) -> None:
    from chengdan.modules.catalog import services as s

    changed = s.product_update(
        actor=shelf.actor, product_id=shelf.wine.pk, values={"name": "黄酒"},
        units=(s.UnitDraft(shelf.box.pk, Decimal(24)),), expected_version=1,
    )  # fmt: skip
    assert changed.version == 2
    codes = [entry.code for entry in audit_history(shelf.wine)[:2]]
    assert codes == ["catalog.product.units_changed", "catalog.product.updated"]
    with pytest.raises(ConflictError):
        s.product_update(
            actor=shelf.actor, product_id=shelf.wine.pk, values={"name": "x"}, expected_version=1
        )


def test_the_base_unit_stays_once_something_counts_in_it(shelf: Shelf) -> None:
    from chengdan.modules.catalog import services as s

    with pytest.raises(InvalidError):
        s.product_update(
            actor=shelf.actor, product_id=shelf.wine.pk, values={"base_unit_id": shelf.box.pk}
        )


def test_base_quantities_are_exact_or_refused(shelf: Shelf) -> None:
    from chengdan.modules.catalog.selectors import to_base_quantities, to_base_quantity
    from chengdan.modules.catalog.vocabulary import NoConversionError

    wine = shelf.wine.pk
    assert to_base_quantity(wine, shelf.box.pk, Decimal("2.5")) == Decimal(30)
    lines = [(wine, shelf.box.pk, Decimal(1)), (wine, shelf.bottle.pk, Decimal(3))]
    assert to_base_quantities(lines) == [Decimal(12), Decimal(3)]
    with pytest.raises(NoConversionError):
        to_base_quantity(wine, 999999, Decimal(1))


def test_customer_before_region_before_general(
    people: People, shelf: Shelf, buyers: Buyers
) -> None:
    from chengdan.modules.catalog.selectors import price_explain

    mine, other = buyers("和兴食品"), buyers("盛丰粮油")
    market = people.territories["E"].pk
    _list(shelf, "EAST", "58", scope="region", territory_ids=(market,))
    _list(shelf, "HX", "50", scope="customer", customer_ids=(mine.pk,))
    for buyer, code, price in ((mine, "HX", 50), (other, "EAST", 58)):
        found = price_explain(buyer.pk, shelf.wine.pk, None, Decimal(1), DAY)
        assert (found.list_code, found.price) == (code, Decimal(price))
        assert len(found.steps) == 3
    before = price_explain(mine.pk, shelf.wine.pk, None, Decimal(1), date(2025, 12, 31))
    assert before.price is None
    assert {step.outcome for step in before.steps} == {"not_yet"}


def test_a_price_in_boxes_is_told_per_bottle_with_its_floor(shelf: Shelf, buyers: Buyers) -> None:
    from chengdan.modules.catalog.selectors import price_explain

    found = price_explain(buyers("和兴食品").pk, shelf.wine.pk, shelf.bottle.pk, Decimal(12), DAY)
    assert (found.price, found.floor, found.currency) == (Decimal(5), Decimal("4.5"), "CNY")
    assert found.tax_inclusive


def test_many_lines_cost_as_many_queries_as_one(shelf: Shelf, buyers: Buyers) -> None:
    from chengdan.modules.catalog import services as s
    from chengdan.modules.catalog.selectors import PriceLine, prices_explain, sale_blocks

    buyer = buyers("和兴食品")
    drafts = [s.ProductDraft(f"P{n}", f"产品{n}", shelf.bottle.pk) for n in range(40)]
    products = s.products_place(actor=shelf.actor, drafts=drafts)
    prices = [s.PriceDraft(row.pk, Decimal(9)) for row in products]
    s.prices_place(actor=shelf.actor, list_id=shelf.prices.pk, drafts=prices)

    def cost(count: int) -> int:
        with reference_scope(), CaptureQueriesContext(connection) as queries:
            lines = [PriceLine(row.pk, Decimal(1)) for row in products[:count]]
            found = prices_explain(buyer.pk, lines, DAY)
            sale_blocks([row.pk for row in products[:count]], buyer.pk, DAY)
        assert [item.price for item in found] == [Decimal(9)] * count
        return len(queries)

    assert cost(40) <= 12
    # What is known of one product serves the next question.
    assert cost(1) == cost(40) <= 5


def test_a_price_list_is_in_a_currency_that_exists(shelf: Shelf) -> None:
    from chengdan.modules.catalog.services import PriceListDraft, price_list_create

    draft = PriceListDraft(code="Q", name="Q", currency="QQQ", valid_from=DAY)
    with pytest.raises(InvalidError) as refused:
        price_list_create(actor=shelf.actor, draft=draft)
    assert [item.field for item in refused.value.items] == ["currency"]


def test_prices_are_replaced_as_a_whole_with_one_entry(shelf: Shelf) -> None:
    from chengdan.modules.catalog import services as s
    from chengdan.modules.catalog.selectors import prices_of_list

    drafts = [
        s.PriceDraft(shelf.wine.pk, Decimal(61), shelf.box.pk),
        s.PriceDraft(shelf.wine.pk, Decimal(59), shelf.box.pk, Decimal(100)),
    ]
    s.prices_replace(actor=shelf.actor, list_id=shelf.prices.pk, drafts=drafts, expected_version=2)
    assert [row.price for row in prices_of_list(shelf.prices.pk)] == [Decimal(61), Decimal(59)]
    entry = audit_history(shelf.prices)[0]
    assert (entry.code, entry.params) == (
        "catalog.pricelist.prices_changed", {"count": 2, "removed": 0},
    )  # fmt: skip
    s.prices_replace(actor=shelf.actor, list_id=shelf.prices.pk, drafts=drafts[:1])
    assert len(prices_of_list(shelf.prices.pk)) == 1


def test_wrong_prices_are_refused_with_their_rows(shelf: Shelf) -> None:
    from chengdan.modules.catalog import services as s

    wine, box = shelf.wine.pk, shelf.box.pk
    drafts = [
        s.PriceDraft(wine, Decimal(-1), box),
        s.PriceDraft(wine, Decimal(1), 999999),
        s.PriceDraft(999999, Decimal(1)),
        s.PriceDraft(wine, Decimal(1), box, Decimal(5), Decimal(2)),
        s.PriceDraft(wine, Decimal(1), box),
    ]
    with pytest.raises(InvalidError) as refused:
        s.prices_place(actor=shelf.actor, list_id=shelf.prices.pk, drafts=drafts)
    assert {(item.row, item.field) for item in refused.value.items} == {
        (1, "price"), (2, "unit_id"), (3, "product_id"), (4, "floor_price"), (5, "product_id"),
    }  # fmt: skip


def test_restrictions_block_by_category_region_and_dates(
    people: People, shelf: Shelf, buyers: Buyers
) -> None:
    from chengdan.modules.catalog import services as s
    from chengdan.modules.catalog.selectors import block_message, sale_blocks

    buyer = buyers("和兴食品")
    wine = shelf.wine.pk
    assert sale_blocks([wine], buyer.pk, DAY) == {}
    ban = s.restriction_add(
        actor=shelf.actor, kind="forbidden", valid_from=FIRST, reason="专供餐饮",
        category_id=shelf.drinks.pk, territory_id=people.territories["E"].pk,
    )  # fmt: skip
    (block,) = sale_blocks([wine], buyer.pk, DAY)[wine]
    assert block.code == "forbidden_region"
    assert "专供餐饮" in block_message(block)
    s.restriction_end(actor=shelf.actor, restriction_id=ban.pk, last_day=date(2026, 11, 15))
    assert sale_blocks([wine], buyer.pk, DAY) == {}
    s.product_discontinue(actor=shelf.actor, product_id=wine, reason="停产")
    assert [b.code for b in sale_blocks([wine], buyer.pk, DAY)[wine]] == ["discontinued"]


def test_a_restriction_names_one_thing_and_one_place(shelf: Shelf) -> None:
    from chengdan.modules.catalog import services as s

    with pytest.raises(InvalidError) as refused:
        s.restriction_add(actor=shelf.actor, kind="no", valid_from=DAY, reason="")
    assert {item.field for item in refused.value.items} == {
        "kind", "product_id", "territory_id", "reason",
    }  # fmt: skip


@pytest.mark.requirement("PRI-01", partly="the percentages are per role, not per region")
def test_the_nearest_category_of_the_best_role_gives_the_authority(
    people: People, shelf: Shelf
) -> None:
    from chengdan.modules.catalog import services as s
    from chengdan.modules.catalog.selectors import price_authority

    rep = people.users["sales_rep"].pk
    assert price_authority(rep, shelf.wine.pk).lowest(Decimal(60), Decimal(54)) == 60
    s.authority_set(actor=shelf.actor, role_code="sales_rep", below_list_percent=Decimal(2))
    s.authority_set(
        actor=shelf.actor, role_code="sales_rep", category_id=shelf.drinks.pk,
        below_list_percent=Decimal(5),
    )  # fmt: skip
    authority = price_authority(people.actor("sales_rep"), shelf.wine.pk)
    assert authority.lowest(Decimal(60), Decimal(54)) == Decimal(57)
    assert not authority.verdict(Decimal(56), Decimal(60), Decimal(54)).is_allowed
    again = s.authority_set(actor=shelf.actor, role_code="sales_rep", below_list_percent=Decimal(3))
    assert again.version == 2
    s.authority_remove(actor=shelf.actor, authority_id=again.pk)


def test_nobody_sets_the_authority_of_a_role_of_their_own(people: People, shelf: Shelf) -> None:
    from chengdan.modules.catalog import services as s
    from chengdan.modules.catalog.models import FloatAuthority

    deputy = people.actor("deputy_sales_director")
    with pytest.raises(InvalidError) as refusal:
        s.authority_set(
            actor=deputy, role_code="deputy_sales_director", below_list_percent=Decimal(100)
        )
    assert [item.code for item in refusal.value.items] == ["own_role"]
    assert not FloatAuthority.objects.exists()
    s.authority_set(actor=deputy, role_code="sales_rep", below_list_percent=Decimal(2))


def test_a_category_moves_with_all_below_it_but_not_below_itself(shelf: Shelf) -> None:
    from chengdan.modules.catalog import services as s
    from chengdan.modules.catalog.selectors import category_line

    (sauce,) = s.categories_place(actor=shelf.actor, drafts=[s.CategoryDraft("S", "酱")])
    s.category_update(
        actor=shelf.actor, category_id=shelf.drinks.pk, name="饮料", parent_id=sauce.pk
    )
    assert category_line(shelf.wines.pk) == (sauce.pk, shelf.drinks.pk, shelf.wines.pk)
    with pytest.raises(InvalidError):
        s.category_update(
            actor=shelf.actor, category_id=sauce.pk, name="酱", parent_id=shelf.wines.pk
        )


def test_the_database_refuses_what_services_would(shelf: Shelf) -> None:
    from chengdan.modules.catalog.models import Price, ProductUnit

    with pytest.raises(IntegrityError), transaction.atomic(), unguarded():
        Price.objects.update(floor_price=Decimal(999))
    with pytest.raises(IntegrityError), transaction.atomic(), unguarded():
        ProductUnit.objects.update(factor=Decimal(0))
