"""Pages of the orders: success and refusal, and every figure that opens what it counts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.transactions import unguarded
from chengdan.kernel.workcalendar import Pace
from chengdan.modules.orders.models import Amendment, Order
from chengdan.modules.orders.services import order_hold
from chengdan.modules.orders.shown import lines_table
from chengdan.modules.orders.web.listing import OrderList
from chengdan.modules.people.models import RolePermission
from chengdan.modules.process.selectors import inbox
from chengdan.modules.quota.services import CellDraft, quota_cells_set
from tests.fixtures.busy import Busy

BASELINE = Path(__file__).with_name("queries.json")


def text_of(answer: Any, status: int = 200) -> str:
    content: str = answer.content.decode()
    assert answer.status_code == status, content[:1500]
    return content


def grid(*rows: dict[str, Any]) -> str:
    return json.dumps(list(rows))


def form_of(busy: Busy, **values: Any) -> dict[str, Any]:
    code = next(iter(busy.house.products))
    row = {"product": {"id": busy.house.products[code], "code": code}, "quantity": "5"}
    return {
        "customer": busy.house.customers["和兴"],
        "requested_on": (clock.today() + timedelta(days=3)).isoformat(),
        "lines": grid(row),
        **values,
    }


def test_every_page_opens_for_the_people_of_the_company(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    for key in ("order_clerk", "csr", "ssg_leader"):
        client = enter(key)
        for name, pk in busy.orders.items():
            shown = text_of(client.get(reverse("orders:show", args=[pk])))
            assert "strip-band" in shown, name
            text_of(client.get(reverse("orders:history", args=[pk])))
            text_of(client.get(reverse("orders:why", args=[pk])))
        assert "table" in text_of(client.get(reverse("orders:list")))
        assert 'id="workbench"' in text_of(client.get("/"))
    assert 'id="tower"' in text_of(enter("ssg_leader").get(reverse("orders:tower")))


def test_a_stranger_is_sent_away_and_a_keeper_is_refused(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    pk = busy.orders["draft"]
    assert Client().get(reverse("orders:show", args=[pk])).status_code == 302
    keeper = enter("warehouse_keeper")
    assert keeper.get(reverse("orders:create")).status_code == 403
    assert keeper.post(reverse("orders:submit", args=[pk])).status_code == 403
    assert enter("order_clerk").get(reverse("orders:tower")).status_code == 403
    assert enter("order_clerk").get(reverse("orders:show", args=[987654])).status_code == 404


def test_the_form_saves_a_draft_and_shows_what_is_wrong_beside_its_cell(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    client = enter("order_clerk")
    before = Order.objects.count()
    bad = client.post(reverse("orders:create"), form_of(busy, lines=grid({"quantity": "many"})))
    assert "aria-invalid" in text_of(bad, 422) or "errors" in text_of(bad, 422)
    assert Order.objects.count() == before
    answer = client.post(reverse("orders:create"), form_of(busy))
    order = Order.objects.latest("pk")
    assert answer.status_code == 302
    assert answer["Location"] == reverse("orders:show", args=[order.pk])
    assert order.lines.get().quantity == Decimal(5)


def test_every_refusal_of_a_line_names_the_line(busy: Busy, enter: Callable[[str], Client]) -> None:
    client = enter("order_clerk")
    good = json.loads(form_of(busy)["lines"])[0]
    sent = form_of(busy, lines=grid(good, {**good, "quantity": "0"}, {**good, "quantity": "0"}))
    refused = client.post(reverse("orders:create"), sent)
    said = [text for _anchor, _label, text in refused.context["form_page"].summary()]
    assert said == ["第 2 行：数量应大于零。", "第 3 行：数量应大于零。"]
    stops = client.post(reverse("orders:preview"), sent).json()["fragments"]["cd-stops"]
    assert "第 2 行：数量应大于零。" in stops
    assert "第 3 行：数量应大于零。" in stops


def test_the_older_of_two_tabs_keeps_what_was_typed_and_leads_to_the_newest(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    client = enter("order_clerk")
    client.post(reverse("orders:create"), form_of(busy))
    order = Order.objects.latest("pk")
    url = reverse("orders:edit", args=[order.pk])
    sent = form_of(busy, expected_version=order.version)
    assert client.post(url, {**sent, "note": "第一页"}).status_code == 302
    for _time in range(2):
        late = client.post(url, {**sent, "note": "第二页写的备注"})
        page = text_of(late, 409)
        assert "第二页写的备注" in page
        assert f'href="{url}"' in page
        assert "打开最新版本" in page
        assert f'name="expected_version" value="{order.version}"' in page
    assert Order.objects.get(pk=order.pk).note == "第一页"


def test_a_pasted_code_finds_its_product_and_a_day_may_be_short(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    code = list(busy.house.products)[1]
    day = clock.today() + timedelta(days=9)
    row = {"description": code, "quantity": "2", "requested_on": f"{day:%m-%d}"}
    enter("order_clerk").post(reverse("orders:create"), form_of(busy, lines=grid(row)))
    line = Order.objects.latest("pk").lines.get()
    assert line.product_id == busy.house.products[code]
    assert line.requested_on == day


def test_the_preview_answers_amounts_credit_stops_and_saves_nothing(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    before = Order.objects.count()
    data = form_of(busy, customer=busy.house.customers["桂香"])
    data["lines"] = grid(
        {},
        {"product": {"id": next(iter(busy.house.products.values()))}, "quantity": "900"},
    )
    answer = json.loads(text_of(enter("order_clerk").post(reverse("orders:preview"), data)))
    assert answer["rows"][0]["row"] == 2
    assert answer["totals"]["gross"] != "–"
    assert "[CC-4]" in answer["fragments"]["cd-stops"]
    assert "<svg" in answer["fragments"]["cd-credit"]
    assert "桂香" in answer["fragments"]["cd-party"]
    assert Order.objects.count() == before


def test_the_preview_says_at_once_that_the_customers_number_is_used(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    clerk = enter("order_clerk")
    product = {"id": busy.house.products["HY-0712"]}
    data = form_of(busy, customer=busy.house.customers["和兴"], customer_order_number="PO-77")
    data["lines"] = grid({"product": product, "quantity": "5"})
    assert clerk.post(reverse("orders:create"), data).status_code == 302
    made = Order.objects.latest("pk")
    for own, is_said in ((0, True), (made.pk, False)):
        answer = text_of(clerk.post(reverse("orders:preview"), {**data, "draft_id": own}))
        assert ("PO-77" in json.loads(answer)["fragments"]["cd-stops"]) is is_said


def test_the_preview_of_a_line_that_cannot_be_read_shows_no_figures_of_before(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    data = form_of(busy, customer=busy.house.customers["和兴"])
    product = {"id": busy.house.products["HY-0712"]}
    typed = [
        (grid({"product": product, "quantity": "5"}), True),
        (grid({"product": product, "quantity": "五箱"}), False),
    ]
    for data["lines"], is_read in typed:
        answer = json.loads(text_of(enter("order_clerk").post(reverse("orders:preview"), data)))
        fragments = answer["fragments"]
        assert bool(answer["totals"]) is is_read
        assert ("590.00" in fragments["cd-totals"]) is is_read
        assert bool(fragments["cd-credit"]) is is_read
        assert ("数量" in fragments["cd-stops"]) is not is_read
        assert (answer["rows"][0]["gross"] == "590.00") is is_read
    gone = {**data, "lines": "[]"}
    other = {**data, "lines": typed[0][0], "customer": ""}
    for sent in (gone, other, {**data, "lines": "?"}):
        answer = json.loads(text_of(enter("order_clerk").post(reverse("orders:preview"), sent)))
        fragments = answer["fragments"]
        assert (answer["totals"], fragments["cd-credit"]) == ({}, "")
        assert "590.00" not in fragments["cd-totals"]
        assert ("无法" in fragments["cd-stops"]) is (sent["lines"] == "?")


def test_the_preview_shows_what_the_quota_leaves_and_not_what_was_typed(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    house, today = busy.house, clock.today()
    code, product_id = next(iter(house.products.items()))
    draft = CellDraft(
        today, today + timedelta(days=9), limit=Decimal(480), product_id=product_id,
        territory_id=house.territory_id,
    )  # fmt: skip
    quota_cells_set(actor=house.system, company_id=house.company.pk, drafts=[draft])
    shown = []
    for boxes in ("5", "50"):
        row = {"product": {"id": product_id, "code": code}, "quantity": boxes}
        data = form_of(busy, lines=grid(row))
        answer = json.loads(text_of(enter("order_clerk").post(reverse("orders:preview"), data)))
        shown.append(answer["rows"][0]["quota"])
    assert shown == [{"text": "40"}, {"text": "40", "state": "bad"}]


def test_the_list_counts_what_is_left_in_working_time_as_the_inbox_does(busy: Busy) -> None:
    actor = busy.house.actor("deputy_sales_director")
    waiting = inbox(actor)
    left = {
        item.instance.subject_id: item.left
        for item in (*waiting.overdue, *waiting.today, *waiting.later)
    }
    column = next(column for column in OrderList.columns if column.name == "due")
    assert left
    for order in Order.objects.filter(pk__in=left):
        assert column.raw(order) == left[order.pk]
    friday_evening = clock.now() + timedelta(days=(4 - clock.today().weekday()) % 7, hours=12)
    order = Order.objects.filter(pk__in=left)[0]
    order.due_at = friday_evening + timedelta(days=2)
    with clock.at(friday_evening):
        assert column.raw(order).minutes == 0
        order.due_pace = Pace.CLOCK
        assert column.raw(order).minutes == 48 * 60


def test_a_discount_reads_as_percent(busy: Busy) -> None:
    lines = list(Order.objects.filter(lines__isnull=False)[0].lines.all())
    lines[0].discount = Decimal("0.050000")
    column = next(item for item in lines_table(lines).columns if item.name == "discount")
    assert str(column.html(lines[0])) == "5 %"
    lines[0].discount = Decimal(0)
    assert str(column.html(lines[0])) == "–"


def test_a_file_says_what_is_left_as_the_page_does(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    asked = {"_part": "export", "format": "csv"}
    answer = enter("general_manager").get(reverse("orders:list"), asked)
    content = answer.getvalue().decode()
    header = f"filename=\"orders-{clock.today()}.csv\"; filename*=UTF-8''%E8%AE%A2%E5%8D%95-"
    assert header in answer["Content-Disposition"]
    assert re.search(r",余 \d+:\d\d,", content)
    assert "Duration" not in content
    assert re.search(r",\d+\.\d\d,", content)
    assert not re.search(r",\d+\.\d{3,}", content)
    refused = enter("sales_rep").get(reverse("orders:list"), asked)
    assert refused.status_code == 403


def test_an_act_opens_over_the_page_and_comes_back_with_its_errors(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    client = enter("csr")
    url = reverse("orders:hold", args=[busy.orders["within"]])
    over = {"HX-Request": "true", "HX-Target": "cd-dialog-body"}
    assert "hx-post" in text_of(client.get(url, headers=over))
    assert "err" in text_of(client.post(url, {"reason": ""}, headers=over), 422)
    held = client.post(url, {"reason": "客户要求"}, headers=over)
    assert (held.status_code, held["HX-Redirect"]) == (
        204,
        reverse("orders:show", args=[busy.orders["within"]]),
    )
    assert Order.objects.get(pk=busy.orders["within"]).is_held


def test_a_stopped_order_shows_numbers_rule_and_ways_out(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    shown = text_of(
        enter("region_manager").get(reverse("orders:show", args=[busy.orders["stopped"]]))
    )
    assert "[CC-4]" in shown
    order = Order.objects.get(pk=busy.orders["stopped"])
    assert f"{order.credit_over:,.2f}" in shown
    assert reverse("orders:special", args=[order.pk]) in shown


def test_the_total_of_the_list_is_the_sum_of_its_rows(busy: Busy) -> None:
    actor = busy.house.actor("ssg_leader")
    page = OrderList()
    rows = page.queryset(actor)
    totals = list(page.totals(rows, actor))
    assert totals[0].value == sum(order.gross for order in rows)


def test_the_why_of_the_gross_adds_up(busy: Busy) -> None:
    for order in Order.objects.all():
        assert order.gross == sum(line.gross for line in order.lines.all())


def test_every_cell_of_the_tower_opens_as_many_documents_as_it_counts(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    client = enter("ssg_leader")
    with unguarded():
        Order.objects.filter(status="draft").update(step="OG")  # as when it was sent back
    answer = client.get(reverse("orders:tower"))
    cells = [cell for band in answer.context["bands"] for cell in band.cells if cell.count]
    assert sum(cell.count for cell in cells) >= 4
    for cell in cells:
        opened = client.get(cell.url)
        assert len(opened.context["rows"]) == cell.count, cell.code


def test_yesterdays_tile_opens_a_list_that_adds_up_to_it(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    with clock.at(clock.now() + timedelta(days=1)):
        client = enter("order_clerk")
        tile = next(t for t in client.get("/").context["tiles"] if t.is_wide)
        rows = client.get(tile.url).context["rows"]
        listed = Order.objects.filter(pk__in=[row.pk for row in rows])
        gross = sum(order.gross for order in listed)
    assert tile.value.replace(",", "") == f"{gross:.0f}"


def test_the_workbench_counts_my_tasks_and_those_of_my_team(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    mine = enter("deputy_sales_director").get("/").context
    listed = sum(size for _state, _title, size, _rows in mine["groups"])
    assert mine["count"] == listed == int(mine["tiles"][0].value) == 2
    manager = enter("general_manager").get("/").context
    assert {load.name for load in manager["team"]} >= {"周敏"}


def test_the_figures_of_the_team_open_the_tasks_that_they_count(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    """A manager who may not open every document gets the figures without the links."""
    with clock.at(clock.now() + timedelta(days=3)):
        client = enter("general_manager")
        home = client.get("/")
        team, shown = home.context["team"], text_of(home)
        assert home.context["team_opens"]
        assert sum(load.late for load in team) > 0
        wanted = {"": sum(load.count for load in team), "?late=1": home.context["team_sum"][1]}
        for load in team:
            wanted[f"?person={load.user_id}"] = load.count
        for query, count in wanted.items():
            url = reverse("process:team") + query
            assert f'href="{url}"' in shown, query
            assert len(client.get(url).context["rows"]) == count, query
        with unguarded():
            RolePermission.objects.filter(permission="process.instance:view").delete()
        assert reverse("process:team") not in text_of(enter("general_manager").get("/"))
        assert enter("general_manager").get(reverse("process:team")).status_code == 403


def put_on_hold(busy: Busy, order: str) -> int:
    pk = busy.orders[order]
    order_hold(actor=busy.house.actor("csr"), order_id=pk, reason="客户要求暂缓")
    return pk


def test_what_is_on_hold_is_late_neither_for_its_person_nor_for_the_team(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    put_on_hold(busy, "within")
    with clock.at(clock.now() + timedelta(days=3)):
        team = {load.user_id: load for load in enter("general_manager").get("/").context["team"]}
        of_person = team[busy.house.people["deputy_sales_director"]]
        own = enter("deputy_sales_director").get("/").context
    groups = {title: size for _state, title, size, _rows in own["groups"]}
    tile = next(tile for tile in own["tiles"] if tile.url.endswith("?due=overdue"))
    assert groups == {"已逾期": 1, "已挂起": 1}
    assert int(tile.value) == of_person.late == of_person.count == 1


def test_an_order_on_hold_says_so_once_in_one_word(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    pk = put_on_hold(busy, "released")
    client = enter("csr")
    page = text_of(client.get(reverse("orders:show", args=[pk])))
    assert page.count(f'action="{reverse("orders:resume", args=[pk])}"') == 1
    assert "订单已挂起" in page
    assert "暂停" not in page
    url = reverse("orders:hold", args=[pk])
    answers = [
        client.get(url, follow=True),
        client.post(url, {"reason": "再次"}, follow=True),
    ]
    for answer in answers:
        assert answer.redirect_chain == [(reverse("orders:show", args=[pk]), 302)]
        told = [json.loads(str(message))["text"] for message in answer.context["messages"]]
        assert told == ["订单已经挂起。"]


PAGES = {
    "home": ("ssg_leader", "/", ""),
    "list": ("ssg_leader", "orders:list", ""),
    "show": ("ssg_leader", "orders:show", "sent"),
    "create": ("order_clerk", "orders:create", ""),
    "tower": ("ssg_leader", "orders:tower", ""),
    "history": ("ssg_leader", "orders:history", "sent"),
}


def test_no_page_asks_more_queries_than_its_baseline(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    found = {}
    for name, (who, url_name, order) in PAGES.items():
        url = url_name if url_name == "/" else reverse(
            url_name, args=[busy.orders[order]] if order else []
        )  # fmt: skip
        client = enter(who)
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text_of(client.get(url))
        found[name] = len(queries)
    if not BASELINE.is_file():
        BASELINE.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    known = json.loads(BASELINE.read_text())
    assert {name: count for name, count in found.items() if count > known[name]} == {}


def test_an_amendment_tells_its_lines_from_new_ones_by_their_numbers(
    busy: Busy, enter: Callable[[str], Client]
) -> None:
    """A line is put before the old one of the same product: the old one keeps its number."""
    pk = busy.orders["released"]
    client = enter("order_clerk")
    url = reverse("orders:amend", args=[pk])
    form = client.get(url).context["form_page"].form
    lines = form.initial["lines"]
    old = [line.number for line in Order.objects.get(pk=pk).lines.order_by("number")]
    assert [line["number"] for line in lines] == old
    rows = [
        {
            "product": line["product"], "quantity": str(line["quantity"]), "kind": line["kind"],
            "price": str(line["price"]), "number": line["number"],
        }
        for line in lines
    ]  # fmt: skip
    fresh = {**rows[0], "quantity": "2", "number": None}
    data = {
        "reason": "加单", "customer": busy.house.customers["和兴"],
        "expected_version": Order.objects.get(pk=pk).version,
    }  # fmt: skip
    wrong = client.post(
        url, {**data, "lines": grid(fresh, {**rows[0], "quantity": "0"}, *rows[1:])}
    )
    errors = wrong.context["form_page"].form.fields["lines"].cell_errors
    assert {error.row for error in errors} == {2}
    answer = client.post(url, {**data, "lines": grid(fresh, *rows)})
    assert answer.status_code == 302, text_of(answer, answer.status_code)
    wanted = Amendment.objects.get(order_id=pk).content["lines"]
    assert [item["line"] for item in wanted] == [old[-1] + 1, *old]
    assert wanted[0]["quantity"] == "2"
