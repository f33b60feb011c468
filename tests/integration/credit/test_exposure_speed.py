"""The exposure of a customer costs the same however many documents lie behind it."""

import time
from decimal import Decimal

from chengdan.kernel import clock
from chengdan.modules.credit.models import SourceBalance
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.credit.services import Source, credit_reserve
from tests.fixtures.credit import ORDER

PAST = 10_000
SECONDS = 0.005


def test_ten_thousand_past_documents_do_not_slow_the_exposure(
    credit_house, frozen_clock, django_assert_num_queries
):
    customer = credit_house.customer(limit=1000)
    SourceBalance.objects.bulk_create(
        [
            SourceBalance(
                account_id=customer,
                bucket="open",
                source_type=ORDER,
                source_id=number,
                serves_type=ORDER,
                serves_id=number,
                since=clock.now(),
            )
            for number in range(1, PAST + 1)
        ],
        batch_size=2000,
    )
    source = Source(ORDER, PAST + 1)
    credit_reserve(actor=credit_house.actor, customer_id=customer, source=source, amount=Decimal(7))
    with django_assert_num_queries(1):
        assert exposure(customer) == 7
    times = []
    for _attempt in range(20):
        start = time.perf_counter()
        exposure(customer)
        times.append(time.perf_counter() - start)
    assert sorted(times)[len(times) // 2] <= SECONDS
