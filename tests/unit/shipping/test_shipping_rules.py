"""Rules of stock and delivery on plain values."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.modules.shipping.rules import (
    LotState,
    PickCheck,
    base_of,
    count_difference,
    fit_quantity,
    gross_share,
    is_proposed,
    least_advanced,
    line_quantity,
    lots_propose,
    over_delivered,
    pick_problems,
    proposal_order,
    quantities_kept,
)

TODAY = date(2026, 11, 21)
quantities = st.decimals(min_value=0, max_value=100_000, places=3)
factors = st.sampled_from([Decimal(1), Decimal(12), Decimal("0.5"), Decimal("1.333333")])
days = st.one_of(st.none(), st.integers(-30, 400).map(lambda count: TODAY + timedelta(days=count)))
lots = st.lists(
    st.builds(
        LotState,
        id=st.integers(1, 50),
        available=quantities,
        expires_on=days,
        received_on=st.integers(0, 400).map(lambda count: TODAY - timedelta(days=count)),
    ),
    unique_by=lambda lot: lot.id,
    max_size=8,
)


@given(lots, quantities)
def test_a_proposal_takes_no_more_than_wanted_or_there_and_never_what_expired(
    states: list[LotState], wanted: Decimal
) -> None:
    by_id = {lot.id: lot for lot in states}
    parts = lots_propose(states, wanted, TODAY)
    usable = [lot for lot in states if lot.expires_on is None or lot.expires_on >= TODAY]
    there = sum((lot.available for lot in usable), Decimal(0))
    assert sum((part for _lot, part in parts), Decimal(0)) == min(wanted, there)
    for lot_id, part in parts:
        expires = by_id[lot_id].expires_on
        assert 0 < part <= by_id[lot_id].available
        assert expires is None or expires >= TODAY
    order = [proposal_order(by_id[lot_id]) for lot_id, _part in parts]
    assert order == sorted(order)
    assert is_proposed(parts, dict(parts))


@given(quantities, factors, quantities)
def test_what_fits_never_takes_more_than_is_there(
    wanted: Decimal, factor: Decimal, available: Decimal
) -> None:
    kept = fit_quantity(wanted, factor, available)
    assert 0 <= kept <= wanted or kept == line_quantity(available, factor)
    if kept < wanted:
        assert base_of(kept, factor) <= available + Decimal("0.000001")


def test_packs_are_not_opened() -> None:
    assert fit_quantity(Decimal(10), Decimal(12), Decimal(100)) == Decimal(8)
    assert fit_quantity(Decimal("10.5"), Decimal(12), Decimal(120)) == Decimal(10)
    assert fit_quantity(Decimal(10), Decimal(1), Decimal("7.5")) == Decimal("7.5")


@pytest.mark.parametrize(
    ("delivered", "added", "percent", "over"),
    [(0, 100, 0, 0), (0, 101, 0, 1), (0, 105, 5, 0), (60, 46, 5, 1), (100, 1, 0, 1)],
)
def test_over_delivery_counts_from_ordered_and_tolerance(
    delivered: int, added: int, percent: int, over: int
) -> None:
    found = over_delivered(
        ordered=Decimal(100),
        delivered=Decimal(delivered),
        added=Decimal(added),
        tolerance_percent=Decimal(percent),
    )
    assert found == over


@given(quantities, quantities, quantities)
def test_kept_quantities_are_exactly_those_of_the_invariant(
    ordered: Decimal, shipped: Decimal, invoiced: Decimal
) -> None:
    kept = quantities_kept(
        ordered=ordered, shipped=shipped, invoiced=invoiced, tolerance_percent=Decimal(5)
    )
    assert kept == (ordered * 105 / 100 >= shipped and shipped >= invoiced)


def test_problems_of_picking_are_named_by_line() -> None:
    def check(number: int, picked: int, without_batch: int = 0) -> PickCheck:
        return PickCheck(number, Decimal(10), Decimal(picked), True, Decimal(without_batch))

    assert pick_problems([check(1, 0), check(2, 0)]) == [(0, "nothing")]
    assert pick_problems([check(1, 10), check(2, 4, 4)]) == [(2, "short"), (2, "batch")]
    assert pick_problems([check(1, 12)]) == []


def test_other_lots_than_proposed_are_noticed() -> None:
    proposed = [(1, Decimal(5)), (2, Decimal(5))]
    assert is_proposed(proposed, {1: Decimal(5), 2: Decimal(2)})
    assert not is_proposed(proposed, {1: Decimal(4), 2: Decimal(3)})
    assert not is_proposed(proposed, {3: Decimal(5)})


def test_small_ones() -> None:
    assert count_difference(Decimal(5), Decimal(8)) == Decimal(-3)
    for exponent, share in ((2, "3.33"), (0, "3"), (3, "3.333")):
        assert gross_share(Decimal(10), Decimal(3), Decimal(1), exponent) == Decimal(share)
    assert gross_share(Decimal(10), Decimal(0), Decimal(1), 2) == 0
    assert least_advanced(["ddd----", "dr-----", "ddddddd"]) == 1
    assert least_advanced([]) == -1
