"""The orders of the last weeks, lived through the services: every step and inbox has work today."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import click

from chengdan.config.cli.texts import gettext as _
from chengdan.config.demo.acts import HANDLERS
from chengdan.config.demo.story import PACE, Plan, Story
from chengdan.config.demo.world import (
    LIVE_DAYS,
    Buyer,
    Good,
    World,
    clock_day,
    words,
    working_days_back,
)
from chengdan.kernel import clock
from chengdan.kernel.errors import DomainError
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services import (
    LineDraft,
    OrderDraft,
    amendment_ask,
    draft_of,
    order_cancel,
    order_close,
    order_hold,
    order_place,
    order_submit,
)

FLOWING = 10
# step → orders that stand there today
STANDING = {
    "OG2": 6, "OG3": 6, "OA": 6, "MA": 6, "BG1": 4, "BG2": 3, "CA": 2, "PK": 2, "OQ1": 2,
    "OQ2": 2, "DP": 2, "FB": 2, "CF": 2, "IR": 2, "IA": 2, "IV1": 1, "IV2": 1,
}  # fmt: skip
# the same, but its promise was missed
LATE = {"OA": (2, 60), "DP": (1, 1100), "BG2": (1, 700), "MA": (1, 700)}
ROAD = ("OG2", "OG3", "OA", "MA", "BG1", "BG2", "CA", "PK", "OQ1", "OQ2", "DP", "FB", "CF",
        "IR", "IA", "IV1", "IV2")  # fmt: skip
# Between goods and invoice the worker looks once a day.
LOOK_MINUTES = 490


def live_make(world: World) -> None:
    """Live through the last weeks."""
    story = Story(world, dict(HANDLERS))
    _flowing(story)
    _standing(story)
    _bands(story)
    _quota(story)
    _changes(story)
    _money(story)
    story.tell()
    for line in story.refused:
        click.echo("    " + _("refused: %(line)s") % {"line": line})


# ------------------------------------------------------------------------------------ entering
def buyers_on(world: World, moment: datetime) -> list[Buyer]:
    """Return the customers that pay by term and had become customers by then."""
    day = clock_day(moment)
    return [item for item in world.buyers if item.since < day and not item.pay_first]


def buyer_pick(world: World, moment: datetime) -> Buyer:
    """Return a customer by how often it orders."""
    found = buyers_on(world, moment)
    return world.rng.choices(found, [item.weight for item in found])[0]


def goods_pick(world: World, number: int) -> list[Good]:
    """Return different products by how often they are sold."""
    found: dict[int, Good] = {}
    weights = [good.weight for good in world.goods]
    while len(found) < number:
        good = world.rng.choices(world.goods, weights)[0]
        found[good.id] = good
    return list(found.values())


def lines_make(world: World, most: int = 40) -> tuple[LineDraft, ...]:
    """Return a few lines of ordinary size."""
    goods = goods_pick(world, world.rng.randrange(2, 6))
    return tuple(
        LineDraft(product_id=good.id, quantity=Decimal(world.rng.randrange(3, most)))
        for good in goods
    )


def lines_worth(world: World, target: Decimal) -> tuple[LineDraft, ...]:
    """Return lines that come to about `target`."""
    goods = goods_pick(world, 3)
    return tuple(
        LineDraft(product_id=good.id, quantity=max(Decimal(1), (target / 3) // good.price))
        for good in goods
    )


def enter(
    story: Story, buyer: Buyer, lines: tuple[LineDraft, ...], plan: Plan, **values: Any
) -> int:
    """Enter and submit an order as a clerk or a representative; 0 when it is stopped."""
    world = story.world
    actor = world.actor(world.pick(buyer.city.submitters))
    day = clock.today()
    draft = OrderDraft(
        customer_id=buyer.id,
        lines=lines,
        customer_order_number=f"PO{day:%m%d}{world.rng.randrange(10**6):06}",
        requested_on=values.pop("requested_on", day + timedelta(days=world.rng.randrange(3, 12))),
        **values,
    )
    order = order_place(actor=actor, draft=draft)
    story.plans[order.pk] = plan
    try:
        order_submit(actor=actor, order_id=order.pk)
    except DomainError:
        # Stays a draft with its list of stops, as it would in life.
        return 0
    return order.pk


def road_minutes(step: str) -> int:
    """Return the working minutes that quick people need to get an order to a step."""
    past = ROAD[: ROAD.index(step)]
    looks = LOOK_MINUTES if "CF" in past else 0
    return sum(PACE[code][0] for code in past) + looks + 8


# --------------------------------------------------------------------------------- the stories
def _flowing(story: Story) -> None:
    """Ordinary orders over the weeks; where they stand today follows from when they came in."""
    world = story.world
    days = working_days_back(world.today, LIVE_DAYS * 5 // 7)
    for number in range(world.count(FLOWING, least=4)):
        day = days[number * len(days) // world.count(FLOWING, least=4)]
        moment = world.moment(day)
        refusals = {"OG3": "return"} if number % 17 == 3 else {}
        plan = Plan(refusals=refusals)

        def act(plan: Plan = plan) -> None:
            enter(story, buyer_pick(world, clock.now()), lines_make(world), plan)

        story.at(moment, act)


def _standing(story: Story) -> None:
    """For every step some orders that stand in it today, a few of them late."""
    world = story.world
    wanted = [(step, 0) for step, number in STANDING.items()
              for _one in range(world.count(number))]  # fmt: skip
    wanted += [(step, extra) for step, (number, extra) in LATE.items()
               for _one in range(world.count(number))]  # fmt: skip
    for step, extra in wanted:
        moment = world.later(world.now, -(road_minutes(step) + extra))
        plan = Plan(stop_at=step, is_quick=True)

        def act(plan: Plan = plan) -> None:
            enter(story, buyer_pick(world, clock.now()), lines_make(world, 12), plan)

        story.at(moment, act)
    for _one in range(world.count(3)):
        plan = Plan(stop_at="resubmit", is_quick=True, refusals={"OG3": "return"})
        _later(story, 60, plan)


def _later(story: Story, minutes: int, plan: Plan, factor: str = "") -> None:
    """Enter an order so many working minutes before the end; `factor` of the limit in all."""
    world = story.world

    def act() -> None:
        if not factor:
            enter(story, buyer_pick(world, clock.now()), lines_make(world, 12), plan)
            return
        buyer, room = _with_room(story, Decimal(factor))
        enter(story, buyer, lines_worth(world, room), plan)

    story.at(world.later(world.now, -minutes), act)


def _with_room(story: Story, factor: Decimal) -> tuple[Buyer, Decimal]:
    """Return a customer without overdue money and the amount that brings it to `factor`."""
    world = story.world
    found = [item for item in buyers_on(world, clock.now())
             if item.limit and item.limit <= 90_000 and not item.lateness]  # fmt: skip
    world.rng.shuffle(found)
    for buyer in found:
        seen = exposure(buyer.id)
        room = (buyer.limit or Decimal(0)) * factor - seen
        if room > (buyer.limit or Decimal(0)) * (factor - 1):
            return buyer, room
    raise LookupError("no customer has room")


def _bands(story: Story) -> None:
    """Every result of the credit check: slightly over, stopped, special treatment, paid first."""
    world = story.world
    plans = [
        ("1.1", 90, Plan(stop_at="MA", is_quick=True)),
        ("1.15", 300, Plan(stop_at="BG1", is_quick=True)),
        ("1.4", 120, Plan(stop_at="WAY", is_quick=True)),
        ("1.5", 200, Plan(stop_at="ST", is_quick=True)),
        ("1.6", 260, Plan(stop_at="ST", is_quick=True, signatures=1)),
        ("1.4", 900, Plan(stop_at="BG1", is_quick=True)),
        ("1.5", 700, Plan(stop_at="PAY", is_quick=True, way="refused", is_unpaid=True)),
        ("1.3", 500, Plan(stop_at="PAY", is_quick=True, way="pay_first", is_unpaid=True)),
    ]
    for factor, minutes, plan in plans:
        for _one in range(world.count(1)):
            _later(story, minutes, replace(plan, refusals=dict(plan.refusals)), factor)
    _prepaid(story)


def _prepaid(story: Story) -> None:
    """Orders of customers that pay first: waiting for money, paid, on their way."""
    world = story.world
    found = [item for item in world.buyers if item.pay_first]
    for number, (minutes, unpaid) in enumerate(
        [(200, True), (2600, True), (6000, False), (9000, False)] * world.count(1)
    ):
        buyer = found[number % len(found)]
        plan = Plan(is_quick=True, is_unpaid=unpaid)

        def act(buyer: Buyer = buyer, plan: Plan = plan) -> None:
            enter(story, buyer, lines_make(world, 10), plan)

        story.at(world.later(world.now, -minutes), act)


def _quota(story: Story) -> None:
    """An order cut to the quota, and requests above it that the leaders sign."""
    world = story.world
    scarce = [good for good in world.goods if good.weight == 40][:12:3]
    plans = [
        (2400, "cut", Plan(is_quick=True)),
        (400, "cut", Plan(stop_at="MA", is_quick=True)),
        (240, "over", Plan(stop_at="ACX", is_quick=True)),
        (300, "over", Plan(stop_at="ACX", is_quick=True, signatures=1)),
        (3000, "over", Plan(is_quick=True)),
    ]
    known = buyers_on(world, world.later(world.now, -LIVE_DAYS * 480))
    known = [item for item in known if not item.lateness]
    roomy = sorted(known, key=lambda item: -(item.limit or 0))
    for number, (minutes, choice, plan) in enumerate(plans):
        good = scarce[number % len(scarce)]
        buyer = roomy[number % len(roomy)]

        def act(
            buyer: Buyer = buyer, good: Good = good, choice: str = choice, plan: Plan = plan
        ) -> None:
            lines = (
                LineDraft(product_id=good.id, quantity=Decimal(90)),
                *(LineDraft(product_id=item.id, quantity=Decimal(5))
                  for item in goods_pick(world, 2) if item.id != good.id),
            )  # fmt: skip
            enter(
                story, buyer, lines, plan, quota_choice=choice, requested_on=world.today,
                quota_reason=words()["reasons"]["quota"] if choice == "over" else "",
            )  # fmt: skip

        story.at(world.later(world.now, -minutes), act)


def _changes(story: Story) -> None:
    """Held, amended, cancelled and closed orders."""
    world = story.world
    reasons = words()["reasons"]
    leader = world.holder("ssg_leader")

    def hold(order_id: int) -> None:
        order_hold(actor=world.actor(leader), order_id=order_id, reason=reasons["hold"])

    def cancel(order_id: int) -> None:
        order_cancel(actor=world.actor(leader), order_id=order_id, reason="客户取消，改下月订货")

    def close(order_id: int) -> None:
        order_close(actor=world.actor(leader), order_id=order_id, reason="余量客户不再需要")

    def amend(order_id: int) -> None:
        _amend(story, order_id)

    stories = [
        ("BG1", 600, 60, hold), ("MA", 300, 30, hold), ("CA", 700, 20, amend),
        ("CA", 900, 45, amend), ("CA", 3000, 2400, amend), ("MA", 1500, 900, cancel),
        ("CA", 1800, 600, close),
    ]  # fmt: skip
    for step, minutes, change_minutes, change in stories:
        _changed(story, step, minutes, change_minutes, change)


def _changed(story: Story, step: str, minutes: int, change_minutes: int, change: Any) -> None:
    world = story.world
    made: list[int] = []
    plan = Plan(stop_at=step, is_quick=True)

    def act() -> None:
        made.append(enter(story, buyer_pick(world, clock.now()), lines_make(world, 12), plan))

    def follow() -> None:
        if made and made[0]:
            change(made[0])

    story.at(world.later(world.now, -minutes), act)
    story.at(world.later(world.now, -change_minutes), follow)


def _amend(story: Story, order_id: int) -> None:
    """Ask for one more product and less of the first."""
    world = story.world
    order = Order.objects.get(pk=order_id)
    draft = draft_of(order)
    known = {line.product_id for line in draft.lines}
    more = next(good for good in goods_pick(world, 8) if good.id not in known)
    first = replace(draft.lines[0], quantity=max(Decimal(1), draft.lines[0].quantity - 2))
    changed = replace(
        draft,
        lines=(first, *draft.lines[1:], LineDraft(product_id=more.id, quantity=Decimal(3))),
    )
    amendment_ask(
        actor=world.actor(order.submitted_by_id or order.owner_id), order_id=order_id,
        draft=changed, reason=words()["reasons"]["amend"],
    )  # fmt: skip


def _money(story: Story) -> None:
    """Customers with short terms that do not pay, so that something is overdue."""
    world = story.world
    moment = world.later(world.now, -LIVE_DAYS * 330)
    found = [item for item in buyers_on(world, moment) if item.term_days == 15]
    for number in range(world.count(6, least=2)):
        buyer = found[number % len(found)]
        plan = Plan(is_quick=True, is_unpaid=number % 3 != 2, pays_late_by=9)

        def act(buyer: Buyer = buyer, plan: Plan = plan) -> None:
            enter(story, buyer, lines_make(world, 20), plan)

        story.at(world.later(world.now, -(20 + number) * 480), act)
