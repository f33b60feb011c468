"""Which cells bind, how much fits, what a cut leaves."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.modules.quota.rules import (
    AMOUNT,
    QUANTITY,
    RULE_CUT,
    RULE_FITS,
    RULE_NONE,
    RULE_OVER,
    CellState,
    Demand,
    quota_verdicts,
    share,
)

D = Decimal
REGION, MARKET, ELSEWHERE = 11, 10, 20
LINES = {REGION: (REGION, MARKET, 1), ELSEWHERE: (ELSEWHERE, 1)}


def cell(pk=1, **values):
    base = {
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2026, 11, 30),
        "product_id": 7,
        "category_id": None,
        "customer_id": None,
        "territory_id": None,
        "measure": QUANTITY,
        "limit": D(100),
        "reserved": D(0),
        "consumed": D(0),
    }
    return CellState(id=pk, **base | values)


def demand(quantity=60, **values):
    base = {
        "product_id": 7,
        "category_ids": (70, 71),
        "customer_id": 5,
        "territory_id": REGION,
        "on": date(2026, 11, 20),
        "amount": D(quantity) * 10,
        "line_ref": 1,
    }
    return Demand(quantity=D(quantity), **base | values)


def one(demands, cells, **more):
    return quota_verdicts([demands], cells, LINES, **more)[0]


def test_without_a_cell_everything_fits():
    found = one(demand(10**6), [])
    assert (found.allowed, found.rule, found.cells) == (D(10**6), RULE_NONE, ())


@pytest.mark.requirement("QTA-06", partly="the order process applies the cut to its lines")
def test_customer_and_region_bind_together_and_the_smaller_rest_counts():
    cells = [
        cell(1, customer_id=5, limit=D(50)),
        cell(2, territory_id=REGION, limit=D(100), consumed=D(60)),
    ]
    found = one(demand(60), cells)
    assert (found.allowed, found.rule, found.binding_id) == (D(40), RULE_CUT, 2)
    assert found.taken == {1: D(40), 2: D(40)}


@pytest.mark.parametrize(
    ("values", "binds"),
    [
        ({}, True),
        ({"product_id": 8}, False),
        ({"product_id": None, "category_id": 71}, True),
        ({"product_id": None, "category_id": 72}, False),
        ({"customer_id": 5}, True),
        ({"customer_id": 6}, False),
        ({"territory_id": REGION}, True),
        ({"territory_id": MARKET}, True),
        ({"territory_id": ELSEWHERE}, False),
        ({"ends_on": date(2026, 11, 20)}, True),
        ({"ends_on": date(2026, 11, 19)}, False),
        ({"starts_on": date(2026, 11, 21)}, False),
    ],
)
@pytest.mark.requirement("QTA-01", partly="cells are kept in the ledger, tested there")
def test_goods_place_and_requested_day_decide_whether_a_cell_binds(values, binds):
    assert bool(one(demand(), [cell(**values)]).cells) == binds


def test_a_customer_without_territory_is_bound_by_company_wide_cells_only():
    cells = [cell(1), cell(2, territory_id=MARKET)]
    assert [c.id for c in one(demand(territory_id=None), cells).cells] == [1]


def test_earlier_lines_are_served_first():
    demands = [demand(70, line_ref=1), demand(70, line_ref=2), demand(5, line_ref=3)]
    found = quota_verdicts(demands, [cell()], LINES)
    assert [v.allowed for v in found] == [D(70), D(30), D(0)]
    assert [v.rule for v in found] == [RULE_FITS, RULE_CUT, RULE_CUT]


def test_a_cut_is_rounded_down_to_whole_boxes():
    found = one(demand(60, step=D(12)), [cell(limit=D(50))])
    assert found.allowed == D(48)


def test_an_exhausted_cell_allows_nothing():
    assert one(demand(), [cell(reserved=D(100))]).allowed == 0
    assert one(demand(), [cell(reserved=D(120))]).allowed == 0


def test_a_cell_in_money_cuts_by_the_lines_own_price():
    money = cell(product_id=None, category_id=70, measure=AMOUNT, limit=D(250))
    found = one(demand(60, step=D(1)), [money])
    assert (found.allowed, found.taken[1]) == (D(25), D(250))


def test_a_gift_takes_nothing_of_a_cell_in_money():
    money = cell(product_id=None, category_id=70, measure=AMOUNT, limit=D(0))
    assert one(demand(60, amount=D(0)), [money]).allowed == 60


@pytest.mark.requirement("QTA-04", partly="the approval is a step of the order process")
def test_a_release_lets_everything_pass_and_says_so():
    found = one(demand(160), [cell()], is_released=True)
    assert (found.allowed, found.rule, found.cut) == (D(160), RULE_OVER, D(0))


cells_drawn = st.lists(
    st.builds(
        lambda limit, used, measure: (limit, used, measure),
        st.decimals(0, 500, places=3),
        st.decimals(0, 500, places=3),
        st.sampled_from([QUANTITY, AMOUNT]),
    ),
    max_size=4,
)


@given(
    drawn=cells_drawn,
    wanted=st.lists(
        st.tuples(st.decimals("0.001", 300, places=3), st.decimals(0, 900, places=2)),
        min_size=1,
        max_size=4,
    ),
)
def test_nothing_is_ever_allowed_beyond_a_remainder(drawn, wanted):
    cells = [
        cell(
            pk,
            limit=limit,
            reserved=min(used, limit),
            measure=measure,
            product_id=None,
            category_id=70,
        )
        for pk, (limit, used, measure) in enumerate(drawn, start=1)
    ]
    demands = [
        demand(line_ref=number, amount=amount, quantity=quantity)
        for number, (quantity, amount) in enumerate(wanted, start=1)
    ]
    found = quota_verdicts(demands, cells, LINES)
    for state in cells:
        assert sum(v.taken[state.id] for v in found) <= state.remainder
    assert all(0 <= v.allowed <= v.wanted for v in found)


@given(
    total=st.decimals(0, 10**6, places=4),
    parts=st.lists(st.decimals("0.001", 100, places=3), min_size=1, max_size=6),
)
def test_shares_of_growing_parts_end_at_the_whole(total, parts):
    whole, done, taken = sum(parts), D(0), D(0)
    for part in parts:
        done += part
        after = share(total, done, whole)
        assert after >= taken
        taken = after
    assert taken == total
