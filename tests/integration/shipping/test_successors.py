"""What happens to a note is told to whoever answers for it today, not to the names on it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.notices.models import Notice
from chengdan.modules.customers.selectors import sales_managers
from chengdan.modules.customers.services import customer_hand_over
from chengdan.modules.orders.services import LineDraft, OrderDraft, amendment_ask
from chengdan.modules.process.models import ProblemRecord, Task
from chengdan.modules.process.selectors import open_task_for
from chengdan.modules.process.services import task_decide
from chengdan.modules.shipping.jobs import explain_sweep
from chengdan.modules.shipping.services import (
    note_carrier,
    note_confirm,
    note_feedback,
    note_pick,
    note_reverse,
)
from tests.fixtures.play import told
from tests.fixtures.succession import leaves, succeeds, vacates

SCR, CSR, MANAGER = "shipping_coordinator", "csr", "key_account_manager"


@pytest.fixture
def note(depot: Any) -> Any:
    """A note whose order named everybody who then held the seats."""
    depot.stock("HY-0712", 100)
    return depot.note_of(depot.released("和兴", {"HY-0712": 40}))


def replaced(house: Any, *seats: str) -> dict[str, int]:
    """Let others follow the holders of seats; return the new people."""
    new = {seat: succeeds(house, seat) for seat in seats}
    house.people |= new
    return new


def test_every_notice_of_a_note_reaches_the_successors(depot: Any, note: Any) -> None:
    house, former = depot.house, {note.csr_id, note.scr_id}
    new = replaced(house, CSR, SCR)
    assert former.isdisjoint(new.values())
    depot.dispatched(note.pk)
    manager = house.people[MANAGER]
    assert told("shipping.dispatched") == {new[CSR], manager}
    note_feedback(actor=house.actor(SCR), note_id=note.pk, waybill="SD1")
    assert told("shipping.fed_back") == {new[CSR], manager}
    note_confirm(actor=house.actor(CSR), note_id=note.pk, signer="罗女士", archive="A3")
    assert told("shipping.confirmed") == {new[SCR], manager}
    note_reverse(actor=house.actor(SCR), note_id=note.pk, reason="退回")
    assert told("shipping.reversed") == {new[CSR], manager}
    assert not Notice.objects.filter(user_id__in=former, kind__startswith="shipping.").exists()


def test_while_a_seat_is_empty_the_others_are_told(depot: Any, note: Any) -> None:
    house = depot.house
    vacates(house, CSR)
    depot.dispatched(note.pk)
    assert told("shipping.dispatched") == {house.people[MANAGER]}


def test_an_amended_order_is_told_to_a_keeper_when_the_picker_has_gone(
    depot: Any, note: Any
) -> None:
    house = depot.house
    scr, keeper = house.actor(SCR), house.actor("warehouse_keeper")
    note_carrier(actor=scr, note_id=note.pk, carrier="顺达物流")
    note_pick(actor=keeper, note_id=note.pk)
    gone, new = leaves(house, "warehouse_keeper"), replaced(house, SCR)
    order = note.lines.get().order
    line = LineDraft(product_id=house.products["HY-0712"], quantity=Decimal(10))
    change = amendment_ask(
        actor=house.actor(MANAGER), order_id=order.pk, reason="客户减量",
        draft=OrderDraft(customer_id=order.customer_id, lines=(line,),
                         requested_on=order.requested_on),
    )  # fmt: skip
    for who in ("market_manager", "deputy_sales_director"):
        task = open_task_for("orders.amendment", change.pk, "", house.actor(who))
        assert task is not None
        task_decide(actor=house.actor(who), task_id=task.pk, decision="approve", comment="同意")
    readers = told("shipping.pick_again")
    assert gone not in readers
    assert readers == {new[SCR], house.people[CSR], house.people["second_keeper"]}


def test_tasks_of_a_note_go_to_the_coordinator_on_the_seat(depot: Any, note: Any) -> None:
    house = depot.house
    new = replaced(house, SCR)
    depot.ready(note.pk)
    waiting = Task.objects.filter(step_run__code="DP", state="open")
    people = set(waiting.values_list("assignee_id", flat=True))
    assert new[SCR] in people
    assert note.scr_id not in people


def test_the_explanation_is_asked_of_the_coordinator_on_the_seat(depot: Any, note: Any) -> None:
    new = replaced(depot.house, SCR)
    with clock.at(note.received_at + timedelta(hours=48)):
        assert explain_sweep() == 1
        assert told("process.problem") == {new[SCR]}
    assert ProblemRecord.objects.get().owner_id == new[SCR]


def test_without_a_coordinator_the_sales_manager_explains(depot: Any, note: Any) -> None:
    vacates(depot.house, SCR)
    with clock.at(note.received_at + timedelta(hours=48)):
        assert explain_sweep() == 1
    assert ProblemRecord.objects.get().owner_id == depot.house.people[MANAGER]


def test_when_the_sales_manager_has_left_the_customers_present_one_is_told(
    depot: Any, note: Any
) -> None:
    house = depot.house
    customer, successor = note.customer_id, house.people["sales_rep"]
    assert sales_managers(customer, note.owner_id) == [note.owner_id]
    customer_hand_over(actor=house.system, customer_id=customer, owner_id=successor, reason="接手")
    # Documents keep their own owner as long as there is one.
    assert sales_managers(customer, note.owner_id) == [note.owner_id]
    leaves(house, MANAGER)
    depot.dispatched(note.pk)
    assert told("shipping.dispatched") == {house.people[CSR], successor}


def test_when_nobody_took_the_customer_over_the_superior_is_told(depot: Any, note: Any) -> None:
    house = depot.house
    leaves(house, MANAGER)
    depot.dispatched(note.pk)
    (above,) = told("shipping.dispatched") - {house.people[CSR]}
    assert above == house.people["market_manager"]
    vacates(house, MANAGER)
    assert sales_managers(note.customer_id, note.owner_id) == [above]
