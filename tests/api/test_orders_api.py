"""Orders through the API: success and refusal from one set-up."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from tests.fixtures.house import House

Call = Callable[..., Any]


@pytest.fixture
def call(house: House, client: Any) -> Call:
    """Return a caller: `call("order_clerk", "POST", "/orders/orders", {…})`."""
    from chengdan.kernel.http.tokens import token_issue

    cache.clear()
    secrets: dict[str, str] = {}

    def send(who: str, method: str, address: str, body: Any = None, **headers: str) -> Any:
        if who not in secrets:
            secrets[who] = token_issue(actor=house.actor(who), name=who, scopes=["*"], days=1)[1]
        options: dict[str, Any] = {
            "headers": {"Authorization": f"Bearer {secrets[who]}", **headers}
        }
        if method != "GET":
            options |= {
                "data": json.dumps(body if body is not None else {}),
                "content_type": "application/json",
            }
        return getattr(client, method.lower())(f"/api/v1{address}", **options)

    return send


def order_body(house: House, **values: Any) -> dict[str, Any]:
    return {
        "customer_id": house.customers["和兴"],
        "requested_on": "2026-11-20",
        "lines": [{"product_id": house.products["HY-0712"], "quantity": "100"}],
    } | values


@pytest.mark.parametrize(
    ("name", "value"),
    [("tax_rate", "-1"), ("tax_rate", "-0.01"), ("tax_rate", "1.5"), ("discount", "-0.1"),
     ("discount", "1.01"), ("requested_on", 20261120), ("requested_on", "9999-12-31")],
)  # fmt: skip
def test_a_line_that_cannot_be_is_refused_by_its_field(
    house: House, call: Call, name: str, value: Any
) -> None:
    house.customer("和兴")
    body = order_body(house)
    body["lines"][0][name] = value
    answer = call("order_clerk", "POST", "/orders/orders", body)
    assert answer.status_code == 422
    (found,) = answer.json()["items"]
    assert (found["field"], found["row"]) == (f"lines.{name}", 1)


def test_an_order_of_long_ago_is_refused_by_its_field(house: House, call: Call) -> None:
    house.customer("和兴")
    body = order_body(house, ordered_on="1900-01-01")
    answer = call("order_clerk", "POST", "/orders/orders", body)
    assert answer.status_code == 422
    (found,) = answer.json()["items"]
    assert (found["field"], found["code"]) == ("ordered_on", "past")


def test_an_order_is_entered_submitted_approved_and_accepted(house: House, call: Call) -> None:
    house.customer("和兴")
    answer = call(
        "order_clerk", "POST", "/orders/orders", order_body(house), **{"Idempotency-Key": "a-1"}
    )
    assert answer.status_code == 201, answer.content
    order = answer.json()
    assert order["gross"] == "11800.0000"
    assert order["rows"][0]["price"] == "118.000000"
    again = call(
        "order_clerk", "POST", "/orders/orders", order_body(house), **{"Idempotency-Key": "a-1"}
    )
    assert again.json()["id"] == order["id"]
    assert again["Idempotency-Replayed"] == "true"

    place = f"/orders/orders/{order['id']}"
    assert call("order_clerk", "GET", f"{place}/stops").json()["is_blocked"] is False
    stale = call("order_clerk", "POST", f"{place}/submit", {"expected_version": 9})
    assert stale.status_code == 409
    done = call("order_clerk", "POST", f"{place}/submit", {"expected_version": order["version"]})
    assert done.status_code == 200, done.content
    assert done.json()["status"] == "processing"
    for who in ("key_account_manager", "market_manager"):
        tasks = call(who, "GET", f"/process/tasks?subject_id={order['id']}").json()["items"]
        decided = call(
            who, "POST", f"/process/tasks/{tasks[0]['id']}/decide", {"decision": "approve"}
        )
        assert decided.status_code == 200, decided.content
    accepted = call("csr", "POST", f"{place}/accept", {"customer_told_how": "电话"})
    assert accepted.status_code == 200, accepted.content
    assert accepted.json()["credit_band"] == "within"
    listed = call("csr", "GET", "/orders/orders?limit=1").json()
    assert [item["id"] for item in listed["items"]] == [order["id"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"customer_id": 999999}, "customer"),
        ({"requested_on": "1900-01-01"}, "requested_on"),
        ({"lines": [{"product_id": 999999, "quantity": "1"}]}, "product"),
        ({"lines": [{"quantity": "-1"}]}, "quantity"),
    ],
)
def test_wrong_orders_are_refused_by_field(
    house: House, call: Call, change: dict[str, Any], field: str
) -> None:
    house.customer("和兴")
    answer = call("order_clerk", "POST", "/orders/orders", order_body(house, **change))
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert field in answer.content.decode()


def test_strangers_see_nothing_and_keepers_enter_nothing(house: House, call: Call) -> None:
    house.customer("和兴")
    made = call("order_clerk", "POST", "/orders/orders", order_body(house)).json()
    refused = call("warehouse_keeper", "POST", "/orders/orders", order_body(house))
    assert refused.status_code == 403
    assert call("order_clerk", "GET", "/orders/orders/999999").status_code == 404
    act = call("warehouse_keeper", "POST", f"/orders/orders/{made['id']}/accept")
    assert act.status_code in (403, 404)
