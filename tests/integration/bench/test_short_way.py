"""A company may leave out steps that nobody prescribes; the order still comes home and verifies."""

from __future__ import annotations

import pytest

from chengdan.config.bench.definitions import short_publish, whole_publish
from chengdan.config.bench.ways import Way, stock_load
from chengdan.config.bench.world import BenchWorld, world_make
from chengdan.kernel.verification import verify_all
from chengdan.modules.billing.models import Invoice
from chengdan.modules.orders.models import Handover, Order
from chengdan.modules.process.models import StepRun
from chengdan.modules.process.vocabulary import StepState

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> BenchWorld:
    world = world_make()
    stock_load(world, boxes=10)
    return world


def codes(kind: str) -> list[str]:
    rows = StepRun.objects.filter(instance__subject_type=kind, state=StepState.DONE)
    return list(rows.order_by("pk").values_list("code", flat=True))


def test_the_short_processes_lead_to_a_settled_order(world: BenchWorld) -> None:
    short_publish(world.system)
    way = Way(world)
    for _name, act in way.short():
        act()
    order = Order.objects.get(pk=way.order_id)
    assert (order.status, order.settled_at is not None) == ("closed", True)
    assert Invoice.objects.get(pk=way.invoice_id).status == "settled"
    handover = Handover.objects.get(order=order)
    assert (handover.printed_at, handover.printed_by_id) == (
        handover.received_at, world.people["csr"],
    )  # fmt: skip
    assert codes("orders.order") == ["QC", "AC", "CC", "MA", "BG2"]
    assert list(verify_all()) == []


def test_the_whole_processes_come_back_with_the_next_document(world: BenchWorld) -> None:
    short_publish(world.system)
    whole_publish(world.system)
    way = Way(world)
    for _name, act in way.full():
        act()
    assert {"OG2", "OG3", "OA", "BG1"} <= set(codes("orders.order"))
    assert Order.objects.get(pk=way.order_id).settled_at is not None
