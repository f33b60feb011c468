"""Entering drafts: one, many at once, with everything that may be wrong; changing and copying."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from chengdan.kernel import clock
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.search import search
from chengdan.kernel.transitions import TransitionError
from chengdan.modules.credit.selectors import exposure
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.services import (
    LineDraft,
    OrderDraft,
    draft_of,
    order_cancel,
    order_copy,
    order_place,
    order_update,
    orders_place,
)
from chengdan.modules.people.ownership import Origin
from chengdan.modules.people.services import parameter_change
from tests.fixtures.play import Play


def codes(error: InvalidError) -> set[tuple[str, str, int | None]]:
    return {(item.field, item.code, item.row) for item in error.items}


def test_a_draft_is_priced_summed_and_recorded_and_holds_nothing(play: Play) -> None:
    lines = (
        LineDraft(product_id=play.house.products["HY-0712"], quantity=Decimal(10)),
        LineDraft(product_id=play.house.products["JY-1205"], quantity=Decimal(2), kind="gift"),
        LineDraft(kind="charge", description="运费", price=Decimal("50"), tax_rate=Decimal("0.09")),
        LineDraft(kind="discount", description="返利", price=Decimal("30"),
                  tax_rate=Decimal("0.13")),
    )  # fmt: skip
    play.enters("order_clerk", "和兴", 0, lines=lines, customer_order_number="PO-1")
    order = play.order
    assert (order.status, order.number, order.gross) == ("draft", "", Decimal("1200.00"))
    assert order.gross == order.net + order.tax
    found = [(line.kind, line.gross) for line in order.lines.order_by("number")]
    expected = ["1180.00", "0.00", "50.00", "-30.00"]
    assert found == list(
        zip(("goods", "gift", "charge", "discount"), map(Decimal, expected), strict=True)
    )
    assert order.lines.get(number=1).base_quantity == 120
    assert order.owner_id == play.house.people["key_account_manager"]
    assert play.codes == ["orders.order.placed"]
    assert exposure(order.customer_id) == 0


def test_of_many_drafts_the_good_ones_are_saved_and_the_others_say_why(play: Play) -> None:
    good = play.draft("和兴", 1, customer_order_number="PO-1")
    unknown = replace(good, customer_id=999_999, customer_order_number="")
    other_address = replace(good, ship_to_id=999_999, customer_order_number="")
    odd_unit = replace(
        good,
        customer_order_number="",
        lines=(replace(good.lines[0], unit_of_measure_id=999_999),),
    )
    clerk = play.house.actor("order_clerk")
    found = orders_place(clerk, [good, unknown, other_address, odd_unit, good])
    assert isinstance(found[0], Order)
    wrong = [{(item.field, item.code) for item in found[n]} for n in (1, 2, 3, 4)]  # type: ignore[union-attr]
    assert wrong == [
        {("customer", "unknown")},
        {("ship_to", "unknown")},
        {("unit", "unit")},
        {("customer_order_number", "duplicate")},
    ]
    assert Order.objects.count() == 1


def test_nothing_is_wanted_before_it_was_ordered(play: Play) -> None:
    early = clock.today() - timedelta(days=1)
    draft = play.draft("和兴", 1, requested_on=early)
    draft = replace(draft, lines=(replace(draft.lines[0], requested_on=date(1900, 1, 1)),))
    for wrong in (draft, replace(draft, ordered_on=early)):
        with pytest.raises(InvalidError) as refusal:
            order_place(actor=play.house.actor("order_clerk"), draft=wrong)
        expected = {("requested_on", "past", 1)}
        assert codes(refusal.value) - {("requested_on", "past", None)} == expected
        assert (("requested_on", "past", None) in codes(refusal.value)) == (wrong is draft)
    play.enters("order_clerk", "和兴", 1, requested_on=early, ordered_on=early)
    clerk = play.house.actor("order_clerk")
    with pytest.raises(InvalidError) as refusal:
        order_update(
            actor=clerk, order_id=play.order_id, draft=play.draft("和兴", 1, requested_on=early)
        )
    assert codes(refusal.value) == {("requested_on", "past", None)}


def test_an_order_is_dated_no_further_back_than_the_company_takes(play: Play) -> None:
    clerk, today = play.house.actor("order_clerk"), clock.today()
    oldest = today - timedelta(days=366)
    for day in (date(1900, 1, 1), oldest - timedelta(days=1)):
        with override("en"), pytest.raises(InvalidError) as refusal:
            order_place(actor=clerk, draft=play.draft("和兴", 1, ordered_on=day))
        assert codes(refusal.value) == {("ordered_on", "past", None)}
        assert str(refusal.value.items[0].message) == (
            f"The order is dated {day}; an order may be dated {oldest} or later."
        )
    play.enters("order_clerk", "和兴", 1, ordered_on=oldest)
    parameter_change(
        actor=play.house.system, company_id=play.house.company.pk,
        code=words.ORDERED_ON_DAYS_MAX, text="30", reason="规定",
    )  # fmt: skip
    kept = play.draft("和兴", 2, ordered_on=oldest)
    assert order_update(actor=clerk, order_id=play.order_id, draft=kept).ordered_on == oldest
    older = play.draft("和兴", 2, ordered_on=today - timedelta(days=31))
    with pytest.raises(InvalidError) as refusal:
        order_update(actor=clerk, order_id=play.order_id, draft=older)
    assert codes(refusal.value) == {("ordered_on", "past", None)}


def test_what_is_taken_over_keeps_the_day_it_had(play: Play) -> None:
    day = date(1996, 7, 4)
    draft = play.draft("和兴", 1, ordered_on=day, number="NW-1")
    (made,) = orders_place(play.house.system, [draft], origin=Origin.IMPORTED)
    assert isinstance(made, Order)
    again = replace(draft, ordered_on=date(1996, 7, 3))
    changed = order_update(actor=play.house.system, order_id=made.pk, draft=again)
    assert changed.ordered_on == date(1996, 7, 3)


def test_a_draft_is_recognised_among_what_is_found(play: Play) -> None:
    clerk = play.house.actor("order_clerk")
    play.enters("order_clerk", "和兴", 1)

    def hits() -> list[tuple[str, str]]:
        return [(hit.code, hit.title) for hit in search(clerk, "和兴", kinds=["orders.order"])]

    with override("zh-hans"):
        assert hits() == [(f"草稿 #{play.order_id}", play.order.customer.name)]
    order_cancel(actor=clerk, order_id=play.order_id, reason="重复")
    with override("en"):
        assert hits() == [(f"Cancelled #{play.order_id}", play.order.customer.name)]
    second = play.another().enters("order_clerk", "和兴", 1).submits()
    assert hits()[0] == (second.order.number, second.order.customer.name)


def test_a_customers_own_number_is_used_once_until_cancelled(play: Play) -> None:
    play.enters("order_clerk", "和兴", 1, customer_order_number="PO-7")
    with pytest.raises(InvalidError) as refusal:
        play.another().enters("order_clerk", "和兴", 1, customer_order_number=" PO-7 ")
    assert codes(refusal.value) == {("customer_order_number", "duplicate", None)}
    assert f"草稿 {play.order}" in str(refusal.value.items[0].message)
    play.house.customer("恒泰")
    play.another().enters("order_clerk", "恒泰", 1, customer_order_number="PO-7")


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({"quantity": Decimal(0)}, ("quantity", "positive", 1)),
        ({"quantity": Decimal(-1)}, ("quantity", "positive", 1)),
        ({"price": Decimal(-1)}, ("price", "negative", 1)),
        ({"discount": Decimal("1.01")}, ("discount", "range", 1)),
        ({"tax_rate": Decimal(1)}, ("tax_rate", "range", 1)),
        ({"kind": "bribe"}, ("kind", "invalid", 1)),
        ({"product_id": None}, ("product", "unknown", 1)),
        ({"kind": "charge"}, ("description", "required", 1)),
    ],
)
def test_wrong_lines_are_named_by_row(play: Play, change: dict[str, Any], issue: Any) -> None:
    good = play.draft("和兴", 1)
    draft = replace(good, lines=(replace(good.lines[0], **change),))
    with pytest.raises(InvalidError) as refusal:
        order_place(actor=play.house.actor("order_clerk"), draft=draft)
    assert issue in codes(refusal.value)
    assert not Order.objects.exists()


@pytest.mark.requirement("ORD-18", partly="the doors are tested with the pages and the API")
def test_entering_needs_the_right_and_a_customer_in_scope(play: Play) -> None:
    draft = play.draft("和兴", 1)
    for who in ("warehouse_keeper", "finance_clerk", "auditor"):
        with pytest.raises(ForbiddenError):
            order_place(actor=play.house.actor(who), draft=draft)


def test_a_draft_changes_and_the_second_editor_is_told(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10)
    clerk, draft = play.house.actor("order_clerk"), play.draft("和兴", 12)
    seen = play.order.version
    order = order_update(actor=clerk, order_id=play.order_id, draft=draft, expected_version=seen)
    assert (order.version, order.gross) == (seen + 1, Decimal("1416.00"))
    assert play.codes[-1] == "orders.order.changed"
    with pytest.raises(ConflictError):
        order_update(actor=clerk, order_id=play.order_id, draft=draft, expected_version=seen)
    with pytest.raises(NotFoundError):
        order_update(actor=clerk, order_id=999_999, draft=draft)
    with pytest.raises(InvalidError):
        order_update(actor=clerk, order_id=play.order_id, draft=OrderDraft(customer_id=999_999))
    play.submits()
    with pytest.raises(TransitionError):
        order_update(actor=clerk, order_id=play.order_id, draft=draft)


def test_a_copy_has_the_lines_at_todays_prices_and_no_date_or_number(play: Play) -> None:
    play.enters("order_clerk", "和兴", 10, price=Decimal("115"), customer_order_number="PO-3")
    copy = order_copy(actor=play.house.actor("order_clerk"), order_id=play.order_id)
    assert (copy.customer_order_number, copy.requested_on, copy.gross) == ("", None, 1180)
    assert draft_of(play.order).customer_order_number == "PO-3"
    stranger = play.house.actor("warehouse_keeper")
    with pytest.raises((NotFoundError, ForbiddenError)):
        order_copy(actor=stranger, order_id=play.order_id)
