"""Orders on their way over HTTP: four clients at once, an API request per act.

Numbers that a page would show beside its buttons (the open task, the note of an order) are read
from the database; every act goes through the served API with the token of the person who does it.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from chengdan.config.bench.definitions import short_publish, whole_publish
from chengdan.config.bench.figures import Figure, Report
from chengdan.config.bench.serving import CLIENTS, served
from chengdan.config.bench.ways import QUANTITY, Way, task_open
from chengdan.config.bench.world import BenchWorld
from chengdan.kernel import clock
from chengdan.kernel.http.tokens import token_issue
from chengdan.kernel.http.vocabulary import PERMISSION_TOKEN_OWN, RATE_PER_MINUTE
from chengdan.kernel.parameters import parameter_get, parameter_set
from chengdan.modules.people.services import grant_give

PREFIX = "/api/v1"
CREATED, DONE = 201, 200


class HttpWay(Way):
    """The full way of one order as programs of its people would take it."""

    def __init__(self, world: BenchWorld, customer_id: int, port: int, tokens: dict[str, str]):
        super().__init__(world, customer_id)
        self.tokens = tokens
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, role: str, path: str, values: dict[str, Any]) -> dict[str, Any]:
        """Send an act and return its answer.

        Raises:
            RuntimeError: any other answer than done.
        """
        headers = {
            "Host": "localhost", "Content-Type": "application/json",
            "Authorization": f"Bearer {self.tokens[role]}",
        }  # fmt: skip
        body = json.dumps(values, default=str)
        self.connection.request("POST", PREFIX + path, body=body, headers=headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status not in (DONE, CREATED):
            raise RuntimeError(f"{path}: {answer.status} {content[:300]!r}")
        found: dict[str, Any] = json.loads(content)
        return found

    def decide(self, kind: str, pk: int, role: str) -> None:
        """Approve the step that stands open."""
        (task_id,) = task_open(kind, pk, self.world.people[role])
        self.post(role, f"/process/tasks/{task_id}/decide", {"decision": "approve"})

    def place(self) -> None:
        """Enter five lines."""
        lines = [{"product_id": pk, "quantity": QUANTITY} for pk in self.world.products]
        values = {
            "customer_id": self.customer_id, "lines": lines, "requested_on": clock.today(),
        }  # fmt: skip
        self.order_id = self.post("order_clerk", "/orders/orders", values)["id"]

    def order(self, role: str, verb: str, **values: Any) -> None:
        """Do one of the order's own acts."""
        self.post(role, f"/orders/orders/{self.order_id}/{verb}", values)

    def note(self, role: str, verb: str, **values: Any) -> None:
        """Do one of the delivery note's own acts."""
        self.post(role, f"/shipping/notes/{self.note_id}/{verb}", values)

    def submit(self) -> None:
        """Hand the order to OP."""
        self.order("order_clerk", "submit")

    def accept(self) -> None:
        """OA."""
        self.order("csr", "accept", customer_told_how="电话")

    def print_bill(self) -> None:
        """BG, finance."""
        self.order("finance_clerk", "print")

    def hand_over(self) -> None:
        """BG, to storage and transport; the note is made with it."""
        self.order("csr", "hand-over", received_by="刘志强")
        self.note_find()

    def carrier(self) -> None:
        """CA."""
        self.note("shipping_coordinator", "carrier", carrier="顺达物流")

    def pick(self) -> None:
        """PK, as proposed."""
        self.note("warehouse_keeper", "pick")

    def check(self, role: str) -> None:
        """OQ, one signature."""
        self.note(role, "check")

    def dispatch(self) -> None:
        """DP."""
        self.note("shipping_coordinator", "dispatch", vehicle="粤A·12345")

    def feedback(self) -> None:
        """FB."""
        self.note("shipping_coordinator", "feedback", waybill=f"W{self.note_id}")

    def confirm(self) -> None:
        """CF."""
        self.note("csr", "confirm", signer="罗女士", archive="A3")

    def request(self) -> None:
        """IR."""
        items = [
            {
                "order_id": item.order_id, "line": item.line, "quantity": item.quantity,
                "note_id": item.note_id, "note_line": item.note_line,
            }
            for item in self.items()
        ]  # fmt: skip
        self.invoice_id = self.post("csr_billing", "/billing/invoices", {"items": items})["id"]

    def issue(self) -> None:
        """IV, posted."""
        self.post("finance_clerk", f"/billing/invoices/{self.invoice_id}/issue", {})

    def deliver(self) -> None:
        """IV, signed for by the customer."""
        values = {"signed_by": "李会计"}
        self.post("finance_clerk", f"/billing/invoices/{self.invoice_id}/deliver", values)

    def receive(self) -> None:
        """RC, registered."""
        values = {
            "customer_id": self.customer_id, "amount": self.owed(),
            "received_on": clock.today(), "bank_reference": self.reference(),
        }  # fmt: skip
        self.receipt_id = self.post("finance_clerk", "/billing/receipts", values)["id"]

    def bank(self) -> None:
        """RC, confirmed."""
        self.post("finance_clerk", f"/billing/receipts/{self.receipt_id}/confirm", {})

    def allocate(self) -> None:
        """AL."""
        values = {"parts": [{"invoice_id": self.invoice_id, "amount": self.owed()}]}
        self.post("finance_clerk", f"/billing/receipts/{self.receipt_id}/allocate", values)


def measure_clients(report: Report, world: BenchWorld, quick: bool) -> None:
    """Time orders of four clients, each with a customer of its own, over HTTP."""
    tokens = _tokens(world)
    customers = [world.customer(f"H{number:04}") for number in range(CLIENTS)]
    # First comes what a process and a connection do only once: imports, plans of statements.
    warm, rounds = (1, 1) if quick else (20, 20)
    with served() as (port, _process, _seconds):
        driven = Driven(world, customers, port, tokens)
        for kind, publish, target in (
            ("plain", short_publish, "≥ 8 orders/s"),
            ("full", whole_publish, "≥ 4 orders/s"),
        ):
            publish(world.system)
            driven.rate(kind, warm)
            rate = driven.rate(kind, rounds)
            figure = Figure(f"{kind} way over HTTP, {CLIENTS} clients", [rate], unit="orders/s")
            figure.rows, figure.target = CLIENTS * rounds, target
            figure.note = f"{driven.requests} requests an order"
            report.figures.append(figure)


@dataclass(slots=True)
class Driven:
    """Clients at work, each a thread with a customer of its own.

    Attributes:
        requests: acts of one order.
    """

    world: BenchWorld
    customers: list[int]
    port: int
    tokens: dict[str, str]
    requests: int = 0
    failed: list[BaseException] = field(default_factory=list)

    def rate(self, kind: str, rounds: int) -> float:
        """Let every client do `rounds` orders; return orders a second.

        Raises:
            RuntimeError: an answer other than done.
        """
        start = time.perf_counter()
        threads = [
            threading.Thread(target=self._client, args=(pk, kind, rounds)) for pk in self.customers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failed:
            raise self.failed[0]
        return len(self.customers) * rounds / (time.perf_counter() - start)

    def _client(self, customer_id: int, kind: str, rounds: int) -> None:
        try:
            for _round in range(rounds):
                way = HttpWay(self.world, customer_id, self.port, self.tokens)
                acts = way.full() if kind == "full" else way.short()
                self.requests = len(acts)
                for _name, act in acts:
                    act()
                way.connection.close()
        except Exception as error:
            self.failed.append(error)
        finally:
            connection.close()


def _tokens(world: BenchWorld) -> dict[str, str]:
    """Return a token of every person, with a rate that no bench reaches."""
    most = parameter_get(RATE_PER_MINUTE).maximum
    parameter_set(world.system, world.company.pk, RATE_PER_MINUTE, str(most or 10**6))
    found = {}
    for role, user_id in world.people.items():
        grant_give(
            actor=world.system, company_id=world.company.pk, user_id=user_id, reason="bench",
            starts_on=clock.today(), permission=PERMISSION_TOKEN_OWN, scope="own",
        )  # fmt: skip
        found[role] = token_issue(actor=world.actor(role), name=role, scopes=["*"], days=1)[1]
    return found
