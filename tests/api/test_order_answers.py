"""The answer of every act of the order API is the order as the next reader finds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from chengdan.modules.credit.services import Bucket, Move, Source, credit_earmark, credit_post
from tests.api.test_orders_api import call, order_body
from tests.fixtures.house import House
from tests.fixtures.play import ORDER, Play

__all__ = ["call"]


@dataclass
class Desk:
    """Does acts, compares each answer with what GET says, and keeps which acts were done."""

    house: House
    call: Callable[..., Any]
    done: set[tuple[str, str]] = field(default_factory=set)

    def act(self, who: str, order: Any, name: str, body: Any = None, method: str = "POST") -> Any:
        place = f"/{order['id']}" if order else ""
        path = f"{place}/{name}" if name else place
        answer = self.call(who, method, f"/orders/orders{path}", body)
        assert answer.status_code in (200, 201), answer.content
        found = answer.json()
        stored = self.call(who, "GET", f"/orders/orders/{found['id']}").json()
        assert {key: stored[key] for key in found} == found, name
        self.done.add((method, path.replace(place, "/{order_id}") if place else path))
        return found

    def approved(self, order: Any, *who: str) -> None:
        play = Play(self.house)
        play.order_id = order["id"]
        for one in who:
            play.decides(one)

    def accepted(self) -> Any:
        order = self.act("order_clerk", None, "", order_body(self.house))
        self.act("order_clerk", order, "submit", {"expected_version": order["version"]})
        self.approved(order, "key_account_manager", "market_manager")
        return self.act("csr", order, "accept", {"customer_told_how": "电话"})


def straight_way(desk: Desk) -> None:
    """Everything that is done with an order that no check stops."""
    body, why = order_body(desk.house), {"reason": "客户要求"}
    order = desk.act("order_clerk", None, "", body)
    desk.act("order_clerk", order, "", body | {"note": "急"}, method="PUT")
    desk.act("order_clerk", order, "copy")
    assert desk.act("order_clerk", order, "submit")["step"] == "OG"
    desk.act("ssg_leader", order, "hold", why)
    desk.act("ssg_leader", order, "resume")
    desk.approved(order, "key_account_manager", "market_manager")
    told = {"customer_told_how": "电话"}
    assert desk.act("csr", order, "accept", told)["step"] == "MA"
    desk.approved(order, "deputy_sales_director")
    desk.act("finance_clerk", order, "print")
    desk.act("csr", order, "hand-over", {"received_by": "刘志强"})
    desk.act("ssg_leader", order, "close", why)
    desk.act("ssg_leader", order, "reopen", why)
    desk.act("ssg_leader", order, "cancel", why)


def ways_out(desk: Desk) -> None:
    """The ways that follow a stop of the credit check."""
    values = {"reason_kind": "fair", "reason": "订货会", "business_record": "近 12 月无逾期"}
    desk.act("region_manager", desk.accepted(), "way/special", values)
    order = desk.accepted()
    desk.act("region_manager", order, "way/pay-first")
    desk.approved(order, "deputy_sales_director")
    receipt, amount = Source("tests.receipt", 1), Decimal(order["gross"]) - 10_000
    who = {"actor": desk.house.system, "customer_id": order["customer_id"]}
    move = Move(Bucket.UNAPPLIED, amount, receipt)
    credit_post(**who, moves=[move], reason="receipt")
    credit_earmark(**who, receipt=receipt, order=Source(ORDER, order["id"]), amount=amount)
    values = {"reason": "余款周五到", "until": "2026-11-30"}
    assert desk.act("deputy_sales_director", order, "shortfall", values)["step"] == "BG"


def offered() -> set[tuple[str, str]]:
    """Every act that answers an order, as the description of the API has it."""
    from chengdan.kernel.http.api import api_make

    paths = api_make("answers").get_openapi_schema(path_prefix="")["paths"]
    found = {(method.upper(), path) for path, by in paths.items() for method in by}
    place = "/orders/orders"
    acts = {(method, path.removeprefix(place)) for method, path in found
            if path.startswith(place) and method != "GET"}  # fmt: skip
    return acts - {("POST", "/{order_id}/amend")}


def test_the_answer_of_every_act_is_what_get_says_right_after_it(
    house: House, call: Callable[..., Any]
) -> None:
    desk = Desk(house, call)
    house.customer("和兴")
    straight_way(desk)
    house.customer("和兴二", limit=5_000)
    house.customers["和兴"] = house.customers["和兴二"]
    ways_out(desk)
    assert desk.done == offered()
