"""What is given beside the prices of lines (discount lines, free goods) needs authority too."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chengdan.modules.orders.services import LineDraft, StoppedError
from chengdan.modules.orders.services.submit import order_stops
from chengdan.modules.orders.vocabulary import FREE_GOODS_COUNT, LineKind
from chengdan.modules.people.services import parameter_change
from tests.fixtures.play import Play
from tests.integration.orders.test_quota_in_orders import cell_of

# Ten boxes at 118.00; the market manager may go down to the floor, five percent lower.
GOODS, WITHIN, BEYOND = Decimal(1180), Decimal(59), Decimal(60)


def enters(play: Play, *more: LineDraft, boxes: int = 10) -> Play:
    goods = LineDraft(product_id=play.house.products["HY-0712"], quantity=Decimal(boxes))
    return play.enters("order_clerk", "和兴", boxes, lines=(goods, *more))


def amount(kind: LineKind, value: Decimal | int) -> LineDraft:
    return LineDraft(kind=kind, description=str(kind.label), price=Decimal(value))


def free(play: Play, kind: LineKind, boxes: int) -> LineDraft:
    product = play.house.products["HY-0712"]
    return LineDraft(product_id=product, quantity=Decimal(boxes), kind=kind)


def prices(play: Play) -> list[tuple[str, int | None]]:
    found = order_stops(play.house.actor("order_clerk"), play.order)
    return [(stop.kind, stop.row) for stop in found.stops if stop.rule == "QC-2"]


@pytest.mark.requirement("ORD-03")
def test_a_discount_line_beyond_every_authority_stops_the_order(play: Play) -> None:
    enters(play, amount(LineKind.DISCOUNT, BEYOND))
    with pytest.raises(StoppedError) as refusal:
        play.submits()
    assert [(item.rule, item.row) for item in refusal.value.items] == [("QC-2", 1)]
    text = str(refusal.value.stops.stops[-1].text)
    assert "112.00" in text, "the price with its share of the discount"
    assert play.order.status == "draft"


@pytest.mark.requirement("ORD-03")
def test_a_discount_line_that_a_signer_may_give_passes_once_signed(play: Play) -> None:
    enters(play, amount(LineKind.DISCOUNT, WITHIN))
    assert prices(play) == [("warn", 1)]
    play.submits().accepted()
    assert play.order.gross == GOODS - WITHIN
    assert play.step == "MA"


def test_freight_that_is_waived_is_no_discount_on_the_goods(play: Play) -> None:
    enters(play, amount(LineKind.CHARGE, 300), amount(LineKind.DISCOUNT, 300))
    assert prices(play) == []


@pytest.mark.parametrize("kind", [LineKind.GIFT, LineKind.SAMPLE])
def test_free_goods_count_at_list_price_unless_the_company_says_no(
    play: Play, kind: LineKind
) -> None:
    enters(play, free(play, kind, 10))
    assert prices(play) == [("stop", 1)]
    parameter_change(
        actor=play.house.system, company_id=play.house.company.pk, code=FREE_GOODS_COUNT,
        text="0", reason="gifts are decided elsewhere",
    )  # fmt: skip
    assert prices(play) == []


def test_a_discount_line_lowers_the_tax_with_the_price(play: Play) -> None:
    order = enters(play, amount(LineKind.DISCOUNT, 113)).order
    assert (order.gross, order.net, order.tax) == (
        Decimal("1067.00"), Decimal("944.25"), Decimal("122.75"),
    )  # fmt: skip


@pytest.mark.requirement("ORD-04")
def test_a_cut_that_leaves_more_discount_than_was_approved_goes_back(play: Play) -> None:
    cell_of(play, 2, territory_id=play.house.territory_id)
    enters(play, amount(LineKind.DISCOUNT, WITHIN)).submits().accepted()
    assert play.stands_at == "resubmit"
    assert play.order.lines.get(number=1).quantity == 10, "the cut is taken back with it"
