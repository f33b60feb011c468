"""Reserving, consuming, returning and freeing quota: cells, holds, entries and the verifier."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import override

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_history
from chengdan.kernel.registry import Registry
from chengdan.modules.quota.models import Cell, Hold, QuotaEntry
from chengdan.modules.quota.selectors import cell_documents
from chengdan.modules.quota.services import (
    OverRelease,
    Source,
    quota_consume,
    quota_evaluate,
    quota_free,
    quota_reserve,
    quota_return,
)
from chengdan.modules.quota.verification import verify_cells, verify_documents
from chengdan.modules.quota.vocabulary import HoldError, OverReleaseError

D = Decimal


def source(pk=1):
    return Source("tests.order", pk)


def differences():
    return [str(item) for item in [*verify_cells(), *verify_documents()]]


def figures(cell_id):
    cell = Cell.objects.get(pk=cell_id)
    return cell.limit, cell.reserved, cell.consumed, cell.over


@pytest.fixture
def act(quota_house):
    class Acts:
        def reserve(self, *demands, pk=1, **more):
            return quota_reserve(
                actor=quota_house.actor, source=source(pk), demands=list(demands), **more
            )

        def do(self, verb, pk=1, **values):
            return verb(actor=quota_house.actor, source=source(pk), **values)

    return Acts()


@pytest.mark.requirement("QTA-02", partly="notice of the cut is given by the order process")
def test_what_does_not_fit_is_cut_and_only_the_rest_reserved(act, quota_house):
    cell = quota_house.cell(100)
    act.reserve(quota_house.demand(70), pk=1)
    found = act.reserve(quota_house.demand(70), pk=2)[0]
    assert (found.allowed, found.cut, found.rule, found.binding_id) == (D(30), D(40), "AC-3", cell)
    assert figures(cell) == (D(100), D(100), D(0), D(0))
    assert differences() == []


@pytest.mark.requirement("QTA-01", partly="the order process asks for it")
@pytest.mark.requirement("QTA-06", partly="the order process applies the cut to its lines")
def test_customer_region_market_and_category_cells_all_hold(act, quota_house):
    cells = [
        quota_house.cell(100, customer_id=quota_house.customer_id),
        quota_house.cell(50, territory_id=quota_house.north_id),
        quota_house.cell(80, territory_id=quota_house.market_id),
        quota_house.cell(60, category_id=quota_house.category_ids[1]),
        quota_house.cell(1, territory_id=quota_house.south_id),
    ]
    found = act.reserve(quota_house.demand(70))[0]
    assert (found.allowed, found.binding_id) == (D(50), cells[1])
    assert [figures(pk)[1] for pk in cells] == [D(50), D(50), D(50), D(50), D(0)]
    assert differences() == []


def test_without_a_cell_nothing_is_held(act, quota_house):
    found = act.reserve(quota_house.demand(70))[0]
    assert (found.allowed, found.rule) == (D(70), "AC-1")
    assert not Hold.objects.exists()


def test_the_requested_day_chooses_the_period(act, quota_house):
    november = quota_house.cell(100)
    december = quota_house.cell(100, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 31))
    act.reserve(quota_house.demand(10, on=date(2026, 12, 1)))
    assert (figures(november)[1], figures(december)[1]) == (D(0), D(10))


def test_evaluating_changes_nothing_and_leaves_the_own_hold_out(act, quota_house):
    quota_house.cell(100)
    act.reserve(quota_house.demand(70))
    ask = (quota_house.company_id, [quota_house.demand(90)])
    assert quota_evaluate(*ask, source())[0].allowed == 90
    assert quota_evaluate(*ask)[0].allowed == 30
    assert Hold.objects.get().reserved == 70


def test_reserving_again_replaces_the_hold(act, quota_house):
    cell = quota_house.cell(100)
    act.reserve(quota_house.demand(70))
    act.reserve(quota_house.demand(90), round_number=2)
    assert figures(cell)[1] == 90
    assert differences() == []


def test_shipment_consumes_and_cancellation_frees_the_rest(act, quota_house):
    cell = quota_house.cell(100)
    act.reserve(quota_house.demand(70))
    act.do(quota_consume, shipped={1: D(30)})
    assert figures(cell)[1:3] == (D(40), D(30))
    act.do(quota_free)
    act.do(quota_free)
    assert figures(cell)[1:3] == (D(0), D(30))
    documents = cell_documents(Actor.system("tests"), Cell.objects.get())
    assert [(row.reserved, row.consumed) for row in documents] == [(D(0), D(30))]
    assert differences() == []


def test_a_reversed_shipment_is_reserved_again(act, quota_house):
    cell = quota_house.cell(100)
    act.reserve(quota_house.demand(70))
    act.do(quota_consume, shipped={1: D(70)})
    act.do(quota_return, shipped={1: D(20)})
    assert figures(cell)[1:3] == (D(20), D(50))
    with pytest.raises(HoldError):
        act.do(quota_return, shipped={1: D(51)})
    assert differences() == []


def test_over_delivery_is_consumed_even_above_the_quota(act, quota_house):
    cell = quota_house.cell(70)
    act.reserve(quota_house.demand(70))
    act.do(quota_consume, shipped={1: D(75)})
    assert figures(cell) == (D(70), D(0), D(75), D(5))
    assert differences() == []


def test_what_went_beyond_the_order_is_not_reserved_when_it_comes_back(act, quota_house):
    cell = quota_house.cell(200)
    act.reserve(quota_house.demand(100))
    act.do(quota_consume, shipped={1: D(90)})
    act.do(quota_consume, shipped={1: D(20)})
    act.do(quota_return, shipped={1: D(20)})
    assert figures(cell)[1:3] == (D(10), D(90))
    act.do(quota_return, shipped={1: D(90)})
    assert figures(cell)[1:3] == (D(100), D(0))
    assert differences() == []


@pytest.mark.parametrize(
    ("seen", "shown", "expected"),
    [
        ({1, 2, 3}, 9, [("tests.order 3", 30), ("tests.order 2", 20), ("tests.order 1", 10)]),
        ({1, 2, 3}, 2, [("tests.order 3", 30), ("tests.order 2", 20), ("", 10)]),
        ({2}, 9, [("tests.order 2", 20), ("", 40)]),
        (set(), 9, [("", 60)]),
    ],
)
def test_documents_behind_a_cell_add_up_however_many_of_them_are_shown(
    act, quota_house, monkeypatch, seen, shown, expected
):
    filters = Registry("filters")
    filters.add("tests.order", lambda actor, ids: seen & set(ids))
    monkeypatch.setattr("chengdan.modules.quota.selectors._filters", filters)
    quota_house.cell(100)
    for pk in (1, 2, 3):
        act.reserve(quota_house.demand(10 * pk), pk=pk)
    with override("en"):
        rows = cell_documents(Actor.system("tests"), Cell.objects.get(), shown=shown)
    others = "Older documents and those not open to you"
    assert [(row.facts.number, row.reserved) for row in rows] == [
        (number or others, reserved) for number, reserved in expected
    ]


def test_a_cell_in_money_follows_the_shipped_share(act, quota_house):
    cell = quota_house.cell(1000, category_id=quota_house.category_ids[0], measure="amount")
    act.reserve(quota_house.demand(3, amount=D(100)))
    for _shipment in range(3):
        act.do(quota_consume, shipped={1: D(1)})
    assert figures(cell)[1:3] == (D(0), D(100))
    assert differences() == []


@pytest.mark.requirement("QTA-07", partly="the signatures are collected by the order process")
@pytest.mark.requirement("QTA-04", partly="the approval is a step of the order process")
def test_above_quota_needs_three_different_signatures(act, quota_house):
    cell = quota_house.cell(100)
    with pytest.raises(OverReleaseError):
        act.reserve(quota_house.demand(150), release=OverRelease((1, 2, 2), "fair"))
    ids = (quota_house.house.user_id, quota_house.house.other_user_id, 999)
    found = act.reserve(quota_house.demand(150), release=OverRelease(ids, "fair"))[0]
    assert (found.allowed, found.rule) == (D(150), "AC-4")
    assert figures(cell) == (D(100), D(150), D(0), D(50))
    entry = QuotaEntry.objects.get(kind="reserve")
    assert (entry.released_by_ids, entry.over_delta, entry.reason) == (list(ids), D(50), "fair")
    assert audit_history((Cell, cell))[0].code == "quota.cell.over_released"
    act.do(quota_free)
    assert figures(cell) == (D(100), D(0), D(0), D(0))
    assert differences() == []


def test_two_lines_of_one_order_share_a_cell_in_order(act, quota_house):
    cell = quota_house.cell(100)
    found = act.reserve(quota_house.demand(70), quota_house.demand(70, line_ref=2))
    assert [v.allowed for v in found] == [D(70), D(30)]
    act.do(quota_free, line_ref=1)
    assert figures(cell)[1] == 30
    assert list(Hold.objects.filter(reserved__gt=0).values_list("line_ref", flat=True)) == [2]
    assert differences() == []


def test_the_database_itself_refuses_oversubscription(quota_house):
    cell = quota_house.cell(100)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cell.objects.filter(pk=cell).update(reserved=D(101))


def test_entries_cannot_be_altered_by_anybody(quota_house):
    quota_house.cell(100)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE quota_quotaentry SET reason = 'x'")


def test_the_verifier_finds_a_changed_cell(act, quota_house):
    cell = quota_house.cell(100)
    act.reserve(quota_house.demand(70))
    Cell.objects.filter(pk=cell).update(reserved=D(60))
    assert len(differences()) == 2


def test_a_reservation_of_five_lines_takes_few_queries(
    act, quota_house, django_assert_max_num_queries
):
    quota_house.cell(100, customer_id=quota_house.customer_id)
    quota_house.cell(100, territory_id=quota_house.north_id)
    lines = [quota_house.demand(5, line_ref=number) for number in range(1, 6)]
    with django_assert_max_num_queries(11):
        act.reserve(*lines)
