"""What the pages show of an order that the credit check did not let pass, and of its way round."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from chengdan.kernel import clock
from chengdan.kernel.search.commands import commands_find
from chengdan.kernel.transactions import unguarded
from chengdan.modules.orders.services import (
    order_print_bill,
    order_way_pay_first,
    order_way_special,
)
from chengdan.modules.people.models import User
from chengdan.modules.people.services import deputy_name
from chengdan.modules.process.errors import OwnDocumentError
from chengdan.modules.process.selectors import instances_of, open_task_for
from chengdan.modules.process.services import process_withdraw
from chengdan.modules.process.subjects import ProcessSubject, subject_load
from tests.fixtures.play import ORDER, Play, told
from tests.integration.orders.test_ways import GROSS, pays

LEADERS = ("general_manager", "sales_director", "deputy_sales_director")
RECORD = "近 12 月无逾期"
WAY_ROUND = "先款后货或特别处理"
RELEASED = "经特别处理放行"
STOPPED = "信用检查未通过"


@pytest.fixture
def stopped(play: Play) -> Play:
    """An order far beyond its customer's limit, whose way is not chosen yet."""
    play.house.customer("桂香", limit=5_000)
    return play.enters("order_clerk", "桂香", 100).submits().accepted()


def page(play: Play, who: str, url: str) -> str:
    client = Client()
    with unguarded():
        client.force_login(User.objects.get(pk=play.house.people[who]))
    answer = client.get(url)
    content: str = answer.content.decode()
    assert answer.status_code == 200, content[:1500]
    return content


def order_page(play: Play, who: str = "csr") -> str:
    return page(play, who, reverse("orders:show", args=[play.order_id]))


def inbox_page(play: Play, who: str) -> str:
    task = open_task_for(ORDER, play.order_id, "", play.house.actor(who))
    assert task is not None
    return page(play, who, reverse("process:task", args=[task.pk]))


def applies(play: Play) -> None:
    order_way_special(
        actor=play.house.actor("region_manager"), order_id=play.order_id, reason_kind="fair",
        reason="秋季订货会", business_record=RECORD,
    )  # fmt: skip


def row_of(content: str, code: str) -> str:
    """Return the row of a check in the results."""
    found = re.search(rf"<tr><td>{code} .*?</tr>", content, re.DOTALL)
    assert found is not None, code
    return found.group()


def test_a_check_that_leads_to_a_way_round_is_not_shown_as_passed(stopped: Play) -> None:
    content = inbox_page(stopped, "region_manager")
    assert "is-done" in row_of(content, "QC")
    checked = row_of(content, "CC")
    assert "is-late" in checked
    assert WAY_ROUND in checked
    assert "通过<" not in checked


def row_with(stopped: Play, url_name: str) -> str:
    """Return the row of the order in a list."""
    content = page(stopped, "general_manager", reverse(url_name))
    return next(row for row in content.split("<tr") if stopped.order.number in row)


def test_the_signers_read_the_request_and_who_signed_before_them(stopped: Play) -> None:
    applies(stopped)
    history = inbox_page(stopped, LEADERS[0]).partition("pane-act")[2]
    assert "“秋季订货会”" in history
    stopped.decides(LEADERS[0], comment="同意，限本次")
    for content in (inbox_page(stopped, LEADERS[1]), order_page(stopped)):
        assert 'id="special"' in content
        for words in ("订货会", "秋季订货会", RECORD, "同意，限本次", "尚未决定"):
            assert words in content


def test_a_released_order_shows_who_released_it_and_no_stop(stopped: Play) -> None:
    assert STOPPED in order_page(stopped)
    applies(stopped)
    for who in LEADERS:
        stopped.decides(who)
    content = order_page(stopped)
    assert STOPPED not in content
    assert RELEASED in content
    for who in LEADERS:
        assert str(User.objects.get(pk=stopped.house.people[who])) in content
    assert f'title="{WAY_ROUND}"' in content
    content = inbox_page(stopped, "finance_clerk")
    assert RELEASED in content
    listed = row_with(stopped, "orders:list")
    assert RELEASED in listed
    assert "is-late" not in listed
    row = content[content.index('class="item on"') :].partition("</a>")[0]
    assert "6,800.00" in row
    assert "is-late" not in row
    stopped.released()
    assert RECORD in order_page(stopped)


def test_a_refused_request_stays_readable_and_the_payment_is_seen(stopped: Play) -> None:
    applies(stopped)
    stopped.decides("sales_director", "refuse", "风险大")
    content = order_page(stopped)
    for words in (RECORD, "风险大"):
        assert words in content
    assert RELEASED not in content
    stopped.decides("deputy_sales_director")
    assert "先款已到账" not in order_page(stopped)
    pays(stopped, GROSS)
    assert "先款已到账" in order_page(stopped)


def test_an_order_that_is_paid_first_shows_no_stop_any_more(stopped: Play) -> None:
    order_way_pay_first(
        actor=stopped.house.actor("region_manager"), order_id=stopped.order_id
    )  # fmt: skip
    content = order_page(stopped)
    assert STOPPED not in content
    assert 'id="special"' not in content


@pytest.mark.parametrize(
    ("step", "who", "name"),
    [("OA", "csr", "accept"), ("WAY", "region_manager", "show"), ("BG1", "finance_clerk", "show"),
     ("BG2", "csr", "hand_over")],
)  # fmt: skip
def test_what_only_the_order_can_finish_is_opened_there(
    play: Play, step: str, who: str, name: str
) -> None:
    customer, boxes = "和兴", 10
    if step == "WAY":
        play.house.customer("桂香", limit=5_000)
        customer, boxes = "桂香", 100
    play.enters("order_clerk", customer, boxes).submits()
    if step == "OA":
        play.decides("key_account_manager").decides("market_manager")
    else:
        play.accepted()
    if step.startswith("BG"):
        play.decides("deputy_sales_director")
    if step == "BG2":
        order_print_bill(actor=play.house.actor("finance_clerk"), order_id=play.order_id)
    assert play.stands_at == step
    content = inbox_page(play, who)
    assert 'value="done"' not in content
    assert 'value="return"' in content
    url = reverse(f"orders:{name}", args=[play.order_id])
    assert f'btn-primary btn-tall btn-block" href="{url}"' in content
    page(play, who, url)


def test_a_returned_order_asks_for_one_thing_to_submit_it(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits()
    play.decides("key_account_manager", "return", "地址不对")
    content = page(play, "order_clerk", reverse("orders:show", args=[play.order_id]))
    acts = content[content.index('<div class="acts">') :].partition("</div></div>")[0]
    primary = re.findall(r'class="btn btn-primary[^>]*>(?:<svg.*?</svg>)?([^<]+)', acts)
    assert primary == ["提交"]
    assert "处理" not in acts


def lends(play: Play, deputy: str) -> None:
    """Let somebody sign today for the key-account manager."""
    people = play.house.people
    deputy_name(
        actor=play.house.actor("key_account_manager"),
        principal_id=people["key_account_manager"], deputy_id=people[deputy],
        starts_on=clock.today(), ends_on=clock.today(), consent_text="电话同意 09:12",
    )  # fmt: skip


def test_who_may_not_decide_at_all_is_offered_no_decision(play: Play) -> None:
    lends(play, "order_clerk")
    play.enters("order_clerk", "和兴", 10).submits()
    content = inbox_page(play, "order_clerk")
    assert str(OwnDocumentError.default_message) in content
    for decision in ("approve", "return", "refuse"):
        assert f'value="{decision}"' not in content
        assert f'value="{decision}"' in inbox_page(play, "key_account_manager")


@pytest.mark.requirement("ORG-20")
def test_the_orders_own_page_and_history_name_deputy_principal_and_consent(play: Play) -> None:
    people = play.house.people
    lends(play, "sales_rep")
    play.enters("order_clerk", "和兴", 10).submits().decides("sales_rep")
    principal = User.objects.get(pk=people["key_account_manager"]).display_name
    for name in ("show", "history"):
        text = page(play, "order_clerk", reverse(f"orders:{name}", args=[play.order_id]))
        assert re.search(f"OG2? ?代 {principal} 批准，同意：电话同意 09:12", text)


@pytest.mark.parametrize("mail", ["", "buyer@hexing.cn"])
def test_how_the_customer_was_told_is_required_where_no_mail_goes(
    play: Play, monkeypatch: pytest.MonkeyPatch, mail: str
) -> None:
    for place in ("web.acts", "services.op"):
        monkeypatch.setattr(f"chengdan.modules.orders.{place}.mail_address", lambda _pk: mail)
    play.enters("order_clerk", "和兴", 10).submits()
    play.decides("key_account_manager").decides("market_manager")
    client = Client()
    client.force_login(User.objects.get(pk=play.house.people["csr"]))
    url = reverse("orders:accept", args=[play.order_id])
    field = client.get(url).context["form_page"].form.fields["customer_told_how"]
    assert field.required is not bool(mail)
    answer = client.post(url, {"customer_told_how": ""})
    assert answer.status_code == (302 if mail else 422)


def test_remarks_offered_fit_the_document(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits()
    subject = subject_load(ORDER, play.order_id)
    assert subject.replies() == ["价格请再核。", "请先款后货。"]
    assert ProcessSubject.replies(subject) == [], "others say nothing about prices"


def test_taking_an_order_back_is_told_as_that(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits()
    run = instances_of(ORDER, play.order_id)[0]
    process_withdraw(actor=play.house.actor("order_clerk"), instance_id=run.pk, reason="客户改单")
    text = page(play, "order_clerk", reverse("orders:history", args=[play.order_id]))
    assert "订单被提交人撤回" in text
    assert "客户改单" in text
    assert "订单退回修改" not in text
    assert told("orders.withdrawn")
    assert not told("orders.returned")


@pytest.mark.parametrize("wanted", ["新建订单", "新建 订单", "订单", "xjdd", "xinjiandingdan"])
def test_the_search_finds_what_may_be_begun(play: Play, wanted: str) -> None:
    def found(who: str) -> list[str]:
        return [item.url for item in commands_find(play.house.actor(who), wanted) if item.is_new]

    assert found("order_clerk") == [reverse("orders:create")]
    assert found("warehouse_keeper") == []


@pytest.mark.parametrize(("missing", "is_offered"), [("11800", False), ("10000", True)])
def test_a_shortfall_is_offered_with_its_figures_only_when_it_can_be_released(
    stopped: Play, missing: str, is_offered: bool
) -> None:
    actor = stopped.house.actor("region_manager")
    order_way_pay_first(actor=actor, order_id=stopped.order_id)
    stopped.decides("deputy_sales_director")
    if paid := GROSS - Decimal(missing):
        pays(stopped, paid)
    content = order_page(stopped, "deputy_sales_director")
    url = reverse("orders:shortfall", args=[stopped.order_id])
    figures = [f"{Decimal(missing):,.2f}", "10,000.00"]
    assert (url in content) == is_offered
    for text in (content, page(stopped, "deputy_sales_director", url)):
        assert all(figure in text for figure in figures)
