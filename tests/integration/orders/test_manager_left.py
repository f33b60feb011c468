"""When the account of the sales manager is closed, who is in charge now answers for the order."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.services import customer_hand_over
from chengdan.modules.orders.process import order_responsible
from chengdan.modules.orders.services import order_accept, order_hold
from chengdan.modules.orders.services.pricing import drafts_price
from chengdan.modules.orders.services.stops import price_approvers
from chengdan.modules.people.models import User
from chengdan.modules.people.selectors import superiors_of
from chengdan.modules.process.models import Task
from tests.fixtures.play import Play, told
from tests.fixtures.succession import leaves, vacates

MANAGER, ABOVE, SUCCESSOR = "key_account_manager", "market_manager", "sales_rep"


def asked() -> list[int | None]:
    """Return who is asked to decide now."""
    return [task.assignee_id for task in Task.objects.filter(state="open")]


def handed_over(play: Play) -> int:
    """Let the customer be handed over to a successor."""
    successor = int(play.house.people[SUCCESSOR])
    customer = play.house.customers["和兴"]
    customer_hand_over(
        actor=play.house.system, customer_id=customer, owner_id=successor, reason="接手"
    )
    return successor


def test_the_check_of_an_order_is_asked_of_who_is_in_charge_now(play: Play) -> None:
    leaves(play.house, MANAGER)
    play.enters("order_clerk", "和兴", 10).submits()
    assert play.order.owner_id == play.house.people[MANAGER]
    assert asked() == [play.house.people[ABOVE]]


def test_an_order_keeps_its_manager_as_long_as_there_is_one(play: Play) -> None:
    order = play.enters("order_clerk", "和兴", 10).submits().order
    successor = handed_over(play)
    assert order_responsible(order, "account_manager") == [play.house.people[MANAGER]]
    leaves(play.house, MANAGER)
    assert order_responsible(order, "account_manager") == [successor]


def test_with_no_region_manager_who_stands_above_who_is_in_charge_corrects(play: Play) -> None:
    order = play.enters("order_clerk", "和兴", 10).submits().order
    successor = handed_over(play)
    vacates(play.house, MANAGER)
    vacates(play.house, "region_manager")
    leaves(play.house, MANAGER)
    above = superiors_of(successor, order.company_id)[:1]
    assert above
    assert order_responsible(order, "area_manager") == above


def test_a_low_price_may_be_covered_by_who_is_in_charge_now(play: Play) -> None:
    actor = play.house.actor("order_clerk")
    above = play.house.people[ABOVE]
    priced = drafts_price(actor, [play.draft("和兴", 10)])[0]
    assert price_approvers(priced) == [play.house.people[MANAGER], above]
    leaves(play.house, MANAGER)
    assert set(price_approvers(priced)) == {above}


def test_a_dry_run_of_a_draft_names_whom_the_order_will_name(play: Play) -> None:
    order = play.enters("order_clerk", "和兴", 10).order
    ahead = {role: order_responsible(order, role) for role in ("csr", "scr", "bcr", "slt_member")}
    assert all(len(found) == 1 for found in ahead.values())
    order = play.submits().order
    assert ahead == {role: order_responsible(order, role) for role in ahead}


def test_notices_of_an_order_reach_who_is_in_charge_now(play: Play) -> None:
    gone = play.enters("order_clerk", "和兴", 10).submits().accepted().order.owner_id
    assert gone in told("orders.accepted")
    successor = handed_over(play)
    leaves(play.house, MANAGER)
    order_hold(actor=play.house.actor("ssg_leader"), order_id=play.order_id, reason="等回话")
    readers = told("orders.held")
    assert successor in readers
    assert gone not in readers


def test_an_accepted_order_is_told_to_who_is_in_charge_now(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10).submits()
    play.decides(MANAGER).decides("market_manager")
    successor, gone = handed_over(play), leaves(play.house, MANAGER)
    order_accept(actor=play.house.actor("csr"), order_id=play.order_id, customer_told_how="电话")
    readers = told("orders.accepted")
    assert successor in readers
    assert gone not in readers


def test_who_closes_an_account_is_told_first_what_the_person_leaves_behind(
    play: Play, client: Client
) -> None:
    play.enters("order_clerk", "和兴", 10).submits()
    manager = play.house.people[MANAGER]
    owned = Customer.objects.filter(owner=manager).exclude(status="closed").count()
    client.force_login(User.objects.get(pk=play.house.people["administrator"]))
    url = reverse("people:user_disable", args=[manager])
    page = client.get(url)
    titles = [str(note.title) for note in page.context["form_page"].notes]
    assert {f"负责 {owned} 个客户", "1 项未完成任务"} < set(titles)
    assert len([title for title in titles if "再无人担任" in title]) == len(titles) - 2
    links = re.findall(r'href="(/[^"]*)"[^>]*>查看', page.content.decode())
    assert links
    assert {client.get(link).status_code for link in links} == {200}
    assert client.post(url, {"reason": "离职", "expected_version": 1}).status_code == 302
