"""When customers order: by month, on working days, a little more every month."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from chengdan.config.demo.world import Buyer, Good, World, calendar

# January … December: stocking up for the Spring Festival and for the autumn feasts
SEASON = (1.5, 0.6, 0.9, 0.95, 1.0, 1.1, 0.95, 1.0, 1.4, 0.9, 1.1, 1.3)
GROWTH = 0.35


def days_make(world: World, first: date, last: date, count: int) -> list[date]:
    """Return the days of `count` orders, the earliest first."""
    span = (last - first).days
    days = [first + timedelta(days=number) for number in range(span + 1)]
    days = [day for day in days if calendar().is_working_day(day)]
    weights = [
        SEASON[day.month - 1] * (1 + GROWTH * (day - first).days / max(span, 1)) for day in days
    ]
    return sorted(world.rng.choices(days, weights, k=count))


class Chooser:
    """Customers and products by weight, fast enough for thousands of orders."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._goods = [good for good in world.goods for _one in range(good.weight)]
        self._buyers = sorted(world.buyers, key=lambda item: item.since)
        self._pools: dict[int, list[Buyer]] = {}

    def buyer(self, day: date) -> Buyer:
        """Return a customer that had become one by that day."""
        known = sum(item.since < day for item in self._buyers[:: max(1, len(self._buyers) // 40)])
        pool = self._pools.get(known)
        if pool is None:
            pool = [
                item for item in self._buyers if item.since < day for _one in range(item.weight)
            ]
            self._pools[known] = pool
        return self.world.pick(pool)

    def goods(self, number: int) -> list[Good]:
        """Return up to `number` different products."""
        return list({good.id: good for good in (
            self.world.pick(self._goods) for _one in range(number)
        )}.values())  # fmt: skip

    def boxes(self, buyer: Buyer) -> Decimal:
        """Return how many boxes of one product the customer orders."""
        return Decimal(self.world.rng.randrange(2, 12 + buyer.weight * 2))
