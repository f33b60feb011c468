"""Settled orders of the past with their whole evidence, built in bulk.

Each one has its runs of OP, SP and BC with everybody who acted, delivery note, stock movement,
invoice, receipt and allocation, exactly as the services would have left them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from chengdan.config.demo.past import draft_make
from chengdan.config.demo.season import Chooser, days_make
from chengdan.config.demo.world import Buyer, World, clock_day, words
from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.record import canonical
from chengdan.kernel.errors import InvalidError
from chengdan.kernel.numbering import numbers_take
from chengdan.kernel.transactions import write
from chengdan.modules.billing.models import Invoice
from chengdan.modules.billing.services import HistoryInvoice, HistoryLine, invoices_import
from chengdan.modules.orders.models import Order, OrderLine
from chengdan.modules.orders.services import (
    HistoryOrder,
    OrderDraft,
    OrderEvidence,
    orders_evidence_load,
    orders_history_load,
)
from chengdan.modules.orders.vocabulary import ORDER
from chengdan.modules.people.selectors import order_seats
from chengdan.modules.people.selectors.org import OrderSeats
from chengdan.modules.process.services import RunDone, StepDone, runs_load
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.services import (
    NoteDone,
    OpeningRow,
    notes_history_load,
    stock_opening_load,
)
from chengdan.modules.shipping.vocabulary import NOTE

ORDERS = 1_410
CHUNK = 250
INVOICE = "billing.invoice"
# settled long enough before today that the money has come
QUIET_DAYS = 70


@dataclass(slots=True)
class Case:
    """One order of the past with its persons and moments.

    Attributes:
        at: step → moment at which it was done; "start" when it was submitted.
        by: step → who did it.
    """

    number: str
    buyer: Buyer
    day: date
    draft: OrderDraft
    seats: OrderSeats
    at: dict[str, datetime]
    by: dict[str, Actor]
    paid_on: date
    is_late: bool = False
    order: Order | None = None
    note: DeliveryNote | None = None
    invoice: Invoice | None = None


def evidence_make(world: World) -> None:
    """Make the cases, then load them room by room in chunks."""
    cases = _cases(world)
    _stock_open(world, cases)
    with clock.at(world.now):
        for start in range(0, len(cases), CHUNK):
            chunk = cases[start : start + CHUNK]
            # Each room in a transaction of its own: locks of one rank come before the next.
            _orders(world, chunk)
            _notes(world, chunk)
            _invoices(world, chunk)
            _runs(world, chunk)


# --------------------------------------------------------------------------------------- cases
def _cases(world: World) -> list[Case]:
    first = clock_day(world.start) + timedelta(days=12)
    last = world.today - timedelta(days=QUIET_DAYS)
    days = days_make(world, first, last, world.count(ORDERS, least=12))
    chooser = Chooser(world)
    seats: dict[int, OrderSeats] = {}
    cases = []
    for day in days:
        buyer = chooser.buyer(day)
        place = buyer.city.territory_id
        if place not in seats:
            seats[place] = order_seats(place)
        cases.append(_case(world, chooser, buyer, day, seats[place]))
    # Numbers rise with the time of submission.
    cases.sort(key=lambda case: case.at["start"])
    with write():
        months: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            months[f"{case.day:%y%m}"].append(case)
        for mine in months.values():
            numbers = numbers_take(world.system, world.company.pk, ORDER, mine[0].day, len(mine))
            for case, number in zip(mine, numbers, strict=True):
                case.number = number
    return cases


def _case(world: World, chooser: Chooser, buyer: Buyer, day: date, seats: OrderSeats) -> Case:
    rng = world.rng
    is_late = rng.random() < 0.04
    keepers, inspectors = world.seats["warehouse_keeper"], world.seats["quality_inspector"]
    picker, keeper = rng.sample(keepers, 2)
    by = {
        "start": world.pick(buyer.city.submitters), "OG2": buyer.city.manager_id,
        "OG3": buyer.city.market_manager_id, "OA": seats.csr_id, "MA": buyer.slt_member_id,
        "BG1": world.pick(world.seats["finance_clerk"]), "BG2": seats.csr_id,
        "CA": seats.scr_id, "PK": picker, "OQ1": keeper, "OQ2": world.pick(inspectors),
        "DP": keeper, "FB": seats.scr_id, "CF": seats.csr_id, "IR": seats.bcr_id,
        "IA": world.holder("finance_manager"), "IV1": world.pick(world.seats["finance_clerk"]),
        "IV2": world.pick(world.seats["finance_clerk"]),
    }  # fmt: skip
    moment = world.moment(day)
    at = {"start": moment}
    for step, (least, most) in _PACE.items():
        minutes = rng.randrange(least, most)
        if is_late and step in _SLOW:
            minutes += _SLOW[step]
        moment = world.later(moment, minutes)
        at[step] = moment
    invoice_day = clock_day(at["IV1"])
    due = invoice_day + timedelta(days=buyer.term_days)
    late = buyer.lateness or rng.randrange(-5, 4)
    paid_on = min(max(due + timedelta(days=late), invoice_day), world.today - timedelta(days=2))
    return Case(
        number="", buyer=buyer, day=day, draft=draft_make(world, chooser, buyer, day, "-"),
        seats=seats, at=at, by={step: world.actor(pk) for step, pk in by.items()},
        paid_on=paid_on, is_late=is_late,
    )  # fmt: skip


_PACE = {
    "OG2": (10, 120), "OG3": (10, 150), "OA": (4, 28), "MA": (15, 200), "BG1": (10, 90),
    "BG2": (10, 60), "CA": (10, 90), "PK": (20, 120), "OQ1": (10, 40), "OQ2": (10, 40),
    "DP": (10, 60), "FB": (30, 240), "CF": (480, 1900), "IR": (30, 400), "IA": (30, 300),
    "IV1": (30, 240), "IV2": (240, 1200),
}  # fmt: skip
_SLOW = {"OA": 45, "DP": 900}


# ---------------------------------------------------------------------------------------- rooms
def _batch(day: date) -> str:
    return f"{day:%Y}Q{(day.month + 2) // 3}"


def _stock_open(world: World, cases: Sequence[Case]) -> None:
    """Receive at the start exactly what the cases will take, in one batch per quarter."""
    goods = {good.id: good for good in world.goods}
    wanted: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for case in cases:
        for line in case.draft.lines:
            good = goods[line.product_id or 0]
            batch = _batch(case.day) if good.shelf_life_days else ""
            wanted[good.id, batch] += line.quantity * good.factor
    with clock.at(world.start):
        rows = [
            OpeningRow(
                world.warehouses[0], product_id, quantity, batch,
                world.today + timedelta(days=30) if batch else None,
            )
            for (product_id, batch), quantity in sorted(wanted.items())
        ]  # fmt: skip
        for start in range(0, len(rows), 1000):
            stock_opening_load(world.system, rows[start : start + 1000])


def _orders(world: World, cases: Sequence[Case]) -> None:
    rows = [HistoryOrder(draft=_numbered(case), closed_on=case.paid_on) for case in cases]
    made = orders_history_load(actor=world.system, rows=rows)
    for case, order in zip(cases, made, strict=True):
        if isinstance(order, list):
            raise InvalidError(order)
        case.order = order
    receiver = world.people[world.holder("shipping_coordinator")].display_name
    orders_evidence_load(
        actor=world.system,
        rows=[
            OrderEvidence(
                order_id=_id(case.order),
                seats=case.seats,
                submitted_by=case.by["start"],
                submitted_at=case.at["start"],
                accepted_by=case.by["OA"],
                accepted_at=case.at["OA"],
                memo="按提交内容接收",
                told_how="微信",
                approved_by=case.by["MA"],
                approved_at=case.at["MA"],
                printed_by=case.by["BG1"],
                printed_at=case.at["BG1"],
                handed_by=case.by["BG2"],
                received_by=receiver,
                received_at=case.at["BG2"],
            )
            for case in cases
        ],
    )


def _id(document: Any) -> int:
    return int(document.pk)


def _numbered(case: Case) -> OrderDraft:
    return replace(case.draft, number=case.number)


def _notes(world: World, cases: Sequence[Case]) -> None:
    goods = {good.id: good for good in world.goods}
    lists = words()
    rows = [
        NoteDone(
            order_id=_id(case.order),
            warehouse_id=world.warehouses[0],
            received_at=case.at["BG2"],
            received_by=world.people[case.seats.scr_id].display_name,
            carrier=world.pick(lists["carriers"]),
            station=f"{case.buyer.city.name}站",
            picker=case.by["PK"],
            picked_at=case.at["PK"],
            keeper=case.by["OQ1"],
            inspector=case.by["OQ2"],
            dispatched_at=case.at["DP"],
            waybill=f"NL{world.rng.randrange(10**9):09}",
            coordinator=case.by["FB"],
            fed_back_at=case.at["FB"],
            csr=case.by["CF"],
            confirmed_at=case.at["CF"],
            signer=world.pick(lists["surnames"]) + world.pick(lists["given"]),
            archive=f"签收单 {case.day:%Y-%m}",
            deviation=lists["reasons"]["deviation"] if world.rng.random() < 0.015 else "",
            batches={
                line.product_id or 0: _batch(case.day)
                for line in case.draft.lines
                if goods[line.product_id or 0].shelf_life_days
            },
        )
        for case in cases
    ]
    for case, note in zip(cases, notes_history_load(actor=world.system, rows=rows), strict=True):
        case.note = note


def _invoices(world: World, cases: Sequence[Case]) -> None:
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order__in=[_id(case.order) for case in cases]):
        lines[line.order_id].append(line)
    drafts = []
    for case in cases:
        on = clock_day(case.at["IV1"])
        drafts.append(
            HistoryInvoice(
                customer_id=case.buyer.id,
                number=f"FP{case.number[2:]}",
                invoice_on=on,
                due_on=on + timedelta(days=case.buyer.term_days),
                lines=[
                    HistoryLine(
                        order_id=line.order_id,
                        order_line=line.number,
                        product_id=line.product_id,
                        quantity=line.quantity,
                        gross=line.gross,
                        tax=line.tax,
                        unit_of_measure_id=line.unit_of_measure_id,
                    )
                    for line in lines[_id(case.order)]
                ],
                paid=(f"SK{case.number[2:]}", case.paid_on),
            )
        )
    made = invoices_import(actor=world.system, drafts=drafts)
    for case, invoice in zip(cases, made, strict=True):
        case.invoice = invoice


# ----------------------------------------------------------------------------------------- runs
def _runs(world: World, cases: Sequence[Case]) -> None:
    names = {name: dict(texts) for name, texts in words()["titles"].items()}
    for code, kind, subject, maker in (
        ("op", ORDER, "order", _op), ("sp", NOTE, "note", _sp), ("bc", INVOICE, "invoice", _bc),
    ):  # fmt: skip
        rows = []
        for case in cases:
            document: Any = getattr(case, subject)
            rows.append(
                RunDone(
                    subject_type=kind,
                    subject_id=document.pk,
                    company_id=world.company.pk,
                    unit_id=case.buyer.unit_id,
                    initiator=_initiator(case, code),
                    titles={
                        key: f"{text} {document.number}" for key, text in names[subject].items()
                    },
                    party=case.buyer.name,
                    amount=document.gross,
                    steps=maker(world, case),
                    content=canonical({"number": document.number, "gross": document.gross}),
                )
            )
        runs_load(actor=world.system, code=code, rows=rows)


def _initiator(case: Case, code: str) -> Actor:
    return case.by[{"op": "start", "sp": "CA", "bc": "IR"}[code]]


def _people(case: Case, steps: Sequence[tuple[str, str]]) -> dict[str, StepDone]:
    return {step: StepDone(case.at[before], case.at[step], case.by[step]) for before, step in steps}


def _auto(at: datetime, outcome: str) -> StepDone:
    return StepDone(at, at, outcome=outcome, evidence={"passed": True, "rule": outcome})


def _op(world: World, case: Case) -> dict[str, StepDone]:
    steps = _people(case, [
        ("start", "OG2"), ("OG2", "OG3"), ("OG3", "OA"), ("OA", "MA"), ("MA", "BG1"),
        ("BG1", "BG2"),
    ])  # fmt: skip
    due = world.later(case.at["OG3"], 30)
    breached = due if case.at["OA"] > due else None
    steps["OA"] = StepDone(
        case.at["OG3"], case.at["OA"], case.by["OA"], due_at=due, breached_at=breached
    )
    at = case.at["OA"]
    return steps | {"QC": _auto(at, "orders.qualified"), "AC": _auto(at, "free"),
                    "CC": _auto(at, "within")}  # fmt: skip


def _sp(world: World, case: Case) -> dict[str, StepDone]:
    steps = _people(case, [
        ("BG2", "CA"), ("CA", "PK"), ("PK", "OQ1"), ("OQ1", "OQ2"), ("OQ2", "DP"), ("DP", "FB"),
        ("FB", "CF"),
    ])  # fmt: skip
    due = case.at["BG2"] + timedelta(hours=24)
    breached = due if case.at["DP"] > due else None
    steps["DP"] = StepDone(
        case.at["OQ2"], case.at["DP"], case.by["DP"], due_at=due, breached_at=breached
    )
    return steps | {"SR": _auto(case.at["BG2"], "reserved")}


def _bc(world: World, case: Case) -> dict[str, StepDone]:
    steps = _people(case, [("CF", "IR"), ("IR", "IA"), ("IA", "IV1"), ("IV1", "IV2")])
    paid = max(world.morning(case.paid_on), case.at["IV2"])
    waited = StepDone(case.at["IV2"], paid)
    return steps | {"RC": waited, "AL": _auto(paid, "settled")}
