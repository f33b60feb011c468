"""Masters and acts over the API, room by room: what is right succeeds, the rest is a problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from chengdan.kernel import clock
from chengdan.kernel.transactions import unguarded
from chengdan.modules.catalog.models import PriceList
from chengdan.modules.customers.models import Contact
from chengdan.modules.customers.vocabulary.rights import CONTACT_VIEW
from chengdan.modules.people.models import RolePermission
from tests.fixtures.billing import BillingHouse
from tests.fixtures.house import House
from tests.fixtures.play import Play

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]


def asker(house: House) -> Ask:
    """Return `ask(who, method, path, body, status)`, which checks the status and the refusal."""
    cache.clear()
    clients: dict[str, Client] = {}

    def ask(who: str, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        if who not in clients:
            clients[who] = Client()
            clients[who].force_login(get_user_model().objects.get(pk=house.people[who]))
        options = {} if method == "get" else {
            "data": body if body is not None else {}, "content_type": "application/json",
        }  # fmt: skip
        answer = getattr(clients[who], method)(f"/api/v1{path}", **options)
        assert answer.status_code == status, (path, answer.content.decode()[:600])
        if status >= 400:
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["code"]
        return answer.json()

    return ask


def test_customers_and_products_are_found_as_on_their_pages(house: House) -> None:
    ask = asker(house)
    pk = house.customer("和兴")
    house.customer("桂香")

    def found(place: str, words: str) -> list[Any]:
        return [item["id"] for item in ask("order_clerk", "get", f"{place}?q={words}")["items"]]

    for words in ("和兴", "hexing", "hx", "和兴 食品"):
        assert found("/customers/customers", words) == [pk]
    assert found("/customers/customers", "nobody") == []
    for words in ("HY-0712", "蚝油", "haoyou"):
        assert found("/catalog/products", words) == [house.products["HY-0712"]]
    ask("order_clerk", "get", f"/catalog/products?q={'x' * 101}", None, 422)


def test_a_customer_is_kept_handed_over_and_reopened(house: House) -> None:
    ask = asker(house)
    pk = house.customer("和兴")
    place = f"/customers/customers/{pk}"
    lead, clerk = "market_manager", "order_clerk"
    contact = ask(clerk, "post", f"{place}/contacts", {"name": "王芳", "job": "采购"}, 201)
    changed = {"name": "王芳芳", "email": "wang@example.com"}
    found = ask(clerk, "put", f"/customers/contacts/{contact['id']}", changed)
    assert (found["name"], "email" in found) == ("王芳芳", False)
    address = ask(clerk, "post", f"{place}/addresses", {"detail": "和兴路 9 号"}, 201)
    ask(clerk, "put", f"/customers/addresses/{address['id']}", {"detail": "和兴路 10 号"})
    assert ask(clerk, "post", f"/customers/addresses/{address['id']}/default")["is_default"]
    second = ask(clerk, "post", f"{place}/addresses", {"detail": "旧仓"}, 201)["id"]
    assert ask(clerk, "post", f"/customers/addresses/{second}/remove") == {"id": second}
    assert ask(clerk, "post", f"/customers/contacts/{contact['id']}/remove")["id"]
    shipping = ask(clerk, "put", f"{place}/shipping", {"carrier": "顺达", "station": "白云站"})
    assert (shipping["carrier"], shipping["station"]) == ("顺达", "白云站")
    ask(clerk, "post", f"{place}/shipping/confirm")
    title = ask(clerk, "put", f"{place}/tax-title", {"tax_number": "91440101MA5CABCDX1"})
    assert title["invoice_kind"] == "special"
    taker = {"owner_id": house.people["sales_rep"], "reason": "调整区域"}
    ask(clerk, "post", f"{place}/hand-over", taker, 403)
    ask(lead, "post", f"{place}/hand-over", taker | {"owner_id": 999_999}, 422)
    assert ask(lead, "post", f"{place}/hand-over", taker)["owner_id"] == taker["owner_id"]
    ask(lead, "post", f"{place}/close", {"reason": "停业"})
    ask(clerk, "post", f"{place}/reopen", {"reason": "复业"}, 403)
    assert ask("csr", "post", f"{place}/reopen", {"reason": "复业"})["status"] != "closed"
    ask("csr", "post", f"{place}/reopen", {"reason": "复业"}, 409)


def test_replacing_a_contact_or_address_can_keep_all_of_it(house: House) -> None:
    ask = asker(house)
    pk = house.customer("和兴")
    main = Contact.objects.get(customer_id=pk)
    kept = {"name": main.name, "email": main.email, "chat_name": "luo-weixin", "note": "周三在"}
    place = f"/customers/contacts/{main.pk}"
    ask("order_clerk", "put", place, kept, 422)
    assert ask("order_clerk", "put", place, kept | {"is_primary": True})["is_primary"]
    main.refresh_from_db()
    assert (main.chat_name, main.note) == ("luo-weixin", "周三在")
    values = {"detail": "和兴路 9 号", "street": "太和镇", "label": "二仓", "province": "广东省"}
    place = f"/customers/customers/{pk}/addresses"
    made = ask("order_clerk", "post", place, values, 201)
    assert (made["label"], "太和镇" in made["one_line"]) == ("二仓", True)
    long = {"detail": "x", "receiver": "长" * 81}
    ask("order_clerk", "post", place, long, 422)
    listed = ask("csr", "get", place)
    assert [row["id"] for row in listed][-1] == made["id"]
    ask("warehouse_keeper", "get", place, None, 403)


def test_addresses_are_open_where_the_pages_show_them(house: House) -> None:
    """The right to see contacts of own customers opens no address of another's."""
    ask, pk = asker(house), house.customer("和兴")
    with unguarded():
        RolePermission.objects.filter(role__code="csr", permission=CONTACT_VIEW).update(scope="own")
    ask("csr", "get", f"/customers/customers/{pk}")
    ask("csr", "get", f"/customers/customers/{pk}/addresses", None, 403)


def test_goods_prices_authority_and_restrictions_are_kept(house: House) -> None:
    ask, keeper = asker(house), "market_department"
    product = house.products["HY-0712"]
    body = {"name": "臻选蚝油 500g", "over_delivery_percent": "2", "note": "新包装"}
    ask("csr", "patch", f"/catalog/products/{product}", body, 403)
    found = ask(keeper, "patch", f"/catalog/products/{product}", body)
    assert (found["name"], found["tax_rate"][:4]) == ("臻选蚝油 500g", "0.13")
    stale = body | {"name": "旧", "expected_version": 0}
    ask(keeper, "patch", f"/catalog/products/{product}", stale, 409)
    ask(keeper, "patch", f"/catalog/products/{product}", {"category_id": 999_999}, 422)
    assert ask(keeper, "post", "/catalog/units", {"code": "kg", "name": "公斤", "decimals": 3}, 201)
    assert {"kg", "box"} <= {unit["code"] for unit in ask("csr", "get", "/catalog/units")}
    top = ask(keeper, "post", "/catalog/categories", {"code": "S", "name": "酱料"}, 201)
    low = {"code": "S1", "name": "蚝油", "parent_code": "S"}
    child = ask(keeper, "post", "/catalog/categories", low, 201)
    assert child["parent_id"] == top["id"]
    moved = {"name": "蚝油类", "parent_id": top["id"]}
    assert ask(keeper, "post", f"/catalog/categories/{child['id']}", moved)["name"] == "蚝油类"
    assert [row["code"] for row in ask("csr", "get", "/catalog/categories")] == ["S", "S1"]
    listed = {"code": "2027", "name": "2027 价", "valid_from": "2027-01-01"}
    made = ask(keeper, "post", "/catalog/price-lists", listed, 201)
    later = listed | {"name": "2027 标准价", "note": "含运费", "expected_version": made["version"]}
    assert ask(keeper, "put", f"/catalog/price-lists/{made['id']}", later)["name"] == later["name"]
    assert PriceList.objects.get(pk=made["id"]).note == "含运费"
    prices = {"prices": [{"product_id": product, "price": "9.90"}]}
    ask(keeper, "post", f"/catalog/price-lists/{made['id']}/prices/replace", prices)
    ask("csr", "post", f"/catalog/price-lists/{made['id']}/prices/replace", prices, 403)
    role = {"role_code": "region_manager", "below_list_percent": "3"}
    given = ask(keeper, "post", "/catalog/authorities", role)
    assert ask(keeper, "post", f"/catalog/authorities/{given['id']}/remove")["id"] == given["id"]
    shut = {"kind": "forbidden", "valid_from": "2026-11-16", "reason": "独家协议",
            "product_id": product, "territory_id": house.territory_id}  # fmt: skip
    made = ask(keeper, "post", "/catalog/restrictions", shut, 201)
    end = {"last_day": "2026-12-31"}
    place = f"/catalog/restrictions/{made['id']}/end"
    assert ask(keeper, "post", place, end)["valid_until"] == "2026-12-31"
    ask("csr", "post", "/catalog/restrictions", shut, 403)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/catalog/restrictions", {"product_id": 1, "customer_id": 999_999}),
        ("/catalog/restrictions", {"product_id": 999_999, "territory_id": 1}),
        ("/catalog/restrictions", {"category_id": 999_999, "territory_id": 999_999}),
        ("/catalog/authorities", {"role_code": "region_manager", "category_id": 999_999}),
        ("/catalog/authorities", {"role_code": "nobody"}),
        ("/catalog/price-lists", {"scope": "region", "territory_ids": [999_999]}),
        ("/catalog/price-lists", {"scope": "customer", "customer_ids": [999_999]}),
        ("/catalog/categories", {"code": "X", "name": "X", "parent_code": "nothing"}),
    ],
)
def test_what_a_master_names_must_be_there(house: House, path: str, body: dict[str, Any]) -> None:
    base: dict[str, dict[str, Any]] = {
        "/catalog/restrictions": {"kind": "forbidden", "valid_from": "2026-11-16", "reason": "x"},
        "/catalog/price-lists": {"code": "N", "name": "N", "valid_from": "2027-01-01"},
    }
    asker(house)("market_department", "post", path, base.get(path, {}) | body, 422)


def test_quota_is_set_changed_and_given_away(house: House) -> None:
    ask, lead = asker(house), "general_manager"
    cell = {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "limit": "720",
            "product_id": house.products["HY-0712"]}  # fmt: skip
    customer = house.customer("和兴")
    body = {"cells": [cell | {"territory_id": house.territory_id},
                      cell | {"customer_id": customer, "limit": "120"}]}  # fmt: skip
    ask("csr", "post", "/quota/cells", body, 403)
    ask(lead, "post", "/quota/cells", {"cells": [cell | {"product_id": 999_999}]}, 422)
    ask(lead, "post", "/quota/cells", {"cells": [cell | {"customer_id": 999_999}]}, 422)
    giving, receiving = ask(lead, "post", "/quota/cells", body)
    place = f"/quota/cells/{giving['id']}"
    ask(lead, "post", f"{place}/limit", {"limit": "900"}, 422)
    wanted = {"limit": "900", "reason": "旺季"}
    assert ask(lead, "post", f"{place}/limit", wanted)["limit"][:3] == "900"
    ask(lead, "post", f"{place}/limit", wanted | {"limit": "1", "expected_version": 0}, 409)
    gift = {"receiving_id": receiving["id"], "quantity": "60", "reason": "促销",
            "consent_by_id": house.people["csr"]}  # fmt: skip
    ask(lead, "post", f"{place}/transfer", gift, 422)
    gift["consent_by_id"] = house.people["region_manager"]
    assert ask(lead, "post", f"{place}/transfer", gift)["limit"][:3] == "840"


def test_quota_is_ended_and_listed_apart(house: House) -> None:
    ask, lead = asker(house), "general_manager"
    cell = {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "limit": "720",
            "product_id": house.products["HY-0712"],
            "territory_id": house.territory_id}  # fmt: skip
    made = ask(lead, "post", "/quota/cells", {"cells": [cell]})[0]
    place, why = f"/quota/cells/{made['id']}", {"reason": "产品填错"}
    assert made["ended_at"] is None
    ask("csr", "post", f"{place}/end", why, 403)
    ask(lead, "post", f"{place}/end", {"reason": " "}, 422)
    ask(lead, "post", f"{place}/end", why | {"expected_version": 0}, 409)
    ended = ask(lead, "post", f"{place}/end", why | {"expected_version": made["version"]})
    assert ended["ended_at"]
    assert ask(lead, "post", f"{place}/end", why, 409)["code"] == "quota_ended"
    limit = {"limit": "900", "reason": "旺季"}
    assert ask(lead, "post", f"{place}/limit", limit, 409)["code"] == "quota_ended"
    new = ask(lead, "post", "/quota/cells", {"cells": [cell]})[0]
    assert new["id"] != made["id"]
    assert [row["id"] for row in ask(lead, "get", "/quota/cells")["items"]] == [new["id"]]
    listed = ask(lead, "get", "/quota/cells?is_ended=true")["items"]
    assert [row["id"] for row in listed] == [made["id"]]
    assert ask(lead, "get", place)["ended_at"] == ended["ended_at"]


def test_a_shortfall_is_released_over_the_api(play: Play) -> None:
    ask = asker(play.house)
    play.house.customer("新客", limit=None, pay_first=True)
    play.enters("order_clerk", "新客", 50).submits().accepted().decides("deputy_sales_director")
    place, body = f"/orders/orders/{play.order_id}", {"reason": "周五到", "until": "2026-11-30"}
    ask("csr", "post", f"{place}/shortfall", body, 403)
    ask("sales_director", "post", f"{place}/shortfall", body, 403)
    ask("deputy_sales_director", "post", f"{place}/shortfall", body | {"until": "2020-01-01"}, 422)
    assert ask("deputy_sales_director", "post", f"{place}/shortfall", body)["step"] == "BG"
    assert ask("csr", "get", f"{place}/amendments")["items"] == []


def test_limits_tasks_and_problems_are_acted_on(play: Play) -> None:
    ask, house = asker(play.house), play.house
    customer = house.customers["和兴"]
    wish = {"limit": "200000", "reason": "旺季", "evidence": "保函"}
    made = ask("finance_clerk", "post", f"/credit/accounts/{customer}/limits", wish, 201)
    place = f"/credit/limits/{made['id']}/withdraw"
    ask("region_manager", "post", place, None, 404)
    assert ask("finance_clerk", "post", place)["status"] == "withdrawn"
    play.enters("order_clerk", "和兴", 5).submits()
    task = ask("key_account_manager", "get", "/process/tasks")["items"][0]
    ask("order_clerk", "post", f"/process/tasks/{task['id']}/urge")
    ask("order_clerk", "post", f"/process/tasks/{task['id']}/urge", None, 422)
    run = f"/process/instances/{task['instance_id']}"
    assert ask("order_clerk", "post", f"{run}/comments", {"text": "急"}, 201)["text"] == "急"
    ask("csr", "post", f"{run}/withdraw", {"reason": "x"}, 403)
    ask("order_clerk", "post", f"{run}/withdraw", {"reason": "客户改单"})
    assert play.order.status == "draft"
    problem = {"title": "回单太慢", "owner_id": house.people["csr"]}
    ask("ssg_leader", "post", "/process/problems", problem | {"owner_id": 999_999}, 422)
    made = ask("ssg_leader", "post", "/process/problems", problem, 201)
    place = f"/process/problems/{made['id']}"
    why = {"explanation": "快递迟", "action": "换快递"}
    ask("sales_rep", "post", f"{place}/explain", why, 404)
    assert ask("csr", "post", f"{place}/explain", why)["state"] == "explained"
    ask("general_manager", "post", f"{place}/verify", {"verification": "已看"})
    assert ask("general_manager", "post", f"{place}/close")["state"] == "closed"
    assert ask("general_manager", "post", f"{place}/reopen", {"reason": "又慢"})["state"] == "open"
    assert [row["id"] for row in ask("csr", "get", "/process/problems")["items"]] == [made["id"]]
    assert ask("csr", "get", place)["number"] == made["number"]


def test_stock_is_drafted_changed_posted_and_goods_leave_without_an_order(depot: Any) -> None:
    house = depot.house
    ask, keeper, product = asker(house), "warehouse_keeper", house.products["HY-0712"]
    line = {"product_id": product, "quantity": "120", "batch": "B1"}
    body = {"kind": "receipt", "warehouse_id": depot.warehouse_id, "lines": [line]}
    ask("csr", "post", "/shipping/stock/drafts", body, 403)
    made = ask(keeper, "post", "/shipping/stock/drafts", body, 201)
    place = f"/shipping/stock/documents/{made['id']}"
    more = body | {"lines": [line | {"quantity": "240"}]}
    ask(keeper, "put", place, more | {"expected_version": 99}, 409)
    assert ask(keeper, "put", place, more)["status"] == "draft"
    assert ask(keeper, "post", f"{place}/post")["status"] == "posted"
    ask(keeper, "post", f"{place}/post", None, 409)
    assert ask(keeper, "get", place)["rows"][0]["batch"] == "B1"
    assert [row["id"] for row in ask(keeper, "get", "/shipping/stock/documents")["items"]] == [
        made["id"]
    ]
    ask(keeper, "get", "/shipping/stock/documents/999999", None, 404)
    gift = {"customer_id": house.customers["和兴"], "reason": "样品",
            "lines": [{"product_id": product, "quantity": "2"}]}  # fmt: skip
    ask(keeper, "post", "/shipping/direct-notes", gift, 403)
    note = ask("shipping_coordinator", "post", "/shipping/direct-notes", gift, 201)
    assert note["is_direct"]
    place = f"/shipping/notes/{note['id']}"
    ask("shipping_coordinator", "post", f"{place}/carrier", {"carrier": "顺达"})
    ask(keeper, "post", f"{place}/pick")
    wrong = {"counts": [{"line": 1, "quantity": "3", "batch": "B1"}]}
    ask("second_keeper", "post", f"{place}/check", wrong, 422)
    right = {"counts": [{"line": 1, "quantity": "2", "batch": "B1"}]}
    ask("second_keeper", "post", f"{place}/check", right)
    store = ask("csr", "get", "/shipping/warehouses", None, 403)
    store = ask(keeper, "get", "/shipping/warehouses")["items"][0]
    house_draft = {"code": "SZ", "name": "深圳仓", "unit_id": store["unit_id"]}
    ask(keeper, "post", "/shipping/warehouses", house_draft, 403)
    made = ask("administrator", "post", "/shipping/warehouses", house_draft, 201)
    place = f"/shipping/warehouses/{made['id']}"
    assert ask("administrator", "put", place, house_draft | {"name": "深圳一仓"})["name"]
    ask("administrator", "put", place, house_draft | {"expected_version": 99}, 409)
    ask("administrator", "put", place, house_draft | {"is_active": False})
    closed = {"kind": "count", "warehouse_id": made["id"], "reason": "盘点",
              "lines": [{"product_id": 1, "quantity": "1"}]}  # fmt: skip
    ask(keeper, "post", "/shipping/stock/drafts", closed, 404)
    ask("administrator", "post", "/shipping/warehouses", house_draft | {"unit_id": 999_999}, 422)


def test_requests_are_dropped_money_given_back_and_figures_read(billing: BillingHouse) -> None:
    house, order = billing.house, billing.order(10)
    ask, clerk = asker(house), "finance_clerk"
    item = {"order_id": order.pk, "line": 1, "quantity": "4"}
    asked = ask("key_account_manager", "post", "/billing/invoices", {"items": [item]}, 201)
    place = f"/billing/invoices/{asked['id']}"
    assert asked["step"] == "IR"
    ask("key_account_manager", "post", f"{place}/submit", None, 403)
    assert ask("csr_billing", "post", f"{place}/submit")["step"] == "IA"
    ask("key_account_manager", "post", f"{place}/cancel", {"reason": "重复"}, 403)
    assert ask(clerk, "post", f"{place}/cancel", {"reason": "重复"})["status"] == "cancelled"
    invoice, receipt = billing.posted(order), billing.money(60)
    place = f"/billing/invoices/{invoice.pk}/collection"
    act = {"kind": "call", "result": "promised"}
    ask("csr_billing", "post", place, act, 422)
    act["promise_on"] = "2026-11-20"
    assert ask("csr_billing", "post", place, act, 201)["promise_on"] == "2026-11-20"
    assert len(ask("csr_billing", "get", place)["items"]) == 1
    place = f"/billing/receipts/{receipt.pk}"
    (proposed,) = ask(clerk, "get", f"{place}/proposal")
    assert proposed["invoice_id"] == invoice.pk
    other = billing.order(10).pk
    ask(clerk, "post", f"{place}/earmark", {"order_id": other, "amount": "60"})
    back = {"order_id": other, "amount": "60", "reason": "客户改主意"}
    ask("csr_billing", "post", f"{place}/unearmark", back, 403)
    assert ask(clerk, "post", f"{place}/unearmark", back)["unapplied"][:2] == "60"
    (row,) = ask(clerk, "get", "/billing/aging")["items"]
    assert row["total"][:3] == "100"
    ask("warehouse_keeper", "get", "/billing/aging", None, 403)
    year = f"first=2026-11-01&last={clock.today():%Y-%m-%d}"
    newest = ask(clerk, "get", f"/billing/remittances?{year}&limit=1")
    oldest = ask(clerk, "get", f"/billing/remittances?{year}&cursor={newest['next']}")
    assert [len(page["items"]) for page in (newest, oldest)] == [1, 1]
    assert oldest["items"][0]["total_seconds"] is None
    assert oldest["next"] is None
    late = f"first=2026-12-01&last={invoice.due_on:%Y-%m-%d}"
    (rate,) = ask(clerk, "get", f"/billing/collection-rate?{late}")
    assert rate["is_below_goal"]
    account = f"/billing/customers/{billing.customer_id}/statement"
    assert ask(clerk, "get", f"{account}?{year}")["closing"][:2] == "40"
    ask(clerk, "get", f"{account}?first=2020-01-01&last=2026-11-01", None, 422)


def test_a_change_names_the_lines_it_changes(play: Play) -> None:
    ask, product = asker(play.house), play.house.products["HY-0712"]
    play.goes_out("和兴", 10)
    place = f"/orders/orders/{play.order_id}/amend"
    line = {"product_id": product, "quantity": "12"}
    body = {
        "customer_id": play.order.customer_id,
        "reason": "追加",
        "lines": [line | {"number": 9}],
    }
    ask("key_account_manager", "post", place, body, 422)
    body["lines"] = [line | {"number": 1}, line | {"product_id": play.house.products["JY-1205"]}]
    made = ask("key_account_manager", "post", place, body, 201)
    assert made["status"] == "processing"
    (listed,) = ask("csr", "get", f"/orders/orders/{play.order_id}/amendments")["items"]
    assert listed["id"] == made["id"]
