"""The demo company at small scale: alive in every step, the same from the same seed, verified."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest

from chengdan.config.demo import load
from chengdan.config.demo.customers import uscc_make
from chengdan.config.demo.live import STANDING
from chengdan.config.demo.season import days_make
from chengdan.config.demo.world import World
from chengdan.kernel.verification import verify_all
from chengdan.modules.customers.rules import uscc_is_valid
from tests.conftest import START

SCALE = 0.01
pytestmark = pytest.mark.django_db


def test_codes_have_right_check_digits() -> None:
    assert all(uscc_is_valid(uscc_make("440106", number)) for number in range(1, 300))


def test_same_seed_same_season() -> None:
    def season() -> list[date]:
        world = World(random.Random(3), 1.0, START)
        return days_make(world, date(2025, 6, 2), date(2026, 11, 1), 900)

    days = season()
    months = Counter(f"{day:%Y-%m}" for day in days)
    assert days == season()
    # The Spring Festival is over in February.
    assert months["2026-01"] > 1.6 * months["2026-02"]


@pytest.mark.long
def test_the_company_is_alive_and_nothing_differs(frozen_clock: object) -> None:
    """One test, since loading takes longest: two workers with a part each would both load it."""
    load(seed=7, scale=SCALE)
    _every_step_has_an_order_today()
    _every_band_and_outcome_is_there()
    _seats_history_and_money()
    assert [str(item) for item in verify_all()] == []


def _every_step_has_an_order_today() -> None:
    from chengdan.modules.process.models import StepRun

    rows = StepRun.objects.filter(state="open").values_list("code", flat=True)
    standing = Counter(rows)
    wanted = {*STANDING, "WAY", "ST", "ACX", "PAY", "RC", "resubmit", "AM"}
    # One order stands for a step at this size; a few may have met a real obstacle on their way.
    assert len(wanted - set(standing)) <= 3, wanted - set(standing)


def _every_band_and_outcome_is_there() -> None:
    from chengdan.modules.orders.models import Amendment, Order, OrderLine, SpecialTreatment

    bands = set(Order.objects.values_list("credit_band", flat=True))
    assert {"prepaid", "within", "over_small", "stop"} <= bands
    assert {"open", "approved", "refused"} <= set(
        SpecialTreatment.objects.values_list("status", flat=True)
    )
    assert Order.objects.filter(is_held=True).exists()
    assert Amendment.objects.filter(status="processing").exists()
    assert any(line.quantity < line.asked_quantity for line in OrderLine.objects.all())


def _seats_history_and_money() -> None:
    from chengdan.modules.billing.models import Invoice, Receipt
    from chengdan.modules.orders.models import Order
    from chengdan.modules.people.models import User
    from chengdan.modules.process.models import ProblemRecord

    assert 150 <= User.objects.count() <= 170
    assert Order.objects.filter(origin="imported", status="closed").count() >= 130
    assert Invoice.objects.filter(status="posted", open__gt=0).exists()
    assert Receipt.objects.filter(unapplied__gt=0).exists()
    assert ProblemRecord.objects.filter(state="open").exists()
