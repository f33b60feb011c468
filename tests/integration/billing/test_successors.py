"""Reminders of an invoice go to whoever answers for it today, not to the names on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chengdan.kernel import clock
from chengdan.kernel.notices.models import Notice
from chengdan.modules.billing.jobs import ratio_sweep
from chengdan.modules.billing.process import InvoiceSubject
from chengdan.modules.billing.services import invoice_deliver
from chengdan.modules.people.selectors import holders_of, order_seats
from chengdan.modules.process.models import ProblemRecord
from chengdan.modules.process.services import deadlines_sweep
from tests.fixtures.billing import BillingHouse
from tests.fixtures.play import told
from tests.fixtures.succession import leaves, succeeds, vacates

pytestmark = pytest.mark.django_db
KINDS = ("billing.due", "billing.collect", "billing.escalate")
BCR, MANAGER, MEMBER = "csr_billing", "key_account_manager", "deputy_sales_director"


def waiting(billing: BillingHouse) -> Any:
    """Return an invoice that waits for its money; it names the holders of the market's seats."""
    house = billing.house
    house.people[BCR] = order_seats(house.territory_id).bcr_id
    invoice = billing.posted(billing.order(10))
    clerk = billing.actor("finance_clerk")
    return invoice_deliver(actor=clerk, invoice_id=invoice.pk, signed_by="罗先生")


def unpaid(billing: BillingHouse) -> dict[str, set[int]]:
    """Let an invoice be reminded, collected and escalated; return who was told each."""
    start, heard = clock.now(), {}
    for days, kind in zip((24, 31, 37), KINDS, strict=True):
        with clock.at(start + timedelta(days=days, hours=1)):
            deadlines_sweep()
            heard[kind] = told(kind)
    return heard


def test_coordinator_manager_and_leaders_are_told(billing: BillingHouse) -> None:
    people = billing.house.people
    waiting(billing)
    both = {people[BCR], people[MANAGER]}
    leaders = {people["market_manager"], people[MEMBER]}
    assert unpaid(billing) == dict(zip(KINDS, (both, both, both | leaders), strict=True))


def test_the_successors_on_the_seats_are_told(billing: BillingHouse) -> None:
    house = billing.house
    invoice = waiting(billing)
    former = {invoice.bcr_id, invoice.customer.slt_member_id}
    assert former == {house.people[BCR], house.people[MEMBER]}
    bcr, member = succeeds(house, BCR), succeeds(house, MEMBER)
    heard = unpaid(billing)
    assert heard["billing.due"] == heard["billing.collect"] == {bcr, house.people[MANAGER]}
    assert heard["billing.escalate"] == {
        bcr, member, house.people[MANAGER], house.people["market_manager"],
    }  # fmt: skip
    assert not Notice.objects.filter(user_id__in=former, kind__in=KINDS).exists()


def test_while_the_seat_of_the_market_is_empty_the_other_coordinators_are_told(
    billing: BillingHouse,
) -> None:
    house = billing.house
    waiting(billing)
    vacates(house, BCR)
    others = set(holders_of("csr_billing", house.company.pk))
    assert others
    assert unpaid(billing)["billing.collect"] == others | {house.people[MANAGER]}


def test_who_has_left_is_told_nothing(billing: BillingHouse) -> None:
    house = billing.house
    waiting(billing)
    gone = {leaves(house, seat) for seat in (BCR, MANAGER, MEMBER)}
    heard = unpaid(billing)
    assert all(gone.isdisjoint(readers) for readers in heard.values())
    assert house.people["market_manager"] in heard["billing.collect"]


def test_the_superior_explains_a_ratio_of_a_manager_who_has_left(billing: BillingHouse) -> None:
    waiting(billing)
    leaves(billing.house, MANAGER)
    with clock.at(clock.now() + timedelta(days=51)):
        assert (ratio_sweep(), ratio_sweep()) == (1, 0)
    record = ProblemRecord.objects.get(topic="bc.collected")
    assert record.owner_id == billing.house.people["market_manager"]


def test_steps_of_the_sales_manager_go_to_who_is_in_charge_now(billing: BillingHouse) -> None:
    subject = InvoiceSubject(waiting(billing))
    assert subject.responsible("account_manager") == [billing.house.people[MANAGER]]
    leaves(billing.house, MANAGER)
    assert subject.responsible("account_manager") == [billing.house.people["market_manager"]]
