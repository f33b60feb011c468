"""Independent recomputation of orders: sums, line progress, coordinators, evidence of release.

Written on plain columns and raw audit content, without the rules that made them.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from chengdan.kernel.audit.models import AuditEntry
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.verification import Difference, verifier
from chengdan.modules.orders.models import Handover, Order, OrderLine, OrderMemo
from chengdan.modules.orders.vocabulary import ORDER, SPECIAL_SIGNATURES
from chengdan.modules.process.selectors import (
    signatures_by_subject,
    steps_by_subject,
    subjects_open,
)

_ZERO = Decimal(0)
_RUNNING = 10**11
_SIGNED = frozenset({"OG2", "OG3", "OA"})
_MOVES = {
    ("", "draft"), ("draft", "processing"), ("processing", "draft"), ("processing", "released"),
    ("draft", "cancelled"), ("processing", "cancelled"), ("released", "cancelled"),
    ("released", "closed"), ("closed", "released"),
}  # fmt: skip
_IN_PROCESS = ("draft", "processing")
_PAST_DRAFT = ("processing", "released", "closed")


@verifier("I3", "order totals")
def totals_verify() -> Iterator[Difference]:
    """Yield orders whose totals are not the sums of their lines, and lines that do not add up."""
    sums: dict[int, list[Decimal]] = defaultdict(lambda: [_ZERO] * 5)
    columns = (
        "order_id", "number", "quantity", "gross", "tax", "net", "delivered", "invoiced",
    )  # fmt: skip
    rows = OrderLine.objects.order_by("order_id", "number").values_list(*columns)
    exponents = dict(Order.objects.values_list("pk", "company__exponent"))
    for order_id, number, quantity, gross, tax, net, delivered, invoiced in rows.iterator():
        if gross != tax + net:
            where = f"order {order_id} line {number}"
            yield Difference("I3", where, f"gross {tax + net}", str(gross))
        cent = Decimal(1).scaleb(-exponents[order_id])
        parts = [
            (gross * part / quantity).quantize(cent, ROUND_HALF_UP) if quantity else _ZERO
            for part in (delivered, invoiced)
        ]
        found = sums[order_id]
        added = (gross, tax, net, *parts)
        sums[order_id] = [a + b for a, b in zip(found, added, strict=True)]
    names = ("gross", "tax", "net", "delivered_gross", "invoiced_gross")
    for pk, *stored in Order.objects.order_by("pk").values_list("pk", *names).iterator():
        for name, expected, value in zip(names, sums[pk], stored, strict=True):
            if expected != value:
                yield Difference("I3", f"order {pk} {name}", str(expected), str(value))


@verifier("I3", "order ways")
def ways_verify() -> Iterator[Difference]:
    """Yield orders that lists sort by another duration than that from submission to money."""
    columns = ("pk", "submitted_at", "settled_at", "way_rank")
    for pk, begun, ended, stored in Order.objects.order_by("pk").values_list(*columns).iterator():
        expected = 0
        if begun is not None and ended is None:
            expected = _RUNNING - math.floor(begun.timestamp())
        elif begun is not None:
            expected = max(0, math.floor(ended.timestamp() - begun.timestamp()))
        if abs(expected - stored) > 1:
            yield Difference("I3", f"order {pk} way", str(expected), str(stored))


@verifier("I4", "order lines")
def lines_verify() -> Iterator[Difference]:
    """Yield goods invoiced beyond delivery, or closed beyond what was ordered.

    Orders deliver first and bill then; what may be delivered beyond the order is checked where
    the tolerance is known, in shipping.
    """
    columns = ("order_id", "number", "kind", "quantity", "delivered", "invoiced", "closed")
    rows = OrderLine.objects.exclude(order__origin="imported").order_by("order_id", "number")
    for order_id, number, kind, *figures in rows.values_list(*columns).iterator():
        quantity, delivered, invoiced, closed = figures
        where = f"order {order_id} line {number}"
        if kind in ("goods", "gift", "sample") and invoiced > delivered:
            yield Difference("I4", where, f"invoiced ≤ {delivered}", str(invoiced))
        if not _ZERO <= closed <= quantity:
            yield Difference("I4", where, f"closed ≤ {quantity}", str(closed))


@verifier("I11", "order coordinators")
def coordinators_verify() -> Iterator[Difference]:
    """Yield submitted orders without exactly one CSR, SCR, BCR and SLT member, or a number."""
    names = ("csr_id", "scr_id", "bcr_id", "slt_member_id", "number")
    rows = Order.objects.filter(status__in=_PAST_DRAFT).exclude(origin="imported")
    for pk, *values in rows.order_by("pk").values_list("pk", *names).iterator():
        for name, value in zip(names, values, strict=True):
            if not value:
                yield Difference("I11", f"order {pk}", name.removesuffix("_id"), "none")


@verifier("I11", "order processes")
def processes_verify() -> Iterator[Difference]:
    """Yield orders past their process in which it still stands, and places of cancelled ones."""
    past = Order.objects.filter(pk__in=subjects_open(ORDER)).exclude(status__in=_IN_PROCESS)
    for pk, status in past.order_by("pk").values_list("pk", "status").iterator():
        yield Difference("I11", f"order {pk} {status}", "no open process", "one is open")
    cancelled = Order.objects.filter(status="cancelled").exclude(step="", due_at=None)
    for pk, step in cancelled.order_by("pk").values_list("pk", "step").iterator():
        yield Difference("I11", f"order {pk} cancelled", "no step and no limit", step or "a limit")


@verifier("I9", "order releases")
def releases_verify() -> Iterator[Difference]:
    """Yield released orders without memo, hand-over, or the signatures that their way asks for.

    A company's own process may have no step for memo, OG2 or OG3.
    """
    rows = Order.objects.filter(status__in=("released", "closed")).exclude(origin="imported")
    orders = list(rows.order_by("pk").values_list("pk", "submitted_by_id", "company_id"))
    signed = signatures_by_subject("orders.order")
    steps = steps_by_subject("orders.order")
    memos = set(OrderMemo.objects.values_list("order_id", flat=True))
    handed = set(
        Handover.objects.filter(received_at__isnull=False, handed_by__isnull=False)
        .exclude(received_by="")
        .values_list("order_id", flat=True)
    )
    for pk, submitter, company_id in orders:
        where = f"order {pk}"
        asked = steps.get(pk, _SIGNED)
        if "OA" in asked and pk not in memos:
            yield Difference("I9", where, "an order memo", "none")
        if pk not in handed:
            yield Difference("I9", where, "a received delivery note", "none")
        by_step = signed.get(pk, {})
        for step in sorted(_SIGNED & asked):
            if step != "OA" and not by_step.get(step):
                yield Difference("I9", where, f"a signature of {step}", "none")
        special = by_step.get("ST", set())
        if not by_step.get("MA") and len(special) < parameter_value(company_id, SPECIAL_SIGNATURES):
            yield Difference("I9", where, "MA, or all of ST", f"ST {len(special)}")
        if submitter in by_step.get("MA", set()) | special:
            yield Difference("I9", where, "another signer than the submitter", str(submitter))


@verifier("I11", "order states")
def states_verify() -> Iterator[Difference]:
    """Follow the state of every order through its history; only listed moves may occur."""
    states: dict[int, str] = {}
    entries = AuditEntry.objects.filter(target_type=Order._meta.label_lower)
    rows = entries.order_by("target_id", "sequence").values_list("target_id", "code", "content")
    for pk, code, content in rows.iterator():
        if code == "orders.order.imported":
            states[pk] = "*"
            continue
        after = (json.loads(content).get("after") or {}).get("status", "")
        if code == "orders.order.placed":
            after = "draft"
        elif code == "orders.order.submitted":
            after = "processing"
        before = states.get(pk, "")
        if not after or after == before:
            continue
        if before != "*" and (before, after) not in _MOVES:
            yield Difference("I11", f"order {pk} {code}", f"a move from {before or '-'}", after)
        states[pk] = after
    stored = Order.objects.exclude(origin="imported").order_by("pk").values_list("pk", "status")
    for pk, status in stored.iterator():
        known = states.get(pk, "")
        if known not in ("*", status):
            yield Difference("I11", f"order {pk}", known or "no history", status)
