"""The seven steps of SP: who acts, by when, on what evidence, and who hears of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from chengdan.kernel import clock
from chengdan.kernel.attachments.services import attachments_of
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, InvalidError
from chengdan.kernel.workcalendar.services import calendar_save
from chengdan.modules.customers.services import ShippingDraft, shipping_save
from chengdan.modules.orders.web.listing import OrderList
from chengdan.modules.people.models import Company
from chengdan.modules.people.services import org_unit_rename
from chengdan.modules.process.models import ProblemRecord, StepRun
from chengdan.modules.process.selectors import inbox, strip
from chengdan.modules.process.services import deadlines_sweep, problem_explain
from chengdan.modules.process.services.definitions import sources_shipped
from chengdan.modules.shipping.jobs import explain_sweep
from chengdan.modules.shipping.models import DeliveryLine, DeliveryNote, Lot, Warehouse
from chengdan.modules.shipping.printing import note_data
from chengdan.modules.shipping.promises import shipped_gauge
from chengdan.modules.shipping.services import (
    PickInput,
    note_carrier,
    note_check,
    note_confirm,
    note_dispatch,
    note_feedback,
    note_make_for_order,
    note_pick,
)
from chengdan.modules.shipping.showing import time_left
from tests.fixtures.play import told

NOTE = "shipping.deliverynote"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" "1f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)  # fmt: skip


@pytest.fixture
def note(depot: Any) -> Any:
    """A note for five boxes, in the hands of storage and transport since now."""
    depot.stock("HY-0712", 50, batch="B1")
    return depot.note_of(depot.released("和兴", {"HY-0712": 5}))


def steps_of(note: Any) -> list[str]:
    runs = StepRun.objects.filter(instance__subject_type=NOTE, instance__subject_id=note.pk)
    return [run.code for run in runs.order_by("pk") if run.state == "done"]


def finished(depot: Any, note: Any) -> Any:
    depot.dispatched(note.pk)
    actor = depot.house.actor
    note_feedback(actor=actor("shipping_coordinator"), note_id=note.pk, waybill="SD1")
    return note_confirm(actor=actor("csr"), note_id=note.pk, signer="罗女士", archive="A3")


@pytest.mark.requirement("PRL-25")
def test_a_note_takes_the_seven_steps_that_are_marked_as_ours(depot: Any, note: Any) -> None:
    finished(depot, note)
    found = strip(NOTE, note.pk)
    assert found is not None
    assert [item.code for item in found.nodes] == ["SR", "CA", "PK", "OQ", "DP", "FB", "CF"]
    assert {item.state for item in found.nodes} == {"done"}
    assert steps_of(note) == ["SR", "CA", "PK", "OQ1", "OQ2", "DP", "FB", "CF"]
    assert shipped_process("sp")["ours"] is True


def shipped_process(code: str) -> Any:
    return next(data for _name, data in sources_shipped() if data["id"] == code)


@pytest.mark.requirement("SHP-01")
def test_goods_leave_within_24_hours_of_receipt_or_it_is_recorded(depot: Any, note: Any) -> None:
    viewer = depot.house.actor("general_manager")
    depot.ready(note.pk)
    due = note.received_at + timedelta(hours=24)
    assert DeliveryNote.objects.get(pk=note.pk).due_at == due
    other = depot.note_of(depot.released("和兴", {"HY-0712": 5}))
    with clock.at(due - timedelta(minutes=1)):
        note_dispatch(actor=depot.house.actor("shipping_coordinator"), note_id=note.pk)
        assert shipped_gauge(viewer).value == Decimal(100)
    depot.ready(other.pk)
    with clock.at(due):
        deadlines_sweep()
    record = ProblemRecord.objects.get(topic="sp.DP")
    assert record.owner_id == depot.house.people["shipping_coordinator"]
    with clock.at(due + timedelta(minutes=1)):
        note_dispatch(actor=depot.house.actor("shipping_coordinator"), note_id=other.pk)
        assert shipped_gauge(viewer).value == Decimal(50)


@pytest.mark.requirement("SHP-03")
def test_after_48_hours_the_leadership_gets_a_written_explanation(depot: Any, note: Any) -> None:
    people = depot.house.people
    with clock.at(note.received_at + timedelta(hours=48)):
        assert (explain_sweep(), explain_sweep()) == (1, 0)
        record = ProblemRecord.objects.get(topic="sp.48h")
        assert record.owner_id == people["shipping_coordinator"]
        assert told("process.problem") == {people["shipping_coordinator"]}
        scr = depot.house.actor("shipping_coordinator")
        act = {"actor": scr, "problem_id": record.pk, "action": "周三加车"}
        with pytest.raises(InvalidError):
            problem_explain(explanation="", **act)
        problem_explain(explanation="车辆故障", **act)
        leaders = ("general_manager", "sales_director", "deputy_sales_director")
        assert told("process.explained") == {people[who] for who in leaders}


def left_everywhere(actor: Any, note: Any) -> set[int]:
    """Return the minutes left as the inbox, the strip and the lists of notes and orders say."""
    fresh = DeliveryNote.objects.select_related("warehouse").get(pk=note.pk)
    order = fresh.lines.get().order
    found = {item.instance.subject_id: item.left for item in inbox(actor).items}
    shown = strip(NOTE, note.pk)
    assert shown is not None
    column = next(column for column in OrderList.columns if column.name == "due")
    standing = [node.time for node in shown.nodes if node.is_left]
    left = [found[note.pk], *standing, time_left(fresh), column.raw(order)]
    assert len(left) == 4
    return {item.minutes for item in left if item is not None}


@pytest.mark.requirement("SHP-38")
def test_the_switch_of_the_warehouses_unit_skips_non_working_days(depot: Any) -> None:
    depot.stock("HY-0712", 50)
    friday = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    with clock.at(friday):
        note = depot.note_of(depot.released("和兴", {"HY-0712": 5}, ordered_on=None))
        assert note.received_at == friday
        assert note.due_at == friday + timedelta(hours=24)
        system, company = depot.house.system, Company.objects.get()
        calendar_save(
            actor=system, code="store", company_id=company.pk,
            values={"title": "仓库", "skips_non_working_hours": True},
        )  # fmt: skip
        unit = Warehouse.objects.get().unit
        org_unit_rename(actor=system, unit_id=unit.pk, name=unit.name, calendar_code="store")
        other = depot.note_of(depot.released("和兴", {"HY-0712": 5}))
        monday = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
        assert other.due_at == monday
    coordinator = depot.house.actor("shipping_coordinator")
    for hours, here, skipping in ((23, 60, 600), (48, -1440, 600), (73, -49 * 60, -60)):
        with clock.at(friday + timedelta(hours=hours)):
            assert left_everywhere(coordinator, note) == {here}, hours
            assert left_everywhere(coordinator, other) == {skipping}, hours
    with clock.at(friday + timedelta(hours=49)):
        assert explain_sweep() == 0
    with clock.at(monday + timedelta(hours=24)):
        assert explain_sweep() == 2


def test_every_list_counts_by_the_calendar_of_the_warehouse(depot: Any) -> None:
    system, company = depot.house.system, Company.objects.get()
    calendar_save(
        actor=system, code="store", company_id=company.pk,
        values={"title": "仓库", "weekdays": "1111110"},
    )  # fmt: skip
    unit = Warehouse.objects.get().unit
    org_unit_rename(actor=system, unit_id=unit.pk, name=unit.name, calendar_code="store")
    depot.stock("HY-0712", 50)
    with clock.at(datetime(2026, 11, 20, 2, 0, tzinfo=UTC)):
        note = depot.note_of(depot.released("和兴", {"HY-0712": 5}))
        depot.dispatched(note.pk)
    with clock.at(datetime(2026, 11, 21, 1, 0, tzinfo=UTC)):  # Saturday, 09:00
        assert left_everywhere(depot.house.actor("shipping_coordinator"), note) == {450}


@pytest.mark.requirement("SHP-04")
def test_goods_go_by_the_designated_station_and_the_csr_hears_of_it(depot: Any, note: Any) -> None:
    house = depot.house
    shipping_save(
        actor=house.system, customer_id=house.customers["和兴"],
        draft=ShippingDraft(carrier="顺达物流", station="白云站"),
    )  # fmt: skip
    scr = house.actor("shipping_coordinator")
    for wrong in (
        {"carrier": "德邦", "station": "白云站"},
        {"carrier": "顺达物流", "station": "东站"},
    ):
        with pytest.raises(InvalidError) as refusal:
            note_carrier(actor=scr, note_id=note.pk, **wrong)
        assert refusal.value.items[0].rule == "SHP-04"
    note_carrier(actor=scr, note_id=note.pk, carrier="顺达物流", station="白云站")
    note_pick(actor=house.actor("warehouse_keeper"), note_id=note.pk)
    note_check(actor=depot.second_keeper(), note_id=note.pk)
    note_check(actor=house.actor("quality_inspector"), note_id=note.pk)
    note_dispatch(actor=scr, note_id=note.pk)
    assert ("Station", "白云站") in {tuple(row) for row in paper(note)["facts"]}
    note_feedback(actor=scr, note_id=note.pk, waybill="SD20261116", customer_told_how="电话")
    assert house.people["csr"] in told("shipping.fed_back")
    found = DeliveryNote.objects.get(pk=note.pk)
    assert (found.waybill, found.customer_told_how) == ("SD20261116", "电话")


def paper(note: Any) -> dict[str, Any]:
    """Return the warehouse's paper of a note, in English."""
    with translation.override("en"):
        return note_data(DeliveryNote.objects.get(pk=note.pk), has_prices=False)


@pytest.mark.requirement("SHP-06")
def test_the_outbound_slip_comes_from_the_approved_order_with_a_copy_for_the_keeper(
    depot: Any,
) -> None:
    depot.stock("HY-0712", 50)
    order_id = depot.order("和兴", {"HY-0712": 5})
    scr = depot.house.actor("shipping_coordinator")
    with pytest.raises(ConflictError):
        note_make_for_order(actor=scr, order_id=order_id)
    depot.release(order_id)
    note = depot.note_of(order_id)
    assert (note.slip_number, paper(note)["title"]) == ("", "Delivery note")
    depot.ready(note.pk)
    note = note_dispatch(actor=scr, note_id=note.pk)
    assert note.slip_number == "CK26-000001"
    slip = paper(note)
    assert (slip["title"], slip["number"]) == ("Outbound slip", "CK26-000001")
    assert slip["copies"][1] == "Second copy: warehouse keeper"
    assert [row[1] for row in slip["rows"]] == ["HY-0712"]
    entry = next(e for e in audit_history(note) if e.code == "shipping.note.dispatched")
    assert entry.actor_id == scr.user_id


@pytest.mark.requirement("SHP-07")
def test_the_warehouse_does_the_formalities_and_the_signed_slip_is_kept(
    depot: Any, note: Any
) -> None:
    note = depot.dispatched(note.pk)
    people = depot.house.people
    assert (note.picked_by_id, note.keeper_checked_by_id, note.inspector_checked_by_id) == (
        people["warehouse_keeper"], people["second_keeper"], people["quality_inspector"],
    )  # fmt: skip
    scr, csr = depot.house.actor("shipping_coordinator"), depot.house.actor("csr")
    note_feedback(actor=scr, note_id=note.pk, waybill="SD1")
    with pytest.raises(InvalidError) as refusal:
        note_confirm(actor=csr, note_id=note.pk, signer="罗女士")
    assert refusal.value.items[0].rule == "SHP-07"
    note = note_confirm(actor=csr, note_id=note.pk, signer="罗女士", files=[("签收单.png", PNG)])
    assert (note.status, note.signer) == ("confirmed", "罗女士")
    assert [item.name for item in attachments_of(NOTE, note.pk)] == ["签收单.png"]


@pytest.mark.requirement("SHP-14")
def test_goods_are_issued_strictly_by_the_note_and_recorded(depot: Any, note: Any) -> None:
    depot.stock("JY-1205", 50, batch="J1")
    house = depot.house
    keeper, scr = house.actor("warehouse_keeper"), house.actor("shipping_coordinator")
    note_carrier(actor=scr, note_id=note.pk, carrier="顺达物流")
    foreign = Lot.objects.get(batch="J1")
    for picks, code in (
        ([PickInput(1, Decimal(5), lot_id=foreign.pk)], "SHP-14"),
        ([PickInput(1, Decimal(5), batch="B1"), PickInput(2, Decimal(1))], "SHP-14"),
        ([PickInput(1, Decimal(6), batch="B1")], "SHP-20"),
    ):
        with pytest.raises(InvalidError) as refusal:
            note_pick(actor=keeper, note_id=note.pk, picks=picks)
        assert code in {item.rule or item.code for item in refusal.value.items}
    note_pick(actor=keeper, note_id=note.pk)
    note_check(actor=depot.second_keeper(), note_id=note.pk)
    note_check(actor=house.actor("quality_inspector"), note_id=note.pk)
    note = note_dispatch(actor=scr, note_id=note.pk)
    line = DeliveryLine.objects.get(delivery_note=note)
    assert (line.product_id, line.shipped) == (house.products["HY-0712"], Decimal(5))
    assert note.customer_id == house.customers["和兴"]
    picked = next(e for e in audit_history(note) if e.code == "shipping.note.picked")
    assert picked.after["picks"] == [{"line": 1, "batch": "B1", "base": "60"}]
