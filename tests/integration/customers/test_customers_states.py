"""Activation with everything it asks, suspension, closing and hand-over."""

from collections.abc import Iterator, Sequence
from datetime import date

import pytest

from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ForbiddenError, InvalidError
from chengdan.kernel.outbox.models import OutboxMessage
from chengdan.kernel.transitions import TransitionError
from tests.fixtures.customers import Buyers
from tests.fixtures.people import People

pytestmark = pytest.mark.django_db


@pytest.fixture
def only_own_checks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Leave out the checks of later rooms; a test may add its own."""
    from chengdan.modules.customers.selectors import readiness

    checks: list[object] = []
    monkeypatch.setattr(readiness, "activation_checks", lambda: checks)
    return iter([checks])


@pytest.fixture
def checks(only_own_checks: Iterator[list[object]]) -> list[object]:
    return next(only_own_checks)


@pytest.mark.requirement("ORG-17", partly="the credit limit is checked by the credit room")
def test_activation_lists_everything_that_is_missing(
    people: People, buyers: Buyers, checks: list[object]
) -> None:
    from chengdan.modules.customers.services import customer_activate
    from chengdan.modules.customers.vocabulary import ActivationError, CustomerFacts, Missing

    def limit_missing(facts: Sequence[CustomerFacts]) -> dict[int, list[Missing]]:
        return {item.id: [Missing("credit_limit", "no limit")] for item in facts}

    checks.append(limit_missing)
    customer = buyers("和兴食品", territory_id=None, payment_term_days=None)
    with pytest.raises(ActivationError) as refused:
        customer_activate(actor=people.actor("market_manager"), customer_id=customer.pk)
    codes = [item.code for item in refused.value.missing]
    assert codes == ["payment_term", "territory", "slt_member", "credit_limit"]
    assert refused.value.missing[0].url == f"/customers/{customer.pk}/edit/"
    customer.refresh_from_db()
    assert customer.status == "draft"


def test_without_a_territory_that_leads_to_a_member_nothing_becomes_active(
    people: People, buyers: Buyers, checks: list[object]
) -> None:
    from chengdan.modules.customers.services import customer_activate, customer_update
    from chengdan.modules.customers.vocabulary import ActivationError

    actor = people.actor("market_manager")
    member = people.users["sales_director"].pk
    customer = buyers("和兴食品", territory_id=None, slt_member_id=member)
    with pytest.raises(ActivationError) as refused:
        customer_activate(actor=actor, customer_id=customer.pk)
    assert [item.code for item in refused.value.missing] == ["territory"]
    place = {"territory_id": people.territories["SHA"].pk}
    customer_update(actor=actor, customer_id=customer.pk, values=place)
    customer_activate(actor=actor, customer_id=customer.pk)
    with pytest.raises(InvalidError) as refused_edit:
        customer_update(actor=actor, customer_id=customer.pk, values={"territory_id": None})
    assert [item.field for item in refused_edit.value.items] == ["territory_id"]


def test_a_complete_customer_becomes_active_with_entry_and_event(
    people: People, buyers: Buyers, checks: list[object]
) -> None:
    from chengdan.modules.customers.services import customer_activate

    customer = buyers("和兴食品")
    active = customer_activate(
        actor=people.actor("market_manager"), customer_id=customer.pk, expected_version=1
    )
    assert (active.status, active.version) == ("active", 2)
    assert active.activated_at is not None
    assert audit_history(customer)[0].code == "customers.customer.activated"
    assert OutboxMessage.objects.filter(topic="customers.CustomerActivated").count() == 1
    with pytest.raises(TransitionError):
        customer_activate(actor=people.actor("market_manager"), customer_id=customer.pk)


def test_many_are_activated_together_or_not_at_all(
    people: People, buyers: Buyers, checks: list[object]
) -> None:
    from chengdan.modules.customers.services import customers_activate
    from chengdan.modules.customers.vocabulary import ActivationError

    good, bad = buyers("和兴食品"), buyers("盛丰粮油", payment_term_days=None)
    actor = people.actor("market_manager")
    with pytest.raises(ActivationError):
        customers_activate(actor=actor, customer_ids=[good.pk, bad.pk])
    good.refresh_from_db()
    assert good.status == "draft"
    assert [row.status for row in customers_activate(actor=actor, customer_ids=[good.pk])] == [
        "active"
    ]


def test_out_of_the_active_state_and_back(
    people: People, buyers: Buyers, checks: list[object]
) -> None:
    from chengdan.modules.customers import services as s

    customer = buyers("和兴食品", is_active=True)
    actor = people.actor("market_manager")
    with pytest.raises(InvalidError):
        s.customer_suspend(actor=actor, customer_id=customer.pk, reason="  ")
    s.customer_suspend(actor=actor, customer_id=customer.pk, reason="逾期")
    s.customer_resume(actor=actor, customer_id=customer.pk)
    s.customer_close(actor=actor, customer_id=customer.pk, reason="停业")
    back = s.customer_reopen(actor=actor, customer_id=customer.pk, reason="复业")
    assert back.status == "draft"
    codes = [entry.code.rpartition(".")[2] for entry in reversed(audit_history(customer))]
    assert codes == ["created", "suspended", "resumed", "closed", "reopened"]


def test_no_order_for_a_customer_that_is_not_active(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers.access import access_customer_for_order
    from chengdan.modules.customers.vocabulary import CustomerNotActiveError

    customer = buyers("和兴食品")
    actor = people.actor("key_account_manager")
    with pytest.raises(CustomerNotActiveError):
        access_customer_for_order(actor, customer.pk)
    ready = buyers("盛丰粮油", is_active=True)
    assert access_customer_for_order(actor, ready.pk) == ready


def test_who_sees_but_may_not_is_forbidden(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers.services import customer_suspend

    customer = buyers("和兴食品", is_active=True)
    actor = people.actor("key_account_manager")
    with pytest.raises(ForbiddenError):
        customer_suspend(actor=actor, customer_id=customer.pk, reason="x")


def test_a_hand_over_moves_owner_and_unit_with_a_reason(people: People, buyers: Buyers) -> None:
    from chengdan.modules.customers.selectors import customers_visible
    from chengdan.modules.customers.services import customer_hand_over

    customer = buyers("和兴食品", role="key_account_manager")
    heir = people.users["sales_rep"]
    with pytest.raises(InvalidError):
        customer_hand_over(
            actor=people.actor("market_manager"), customer_id=customer.pk, owner_id=heir.pk,
            reason="",
        )  # fmt: skip
    assert not customers_visible(people.actor("sales_rep")).exists()
    customer_hand_over(
        actor=people.actor("market_manager"), customer_id=customer.pk, owner_id=heir.pk,
        reason="换岗",
    )  # fmt: skip
    assert customers_visible(people.actor("sales_rep")).get() == customer
    entry = audit_history(customer)[0]
    assert (entry.code, entry.reason) == ("customers.customer.handed_over", "换岗")
    assert OutboxMessage.objects.filter(topic="customers.CustomerHandedOver").exists()


@pytest.mark.parametrize("role", ["administrator", "auditor", "warehouse_keeper"])
def test_only_who_may_edit_customers_becomes_responsible(
    people: People, buyers: Buyers, role: str
) -> None:
    from chengdan.modules.customers.services import (
        CustomerDraft,
        customer_create,
        customer_hand_over,
    )

    customer, stranger = buyers("和兴食品"), people.users[role].pk
    with pytest.raises(InvalidError) as refused:
        customer_hand_over(
            actor=people.actor("market_manager"), customer_id=customer.pk, owner_id=stranger,
            reason="换岗",
        )  # fmt: skip
    assert [item.field for item in refused.value.items] == ["owner_id"]
    customer.refresh_from_db()
    assert customer.owner_id == people.users["key_account_manager"].pk
    draft = CustomerDraft(name="盛丰粮油", owner_id=stranger)
    with pytest.raises(InvalidError) as refused:
        customer_create(actor=people.actor("csr"), draft=draft)
    assert [item.field for item in refused.value.items] == ["owner_id"]


@pytest.mark.requirement("CRD-14")
def test_the_due_day_follows_from_term_basis_and_paying_first(buyers: Buyers) -> None:
    from chengdan.modules.customers.selectors import customer_due_on, customer_summary

    start = date(2026, 11, 16)
    plain = buyers("甲食品", payment_term_days=45)
    monthly = buyers("乙食品", payment_term_days=30, payment_term_basis="month_end")
    first = buyers("丙食品", payment_term_days=30, pay_first=True)
    assert customer_due_on(plain, start) == date(2026, 12, 31)
    assert customer_due_on(customer_summary(monthly.pk), start) == date(2026, 12, 30)
    assert customer_due_on(first, start) == start
