"""Ending a cell: it binds no new demand, and what is held in it is shipped, freed and returned."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.registry import Registry
from chengdan.modules.quota import selectors
from chengdan.modules.quota.models import Cell, Hold, QuotaEntry
from chengdan.modules.quota.services import (
    CellDraft,
    Source,
    quota_cell_end,
    quota_cells_set,
    quota_consume,
    quota_evaluate,
    quota_free,
    quota_limit_set,
    quota_reserve,
    quota_return,
    quota_transfer,
)
from chengdan.modules.quota.services import cells as cells_module
from chengdan.modules.quota.verification import verify_cells, verify_documents
from chengdan.modules.quota.vocabulary import CellEndedError, EntryKind, HoldError

D = Decimal
PERIOD = {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 30)}
LINE = ("tests.order", 1)


class Acts:
    """Acts of one order with one line, and what its line still wants by its own count."""

    def __init__(self, house):
        self.house = house
        self.who = {"actor": house.actor, "source": Source(*LINE)}
        self.wanted = D(0)

    def reserve(self, quantity, **values):
        found = quota_reserve(**self.who, demands=[self.house.demand(quantity, **values)])[0]
        self.wanted = found.allowed
        return found

    def ship(self, quantity):
        quota_consume(**self.who, shipped={1: D(quantity)})
        self.wanted -= quantity

    def bring_back(self, quantity):
        quota_return(**self.who, shipped={1: D(quantity)})
        self.wanted += quantity

    def free(self):
        quota_free(**self.who)
        self.wanted = D(0)

    def end(self, cell, **values):
        wanted = {"actor": self.house.actor, "cell_id": cell, "reason": "wrong product"}
        return quota_cell_end(**(wanted | values))


@pytest.fixture
def order(quota_house, monkeypatch):
    acts = Acts(quota_house)
    providers = Registry("providers")
    providers.add("tests.order", lambda ids: {(acts.who["source"].id, 1): acts.wanted})
    monkeypatch.setattr(selectors, "_providers", providers)
    return acts


def figures(cell):
    found = Cell.objects.get(pk=cell)
    return found.reserved, found.consumed, found.over


def shipped_in(cell):
    """Return what a cell consumed, and that it says so of every hold."""
    rows = Hold.objects.values_list("shipped", "consumed", "quantity", "reserved")
    for shipped, consumed, quantity, reserved in rows:
        assert (consumed, reserved) == (shipped, max(D(0), quantity - shipped))
    return Cell.objects.get(pk=cell).consumed


def differences():
    return [str(item) for item in [*verify_cells(), *verify_documents()]]


def test_ending_needs_a_reason_and_is_recorded_once(order, quota_house):
    cell = quota_house.cell(100)
    with pytest.raises(InvalidError) as refused:
        order.end(cell, reason=" ")
    assert [(item.field, item.code) for item in refused.value.items] == [("reason", "required")]
    ended = order.end(cell, expected_version=1)
    assert (ended.ended_at, ended.version) == (Cell.objects.get().ended_at, 2)
    assert ended.ended_at is not None
    entry = QuotaEntry.objects.latest("pk")
    assert (entry.kind, entry.reason, entry.limit_delta) == (EntryKind.ENDED, "wrong product", 0)
    said = audit_history(ended)[0]
    assert (said.code, said.reason) == ("quota.cell.ended", "wrong product")
    with pytest.raises(CellEndedError):
        order.end(cell)
    assert QuotaEntry.objects.filter(kind=EntryKind.ENDED).count() == 1
    assert differences() == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Ended"), ("zh-hans", "结束"), ("zh-hant", "結束")],
)
def test_the_ledger_says_so_in_the_readers_words(order, quota_house, language, words):
    order.end(quota_house.cell(100))
    with override(language):
        assert str(QuotaEntry.objects.latest("pk").get_kind_display()) == words


def test_only_who_sets_quotas_ends_them_and_only_the_version_they_saw(order, quota_house, people):
    cell = quota_house.cell(100)
    person = Actor(quota_house.house.user_id, "wang", quota_house.company_id)
    with pytest.raises((ForbiddenError, NotFoundError)):
        order.end(cell, actor=person)
    with pytest.raises(NotFoundError):
        order.end(cell, actor=people.actor("sales_director"))
    with pytest.raises(NotFoundError):
        order.end(10**9)
    quota_limit_set(actor=quota_house.actor, cell_id=cell, limit=D(90), reason="x")
    with pytest.raises(ConflictError):
        order.end(cell, expected_version=1)
    assert Cell.objects.get().ended_at is None


@pytest.mark.parametrize("role", ["region_manager", "sales_director", "warehouse_keeper"])
def test_a_role_ends_what_it_may_set(people, role):
    from tests.fixtures.quota import _goods

    product = _goods(people.company.pk)[1]
    draft = CellDraft(limit=D(1), product_id=product, **PERIOD)
    system = Actor.system("tests", people.company.pk)
    cell = quota_cells_set(actor=system, company_id=people.company.pk, drafts=[draft])[0]
    values = {"actor": people.actor(role), "cell_id": cell.pk, "reason": "x"}
    if role == "sales_director":
        assert quota_cell_end(**values).ended_at is not None
        return
    with pytest.raises((ForbiddenError, NotFoundError)):
        quota_cell_end(**values)
    assert Cell.objects.get().ended_at is None


@pytest.mark.requirement("QTA-01", partly="the order process asks for it")
def test_an_ended_cell_binds_no_new_demand_and_keeps_what_is_held(order, quota_house):
    cell = quota_house.cell(100)
    order.reserve(60)
    order.end(cell)
    demand = quota_house.demand(500)
    answer = quota_evaluate(quota_house.company_id, [demand])[0]
    assert (answer.allowed, answer.rule, answer.cells) == (D(500), "AC-1", ())
    other = Source("tests.other", 2)
    found = quota_reserve(actor=quota_house.actor, source=other, demands=[demand])[0]
    assert (found.allowed, found.rule) == (D(500), "AC-1")
    assert figures(cell) == (D(60), D(0), D(0))
    order.ship(40)
    assert figures(cell) == (D(20), D(40), D(0))
    order.bring_back(10)
    assert figures(cell) == (D(30), D(30), D(0))
    assert differences() == []
    order.free()
    assert figures(cell) == (D(0), D(30), D(0))
    assert differences() == []


@pytest.mark.parametrize("is_shipped", [False, True])
def test_a_line_that_holds_an_ended_cell_grows_without_its_limit(order, quota_house, is_shipped):
    """It stays in the cell, so that what goes out and comes back meets what it took."""
    cell = quota_house.cell(100)
    order.reserve(60)
    if is_shipped:
        order.ship(20)
    order.end(cell)
    found = order.reserve(130)
    assert (found.allowed, found.rule, found.cells) == (D(130), "AC-1", ())
    shipped = D(20) if is_shipped else D(0)
    assert figures(cell) == (D(130), shipped, D(30) + shipped)
    assert QuotaEntry.objects.latest("pk").released_by_ids == []
    assert differences() == []
    order.ship(130)
    order.bring_back(130 + shipped)
    assert figures(cell) == (D(130) + shipped, D(0), D(30) + shipped)
    assert differences() == []
    order.free()
    assert figures(cell) == (D(0), D(0), D(0))
    assert differences() == []


def test_a_line_that_was_freed_does_not_come_back_into_an_ended_cell(order, quota_house):
    """An order that went back to draft asks anew."""
    cell = quota_house.cell(100)
    order.reserve(60)
    order.free()
    order.end(cell)
    order.reserve(60)
    assert figures(cell) == (D(0), D(0), D(0))
    order.wanted = D(0)
    order.ship(60)
    order.bring_back(60)
    assert figures(cell) == (D(0), D(0), D(0))
    assert list(verify_cells()) == []


def test_a_line_leaves_an_ended_cell_when_its_day_does(order, quota_house):
    cell = quota_house.cell(100)
    order.reserve(60)
    order.end(cell)
    order.reserve(60, on=date(2026, 12, 3))
    assert figures(cell) == (D(0), D(0), D(0))
    assert list(verify_cells()) == []


@pytest.mark.parametrize("measure", ["quantity", "amount"])
def test_a_new_cell_beside_the_ended_one_takes_what_comes_next(order, quota_house, measure):
    """Also what was shipped before it was there, once that comes back."""
    goods = {"category_id": quota_house.category_ids[0], "measure": measure}
    factor = 10 if measure == "amount" else 1
    old = quota_house.cell(100 * factor, **goods)
    order.reserve(50)
    order.ship(20)
    order.end(old)
    new = quota_house.cell(35 * factor, **goods)
    assert new != old
    assert Cell.objects.filter(ended_at__isnull=True).get().pk == new
    found = order.reserve(30)
    assert [cell.id for cell in found.cells] == [new]
    assert figures(old) == (D(30) * factor, D(20) * factor, D(0))
    assert figures(new) == (D(30) * factor, D(0), D(0))
    order.ship(10)
    order.bring_back(30)
    assert figures(old) == (D(50) * factor, D(0), D(0))
    assert figures(new) == (D(50) * factor, D(0), D(15) * factor)
    assert differences() == []
    with pytest.raises(HoldError):
        order.bring_back(1)
    order.free()
    assert figures(new) == (D(0), D(0), D(0))
    assert differences() == []


def test_a_limit_pasted_for_an_ended_cell_makes_a_new_one(order, quota_house):
    old = quota_house.cell(100)
    order.end(old)
    new = quota_house.cell(30)
    assert new != old
    assert dict(Cell.objects.values_list("pk", "limit")) == {old: D(100), new: D(30)}
    order.end(new)
    assert quota_house.cell(5) not in {old, new}
    assert differences() == []


def test_nothing_changes_or_moves_in_an_ended_cell(order, quota_house, monkeypatch):
    manager = quota_house.house.other_user_id
    monkeypatch.setattr(cells_module, "holders_of", lambda *args, **kwargs: [manager])
    north = quota_house.cell(100, territory_id=quota_house.north_id)
    south = quota_house.cell(50, territory_id=quota_house.south_id)
    order.end(north)
    gift = {"quantity": D(10), "consent_by_id": manager, "reason": "x"}
    for giving, receiving in ((north, south), (south, north)):
        with pytest.raises(CellEndedError):
            quota_transfer(
                actor=quota_house.actor, giving_id=giving, receiving_id=receiving, **gift
            )
    with pytest.raises(CellEndedError) as refused:
        quota_limit_set(actor=quota_house.actor, cell_id=north, limit=D(1), reason="x")
    with override("zh-hans"):
        assert str(refused.value.message) == "该配额已结束，不能再修改。"
    assert list(Cell.objects.order_by("pk").values_list("limit", flat=True)) == [D(100), D(50)]


def test_a_cell_ended_while_a_reservation_waited_is_not_seen(order, quota_house, monkeypatch):
    """What the reservation found before its lock does not count, only what it reads after it."""
    from chengdan.modules.quota.services import ledger

    cell = quota_house.cell(100)
    real = ledger.cells_lock

    def late(ids):
        order.end(cell)
        return real(ids)

    monkeypatch.setattr(ledger, "cells_lock", late)
    found = order.reserve(130)
    assert (found.allowed, found.cells) == (D(130), ())
    assert figures(cell) == (D(0), D(0), D(0))


def test_a_cell_ended_while_its_limit_was_set_stays_as_it_was(order, quota_house, monkeypatch):
    old = quota_house.cell(100)
    real = cells_module.cells_lock

    def late(ids):
        found = real(ids)
        if Cell.objects.get(pk=old).ended_at is None:
            order.end(old)
        return found

    monkeypatch.setattr(cells_module, "cells_lock", late)
    new = quota_house.cell(30)
    assert new != old
    assert dict(Cell.objects.values_list("pk", "limit")) == {old: D(100), new: D(30)}


VERBS = ["reserve", "move", "ship", "return", "free", "end", "set"]
steps = st.lists(st.tuples(st.sampled_from(VERBS), st.integers(1, 90)), max_size=14)
days = iter(range(1, 10**6))


def test_after_any_sequence_of_acts_cells_and_documents_agree(order, quota_house):
    """One line that moves between two days, of which one's cell is ended and set again."""

    def play(steps):
        on, other = (date(2027, 1, 1) + timedelta(days=next(days)) for _day in range(2))
        period = {"starts_on": on, "ends_on": on}
        live, shipped = quota_house.cell(100, **period), D(0)
        second = quota_house.cell(150, starts_on=other, ends_on=other)
        order.reserve(70, on=on)
        for verb, number in steps:
            if verb in {"reserve", "move"}:
                order.reserve(number, on=other if verb == "move" else on, shipped=shipped)
            elif verb == "free":
                order.free()
            elif verb == "ship" and (part := min(order.wanted, D(number))):
                order.ship(part)
                shipped += part
            elif verb == "return" and (part := min(shipped, D(number))):
                order.bring_back(part)
                shipped -= part
            elif verb == "end" and live:
                order.end(live)
                live = None
            elif verb == "set" and not live:
                live = quota_house.cell(number, **period)
            assert differences() == []
            assert shipped_in(second) <= shipped
        order.free()
        order.wanted, order.who["source"] = D(0), Source("tests.order", next(days) + 10**6)

    @settings(deadline=None)
    @given(steps=steps)
    def run(steps):
        play(steps)

    run()
