"""Bands of the credit check and the arithmetic of exposure."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengdan.modules.credit.rules import (
    OVER_SMALL,
    PREPAID,
    STOP,
    WITHIN,
    Claim,
    Totals,
    credit_band,
    credit_verdict,
    over_limit,
    reservation_allowed,
    within_percent,
)

D = Decimal
amounts = st.decimals(0, 10_000_000, places=2)


NOTHING, LIMIT = D(0), D(1000)


def verdict(amount, *, limit=LIMIT, receivable=NOTHING, claim=None, **more):
    values = {"pays_first": False, "overdue": D(0), "percent": D(20)} | more
    claim = claim or Claim()
    totals = Totals(
        open=claim.open,
        receivable=receivable,
        earmarked=claim.earmarked,
        promised=claim.promised,
        covered=claim.covered,
    )
    return credit_verdict(totals=totals, claim=claim, amount=D(amount), limit=limit, **values)


@pytest.mark.requirement("CRD-04", partly="the signature itself is a step of the order process")
def test_enough_credit_and_nothing_overdue_is_within():
    found = verdict(400, receivable=D(600))
    assert (found.band, found.rule) == (WITHIN, "CC-2")
    assert (found.exposure, found.over, found.available) == (D(1000), D(0), D(400))


@pytest.mark.parametrize(
    ("amount", "band"),
    [
        (D("1000"), WITHIN),
        (D("1000.0001"), OVER_SMALL),
        (D("1199.9999"), OVER_SMALL),
        (D("1200"), OVER_SMALL),
        (D("1200.0001"), STOP),
    ],
)
@pytest.mark.requirement("CRD-05", partly="the decision itself is a step of the order process")
@pytest.mark.requirement("CRD-06", partly="prepayment and notice are steps of the order process")
def test_exactly_twenty_percent_belongs_to_the_lower_band(amount, band):
    assert verdict(amount).band == band


def test_the_share_is_a_parameter():
    assert verdict(1300, percent=D(30)).band == OVER_SMALL
    assert verdict(1001, percent=D(0)).band == STOP


@pytest.mark.requirement("CRD-06", partly="prepayment and notice are steps of the order process")
def test_anything_overdue_stops_even_a_small_order_within_the_limit():
    found = verdict(1, overdue=D("0.01"))
    assert (found.band, found.cause, found.rule) == (STOP, "overdue", "CC-4")


def test_a_limit_of_zero_stops_everything_and_says_so():
    found = verdict(1, limit=D(0))
    assert (found.band, found.cause, found.over_percent) == (STOP, "no_limit", None)


@pytest.mark.requirement("CRD-07", partly="the passing step is in the order process")
def test_a_customer_who_pays_first_passes_by_itself_and_occupies_nothing():
    found = verdict(5000, pays_first=True, overdue=D(10))
    assert (found.band, found.exposure, found.missing) == (PREPAID, D(0), D(5000))


def test_an_empty_limit_means_pay_first_not_unlimited():
    assert verdict(5000, limit=None).band == PREPAID


def test_money_set_aside_for_the_order_covers_it():
    claim = Claim(earmarked=D(5000))
    assert verdict(5000, claim=claim).band == PREPAID
    short = verdict(6201, claim=claim)
    assert (short.band, short.exposure) == (STOP, D(1201))
    assert verdict(6200, claim=claim).band == OVER_SMALL


def test_a_recheck_leaves_out_the_own_reservation():
    claim = Claim(open=D(900))
    found = verdict(1000, claim=claim)
    assert (found.band, found.exposure, found.before, found.available) == (
        WITHIN,
        D(1000),
        D(0),
        D(1000),
    )


@pytest.mark.requirement("CRD-17", partly="the shortfall release is an act of its own")
@pytest.mark.parametrize(
    ("is_prepaid", "overdue", "over", "band"),
    [
        (True, D(1), D(999), PREPAID),
        (False, D(1), D(1), STOP),
        (False, D(1), D(0), STOP),
        (False, D(0), D(1), OVER_SMALL),
        (False, D(0), D(201), STOP),
        (False, D(0), D(0), WITHIN),
    ],
)
def test_the_order_of_the_bands_is_fixed(is_prepaid, overdue, over, band):
    found = credit_band(
        is_prepaid=is_prepaid, overdue=overdue, over=over, limit=D(1000), percent=D(20)
    )
    assert found == band


@given(limit=amounts, over=amounts, percent=st.integers(0, 100))
def test_the_comparison_by_multiplication_equals_the_exact_ratio(limit, over, percent):
    wanted = over / limit <= D(percent) / 100 if limit else over == 0
    if limit and abs(over / limit - D(percent) / 100) < D("1e-20"):
        wanted = True
    assert within_percent(over=over, limit=limit, percent=D(percent)) == wanted


@given(
    limit=st.none() | amounts,
    amount=amounts,
    receivable=amounts,
    earmarked=amounts,
    overdue=st.sampled_from([D(0), D(5)]),
    pays_first=st.booleans(),
)
def test_a_band_within_never_passes_the_limit(
    limit, amount, receivable, earmarked, overdue, pays_first
):
    found = verdict(
        amount,
        limit=limit,
        receivable=receivable,
        claim=Claim(earmarked=earmarked),
        overdue=overdue,
        pays_first=pays_first,
    )
    assert found.over == over_limit(exposure=found.exposure, limit=limit)
    assert found.exposure - found.before <= amount
    if found.band == WITHIN:
        assert found.exposure <= limit
        assert overdue == 0
    if found.band == OVER_SMALL:
        assert 0 < found.over <= limit / 5
    if found.band == PREPAID:
        assert found.exposure == found.before or earmarked >= amount


@given(exposure=amounts, before=amounts, limit=st.none() | amounts, released=amounts)
def test_a_reservation_commits_only_within_limit_lowered_or_released(
    exposure, before, limit, released
):
    allowed = reservation_allowed(exposure=exposure, before=before, limit=limit, released=released)
    within = exposure <= (limit or 0)
    assert allowed == (within or exposure <= before or released >= exposure - (limit or 0))
