"""The choice of a price, units, authority and restrictions, without a database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.modules.catalog import rules

DAY = date(2026, 11, 16)
BASE = rules.Candidate(
    price_id=1, list_id=1, list_code="STD", list_name="标准", scope=rules.GENERAL, priority=0,
    currency="CNY", is_tax_inclusive=True, is_list_active=True, valid_from=date(2026, 1, 1),
    valid_until=None, unit_id=7, factor=Decimal(12), min_quantity=Decimal(0),
    price=Decimal(60), floor=Decimal(54),
)  # fmt: skip
QUERY = rules.PriceQuery(7, Decimal(12), Decimal(10), DAY, "CNY")
PRICES = st.decimals(Decimal(0), Decimal(10**6), places=6)
PERCENTS = st.decimals(Decimal(0), Decimal(100), places=2)


def _outcomes(*items: rules.Candidate, query: rules.PriceQuery = QUERY) -> dict[int, str]:
    choice = rules.choose_price(items, query)
    return {step.candidate.price_id: step.outcome for step in choice.steps}


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"is_list_active": False}, "list_off"),
        ({"valid_from": date(2026, 11, 17)}, "not_yet"),
        ({"valid_until": date(2026, 11, 15)}, "expired"),
        ({"currency": "USD"}, "currency"),
        ({"scope": rules.CUSTOMER}, "other_customer"),
        ({"scope": rules.REGION}, "other_region"),
        ({"factor": None}, "no_unit"),
        ({"min_quantity": Decimal("10.000001")}, "below_quantity"),
        ({"valid_until": DAY}, "chosen"),
        ({"min_quantity": Decimal(10)}, "chosen"),
    ],
)
def test_a_price_alone_counts_or_says_why_not(change: dict[str, object], outcome: str) -> None:
    assert _outcomes(replace(BASE, **change)) == {1: outcome}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"scope": rules.CUSTOMER, "reaches_customer": True}, "lower_scope"),
        ({"scope": rules.REGION, "territory_depth": 3}, "lower_scope"),
        ({"priority": 1}, "lower_priority"),
        ({"valid_from": date(2026, 6, 1)}, "older"),
    ],
)
def test_a_stronger_list_wins_and_the_other_says_why(
    change: dict[str, object], outcome: str
) -> None:
    better = replace(BASE, price_id=2, list_id=2, list_code="B", **change)  # type: ignore[arg-type]
    choice = rules.choose_price([BASE, better], QUERY)
    assert choice.winner is not None
    assert choice.winner.candidate is better
    assert [(s.outcome, s.beaten_by) for s in choice.steps] == [("chosen", ""), (outcome, "B")]


def test_a_customer_list_goes_before_a_region_list_of_any_priority() -> None:
    mine = replace(BASE, price_id=2, scope=rules.CUSTOMER, reaches_customer=True)
    region = replace(BASE, price_id=3, scope=rules.REGION, territory_depth=1, priority=99)
    assert _outcomes(mine, region, BASE)[2] == "chosen"


def test_the_nearer_region_goes_before_the_wider_one() -> None:
    city = replace(BASE, price_id=2, scope=rules.REGION, territory_depth=1)
    market = replace(BASE, price_id=3, scope=rules.REGION, territory_depth=3, priority=5)
    assert _outcomes(city, market) == {2: "chosen", 3: "wider_region"}


def test_the_greatest_break_that_is_reached_counts() -> None:
    ten = replace(BASE, price_id=2, min_quantity=Decimal(10), price=Decimal(58))
    hundred = replace(BASE, price_id=3, min_quantity=Decimal(100), price=Decimal(50))
    found = _outcomes(BASE, ten, hundred)
    assert found == {1: "smaller_break", 2: "chosen", 3: "below_quantity"}


def test_a_break_in_another_unit_is_compared_in_base_units() -> None:
    """120 bottles are 10 boxes, so the price from 10 boxes on is reached."""
    ten = replace(BASE, price_id=2, min_quantity=Decimal(10), price=Decimal(48))
    query = rules.PriceQuery(8, Decimal(1), Decimal(120), DAY, "CNY")
    choice = rules.choose_price([BASE, ten], query)
    assert choice.winner is not None
    assert choice.winner.price == Decimal(4)
    short = replace(query, quantity=Decimal(119))
    assert _outcomes(BASE, ten, query=short)[2] == "below_quantity"


def test_the_unit_asked_for_goes_before_a_converted_one() -> None:
    bottle = replace(BASE, price_id=2, unit_id=8, factor=Decimal(1), price=Decimal("4.99"))
    assert _outcomes(BASE, bottle) == {1: "chosen", 2: "other_unit"}


@given(st.permutations(range(5)))
def test_the_order_of_the_lists_does_not_matter(order: list[int]) -> None:
    items = [
        BASE,
        replace(BASE, price_id=2, list_id=2, priority=2),
        replace(BASE, price_id=3, list_id=3, scope=rules.REGION, territory_depth=2),
        replace(BASE, price_id=4, list_id=3, scope=rules.REGION, territory_depth=2,
                min_quantity=Decimal(5)),
        replace(BASE, price_id=5, list_id=5, scope=rules.CUSTOMER),
    ]  # fmt: skip
    choice = rules.choose_price([items[i] for i in order], QUERY)
    assert choice.winner is not None
    assert choice.winner.candidate.price_id == 4
    assert len(choice.steps) == 5


def test_without_any_price_there_is_no_winner() -> None:
    assert rules.choose_price([], QUERY) == rules.Choice(None, ())


@given(st.decimals(Decimal(0), Decimal(10**6), places=3), st.integers(1, 1000))
def test_a_base_quantity_is_exact(quantity: Decimal, factor: int) -> None:
    assert rules.base_quantity(quantity, Decimal(factor)) == quantity * factor


@pytest.mark.parametrize(("quantity", "factor"), [("1", "0"), ("0.000001", "0.5"), ("1", "-1")])
def test_what_is_not_exact_is_refused(quantity: str, factor: str) -> None:
    with pytest.raises(rules.ConversionError):
        rules.base_quantity(Decimal(quantity), Decimal(factor))


@given(PRICES, PERCENTS, st.booleans(), PERCENTS, PRICES)
def test_an_authority_never_raises_the_price_nor_passes_the_floor_unasked(
    price: Decimal, percent: Decimal, to_floor: bool, below: Decimal, floor: Decimal
) -> None:
    floor = min(floor, price)
    grant = rules.Authority(percent, to_floor, below)
    lowest = rules.lowest_price(grant, price, floor)
    assert lowest <= price
    assert below > 0 or lowest >= floor
    assert rules.price_verdict(price, list_price=price, floor=floor, authority=grant).is_allowed


@pytest.mark.parametrize(
    ("grant", "lowest"),
    [
        (rules.NO_AUTHORITY, "100"),
        (rules.Authority(Decimal(5)), "95"),
        (rules.Authority(Decimal(20)), "90"),
        (rules.Authority(is_to_floor=True), "90"),
        (rules.Authority(below_floor_percent=Decimal(10)), "81"),
    ],
)
def test_how_low_each_kind_of_authority_goes(grant: rules.Authority, lowest: str) -> None:
    assert rules.lowest_price(grant, Decimal(100), Decimal(90)) == Decimal(lowest)


def test_the_best_of_several_roles_counts() -> None:
    grants = [rules.Authority(Decimal(3), role="a"), rules.Authority(Decimal(8), role="b")]
    assert rules.best_authority(grants, Decimal(100), None).role == "b"
    assert rules.best_authority([], Decimal(100), None) == rules.NO_AUTHORITY


def test_a_verdict_tells_how_far_below_and_below_the_floor() -> None:
    verdict = rules.price_verdict(
        Decimal(85), list_price=Decimal(100), floor=Decimal(90), authority=rules.NO_AUTHORITY
    )
    assert (verdict.is_allowed, verdict.below_list_percent, verdict.is_below_floor) == (
        False, Decimal("15.00"), True,
    )  # fmt: skip


WINE = rules.ProductFacts(5, "LJ", False, None, None, frozenset({1, 2}))


def _codes(product: rules.ProductFacts, *items: rules.Restriction) -> list[str]:
    blocks = rules.sale_blocks_of(
        product, items, customer_id=9, territory_ids=frozenset({3, 4}), on=DAY
    )
    return [block.code for block in blocks]


def test_sale_dates_and_the_end_of_a_product() -> None:
    assert _codes(WINE) == []
    assert _codes(replace(WINE, is_discontinued=True)) == ["discontinued"]
    assert _codes(replace(WINE, on_sale_from=date(2026, 11, 17))) == ["not_yet"]
    assert _codes(replace(WINE, on_sale_until=date(2026, 11, 15))) == ["ended"]
    assert _codes(replace(WINE, on_sale_from=DAY, on_sale_until=DAY)) == []


@pytest.mark.parametrize(
    ("territory", "customer", "codes"),
    [
        (4, None, ["forbidden_region"]),
        (6, None, []),
        (None, 9, ["forbidden_customer"]),
        (None, 8, []),
    ],
)
def test_a_ban_reaches_what_it_names(
    territory: int | None, customer: int | None, codes: list[str]
) -> None:
    ban = rules.Restriction(1, rules.FORBIDDEN, None, 2, territory, customer, "粤")
    assert _codes(WINE, ban) == codes


def test_sold_only_somewhere_shuts_everybody_else_out() -> None:
    here = rules.Restriction(1, rules.ONLY, 5, None, 4, None, "这里")
    there = rules.Restriction(2, rules.ONLY, 5, None, 6, None, "那里")
    assert _codes(WINE, here, there) == []
    assert _codes(WINE, there) == ["not_in_only"]
    other = replace(there, product_id=6)
    assert _codes(WINE, other) == []


def test_rules_and_choices_name_scopes_and_kinds_alike() -> None:
    from chengdan.modules.catalog.vocabulary import ListScope, RestrictionKind

    assert set(ListScope.values) == {rules.GENERAL, rules.REGION, rules.CUSTOMER}
    assert set(RestrictionKind.values) == {rules.FORBIDDEN, rules.ONLY}
