"""Setting cells and moving unused quota between regions."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError
from chengdan.modules.quota.models import Cell, QuotaEntry
from chengdan.modules.quota.services import (
    CellDraft,
    Source,
    quota_cells_set,
    quota_limit_set,
    quota_reserve,
    quota_transfer,
)
from chengdan.modules.quota.services import cells as cells_module
from chengdan.modules.quota.verification import verify_cells
from chengdan.modules.quota.vocabulary import (
    ConsentError,
    LimitBelowUseError,
    QuotaShortError,
    TransferError,
)

D = Decimal
PERIOD = {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 30)}


def set_cells(quota_house, *drafts, **more):
    who = {"actor": quota_house.actor, "company_id": quota_house.company_id}
    return quota_cells_set(drafts=list(drafts), **(who | more))


def test_setting_creates_then_changes_and_records_both(quota_house):
    draft = CellDraft(limit=D(10), product_id=quota_house.product_id, **PERIOD)
    cell = set_cells(quota_house, draft)[0]
    more = CellDraft(limit=D(20), product_id=quota_house.product_id, **PERIOD)
    with pytest.raises(InvalidError) as refused:
        set_cells(quota_house, more)
    assert [item.field for item in refused.value.items] == ["reason"]
    assert set_cells(quota_house, more, reason="season")[0].pk == cell.pk
    assert Cell.objects.get().limit == 20
    assert [e.code for e in audit_history(cell)] == ["quota.cell.changed", "quota.cell.created"]
    assert list(verify_cells()) == []


def test_what_is_counted_is_not_split_and_a_new_limit_has_a_reason(quota_house):
    draft = CellDraft(limit=D("10.5"), product_id=quota_house.product_id, **PERIOD)
    with pytest.raises(InvalidError) as refused:
        set_cells(quota_house, draft)
    assert [(item.field, item.code) for item in refused.value.items] == [("limit", "decimals")]
    cell = set_cells(quota_house, replace(draft, limit=D(10)))[0]
    values = {"actor": quota_house.actor, "cell_id": cell.pk}
    for limit, reason, field in ((D("9.5"), "less", "limit"), (D(9), " ", "reason")):
        with pytest.raises(InvalidError) as refused:
            quota_limit_set(limit=limit, reason=reason, **values)
        assert [item.field for item in refused.value.items] == [field]
    assert Cell.objects.get().limit == 10


def test_goods_and_places_of_another_company_make_no_cell(quota_house, people):
    """The check stands in the service, so that every door has it."""
    place = people.territories["E-SH"].pk
    drafts = [
        CellDraft(limit=D(1), product_id=quota_house.product_id, **PERIOD),
        CellDraft(limit=D(1), product_id=quota_house.product_id, territory_id=place, **PERIOD),
        CellDraft(limit=D(1), category_id=10**9, **PERIOD),
    ]
    with pytest.raises(InvalidError) as refused:
        set_cells(quota_house, *drafts)
    found = [(item.row, item.field) for item in refused.value.items]
    assert found == [(2, "territory_id"), (3, "category_id")]
    with pytest.raises(ForbiddenError):
        set_cells(quota_house, drafts[0], actor=people.actor("sales_director"))
    assert not Cell.objects.exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "goods"),
        ({"product_id": 1, "category_id": 1}, "goods"),
        ({"product_id": 1, "territory_id": 1, "customer_id": 1}, "place"),
        ({"product_id": 1, "ends_on": date(2026, 10, 31)}, "period"),
        ({"product_id": 2, "limit": D(-1)}, "negative"),
        ({"product_id": 2, "measure": "amount"}, "measure"),
    ],
)
def test_rows_that_make_no_cell_are_refused_with_their_number(quota_house, values, code):
    good = CellDraft(limit=D(1), product_id=quota_house.product_id, **PERIOD)
    bad = CellDraft(**{"limit": D(1), **PERIOD, **values})
    with pytest.raises(InvalidError) as refused:
        set_cells(quota_house, good, bad)
    assert [(item.row, item.code) for item in refused.value.items] == [(2, code)]
    assert not Cell.objects.exists()


def test_a_quota_cannot_fall_below_what_is_used(quota_house):
    cell = quota_house.cell(100)
    demands = [quota_house.demand(60)]
    quota_reserve(actor=quota_house.actor, source=Source("tests.order", 1), demands=demands)
    with pytest.raises(LimitBelowUseError):
        quota_limit_set(actor=quota_house.actor, cell_id=cell, limit=D(59), reason="x")
    quota_limit_set(actor=quota_house.actor, cell_id=cell, limit=D(60), reason="x")
    assert list(verify_cells()) == []


def test_an_edit_of_an_older_version_is_refused(quota_house):
    cell = quota_house.cell(100)
    quota_limit_set(
        actor=quota_house.actor, cell_id=cell, limit=D(90), reason="x", expected_version=1
    )
    with pytest.raises(ConflictError):
        quota_limit_set(
            actor=quota_house.actor, cell_id=cell, limit=D(80), reason="x", expected_version=1
        )


def test_a_person_without_the_right_is_refused(quota_house):
    person = Actor(quota_house.house.user_id, "wang", quota_house.company_id)
    draft = CellDraft(limit=D(1), product_id=quota_house.product_id, **PERIOD)
    with pytest.raises(ForbiddenError):
        quota_cells_set(actor=person, company_id=quota_house.company_id, drafts=[draft])


@pytest.fixture
def regions(quota_house, monkeypatch):
    manager = quota_house.house.other_user_id
    monkeypatch.setattr(cells_module, "holders_of", lambda *args, **kwargs: [manager])
    north = quota_house.cell(100, territory_id=quota_house.north_id)
    south = quota_house.cell(50, territory_id=quota_house.south_id)
    return {"giving_id": north, "receiving_id": south, "consent_by_id": manager}


def give(quota_house, regions, quantity, **values):
    who = {"actor": quota_house.actor, "reason": "season", **regions, **values}
    return quota_transfer(quantity=D(quantity), **who)


@pytest.mark.requirement("QTA-03", partly="the request form of the receiving region lacks")
def test_unused_quota_moves_with_the_giving_managers_consent(quota_house, regions):
    giving, receiving = give(quota_house, regions, 40)
    assert (giving.limit, receiving.limit) == (D(60), D(90))
    entries = QuotaEntry.objects.filter(consent_by_id=regions["consent_by_id"])
    assert sorted(entry.kind for entry in entries) == ["given", "received"]
    assert audit_history(giving)[0].code == "quota.cell.transferred"
    assert list(verify_cells()) == []


def test_used_quota_stays(quota_house, regions):
    demands = [quota_house.demand(70)]
    quota_reserve(actor=quota_house.actor, source=Source("tests.order", 1), demands=demands)
    with pytest.raises(QuotaShortError):
        give(quota_house, regions, 31)
    give(quota_house, regions, 30)


def test_nobody_but_the_giving_manager_can_agree(quota_house, regions):
    with pytest.raises(ConsentError):
        give(quota_house, regions, 1, consent_by_id=quota_house.house.user_id)


def test_cells_of_other_periods_exchange_nothing(quota_house, regions):
    december = {"starts_on": date(2026, 12, 1), "ends_on": date(2026, 12, 31)}
    other = quota_house.cell(10, territory_id=quota_house.south_id, **december)
    with pytest.raises(TransferError):
        give(quota_house, regions, 1, receiving_id=other)
    with pytest.raises(TransferError):
        give(quota_house, regions, 1, receiving_id=regions["giving_id"])


def test_a_transfer_needs_a_positive_quantity_and_a_reason(quota_house, regions):
    with pytest.raises(InvalidError):
        give(quota_house, regions, 0, reason=" ")
