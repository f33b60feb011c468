"""A moving clock: people act on what lies in their inbox, step by step, until the present.

Every act goes through the rooms' services as the person whose task it is. What is not acted upon
before the story ends is the work that waits today.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import count

from chengdan.config.demo.world import World, at_local, clock_day, working_days_back
from chengdan.kernel import clock
from chengdan.kernel.errors import DomainError
from chengdan.kernel.outbox import outbox_drain
from chengdan.modules.process.models import Instance, StepRun, Task
from chengdan.modules.process.services import deadlines_sweep

LOOKS = (time(16, 40),)
DRAIN_MAX = 100_000
# working minutes that a step takes at least and at most
PACE: dict[str, tuple[int, int]] = {
    "OG2": (15, 150), "OG3": (15, 200), "OA": (6, 26), "ACX": (30, 200), "WAY": (20, 200),
    "ST": (20, 150), "MA": (15, 220), "BG1": (15, 120), "BG2": (15, 90), "PAY": (240, 2400),
    "CA": (15, 120), "PK": (15, 150), "OQ1": (10, 60), "OQ2": (10, 60), "DP": (15, 120),
    "FB": (30, 300), "CF": (120, 1900), "IR": (30, 240), "IA": (30, 300), "IV1": (30, 240),
    "IV2": (120, 1400), "RC": (60, 60), "AM": (30, 200), "AS": (30, 200), "resubmit": (30, 300),
}  # fmt: skip


@dataclass(slots=True)
class Plan:
    """What is to become of one order.

    Attributes:
        stop_at: step in which it stands at the end; "" goes as far as the time allows.
        is_quick: everybody acts at once, so that it gets there in time.
        refusals: step → decision of the first round there.
        way: of an order that the credit check stops: pay_first, special or refused.
        signatures: how many sign before it stands in a step that several sign.
        is_unpaid: no money comes.
    """

    stop_at: str = ""
    is_quick: bool = False
    refusals: dict[str, str] = field(default_factory=dict)
    way: str = "special"
    signatures: int = 0
    is_unpaid: bool = False
    pays_late_by: int = 0


Act = Callable[[], object]


@dataclass(slots=True)
class Story:
    """The queue of what happens when."""

    world: World
    handlers: dict[str, Callable[[Story, Instance, Task | None], object]]
    plans: dict[int, Plan] = field(default_factory=dict)
    orders: dict[tuple[str, int], int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    _queue: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)
    _seen: int = 0
    _standing: dict[int, int] = field(default_factory=dict)

    def at(self, moment: datetime, act: Act) -> None:
        """Let something happen then; what lies after the end never happens."""
        if moment <= self.world.now:
            heapq.heappush(self._queue, (moment, next(self._order), act))

    def tell(self) -> None:
        """Live through everything, with a look at the clocks every day."""
        self._seen = Instance.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if not self._queue:
            return
        first = clock_day(self._queue[0][0])
        days = (self.world.today - first).days + 1
        for day in [*working_days_back(self.world.today, days), self.world.today]:
            for look in LOOKS:
                if day >= first:
                    self.at(at_local(day, look), self.look)
        while self._queue:
            moment, _number, act = heapq.heappop(self._queue)
            with clock.at(moment):
                self._try(act)
                self._follow_new()
        with clock.at(self.world.now):
            self.look()

    def _try(self, act: Act) -> None:
        """Act; what the rules refuse stays as it is, as it would in life."""
        try:
            act()
        except DomainError as error:
            self.refused.append(f"{clock.now():%m-%d %H:%M} {error}")

    def look(self) -> None:
        """Let the worker do what is due: sweeps, notices, reactions between rooms."""
        outbox_drain(DRAIN_MAX)
        deadlines_sweep()
        outbox_drain(DRAIN_MAX)
        self._follow_new()
        moved = StepRun.objects.filter(instance__in=list(self._standing), state="open")
        for instance_id, step_id in moved.values_list("instance_id", "pk").order_by("pk"):
            if self._standing[instance_id] != step_id:
                self.follow(instance_id)

    def _follow_new(self) -> None:
        rows = Instance.objects.filter(pk__gt=self._seen).order_by("pk")
        for pk in list(rows.values_list("pk", flat=True)):
            self._seen = pk
            self.follow(pk)

    def plan_of(self, instance: Instance) -> Plan:
        """Return the plan of the order that the document belongs to."""
        key = (instance.subject_type, instance.subject_id)
        if key not in self.orders:
            self.orders[key] = order_behind(instance)
        return self.plans.setdefault(self.orders[key], Plan())

    def follow(self, instance_id: int) -> None:
        """Let the person of the standing step act after a while, unless the plan ends here."""
        run = StepRun.objects.filter(instance=instance_id, state="open").select_related("instance")
        standing = run.first()
        if standing is None:
            self._standing.pop(instance_id, None)
            return
        self._standing[instance_id] = standing.pk
        plan = self.plan_of(standing.instance)
        signed = standing.tasks.filter(state="done").count()
        if plan.stop_at == standing.code and signed >= plan.signatures:
            return
        self.at(self._moment(standing, plan), lambda: self._work(instance_id, standing.pk))

    def _moment(self, standing: StepRun, plan: Plan) -> datetime:
        least, most = PACE[standing.code]
        minutes = least if plan.is_quick else self.world.rng.randrange(least, most + 1)
        return self.world.later(clock.now(), minutes)

    def _work(self, instance_id: int, step_id: int) -> None:
        standing = StepRun.objects.select_related("instance").filter(pk=step_id, state="open")
        run = standing.first()
        if run is None or run.instance.state != "running":
            return
        task = run.tasks.filter(state="open").order_by("order", "pk").first()
        self.handlers[run.code](self, run.instance, task)
        # Who waits for money is looked at again when it has come.
        if task is not None:
            self.follow(instance_id)


def order_behind(instance: Instance) -> int:
    """Return the order that a note, an invoice or a change belongs to; 0 without."""
    from chengdan.modules.billing.models import InvoiceLine
    from chengdan.modules.orders.models import Amendment
    from chengdan.modules.shipping.models import DeliveryLine

    pk = instance.subject_id
    found: int | None
    match instance.subject_type:
        case "orders.order":
            return pk
        case "orders.amendment":
            found = Amendment.objects.values_list("order_id", flat=True).get(pk=pk)
        case "shipping.deliverynote":
            lines = DeliveryLine.objects.filter(delivery_note=pk)
            found = lines.values_list("order_id", flat=True).first()
        case _:
            billed = InvoiceLine.objects.filter(invoice=pk)
            found = billed.values_list("order_id", flat=True).first()
    return found or 0
