"""What the processes of the order races and crash tests do."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import OperationalError, connection
from django.db.models import Count

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.models import AuditEntry
from chengdan.kernel.errors import DomainError
from chengdan.kernel.idempotency import fingerprint, key_answer, key_claim
from chengdan.kernel.notices.models import Notice
from chengdan.kernel.outbox import outbox_drain
from chengdan.kernel.outbox.models import OutboxMessage
from chengdan.kernel.transactions import write
from chengdan.kernel.verification import verify_all
from chengdan.modules.credit.models import Account
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.credit.services import (
    LimitRow,
    credit_account_lock,
    credit_limits_load,
)
from chengdan.modules.orders.access import order_lock, order_lock_with_account
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services import (
    order_accept,
    order_close,
    order_copy,
    order_place,
    order_reopen,
    order_submit,
    order_update,
)
from chengdan.modules.process.models import StepRun, Task
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.process.services import task_decide
from tests.fixtures.house import House, make_house
from tests.fixtures.play import ORDER, Play

World = dict[str, Any]


def _house(world: World) -> House:
    from chengdan.modules.people.selectors import company_get

    company = company_get(world["company"])
    house = House(company, Actor.system("race", company.pk))
    house.people, house.products = world["people"], world["products"]
    house.customers = world["customers"]
    return house


def _world(house: House) -> World:
    return {
        "company": house.company.pk, "people": house.people, "products": house.products,
        "customers": house.customers,
    }  # fmt: skip


def prepare(rounds: int, orders: int, limit: int, boxes: int, stage: str) -> World:
    """Make one customer per round with orders that stand at `stage`.

    Args:
        stage: draft, OG3 (two signers stand in for each other), OA, or closed (the first order
            of each round was released and closed again, the others stand at OA).
    """
    house = make_house()
    made = []
    for number in range(rounds):
        code = f"C{number}"
        house.customer(code, limit=limit)
        ids = []
        for index in range(orders):
            play = Play(house)
            is_closed = stage == "closed" and index == 0
            if is_closed:
                play.goes_out(code, boxes)
                order_close(actor=house.actor("ssg_leader"), order_id=play.order_id, reason="race")
            else:
                _bring(play.enters("order_clerk", code, boxes), stage)
            ids.append(play.order_id)
        made.append({"customer": house.customers[code], "orders": ids})
    return {**_world(house), "rounds": made}


def _bring(play: Play, stage: str) -> None:
    if stage == "draft":
        return
    play.submits()
    if stage == "OG2":
        return
    play.decides("key_account_manager")
    if stage != "OG3":
        play.decides("market_manager")


def decide(world: World, who: str, order: int, decision: str) -> str:
    """Decide the step of an order that the person saw open."""
    actor = _house(world).actor(who)
    task = Task.objects.filter(
        subject_type=ORDER, instance__subject_id=order, step_run__code=world["step"]
    ).latest("pk")
    task_decide(actor=actor, task_id=task.pk, decision=decision, comment="race")
    return "done"


def act(verb: str, world: World, order: int = 0, **values: Any) -> str:
    """Accept, cut the limit, close, reopen, submit, edit or copy with a key."""
    house = _house(world)
    match verb:
        case "accept":
            order_accept(actor=house.actor("csr"), order_id=order, customer_told_how="电话")
            return str(Order.objects.get(pk=order).credit_band)
        case "cut":
            row = LimitRow(values["customer"], Decimal(values["limit"]))
            credit_limits_load(actor=house.system, rows=[row], reason="cut")
        case "reopen":
            order_reopen(actor=house.actor("ssg_leader"), order_id=order, reason="race")
        case "submit":
            order_submit(actor=house.actor("order_clerk"), order_id=order)
        case "edit":
            play = Play(house)
            draft = play.draft(values["code"], values["boxes"])
            seen = values["version"]
            order_update(
                actor=house.actor("order_clerk"), order_id=order, draft=draft,
                expected_version=seen,
            )  # fmt: skip
        case "keyed":
            return _keyed(house, order, values["key"], values["body"])
    return verb


def _keyed(house: House, order: int, key: str, body: str) -> str:
    """Copy an order as the API does it: key, effect and answer in one transaction."""
    actor = house.actor("order_clerk")
    with write():
        row = key_claim(actor, key, fingerprint("POST", "/orders", body.encode()))
        if row.status is None:
            copy = order_copy(actor=actor, order_id=order)
            key_answer(row, 201, str(copy.pk))
        return f"{row.status} {row.body}"


def counts(world: World) -> dict[str, Any]:
    """Return what stands after a race, and what the verifiers say."""
    return {
        "exposures": [str(exposure(item["customer"])) for item in world["rounds"]],
        "orders": Order.objects.count(),
        "submitted": AuditEntry.objects.filter(code="orders.order.submitted").count(),
        "quantities": [str(order.gross) for order in Order.objects.order_by("pk")],
        "differences": [str(found) for found in verify_all()],
    }


def steps(world: World, code: str) -> dict[str, int]:
    """Return how often a step was begun and how often it was decided."""
    return {
        "begun": StepRun.objects.filter(code=code).count(),
        "decided": Task.objects.filter(step_run__code=code, state="done").count(),
    }


def place(world: World) -> int:
    """Enter one more order for the first customer."""
    play = Play(_house(world))
    house = play.house
    code = next(iter(house.customers))
    return int(order_place(actor=house.actor("order_clerk"), draft=play.draft(code, 1)).pk)


def own_step(world: World, who: str, order: int) -> str:
    """Decide whatever step stands open for the person; the crash tests use it."""
    actor = _house(world).actor(who)
    task = open_task_for(ORDER, order, "", actor)
    if task is None:
        return "none"
    try:
        task_decide(actor=actor, task_id=task.pk, decision="approve")
    except DomainError as error:
        return error.code
    return "done"


def state(world: World, order: int) -> list[str]:
    """Return state, step and exposure of one order, and every difference."""
    found = Order.objects.get(pk=order)
    differences = [str(item) for item in verify_all()]
    return [found.status, found.step, str(exposure(found.customer_id)), *differences]


def drain(minutes: int) -> int:
    """Run what waits in the outbox, so many minutes from now (a lease runs out in five)."""
    with clock.at(clock.now() + timedelta(minutes=minutes)):
        tried = 0
        while found := outbox_drain():
            tried += found
        return tried


def told(world: World) -> dict[str, Any]:
    """Return what is left in the outbox and how often one person got the same notice."""
    notices = Notice.objects.filter(kind="orders.accepted").values("user_id")
    most = max((row["count"] for row in notices.annotate(count=Count("id"))), default=0)
    pending = OutboxMessage.objects.exclude(state="done").count()
    differences = [str(found) for found in verify_all()]
    return {"pending": pending, "most": most, "differences": differences}


# What PostgreSQL knows of locks; it tells of those of all databases.
SOMEBODY_BEGAN = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
SOMEBODY_WAITS = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


def lock_beside(verb: str, customer: int, order: int) -> str:
    """Hold one lock until somebody waits for it, and tell whether the other row is free.

    For PostgreSQL.

    Args:
        verb: hold_account asks for the order then, hold_order for the account; take locks both.
    """
    if verb == "take":
        _wait_for(SOMEBODY_BEGAN)
        with write():
            order_lock_with_account(order)
        return "taken"
    with write():
        if verb == "hold_account":
            credit_account_lock(customer)
        else:
            order_lock(order)
        with connection.cursor() as cursor:
            # What the other one waits for: now it may begin.
            cursor.execute("SELECT pg_advisory_xact_lock(1)")
        _wait_for(SOMEBODY_WAITS)
        other = Order.objects.filter(pk=order)
        if verb == "hold_order":
            other = Account.objects.filter(pk=customer)
        try:
            return "free" if list(other.select_for_update(nowait=True)) else "gone"
        except OperationalError:
            connection.set_rollback(rollback=True)
            return "held"


def _wait_for(locks: str) -> None:
    """Wait until a statement that counts locks finds one."""
    for _try in range(1000):
        with connection.cursor() as cursor:
            cursor.execute(locks)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError(f"nobody has such a lock: {locks}")
