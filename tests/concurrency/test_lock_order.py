"""A document and the account before it are locked by one statement, the account first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tests.concurrency.harness import Race

pytestmark = [pytest.mark.race]

ACTS = "tests.concurrency.orders_acts"


@pytest.mark.parametrize(
    ("waits_for", "is_free"), [("account", True), ("order", False)], ids=["account", "order"]
)
def test_who_waits_for_the_account_does_not_hold_the_order(
    python_process: Callable[..., Any], waits_for: str, is_free: bool
) -> None:
    """Else it could wait for somebody who holds the account and wants the order.

    The other way round shows that the question can be answered with no.
    """
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one lock for everything")
    runner = Race(python_process, f"{ACTS}:lock_beside", 2)
    world = runner.call(f"{ACTS}:prepare", rounds=1, orders=1, limit=100_000, boxes=1,
                        stage="draft")  # fmt: skip
    made = world["rounds"][0]
    base = {"customer": made["customer"], "order": made["orders"][0]}
    holder, waiter = runner.run([{"verb": f"hold_{waits_for}", **base}, {"verb": "take", **base}])
    assert waiter == {"ok": "taken"}
    assert holder == {"ok": "free" if is_free else "held"}
