"""The shortfall release as an act of its own; limits proposed, decided, loaded; activation."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_history
from chengdan.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from chengdan.kernel.notices.models import Notice
from chengdan.kernel.transactions import unguarded
from chengdan.modules.credit.models import Account, CreditEntry, LimitChange
from chengdan.modules.credit.registrations import limit_missing
from chengdan.modules.credit.selectors import credit_prepayment, exposure, limits_to_decide
from chengdan.modules.credit.services import (
    LimitRow,
    ShortfallError,
    Source,
    credit_limit_approve,
    credit_limit_propose,
    credit_limit_refuse,
    credit_limits_load,
    credit_reserve,
    credit_shortfall_release,
)
from chengdan.modules.credit.verification import verify_accounts, verify_releases
from chengdan.modules.credit.vocabulary import ProposalError, SameApproverError
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.vocabulary import CustomerFacts
from chengdan.modules.people.models import Assignment
from chengdan.modules.people.services import assignment_end, deputy_name, deputy_revoke
from chengdan.modules.process.errors import AmountAboveDeputyError
from tests.fixtures.credit import ORDER, credit_customer

D = Decimal
ORDER_7 = Source(ORDER, 7)
UNTIL = date(2026, 12, 31)


@pytest.fixture
def customer(people, frozen_clock):
    unit = people.units["FSF-E-SH"].pk
    owner = people.users["key_account_manager"].pk
    return credit_customer(
        people.company.pk, unit, owner, "K1", pay_first=True,
        slt_member_id=people.users["deputy_sales_director"].pk,
        territory_id=people.territories["SHA"].pk,
    )  # fmt: skip


def reserve(people, customer, amount):
    actor = Actor.system("tests", people.company.pk)
    credit_reserve(actor=actor, customer_id=customer, source=ORDER_7, amount=D(amount))


def release(people, customer, role="deputy_sales_director", **more):
    values = {"source": ORDER_7, "until": UNTIL, "reason": "promised for Monday", **more}
    return credit_shortfall_release(actor=people.actor(role), customer_id=customer, **values)


@pytest.mark.requirement("CRD-08", partly="the waiting step is in the order process")
@pytest.mark.parametrize("missing", ["0.01", "10000"])
def test_a_small_shortfall_is_released_by_name_and_becomes_credit(people, customer, missing):
    reserve(people, customer, missing)
    assert release(people, customer) == D(missing)
    assert credit_prepayment(ORDER_7).is_covered
    assert exposure(customer) == D(missing)
    entry = CreditEntry.objects.get(reason="shortfall")
    assert entry.released_by_id == people.users["deputy_sales_director"].pk
    assert (entry.release_amount, entry.release_until) == (D(missing), UNTIL)
    assert audit_history((Account, customer))[0].code == "credit.shortfall.released"
    assert [*verify_accounts(), *verify_releases()] == []


@pytest.mark.requirement("CRD-08", partly="the waiting step is in the order process")
def test_a_larger_shortfall_or_none_is_refused(people, customer):
    reserve(people, customer, "10000.01")
    with pytest.raises(ShortfallError):
        release(people, customer)
    reserve(people, customer, 0)
    with pytest.raises(ShortfallError):
        release(people, customer)


def test_a_shortfall_needs_right_reason_and_a_day_to_come(people, customer):
    reserve(people, customer, 100)
    with pytest.raises(ForbiddenError):
        release(people, customer, role="key_account_manager")
    with pytest.raises(InvalidError):
        release(people, customer, reason=" ")
    with pytest.raises(InvalidError):
        release(people, customer, until=date(2026, 1, 1))
    with pytest.raises(InvalidError) as refused:
        release(people, customer, until=clock.today() + timedelta(days=367))
    assert [(item.field, item.code) for item in refused.value.items] == [("until", "far")]


def leave(people, *roles):
    """The holders of these seats leave them; nobody follows."""
    ends_on = clock.today() - timedelta(days=1)
    for role in roles:
        held = Assignment.objects.get(user_id=people.users[role].pk, ends_on=None)
        assignment_end(actor=Actor.system("tests"), assignment_id=held.pk, ends_on=ends_on)


@pytest.mark.parametrize("is_placed", [True, False], ids=["in a market", "without a market"])
def test_while_the_seat_in_charge_is_empty_its_superior_releases_and_nobody_else(
    people, customer, is_placed
):
    if not is_placed:
        with unguarded():
            Customer.objects.filter(pk=customer).update(territory_id=None)
    reserve(people, customer, 100)
    leave(people, "deputy_sales_director")
    with pytest.raises(ForbiddenError):
        release(people, customer, role="sales_director")
    assert release(people, customer, role="general_manager") == D(100)


def test_a_customer_that_nobody_is_in_charge_of_is_released_by_nobody(people, customer):
    reserve(people, customer, 100)
    leave(people, "deputy_sales_director", "general_manager")
    with pytest.raises(ForbiddenError):
        release(people, customer, role="sales_director")
    with unguarded():
        Customer.objects.filter(pk=customer).update(slt_member_id=None)
    with pytest.raises(ForbiddenError):
        release(people, customer, role="sales_director")
    assert not CreditEntry.objects.filter(reason="shortfall").exists()


def propose(people, customer, limit="5000", role="sales_director", **more):
    values = {"reason": "new customer", "evidence": "bank guarantee", **more}
    return credit_limit_propose(
        actor=people.actor(role), customer_id=customer, limit=D(limit), **values
    )


def test_a_proposal_changes_nothing_until_another_person_approves(people, customer):
    change = propose(people, customer)
    assert Account.objects.get(pk=customer).limit is None
    with pytest.raises(SameApproverError):
        credit_limit_approve(actor=people.actor("sales_director"), change_id=change.pk)
    behalf = people.actor("deputy_sales_director", on_behalf_of_id=change.proposed_by_id)
    with pytest.raises(SameApproverError):
        credit_limit_approve(actor=behalf, change_id=change.pk)
    other = people.actor("deputy_sales_director")
    credit_limit_approve(actor=other, change_id=change.pk, expected_version=1)
    assert Account.objects.get(pk=customer).limit == 5000
    codes = [entry.code for entry in audit_history(change)]
    assert codes == ["credit.limit.approved", "credit.limit.proposed"]
    with pytest.raises(ProposalError):
        credit_limit_approve(actor=other, change_id=change.pk)


def told(kind):
    found = Notice.objects.filter(kind=kind).order_by("user_id")
    return [(notice.user_id, notice.url) for notice in found]


def test_who_may_decide_is_told_of_a_proposal_and_its_author_of_the_decision(people, customer):
    change = propose(people, customer)
    url = f"/credit/limits/{change.pk}/"
    deciders = ("general_manager", "deputy_sales_director", "finance_manager")
    ids = sorted(people.users[role].pk for role in deciders)
    assert told("credit.limit_proposed") == [(pk, url) for pk in ids]
    other = people.actor("deputy_sales_director")
    credit_limit_refuse(actor=other, change_id=change.pk, comment="too early")
    author = (people.users["sales_director"].pk, url)
    assert told("credit.limit_refused") == [author]
    again = credit_limit_propose(
        actor=people.actor("sales_director"), customer_id=customer, limit=None, reason="careful"
    )
    assert [pk for pk, _url in told("credit.limit_proposed_none")] == ids
    credit_limit_approve(actor=other, change_id=again.pk)
    assert told("credit.limit_approved") == [(author[0], f"/credit/limits/{again.pk}/")]


def lend(people, principal, deputy="market_department", **values):
    """Name a deputy for today, on recorded consent."""
    today = clock.today()
    values = {"document_types": ["credit.limitchange"], **values}
    return deputy_name(
        actor=people.actor(principal), principal_id=people.users[principal].pk,
        deputy_id=people.users[deputy].pk, starts_on=today, ends_on=today,
        consent_text="电话同意", **values,
    )  # fmt: skip


@pytest.mark.requirement("ORG-20", partly="tasks are tested with the process engine")
def test_a_deputy_decides_on_a_limit_in_the_principals_name(people, customer):
    change = propose(people, customer)
    deputy = people.actor("market_department")
    assert not limits_to_decide(deputy)
    with pytest.raises((ForbiddenError, NotFoundError)):
        credit_limit_approve(actor=deputy, change_id=change.pk)
    lend(people, "deputy_sales_director")
    deputy = people.actor("market_department")
    assert [row.pk for row in limits_to_decide(deputy)] == [change.pk]
    decided = credit_limit_approve(actor=deputy, change_id=change.pk)
    principal = people.users["deputy_sales_director"].pk
    assert (decided.decided_by_id, decided.on_behalf_of_id) == (deputy.user_id, principal)
    assert decided.consent == "电话同意"
    assert audit_history(change)[0].on_behalf_of_id == principal
    assert told("credit.limit_signed") == [(principal, f"/credit/limits/{change.pk}/")]
    assert Account.objects.get(pk=customer).limit == 5000
    assert not limits_to_decide(deputy)


def test_a_deputy_decides_no_more_than_was_lent(people, customer):
    """Not for the author, not above the amount, not other documents, not without the right."""
    change = propose(people, customer)

    def refused(error, principal, **values):
        known = lend(people, principal, **values)
        deputy = people.actor("market_department")
        with pytest.raises(error):
            credit_limit_refuse(actor=deputy, change_id=change.pk, comment="no")
        deputy_revoke(actor=people.actor(principal), deputy_id=known.pk)

    refused(ForbiddenError, "sales_director")
    refused(AmountAboveDeputyError, "deputy_sales_director", max_amount=D(4999))
    refused(NotFoundError, "deputy_sales_director", document_types=["orders.order"])
    refused((ForbiddenError, NotFoundError), "csr")
    lend(people, "deputy_sales_director", max_amount=D(5000))
    token = replace(people.actor("market_department"), abilities=frozenset({"credit.account:view"}))
    with pytest.raises(ForbiddenError):
        credit_limit_refuse(actor=token, change_id=change.pk, comment="no")
    lend(people, "finance_manager", deputy="sales_director")
    with pytest.raises(SameApproverError):
        credit_limit_approve(actor=people.actor("sales_director"), change_id=change.pk)
    deputy = people.actor("market_department")
    assert credit_limit_refuse(actor=deputy, change_id=change.pk, comment="no").consent


def test_one_proposal_at_a_time_and_only_in_its_version(people, customer):
    change = propose(people, customer)
    with pytest.raises(ProposalError):
        propose(people, customer)
    other = people.actor("deputy_sales_director")
    with pytest.raises(ConflictError):
        credit_limit_refuse(actor=other, change_id=change.pk, comment="no", expected_version=9)
    credit_limit_refuse(actor=other, change_id=change.pk, comment="no")
    assert propose(people, customer).pk > change.pk


@pytest.mark.parametrize(
    ("values", "field"),
    [({"limit": "-1"}, "limit"), ({"reason": ""}, "reason"), ({"evidence": ""}, "evidence")],
)
def test_a_proposal_says_what_is_wrong_with_it(people, customer, values, field):
    with pytest.raises(InvalidError) as refused:
        propose(people, customer, **values)
    assert [item.field for item in refused.value.items] == [field]


def test_loading_limits_needs_its_right_and_records_each(people, customer):
    rows = [LimitRow(customer, D(100))]
    with pytest.raises(ForbiddenError):
        credit_limits_load(actor=people.actor("csr"), rows=rows, reason="x")
    credit_limits_load(actor=Actor.system("tests"), rows=rows, reason="opening")
    assert LimitChange.objects.get(account_id=customer).status == "approved"
    with pytest.raises(InvalidError):
        credit_limits_load(
            actor=Actor.system("tests"), rows=[LimitRow(customer, D(-1))], reason="x"
        )


def test_activation_asks_for_a_limit_unless_the_customer_pays_first(people, customer):
    def facts(pk, *, pay_first):
        return CustomerFacts(
            id=pk, company_id=1, code="", name="", status="draft", owner_id=None,
            slt_member_id=None, payment_term_days=None, pay_first=pay_first, credit_grade="",
        )  # fmt: skip

    asked = [facts(customer, pay_first=False), facts(customer + 1, pay_first=True)]
    assert {pk: found[0].code for pk, found in limit_missing(asked).items()} == {
        customer: "credit_limit"
    }
    rows = [LimitRow(customer, D(0))]
    credit_limits_load(actor=Actor.system("tests"), rows=rows, reason="opening")
    assert limit_missing(asked) == {}
