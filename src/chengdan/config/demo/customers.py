"""Twelve hundred customers: made in waves, with addresses, contacts, terms, limits, activated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import product

from chengdan.config.demo.world import Buyer, City, World, clock_day, words
from chengdan.kernel import clock
from chengdan.modules.credit.services import LimitRow, credit_limits_load
from chengdan.modules.customers.models import Address, Customer
from chengdan.modules.customers.services import (
    AddressDraft,
    ContactDraft,
    CustomerDraft,
    ShippingDraft,
    TaxTitleDraft,
    customers_activate,
    customers_place,
)

# (share of all customers, days after the start)
WAVES = ((0.6, 0), (0.15, 100), (0.15, 220), (0.1, 360))
CLASSES = (("A", 20, "key"), ("B", 30, "promising"), ("C", 50, "ordinary"))
TERMS = (15, 30, 30, 30, 45, 60)
GRADES = ("AAA", "AA", "AA", "A", "A", "A", "B")
_WEIGHTS = {"A": 30, "B": 8, "C": 2}
_LIMITS = {"A": 400_000, "B": 150_000, "C": 60_000}
_USCC_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc_make(region: str, number: int) -> str:
    """Return a unified social credit code with a right check digit (GB 32100-2015)."""
    body = f"91{region[:6]}{number:08}0"
    body += _USCC_DIGITS[number % 10]
    body = body[:17]
    total = sum(_USCC_DIGITS.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + _USCC_DIGITS[(31 - total % 31) % 31]


def customers_make(world: World) -> None:
    """Create all customers in waves; the last few stay drafts that lack something."""
    brands = _brands(world)
    whole = world.count(1200, least=60)
    number = 0
    for share, days in WAVES:
        size = max(1, round(whole * share))
        with clock.at(world.morning(clock_day(world.start) + timedelta(days=days))):
            drafts = []
            for _place in range(size):
                number += 1
                drafts.append(_draft(world, number, next(brands)))
            _wave(world, drafts)


def _brands(world: World) -> Iterator[str]:
    first, second = words()["brand_first"], words()["brand_second"]
    names = sorted({a + b for a, b in product(first, second + first) if a != b})
    world.rng.shuffle(names)
    return iter(names * 2)


def _city(world: World) -> City:
    shares = words()["shares"]
    counts = dict.fromkeys(shares, 0)
    for city in world.cities:
        counts[city.market] += 1
    weights = [shares[city.market] / counts[city.market] for city in world.cities]
    return world.rng.choices(world.cities, weights)[0]


def _draft(world: World, number: int, brand: str) -> CustomerDraft:
    rng, lists = world.rng, words()
    city = _city(world)
    district = world.pick(city.divisions)
    value, _share, importance = rng.choices(CLASSES, [share for _v, share, _i in CLASSES])[0]
    name = f"{city.name}{brand}{world.pick(lists['trades'])}"
    road = f"{world.pick(lists['roads'])} {rng.randrange(1, 400)} 号"
    person = world.pick(lists["surnames"]) + world.pick(lists["given"])
    mobile = f"198{number:08}"
    carrier = world.pick(lists["carriers"])
    uscc = uscc_make(district, number)
    pay_first = rng.random() < 0.08
    return CustomerDraft(
        name=name,
        code=f"C{number:05}",
        short_name=brand,
        uscc=uscc,
        phone=f"199{number:08}",
        territory_id=city.territory_id,
        owner_id=city.manager_id,
        payment_term_days=world.pick(TERMS),
        pay_first=pay_first,
        value_class=value,
        importance_class=importance,
        relation_class="existing" if number % 7 else "new",
        funnel_class="closing",
        credit_grade="C" if pay_first else world.pick(GRADES),
        contacts=(ContactDraft(person, world.pick(lists["jobs"]), mobile=mobile),),
        addresses=(
            AddressDraft(kind="ship_to", detail=road, division_code=district, receiver=person,
                         phone=mobile, is_default=True),
            AddressDraft(kind="bill_to", detail=road, division_code=district, is_default=True),
        ),
        shipping=ShippingDraft(carrier=carrier, station=f"{city.name}站", receiver=person),
        tax_title=TaxTitleDraft(
            title=name, tax_number=uscc, bank_name=f"{world.pick(lists['banks'])}{city.name}支行",
            bank_account=f"62{number:014}",
        ),
        origin="imported",
    )  # fmt: skip


def _wave(world: World, drafts: list[CustomerDraft]) -> None:
    made = customers_place(actor=world.system, drafts=drafts)
    limits = {customer.pk: _limit(world, customer) for customer in made}
    rows = [LimitRow(pk, limit) for pk, limit in limits.items()]
    credit_limits_load(actor=world.system, rows=rows, reason="期初额度")
    # A few new ones are still being completed.
    active = [item for place, item in enumerate(made) if place % 90 != 89]
    customers_activate(actor=world.system, customer_ids=[item.pk for item in active])
    _keep(world, active, limits)


def _limit(world: World, customer: Customer) -> Decimal | None:
    if customer.pay_first:
        return None
    whole = _LIMITS[customer.value_class] * world.rng.uniform(0.6, 1.4)
    return Decimal(round(whole / 1000) * 1000)


def _keep(world: World, made: list[Customer], limits: dict[int, Decimal | None]) -> None:
    cities = {city.territory_id: city for city in world.cities}
    places: dict[int, dict[str, int]] = {}
    rows = Address.objects.filter(customer__in=made).values_list("customer_id", "kind", "id")
    for customer_id, kind, pk in rows:
        places.setdefault(customer_id, {})[kind] = pk
    for customer in made:
        # One in eight pays late, some of them very late.
        lateness = world.rng.randrange(8, 50) if world.rng.random() < 0.12 else 0
        world.buyers.append(
            Buyer(
                id=customer.pk,
                code=customer.code,
                name=customer.name,
                city=cities[customer.territory_id or 0],
                slt_member_id=customer.slt_member_id or 0,
                unit_id=customer.unit_id,
                ship_to_id=places[customer.pk]["ship_to"],
                bill_to_id=places[customer.pk]["bill_to"],
                term_days=customer.payment_term_days or 0,
                pay_first=customer.pay_first,
                limit=limits[customer.pk],
                weight=_WEIGHTS[customer.value_class],
                lateness=lateness,
                since=clock.today(),
            )
        )
