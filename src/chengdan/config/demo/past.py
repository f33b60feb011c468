"""The closed orders of 18 months that were taken over, as the old system kept them."""

from __future__ import annotations

from datetime import date, timedelta

from chengdan.config.demo.season import Chooser, days_make
from chengdan.config.demo.world import Buyer, World, clock_day
from chengdan.kernel import clock
from chengdan.kernel.errors import InvalidError
from chengdan.modules.orders.services import (
    HistoryOrder,
    LineDraft,
    OrderDraft,
    orders_history_load,
)

ORDERS = 13_500
CHUNK = 500


def past_make(world: World) -> None:
    """Load the history in chunks."""
    first = clock_day(world.start) + timedelta(days=7)
    last = world.today - timedelta(days=6)
    days = days_make(world, first, last, world.count(ORDERS, least=50))
    chooser = Chooser(world)
    rows = [_row(world, chooser, number, day) for number, day in enumerate(days, 1)]
    with clock.at(world.now):
        for start in range(0, len(rows), CHUNK):
            results = orders_history_load(actor=world.system, rows=rows[start : start + CHUNK])
            wrong = [item for item in results if isinstance(item, list)]
            if wrong:
                raise InvalidError(wrong[0])


def _row(world: World, chooser: Chooser, number: int, day: date) -> HistoryOrder:
    buyer = chooser.buyer(day)
    took = world.rng.randrange(4, 20 + buyer.term_days)
    return HistoryOrder(
        draft=draft_make(world, chooser, buyer, day, f"H{day:%y%m}-{number:05}"),
        closed_on=min(day + timedelta(days=took), world.today - timedelta(days=1)),
    )


def draft_make(world: World, chooser: Chooser, buyer: Buyer, day: date, number: str) -> OrderDraft:
    """Return an order of then at the prices of then."""
    goods = chooser.goods(world.rng.randrange(2, 6))
    return OrderDraft(
        customer_id=buyer.id,
        lines=tuple(
            LineDraft(
                product_id=good.id,
                unit_of_measure_id=good.sales_unit_id,
                quantity=chooser.boxes(buyer),
                price=good.price,
                tax_rate=good.tax_rate,
            )
            for good in goods
        ),
        ordered_on=day,
        requested_on=day + timedelta(days=world.rng.randrange(3, 10)),
        ship_to_id=buyer.ship_to_id,
        bill_to_id=buyer.bill_to_id,
        number=number,
    )
