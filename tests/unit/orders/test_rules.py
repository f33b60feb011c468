"""Arithmetic and decisions on orders, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.modules.orders.rules import (
    Buckets,
    LineFigures,
    LineFloor,
    LineState,
    amendment_refusals,
    changed_fields,
    discount_below,
    is_fulfilled,
    line_buckets,
    line_money,
    order_buckets,
    requested_on_problem,
    share_of_line,
    totals,
    way_rank,
)

quantities = st.decimals(min_value=0, max_value=10**6, places=3)
amounts = st.decimals(min_value=0, max_value=10**9, places=2)


def figures(kind: str = "goods", quantity: str = "3", price: str = "10") -> LineFigures:
    return LineFigures(kind, Decimal(quantity), Decimal(price), Decimal(0), Decimal("0.13"))


def test_line_is_gross_first_when_prices_include_tax() -> None:
    amounts = line_money(figures(), is_tax_inclusive=True, exponent=2)
    assert (amounts.gross, amounts.tax, amounts.net) == (
        Decimal("30.00"),
        Decimal("3.45"),
        Decimal("26.55"),
    )


def test_gifts_cost_nothing_and_discount_lines_are_negative() -> None:
    assert line_money(figures("gift"), is_tax_inclusive=True, exponent=2).gross == 0
    discount = line_money(figures("discount", "1", "50"), is_tax_inclusive=True, exponent=2)
    assert discount.gross == Decimal("-50.00")
    assert discount.gross == discount.tax + discount.net


@given(st.lists(st.tuples(quantities, amounts), max_size=8))
def test_totals_are_the_sums_of_their_lines(rows: list[tuple[Decimal, Decimal]]) -> None:
    lines = [
        line_money(
            LineFigures("goods", quantity, price, Decimal(0), Decimal("0.13")),
            is_tax_inclusive=True,
            exponent=2,
        )
        for quantity, price in rows
    ]
    whole = totals(lines)
    assert whole.gross == sum((line.gross for line in lines), Decimal(0))
    assert whole.gross == whole.tax + whole.net


@given(amounts, st.lists(quantities, min_size=1, max_size=6))
def test_parts_of_a_line_add_up_to_its_gross(gross: Decimal, parts: list[Decimal]) -> None:
    whole = sum(parts, Decimal(0))
    running = Decimal(0)
    shares = []
    for part in parts:
        before = share_of_line(gross, whole, running, 2)
        running += part
        shares.append(share_of_line(gross, whole, running, 2) - before)
    assert sum(shares, Decimal(0)) == (gross if whole else 0)


@given(amounts, quantities, quantities, quantities)
def test_each_amount_of_a_line_is_in_exactly_one_bucket(
    gross: Decimal, quantity: Decimal, delivered: Decimal, invoiced: Decimal
) -> None:
    delivered, invoiced = min(delivered, quantity), min(invoiced, quantity)
    state = LineState(quantity, gross, delivered, invoiced)
    buckets = line_buckets(state, 2)
    invoiced_gross = share_of_line(gross, quantity, invoiced, 2)
    if quantity:
        assert buckets.open + buckets.to_invoice + invoiced_gross == gross
    assert buckets.open >= 0
    assert buckets.to_invoice >= 0


@given(
    st.lists(
        st.tuples(amounts, quantities, quantities, quantities, st.sampled_from((1, -1))), max_size=4
    )
)
def test_an_order_with_discounts_holds_what_is_not_invoiced_and_never_less_than_nothing(
    rows: list[tuple[Decimal, Decimal, Decimal, Decimal, int]],
) -> None:
    states = [
        LineState(
            quantity, -gross if is_discount else gross, min(done, quantity), min(billed, quantity)
        )
        for gross, quantity, done, billed, is_discount in rows
        if quantity
    ]
    found = order_buckets(states, 2)
    left = sum(
        (state.gross - share_of_line(state.gross, state.quantity, state.invoiced, 2))
        for state in states
    )
    assert found.open >= 0
    assert found.to_invoice >= 0
    assert found.open + found.to_invoice == max(Decimal(0), Decimal(left))


def test_a_closed_remainder_leaves_the_open_bucket() -> None:
    state = LineState(Decimal(10), Decimal(100), delivered=Decimal(4), closed=Decimal(6))
    assert order_buckets([state], 2) == Buckets(open=Decimal(0), to_invoice=Decimal("40.00"))
    assert not is_fulfilled([state])
    billed = LineState(Decimal(10), Decimal(100), Decimal(4), Decimal(4), Decimal(6))
    assert is_fulfilled([billed])


@pytest.mark.parametrize(
    ("listed", "price", "discount", "below"),
    [
        ("100", "95", "0", "5"),
        ("100", "100", "0.1", "10"),
        ("100", "120", "0", "0"),
        ("0", "5", "0", "0"),
    ],
)
def test_concession_is_measured_on_the_effective_price(
    listed: str, price: str, discount: str, below: str
) -> None:
    assert discount_below(Decimal(listed), Decimal(price), Decimal(discount)) == Decimal(below)


def test_an_amendment_never_goes_below_what_happened() -> None:
    floors = {1: LineFloor(Decimal(9), Decimal(3), Decimal(5))}
    floors[2] = LineFloor(Decimal(9), Decimal(0), Decimal(0))
    assert amendment_refusals(floors, {1: Decimal(4)}) == [(1, Decimal(5))]
    assert amendment_refusals(floors, {1: Decimal(5)}) == []


def test_a_line_delivered_above_its_order_may_stay_as_it_was_ordered() -> None:
    floors = {1: LineFloor(Decimal(10), Decimal(11), Decimal(0))}
    assert amendment_refusals(floors, {1: Decimal(10)}) == []
    assert amendment_refusals(floors, {1: Decimal(9)}) == [(1, Decimal(10))]


def test_requested_date_must_stand_and_not_lie_before_the_order() -> None:
    assert requested_on_problem(None, date(2026, 11, 20)) == "missing"
    assert requested_on_problem(date(2026, 11, 19), date(2026, 11, 20)) == "past"
    assert requested_on_problem(date(2026, 11, 20), date(2026, 11, 20)) == ""


def test_changed_fields_names_what_differs() -> None:
    assert changed_fields({"a": 1, "b": 2}, {"a": 1, "c": 3}) == ["b", "c"]


def test_ways_are_ranked_the_running_ones_above_the_oldest_first() -> None:
    start = datetime(2026, 11, 16, 1, tzinfo=UTC)
    later = start + timedelta(days=2)
    ranks = [
        way_rank(None, start),
        way_rank(start, start - timedelta(hours=1)),
        way_rank(later, later + timedelta(hours=1)),
        way_rank(start, start + timedelta(days=9000)),
        way_rank(later, None),
        way_rank(start, None),
    ]
    assert ranks == sorted(ranks)
    assert ranks[:3] == [0, 0, 3600]
    assert len(set(ranks[1:])) == 5
