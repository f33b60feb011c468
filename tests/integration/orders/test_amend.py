"""Changing a released order: asked, decided, put into force, never below what has happened."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from chengdan.kernel.errors import ConflictError, InvalidError
from chengdan.kernel.transactions import write
from chengdan.kernel.transitions import TransitionError
from chengdan.modules.credit.selectors import exposure, releases
from chengdan.modules.orders.process import AmendmentSubject
from chengdan.modules.orders.selectors import lines_of
from chengdan.modules.orders.services import Progress, amendment_ask, draft_of, order_progress
from chengdan.modules.orders.services.reserve import ReservationError, prepayment_require
from chengdan.modules.people.models import User
from chengdan.modules.process.models import StepRun
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.process.services import task_decide
from tests.fixtures.play import Play, events_of


def asks(play: Play, boxes: int, **values: Any) -> Any:
    draft = values.pop("draft", None) or play.draft("和兴", boxes, **values)
    return amendment_ask(
        actor=play.house.actor("key_account_manager"), order_id=play.order_id, draft=draft,
        reason="客户追加",
    )  # fmt: skip


def decides(play: Play, amendment: Any, who: str, decision: str = "approve") -> None:
    actor = play.house.actor(who)
    task = open_task_for("orders.amendment", amendment.pk, "", actor)
    assert task is not None, who
    task_decide(actor=actor, task_id=task.pk, decision=decision, comment="看过")


def signed(play: Play, amendment: Any) -> Any:
    decides(play, amendment, "market_manager")
    decides(play, amendment, "deputy_sales_director")
    amendment.refresh_from_db()
    return amendment


def test_no_change_asks_for_a_delivery_before_the_order(play: Play) -> None:
    play.goes_out("和兴", 10)
    with pytest.raises(InvalidError) as refusal:
        asks(play, 30, requested_on=play.order.ordered_on - timedelta(days=1))
    assert [(item.field, item.code) for item in refusal.value.items] == [("requested_on", "past")]


def test_who_decides_sees_what_changes_and_what_the_check_said_in_the_own_language(
    play: Play,
) -> None:
    play.goes_out("和兴", 10)
    amendment = asks(play, 30)
    actor = play.house.actor("market_manager")
    task = open_task_for("orders.amendment", amendment.pk, "", actor)
    assert task is not None
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(pk=actor.user_id))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(reverse("process:task", args=[task.pk])).content.decode()
    table = page.partition("What changes")[2].partition("</section>")[0]
    assert re.search(r"Line 1 · Quantity.*?>10<.*?>30<", table, re.DOTALL), table
    assert "Credit suffices for the change" in page


def test_actions_after_each_other_change_the_same_order(play: Play) -> None:
    play.goes_out("和兴", 10)
    amendment = asks(play, 30)
    with write():
        subject = AmendmentSubject.locked(amendment.pk)
        assert subject.renewed(amendment.pk).order is subject.order


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_a_settled_change_still_shows_what_it_was_about(play: Play, decision: str) -> None:
    play.goes_out("和兴", 10)
    amendment = asks(play, 30)
    decides(play, amendment, "market_manager")
    decides(play, amendment, "deputy_sales_director", decision)
    # Another change later does not alter what this one said.
    signed(play, asks(play, 40))
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(pk=play.house.actor("market_manager").user_id))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(reverse("orders:amendment", args=[amendment.pk])).content.decode()
    table = page.partition("What changes")[2].partition("</section>")[0]
    assert re.search(r"Before.*Line 1 · Quantity.*?>10<.*?>30<", table, re.DOTALL), table


@pytest.mark.requirement("ORD-12", partly="that print and shipping wait is tested in shipping")
def test_the_approved_version_stays_in_force_until_the_change_is_approved(play: Play) -> None:
    play.goes_out("和兴", 10)
    amendment = asks(play, 30)
    assert (play.order.gross, amendment.difference) == (Decimal(1180), Decimal(2360))
    assert exposure(play.order.customer_id) == Decimal(3540)
    assert all(line.is_frozen for line in lines_of([play.order_id])[play.order_id])
    with pytest.raises(ConflictError):
        asks(play, 40)
    decides(play, amendment, "market_manager")
    assert play.order.gross == Decimal(1180)
    decides(play, amendment, "deputy_sales_director")
    amendment.refresh_from_db()
    assert (amendment.status, play.order.gross) == ("applied", Decimal(3540))
    assert exposure(play.order.customer_id) == Decimal(3540)
    assert play.codes[-1] == "orders.order.amended"
    assert events_of("orders.amended") == [{"order_id": play.order_id}]
    assert not lines_of([play.order_id])[play.order_id][0].is_frozen


def test_a_refused_change_leaves_order_and_credit_as_they_were(play: Play) -> None:
    play.goes_out("和兴", 10)
    amendment = asks(play, 30)
    decides(play, amendment, "market_manager", "refuse")
    amendment.refresh_from_db()
    assert (amendment.status, play.order.gross) == ("refused", Decimal(1180))
    assert exposure(play.order.customer_id) == Decimal(1180)
    assert signed(play, asks(play, 5)).status == "applied"
    assert exposure(play.order.customer_id) == Decimal(590)


def test_a_change_refused_at_once_says_why_before_and_after(play: Play) -> None:
    play.goes_out("和兴", 100)
    order = play.order
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(pk=play.house.actor("key_account_manager").user_id))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    line = {
        "product": play.house.products["HY-0712"], "quantity": "2000", "kind": "goods",
        "price": "118", "number": 1,
    }  # fmt: skip
    data = {
        "reason": "more", "customer": order.customer_id, "expected_version": order.version,
        "requested_on": str(order.requested_on), "lines": json.dumps([line]),
    }  # fmt: skip
    short = "The credit limit does not suffice for the change: 136,000.00 too much"
    preview = client.post(reverse("orders:amend_preview", args=[order.pk]), data).json()
    assert short in preview["fragments"]["cd-stops"]
    answer = client.post(reverse("orders:amend", args=[order.pk]), data, follow=True)
    page = answer.content.decode()
    assert "The check refused the change" in page
    assert "Change submitted" not in page
    assert f"<b>{short}</b>" in page
    shown = client.get(reverse("orders:show", args=[order.pk])).content.decode()
    table = shown.partition("Changes of the order")[2].partition("</section>")[0]
    assert "does not suffice for the change" in table


def test_what_a_check_found_is_read_in_the_language_of_the_reader(play: Play) -> None:
    play.goes_out("和兴", 10)
    with override("en"):
        amendment = asks(play, 12, price=Decimal(1))
    assert amendment.status == "refused"
    run = StepRun.objects.get(
        instance__subject_type="orders.amendment", instance__subject_id=amendment.pk, code="AQ"
    )
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(pk=play.house.actor("key_account_manager").user_id))
    said = {
        "zh-hans": ("第 1 行低于您可给的价格", "要价 1.00"),
        "en": ("Line 1 is below the price you may give", "1.00 asked"),
    }
    for language, other in (("zh-hans", "en"), ("en", "zh-hans")):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        for name, pk in (("orders:amendment", amendment.pk), ("process:step_evidence", run.pk)):
            shown = client.get(reverse(name, args=[pk])).content.decode()
            assert all(words in shown for words in said[language]), name
            assert not any(words in shown for words in said[other]), name


def test_what_is_wrong_with_a_change_is_said_before_anybody_decides(play: Play) -> None:
    play.goes_out("和兴", 10)
    with pytest.raises(InvalidError):
        asks(play, 10)
    with pytest.raises(InvalidError):
        asks(play, 0)
    with pytest.raises(InvalidError):
        amendment_ask(
            actor=play.house.actor("key_account_manager"), order_id=play.order_id,
            draft=play.draft("和兴", 12), reason="",
        )  # fmt: skip
    other = play.another().enters("order_clerk", "和兴", 1)
    with pytest.raises(TransitionError):
        asks(other, 2)


def test_a_change_beyond_the_limit_is_refused_and_one_slightly_over_is_released(play: Play) -> None:
    play.goes_out("和兴", 100)
    assert asks(play, 2_000).status == "refused"
    assert exposure(play.order.customer_id) == Decimal(11_800)
    amendment = asks(play, 1_000)
    assert amendment.status == "processing"
    signed(play, amendment)
    assert exposure(play.order.customer_id) == Decimal(118_000)
    found = [item for item in releases(play.order.customer_id) if not item.is_pending]
    assert found[0].amount == Decimal(18_000)


def test_a_change_never_falls_below_what_is_delivered(play: Play) -> None:
    play.goes_out("和兴", 10)
    amendment = asks(play, 6)
    play.is_whole = False
    order_progress(
        actor=play.house.system, order_id=play.order_id,
        progress=[Progress(1, delivered=Decimal(4))],
    )  # fmt: skip
    signed(play, amendment)
    assert (play.order.gross, exposure(play.order.customer_id)) == (Decimal(708), Decimal(708))
    with pytest.raises(InvalidError) as refusal:
        asks(play, 3)
    assert [(item.row, item.rule) for item in refusal.value.items] == [(1, "AM-1")]
    with pytest.raises(InvalidError):
        asks(play, 10, product="JY-1205")


def test_a_line_is_added_and_another_taken_away(play: Play) -> None:
    play.goes_out("和兴", 10)
    two = play.draft("和兴", 10)
    first = two.lines[0]
    more = replace(first, product_id=play.house.products["JY-1205"])
    signed(play, asks(play, 0, draft=replace(two, lines=(first, more))))
    assert [line.number for line in play.order.lines.order_by("number")] == [1, 2]
    signed(play, asks(play, 0, draft=replace(two, lines=(first,))))
    assert play.order.lines.count() == 1
    assert exposure(play.order.customer_id) == Decimal(1180)


@pytest.mark.requirement("CRD-07")
def test_an_order_that_pays_first_grows_and_promises_what_it_grew_by(play: Play) -> None:
    """The change waits for no money, the goods do; what went back is promised no more."""
    from tests.integration.orders.test_ways import pays

    play.enters("order_clerk", "和兴", 10, pays_first=True).submits().accepted()
    play.decides("deputy_sales_director")
    pays(play, Decimal(1180))
    play.released()
    prepayment_require(play.order)
    assert signed(play, asks(play, 20)).status == "applied"
    assert exposure(play.order.customer_id) == 0
    with pytest.raises(ReservationError, match=r"1,180\.00"):
        prepayment_require(play.order)
    pays(play, Decimal(1000))
    with pytest.raises(ReservationError, match=r"180\.00"):
        prepayment_require(play.order)
    signed(play, asks(play, 18))
    prepayment_require(play.order)
    assert exposure(play.order.customer_id) == 0


def three_lines(play: Play) -> tuple[Any, list[Any]]:
    """A released order of three products, the last of which has left already."""
    base = play.draft("和兴", 10)
    wanted = [
        replace(base.lines[0], product_id=play.house.products[code])
        for code in ("HY-0712", "JY-1205", "CU-1205")
    ]
    play.goes_out("和兴", 10, lines=tuple(wanted))
    play.is_whole = False
    order_progress(
        actor=play.house.system, order_id=play.order_id,
        progress=[Progress(3, delivered=Decimal(10))],
    )  # fmt: skip
    draft = draft_of(play.order)
    return draft, list(draft.lines)


def stands(play: Play) -> list[tuple[int, str]]:
    rows = play.order.lines.order_by("number")
    return list(rows.values_list("number", "product__code"))


def test_a_middle_line_goes_although_a_later_one_was_delivered(play: Play) -> None:
    draft, (first, second, third) = three_lines(play)
    new = replace(second, number=None, quantity=Decimal(7))
    signed(play, asks(play, 0, draft=replace(draft, lines=(first, third, new))))
    assert stands(play) == [(1, "HY-0712"), (3, "CU-1205"), (4, "JY-1205")]
    assert play.order.lines.get(number=3).delivered == Decimal(10)
    # Without numbers the lines still stand for the order's own in turn, gaps and all.
    plain = [replace(line, number=None) for line in draft_of(play.order).lines]
    more = replace(plain[2], quantity=Decimal(9))
    signed(play, asks(play, 0, draft=replace(draft, lines=(plain[0], plain[1], more))))
    assert stands(play) == [(1, "HY-0712"), (3, "CU-1205"), (4, "JY-1205")]
    assert play.order.lines.get(number=4).quantity == Decimal(9)


def test_fewer_lines_without_numbers_are_known_by_their_product(play: Play) -> None:
    draft, (first, _second, third) = three_lines(play)
    plain = tuple(replace(line, number=None) for line in (first, third))
    signed(play, asks(play, 0, draft=replace(draft, lines=plain)))
    assert stands(play) == [(1, "HY-0712"), (3, "CU-1205")]


def test_a_delivered_line_is_not_taken_away_and_numbers_must_be_the_orders(play: Play) -> None:
    draft, (first, second, third) = three_lines(play)
    with pytest.raises(InvalidError) as refusal:
        asks(play, 0, draft=replace(draft, lines=(first, second)))
    assert [(item.row, item.rule) for item in refusal.value.items] == [(3, "AM-1")]
    for wrong in (replace(second, number=9), replace(second, number=1)):
        with pytest.raises(InvalidError) as refusal:
            asks(play, 0, draft=replace(draft, lines=(first, wrong, third)))
        assert {item.field for item in refusal.value.items} == {"number"}
