"""Parts add up, allocation never exceeds, aging loses nothing, rates compare exactly."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.modules.billing.rules import (
    OpenInvoice,
    Owed,
    Rate,
    Taken,
    Whole,
    age_buckets,
    band_place,
    band_states,
    bucket_of,
    collected_in_time,
    fill,
    part_amounts,
    propose,
    way_parts,
)

D = Decimal
DAY = date(2026, 11, 16)
CENTS = st.decimals(min_value=0, max_value=10**6, places=2)


@given(
    gross=CENTS,
    parts=st.lists(st.integers(min_value=1, max_value=500), min_size=1, max_size=12),
    exponent=st.sampled_from([0, 2, 3]),
)
def test_parts_of_a_line_add_up(gross: Decimal, parts: list[int], exponent: int) -> None:
    gross = gross.quantize(D(1).scaleb(-exponent))
    tax = (gross * D("0.13") / D("1.13")).quantize(D(1).scaleb(-exponent))
    whole, taken = Whole(D(sum(parts)), gross, tax), Taken()
    for part in parts:
        amounts = part_amounts(whole, taken, D(part), exponent)
        assert amounts.gross == amounts.tax + amounts.net
        taken = Taken(
            taken.quantity + part, taken.gross + amounts.gross, taken.tax + amounts.tax,
            taken.parts + 1,
        )  # fmt: skip
    assert (taken.gross, taken.tax) == (gross, tax)


def test_part_taken_back_is_caught_up_by_the_next() -> None:
    whole = Whole(D(3), D("100.00"), D("11.50"))
    second = Taken(D(1), D("33.34"), D("3.83"), 1)
    assert part_amounts(whole, second, D(2), 2).gross == D("66.66")


def test_amended_price_does_not_reach_back() -> None:
    whole = Whole(D(10), D("200.00"), D("0"))
    taken = Taken(D(5), D("50.00"), D(0), 1)
    assert part_amounts(whole, taken, D(5), 2).gross == D("100.00")


@given(amounts=st.lists(CENTS, max_size=6), share=st.integers(min_value=0, max_value=100))
def test_fill_uses_exactly_the_money(amounts: list[Decimal], share: int) -> None:
    owed = [Owed(number, amount) for number, amount in enumerate(amounts)]
    money = (sum(amounts, D(0)) * share / 100).quantize(D("0.01"), rounding="ROUND_FLOOR")
    parts = fill(money, owed)
    assert sum((part.amount for part in parts), D(0)) == money
    assert all(part.amount <= amounts[part.order_id or 0] for part in parts)


def test_fill_refuses_more_than_owed() -> None:
    with pytest.raises(ValueError, match="more"):
        fill(D(3), [Owed(1, D(2))])


@given(
    money=CENTS,
    owed=st.lists(st.tuples(CENTS.filter(bool), st.integers(-90, 90)), max_size=10),
    named=st.integers(0, 9),
)
def test_proposal_never_exceeds(
    money: Decimal, owed: list[tuple[Decimal, int]], named: int
) -> None:
    invoices = [
        OpenInvoice(pk, DAY + timedelta(days=days), amount, (f"IV-{pk}-",))
        for pk, (amount, days) in enumerate(owed)
    ]
    found = propose(money, f"for IV-{named}-", invoices)
    limits = {item.id: item.open for item in invoices}
    assert sum((item.amount for item in found), D(0)) == min(money, sum(limits.values(), D(0)))
    assert all(D(0) < item.amount <= limits[item.invoice_id] for item in found)
    assert len({item.invoice_id for item in found}) == len(found)


@given(rows=st.lists(st.tuples(CENTS, st.integers(-400, 400)), max_size=30))
def test_aging_puts_every_amount_in_one_bucket(rows: list[tuple[Decimal, int]]) -> None:
    buckets = age_buckets([0, 30, 60, 90])
    sums = [D(0)] * len(buckets)
    for amount, days in rows:
        due = DAY - timedelta(days=days)
        assert sum(bucket.holds(days) for bucket in buckets) == 1
        sums[bucket_of(buckets, due, DAY)] += amount
    assert sum(sums, D(0)) == sum((amount for amount, _days in rows), D(0))


@pytest.mark.parametrize(("days", "place"), [(0, 0), (1, 1), (30, 1), (31, 2), (90, 3), (91, 4)])
def test_edges_of_the_buckets(days: int, place: int) -> None:
    assert bucket_of(age_buckets([0, 30, 60, 90]), DAY - timedelta(days=days), DAY) == place


def test_ends_must_rise() -> None:
    with pytest.raises(ValueError, match="rise"):
        age_buckets([30, 30])


def test_fifth_day_counts_and_the_sixth_does_not() -> None:
    assert collected_in_time(DAY + timedelta(days=5), DAY, 5)
    assert not collected_in_time(DAY + timedelta(days=6), DAY, 5)
    assert collected_in_time(DAY - timedelta(days=60), DAY, 5)


def test_exactly_the_goal_is_reached() -> None:
    assert not Rate(D(1000), D(900)).is_below(D(90))
    assert Rate(D(1000), D("899.99")).is_below(D(90))
    assert Rate(D(0), D(0)).percent is None


def test_band_follows_step_and_clocks() -> None:
    def states(**values: object) -> list[str]:
        base = {"status": "posted", "step": "RC", "stage": "", "is_overdue": False}
        return band_states(**{**base, **values})  # type: ignore[arg-type]

    assert states() == ["done"] * 3 + ["todo", "todo", "wait", "todo"]
    assert states(status="draft", step="IA") == ["done", "run"] + ["todo"] * 5
    late = states(stage="collecting", is_overdue=True)
    assert late == ["done"] * 3 + ["done", "run", "late", "todo"]
    assert states(status="settled", step="") == ["done"] * 3 + ["skip", "skip", "done", "done"]
    assert states(status="reversed") == ["skip"] * 7
    assert band_place(late) == 5
    assert band_place(states(status="settled", step="")) == 7


START = datetime(2026, 1, 1, tzinfo=UTC)
LATER = st.integers(0, 10**6).map(lambda minutes: START + timedelta(minutes=minutes))


@given(LATER, st.lists(st.none() | LATER))
def test_parts_of_a_way_follow_each_other_and_add_up(
    start: datetime, ends: list[datetime | None]
) -> None:
    parts = way_parts([start, *ends])
    assert [part is None for part in parts] == [end is None for end in ends]
    reached = [part for part in parts if part is not None]
    assert [begin for begin, _end in reached] == [start, *(end for _begin, end in reached)][:-1]
    last = max([start, *(end for end in ends if end is not None)])
    assert sum((end - begin for begin, end in reached), timedelta()) == last - start


def test_a_way_that_has_not_begun_has_no_parts() -> None:
    assert way_parts([None, START, None]) == [None, None]
