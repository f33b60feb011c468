"""What an order's pages let people do, sent as a browser sends it, and what they show after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.modules.customers.services import AddressDraft, address_add
from chengdan.modules.orders.models import Amendment, Order
from chengdan.modules.orders.services import amendment_ask, draft_of
from chengdan.modules.process.selectors import open_task_for, step_open
from chengdan.modules.process.services import task_decide
from tests.fixtures.busy import Busy
from tests.fixtures.pages import sends

Enter = Callable[[str], Client]


def form_of(busy: Busy, **values: Any) -> dict[str, Any]:
    code, pk = next(iter(busy.house.products.items()))
    row = {"product": {"id": pk, "code": code}, "quantity": "5"}
    return {
        "customer": busy.house.customers["和兴"], "lines": json.dumps([row]),
        "requested_on": (clock.today() + timedelta(days=3)).isoformat(), **values,
    }  # fmt: skip


def step(busy: Busy, name: str) -> str:
    return step_open("orders.order", busy.orders[name])


def test_the_filled_button_saves_and_submits(busy: Busy, enter: Enter) -> None:
    clerk = enter("order_clerk")
    sent = form_of(busy, next="submit", ship_to_text="广州市天河区")
    assert clerk.post(reverse("orders:create"), sent).status_code == 302
    order = Order.objects.latest("pk")
    assert (order.status, step_open("orders.order", order.pk)) == ("processing", "OG2")
    stopped = clerk.post(
        reverse("orders:create"), form_of(busy, next="submit", requested_on=""), follow=True
    )
    assert Order.objects.latest("pk").status == "draft"
    assert json.dumps("已存为草稿")[1:-1] in stopped.content.decode()


def test_what_is_typed_is_kept_by_itself_and_as_one_draft(busy: Busy, enter: Enter) -> None:
    clerk, count = enter("order_clerk"), Order.objects.count()
    first = clerk.post(reverse("orders:autosave"), form_of(busy)).json()
    assert (first["saved"], Order.objects.count()) == (True, count + 1)
    sent = form_of(busy, note="第二版", **first["values"])
    second = clerk.post(reverse("orders:autosave"), sent).json()
    order = Order.objects.get(pk=second["values"]["draft_id"])
    assert (order.note, order.version, Order.objects.count()) == ("第二版", 2, count + 1)
    assert second["action"] == reverse("orders:edit", args=[order.pk])
    # The older of two tabs keeps what it has and writes nothing over the newer one.
    assert clerk.post(reverse("orders:autosave"), sent).status_code == 409
    wrong = clerk.post(reverse("orders:autosave"), form_of(busy, requested_on="x")).json()
    assert wrong["saved"] is False


def test_several_orders_are_accepted_each_for_itself(busy: Busy, enter: Enter) -> None:
    names = ("first", "second")
    for name in names:
        pk = busy.submit(name, "和兴", 4)
        for who in ("key_account_manager", "market_manager"):
            task = open_task_for("orders.order", pk, "", busy.house.actor(who))
            assert task is not None
            task_decide(actor=busy.house.actor(who), task_id=task.pk, decision="approve")
    ids = [busy.orders[name] for name in (*names, "released")]
    answer = enter("csr").post(reverse("orders:accept_many"), {"ids": ids})
    assert answer.status_code == 302
    assert {step(busy, name) for name in names} == {"MA"}


def test_an_order_goes_on_is_paid_first_and_printed(busy: Busy, enter: Enter) -> None:
    csr, stopped = enter("csr"), busy.orders["stopped"]
    way = reverse("orders:pay_first", args=[stopped])
    assert enter("region_manager").post(way).status_code == 302
    assert (step(busy, "stopped"), Order.objects.get(pk=stopped).pays_first) == ("MA", True)
    pk = busy.orders["within"]
    assert sends(csr, reverse("orders:hold", args=[pk]), reason="等客户确认") == 302
    version = Order.objects.get(pk=pk).version
    resume = reverse("orders:resume", args=[pk])
    assert csr.post(resume, {"expected_version": version - 1}).status_code == 409
    assert csr.post(resume, {"expected_version": version}).status_code == 302
    assert Order.objects.get(pk=pk).is_held is False
    actor = busy.house.actor("deputy_sales_director")
    task = open_task_for("orders.order", pk, "MA", actor)
    assert task is not None
    task_decide(actor=actor, task_id=task.pk, decision="approve")
    finance = enter("finance_clerk")
    assert finance.post(reverse("orders:print_bill", args=[pk])).status_code == 302
    assert step(busy, "within") == "BG2"


def test_what_was_closed_is_opened_again_from_its_page(busy: Busy, enter: Enter) -> None:
    csr, pk = enter("csr"), busy.orders["released"]
    reopen, show = reverse("orders:reopen", args=[pk]), reverse("orders:show", args=[pk])
    assert reopen not in csr.get(show).content.decode()
    assert sends(csr, reverse("orders:close", args=[pk]), reason="客户不要了") == 302
    assert Order.objects.get(pk=pk).status == "closed"
    assert reopen in csr.get(show).content.decode()
    assert sends(csr, reverse("orders:reopen", args=[pk]), reason="") == 422
    assert sends(csr, reverse("orders:reopen", args=[pk]), reason="关错了") == 302
    assert Order.objects.get(pk=pk).status == "released"


def test_a_change_is_told_in_names_and_not_in_ids(busy: Busy, enter: Enter) -> None:
    house, pk = busy.house, busy.orders["released"]
    address = address_add(
        actor=house.system, customer_id=house.customers["和兴"],
        draft=AddressDraft(detail="深圳市南山区科技园"),
    )  # fmt: skip
    draft = draft_of(Order.objects.get(pk=pk))
    fresh = replace(
        draft.lines[0], product_id=house.products["JY-1205"], number=None, quantity=Decimal(3)
    )
    moved = replace(
        draft, ship_to_id=address.pk, requested_on=clock.today() + timedelta(days=9),
        lines=(*draft.lines, fresh),
    )  # fmt: skip
    amendment_ask(actor=house.actor("order_clerk"), order_id=pk, reason="改送深圳", draft=moved)
    amendment = Amendment.objects.latest("pk")
    url = reverse("orders:amendment", args=[amendment.pk])
    shown = enter("order_clerk").get(url).content.decode()
    for text in ("深圳市南山区科技园", "JY-1205", "第 4 行"):
        assert text in shown, text
    assert f">{address.pk}<" not in shown


def test_a_product_is_offered_with_the_customers_price(busy: Busy, enter: Enter) -> None:
    code = next(iter(busy.house.products))
    url = reverse("orders:product_pick")
    asked = {"q": code, "customer": busy.house.customers["和兴"]}
    assert "82.80" in enter("order_clerk").get(url, asked).content.decode()
    assert "82.80" not in enter("order_clerk").get(url, {"q": code}).content.decode()
