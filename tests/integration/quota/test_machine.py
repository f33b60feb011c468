"""Any sequence of acts keeps the quota ledger equal to a pure model of lines and cells."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengdan.modules.quota.models import Cell
from chengdan.modules.quota.services import (
    OverRelease,
    Source,
    quota_consume,
    quota_free,
    quota_reserve,
    quota_return,
)
from chengdan.modules.quota.verification import verify_cells

D = Decimal
LIMITS = (D(100), D(70))
VERBS = ["reserve", "release", "free", "consume", "return"]
steps = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(1, 3), st.integers(1, 90)), max_size=14
)
numbers = iter(range(1, 10**6))


class Model:
    """Two cells that bind every line, as plain sums over lines."""

    def __init__(self, house):
        self.house = house
        number = next(numbers)
        self.base, self.on = number * 10, date(2027, 1, 1) + timedelta(days=number)
        period = {"starts_on": self.on, "ends_on": self.on}
        self.cells = [
            house.cell(LIMITS[0], territory_id=house.market_id, **period),
            house.cell(LIMITS[1], customer_id=house.customer_id, **period),
        ]
        self.reserved = dict.fromkeys((1, 2, 3), D(0))
        self.shipped = dict.fromkeys((1, 2, 3), D(0))

    def who(self, number):
        return {"actor": self.house.actor, "source": Source("tests.order", self.base + number)}

    @property
    def used(self):
        return sum(self.reserved.values()) + sum(self.shipped.values())

    def reserve(self, number, quantity, release=None):
        self.reserved[number] = D(0)
        left = max(D(0), min(LIMITS) - self.used)
        allowed = quantity if release else min(quantity, left)
        demands = [self.house.demand(quantity, on=self.on)]
        found = quota_reserve(**self.who(number), demands=demands, release=release)[0]
        assert found.allowed == allowed
        self.reserved[number] = allowed

    def release(self, number, quantity):
        self.reserve(number, quantity, OverRelease((1, 2, 3), "fair"))

    def free(self, number, quantity):
        quota_free(**self.who(number))
        self.reserved[number] = D(0)

    def consume(self, number, quantity):
        part = min(quantity, self.reserved[number])
        if part:
            quota_consume(**self.who(number), shipped={1: part})
            self.reserved[number] -= part
            self.shipped[number] += part

    def bring_back(self, number, quantity):
        part = min(quantity, self.shipped[number])
        if part:
            quota_return(**self.who(number), shipped={1: part})
            self.shipped[number] -= part
            self.reserved[number] += part

    def check(self):
        for pk, limit in zip(self.cells, LIMITS, strict=True):
            cell = Cell.objects.get(pk=pk)
            assert cell.reserved == sum(self.reserved.values())
            assert cell.consumed == sum(self.shipped.values())
            assert cell.over == max(D(0), self.used - limit)


@pytest.mark.requirement("QTA-06", partly="the order process applies the cut to its lines")
def test_any_sequence_of_acts_equals_the_model(quota_house):
    @settings(deadline=None)
    @given(steps=steps)
    def run(steps):
        model = Model(quota_house)
        for verb, number, quantity in steps:
            act = model.bring_back if verb == "return" else getattr(model, verb)
            act(number, D(quantity))
            model.check()

    run()
    assert list(verify_cells()) == []
