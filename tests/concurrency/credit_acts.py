"""What the processes of the credit races do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from chengdan.kernel.actor import Actor
from chengdan.modules.credit.selectors import totals_of
from chengdan.modules.credit.services import (
    Bucket,
    LimitRow,
    Move,
    Source,
    credit_limits_load,
    credit_post,
    credit_reserve,
)
from chengdan.modules.credit.verification import verify_accounts, verify_releases
from tests.fixtures.credit import ORDER, RECEIPT, credit_world

ACTOR = Actor.system("race")


def prepare(customers: int, limit: int) -> list[int]:
    """Make customers with a limit each and return their ids."""
    world = credit_world()
    return [world.customer(f"C{number}", limit=limit) for number in range(customers)]


def act(verb: str, customer: int, pk: int, amount: int) -> str:
    """Reserve, cut the limit, or take back a receipt."""
    if verb == "cut":
        row = LimitRow(customer, Decimal(amount))
        credit_limits_load(actor=ACTOR, rows=[row], reason="cut")
    elif verb == "receipt":
        moves = [Move(Bucket.UNAPPLIED, Decimal(amount), Source(RECEIPT, pk))]
        credit_post(actor=ACTOR, customer_id=customer, moves=moves, reason="receipt")
    else:
        source = Source(ORDER, pk)
        credit_reserve(actor=ACTOR, customer_id=customer, source=source, amount=Decimal(amount))
    return verb


def open_amounts(customers: list[int]) -> dict[str, Any]:
    """Return what stands in open, by customer, and what the verifier says."""
    found = [*verify_accounts(), *verify_releases()]
    return {
        "open": [str(totals_of(customer).open) for customer in customers],
        "differences": [str(item) for item in found],
    }
