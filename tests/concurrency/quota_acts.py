"""What the processes of the quota races do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from chengdan.kernel.actor import Actor
from chengdan.modules.quota.models import Cell, Hold, QuotaEntry
from chengdan.modules.quota.services import (
    Demand,
    Source,
    quota_cell_end,
    quota_consume,
    quota_free,
    quota_reserve,
    quota_transfer,
)
from chengdan.modules.quota.services import cells as cells_module
from chengdan.modules.quota.verification import verify_cells
from chengdan.modules.quota.vocabulary import EntryKind
from tests.fixtures.quota import quota_world


def prepare(periods: int, north: int, south: int) -> dict[str, Any]:
    """Make a cell per year for two regions and return what the acts need."""
    world = quota_world()
    days = [(date(2026 + n, 1, 1), date(2026 + n, 12, 31)) for n in range(periods)]
    cells = [
        [
            world.cell(limit, territory_id=place, starts_on=starts_on, ends_on=ends_on)
            for limit, place in ((north, world.north_id), (south, world.south_id))
        ]
        for starts_on, ends_on in days
    ]
    return {
        "company": world.company_id,
        "manager": world.house.other_user_id,
        "product": world.product_id,
        "customer": world.customer_id,
        "places": [world.north_id, world.south_id],
        "cells": cells,
    }


def act(verb: str, world: dict[str, Any], period: int, pk: int, quantity: int) -> str:
    """Reserve for the north, ship, cancel, end the north's cell, or give quota in one direction."""
    actor = Actor.system("race", world["company"])
    source = Source("tests.order", pk)
    if verb == "reserve":
        return _reserve(actor, world, period, source, quantity)
    if verb == "consume":
        quota_consume(actor=actor, source=source, shipped={1: Decimal(quantity)})
    elif verb == "free":
        quota_free(actor=actor, source=source)
    elif verb == "end":
        quota_cell_end(actor=actor, cell_id=world["cells"][period][0], reason="race")
    else:
        cells_module.holders_of = lambda *args, **kwargs: [world["manager"]]
        pair = world["cells"][period]
        giving, receiving = pair if verb == "north_gives" else reversed(pair)
        quota_transfer(
            actor=actor,
            giving_id=giving,
            receiving_id=receiving,
            quantity=Decimal(quantity),
            consent_by_id=world["manager"],
            reason="race",
        )
    return verb


def _reserve(
    actor: Actor, world: dict[str, Any], period: int, source: Source, quantity: int
) -> str:
    demand = Demand(
        product_id=world["product"],
        category_ids=(),
        customer_id=world["customer"],
        territory_id=world["places"][0],
        on=date(2026 + period, 6, 1),
        quantity=Decimal(quantity),
        amount=Decimal(0),
        line_ref=1,
    )
    return str(quota_reserve(actor=actor, source=source, demands=[demand])[0].allowed)


def state() -> dict[str, Any]:
    """Return the figures of all cells, what is held, and what the verifier says."""
    rows = Cell.objects.order_by("pk").values_list("pk", "limit", "reserved", "consumed")
    held: dict[str, Decimal] = {}
    for cell_id, reserved in Hold.objects.values_list("cell_id", "reserved"):
        held[str(cell_id)] = held.get(str(cell_id), Decimal(0)) + reserved
    return {
        "cells": {str(pk): [str(value) for value in values] for pk, *values in rows},
        "held": {key: str(value) for key, value in held.items()},
        "differences": [str(item) for item in verify_cells()],
        "late": _reserved_late(),
    }


def _reserved_late() -> list[int]:
    """Return the cells in which something was reserved after they were ended."""
    ended = dict(QuotaEntry.objects.filter(kind=EntryKind.ENDED).values_list("cell_id", "pk"))
    rows = QuotaEntry.objects.filter(kind=EntryKind.RESERVE).values_list("cell_id", "pk")
    return sorted({cell for cell, pk in rows if cell in ended and pk > ended[cell]})
