"""What all parts of the demo company share: words, chance, moments, and who is who."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.workcalendar import calendar_of
from chengdan.kernel.workcalendar.worktime import WorkingTime

T = TypeVar("T")
MONTHS = 18
LIVE_DAYS = 45


@cache
def words() -> dict[str, Any]:
    """Return the word lists that everything is named from."""
    text = Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


@dataclass(frozen=True, slots=True)
class City:
    """A city with the person who answers for its customers.

    Attributes:
        divisions: codes of its districts, for addresses.
    """

    territory_id: int
    market: str
    province: str
    name: str
    manager_id: int
    market_manager_id: int
    submitters: tuple[int, ...]
    divisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Good:
    """A product as lines of orders need it; prices per sales unit, tax included."""

    id: int
    code: str
    category_id: int
    base_unit_id: int
    sales_unit_id: int
    factor: Decimal
    price: Decimal
    tax_rate: Decimal
    weight: int
    shelf_life_days: int


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer as the makers of orders know it.

    Attributes:
        weight: how often it orders.
        lateness: days that it pays after the due date, on average.
    """

    id: int
    code: str
    name: str
    city: City
    slt_member_id: int
    unit_id: int
    ship_to_id: int
    bill_to_id: int
    term_days: int
    pay_first: bool
    limit: Decimal | None
    weight: int
    lateness: int
    since: date


@dataclass(slots=True)
class World:
    """Everything made so far."""

    rng: random.Random
    scale: float
    now: datetime
    company: Any = None
    system: Actor = field(default_factory=lambda: Actor.system("chengdan demo"))
    people: dict[int, Any] = field(default_factory=dict)
    seats: dict[str, list[int]] = field(default_factory=dict)
    cities: list[City] = field(default_factory=list)
    goods: list[Good] = field(default_factory=list)
    buyers: list[Buyer] = field(default_factory=list)
    warehouses: list[int] = field(default_factory=list)
    _actors: dict[int, Actor] = field(default_factory=dict)

    @property
    def start(self) -> datetime:
        """Return the first working morning of the story."""
        return self.morning(clock_day(self.now) - timedelta(days=MONTHS * 365 // 12 + 20))

    @property
    def today(self) -> date:
        """Return the day of the story's end."""
        return clock_day(self.now)

    def count(self, whole: int, least: int = 1) -> int:
        """Return a number of documents at this scale."""
        return max(least, round(whole * self.scale))

    def actor(self, user_id: int) -> Actor:
        """Return a person as actor; rights are resolved once per person."""
        known = self._actors.get(user_id)
        if known is None:
            user = self.people[user_id]
            known = Actor(user_id=user_id, name=user.display_name, company_id=self.company.pk)
            self._actors[user_id] = known
        return known

    def holder(self, role: str) -> int:
        """Return the first holder of a role."""
        return self.seats[role][0]

    def pick(self, items: Sequence[T]) -> T:
        """Return one of the items by chance."""
        return items[self.rng.randrange(len(items))]

    def morning(self, day: date) -> datetime:
        """Return the opening of the day, or of the next working day."""
        return calendar().next_opening(at_local(day, time(8, 30)))

    def moment(self, day: date) -> datetime:
        """Return a working moment of the day, or of the next working day."""
        return self.later(self.morning(day), self.rng.randrange(20, 420))

    def later(self, start: datetime, minutes: int) -> datetime:
        """Return the instant so many working minutes after `start`."""
        return calendar().add(calendar().next_opening(start), timedelta(minutes=minutes))


@cache
def calendar() -> WorkingTime:
    """Return the working time that the story follows."""
    return calendar_of()


def clock_day(moment: datetime) -> date:
    """Return the local date of a moment."""
    return moment.astimezone(clock.local_zone()).date()


def at_local(day: date, at: time) -> datetime:
    """Return the instant of a clock time on a day."""
    zone = clock.local_zone()
    return datetime.combine(day, at, zone).astimezone(UTC)


def working_days_back(end: date, count: int) -> list[date]:
    """Return the last `count` working days before `end`, the earliest first."""
    found: list[date] = []
    day = end
    while len(found) < count:
        day -= timedelta(days=1)
        if calendar().is_working_day(day):
            found.append(day)
    return found[::-1]
