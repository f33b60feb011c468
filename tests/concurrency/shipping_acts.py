"""What the processes of the shipping races do."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import InvalidError
from chengdan.kernel.verification import verify_all
from tests.fixtures.house import make_house
from tests.fixtures.shipping import Depot, make_depot

START = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
CUSTOMERS = ("甲", "乙", "丙", "丁")
CODES = frozenset({"I4", "I5", "I6", "I7", "I8"})


def _depot() -> Depot:
    house = make_house()
    for name in CUSTOMERS:
        house.customer(name, limit=10_000_000)
    return make_depot(house)


def prepare(rounds: int, boxes: int) -> dict[str, Any]:
    """Make a batch-less product's stock once per round, in a warehouse per round."""
    from chengdan.modules.shipping.models import Warehouse
    from chengdan.modules.shipping.services import WarehouseDraft, warehouse_place

    with clock.at(START):
        depot = _depot()
        first = Warehouse.objects.get(pk=depot.warehouse_id)
        ids = []
        for number in range(rounds):
            draft = WarehouseDraft(code=f"W{number}", name=f"仓 {number}", unit_id=first.unit_id)
            depot.warehouse_id = warehouse_place(actor=depot.house.system, draft=draft).pk
            depot.stock("HY-0712", boxes)
            ids.append(depot.warehouse_id)
        return {
            "company": depot.house.company.pk,
            "warehouses": ids,
            "product": depot.house.products["HY-0712"],
            "customers": [depot.house.customers[name] for name in CUSTOMERS],
        }


def reserve(world: dict[str, Any], number: int, customer: int, boxes: int) -> str:
    """Set stock aside for a customer by a note without an order; return what it got."""
    from chengdan.modules.shipping.services import DirectLine, note_make_direct

    with clock.at(START):
        try:
            note = note_make_direct(
                actor=Actor.system("race", world["company"]),
                customer_id=world["customers"][customer],
                lines=[DirectLine(world["product"], Decimal(boxes))],
                reason="race",
                warehouse_id=world["warehouses"][number],
            )
        except InvalidError as refusal:
            if {issue.code for issue in refusal.items} == {"short"}:
                return "0"
            raise
        return str(sum((line.quantity for line in note.lines.all()), Decimal(0)))


def prepare_ready(rounds: int) -> dict[str, Any]:
    """Make one note per round that is picked and checked and can leave."""
    with clock.at(START):
        depot = _depot()
        depot.stock("HY-0712", 1000)
        notes = []
        for _number in range(rounds):
            note = depot.note_of(depot.released("甲", {"HY-0712": 5}))
            depot.ready(note.pk)
            notes.append(note.pk)
        people = depot.house.people
        return {
            "company": depot.house.company.pk,
            "notes": notes,
            "scr": people["shipping_coordinator"],
            "keeper": people["warehouse_keeper"],
        }


def ship(verb: str, world: dict[str, Any], number: int) -> str:
    """Dispatch a note as one of two people, or give it up."""
    from chengdan.modules.shipping.services import note_cancel, note_dispatch

    who = world["keeper"] if verb == "keeper" else world["scr"]
    actor = Actor(user_id=who, name=verb, company_id=world["company"])
    with clock.at(START):
        if verb == "cancel":
            note_cancel(actor=actor, note_id=world["notes"][number], reason="race")
        else:
            note_dispatch(actor=actor, note_id=world["notes"][number])
    return verb


def state() -> dict[str, Any]:
    """Return what lots hold, how often each note left, and what does not add up."""
    from chengdan.modules.shipping.models import Lot, StockEntry

    lots = {
        str(pk): [str(here), str(held)]
        for pk, here, held in Lot.objects.values_list("warehouse_id", "on_hand", "reserved")
    }
    moved = list(
        StockEntry.objects.filter(source_type="shipping.deliverynote").values_list(
            "source_id", flat=True
        )
    )
    differences = [str(item) for item in verify_all() if item.invariant in CODES]
    return {"lots": lots, "moved": moved, "differences": differences}
