"""Reserving, moving, earmarking and freeing: state, entries and the verifier."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.transactions import write
from chengdan.modules.credit import verification
from chengdan.modules.credit.models import Account, CreditEntry, SourceBalance
from chengdan.modules.credit.selectors import (
    Provided,
    credit_prepayment,
    earmarked_for,
    exposure,
    exposure_documents,
    releases,
    totals_of,
)
from chengdan.modules.credit.services import (
    Band,
    Bucket,
    LedgerError,
    Move,
    OverLimitError,
    Release,
    Source,
    credit_earmark,
    credit_evaluate,
    credit_evaluate_locked,
    credit_free,
    credit_post,
    credit_release_record,
    credit_reserve,
    credit_unearmark,
)
from chengdan.modules.credit.verification import (
    verify_accounts,
    verify_documents,
    verify_pending,
    verify_releases,
)
from tests.fixtures.credit import INVOICE, ORDER, RECEIPT

D = Decimal
UNTIL = date(2026, 12, 31)


def order(pk, line=0):
    return Source(ORDER, pk, line)


def differences():
    found = [*verify_accounts(), *verify_releases(), *verify_pending()]
    return [str(item) for item in found]


@pytest.fixture
def customer(credit_house, frozen_clock):
    return credit_house.customer(limit=1000)


@pytest.fixture
def act(credit_house, customer):
    class Acts:
        who = {"actor": credit_house.actor, "customer_id": customer}

        def reserve(self, pk, amount, **more):
            return credit_reserve(**self.who, source=order(pk), amount=D(amount), **more)

        def post(self, *moves, reason="tests"):
            listed = [
                Move(bucket, D(delta), source, *rest) for bucket, delta, source, *rest in moves
            ]
            return credit_post(**self.who, moves=listed, reason=reason)

        def receipt(self, pk, amount):
            return self.post((Bucket.UNAPPLIED, amount, Source(RECEIPT, pk)))

    return Acts()


def test_a_reservation_stands_in_open_and_can_be_freed_twice(act, customer, credit_house):
    act.reserve(1, 400)
    assert (totals_of(customer).open, exposure(customer)) == (D(400), D(400))
    freed = [credit_free(**act.who, source=order(1)) for _ in range(2)]
    assert freed == [D(400), D(0)]
    assert exposure(customer) == 0
    assert [(e.delta, e.reason) for e in CreditEntry.objects.order_by("id")] == [
        (D(400), "reserve"),
        (D(-400), "free"),
    ]
    assert differences() == []


@pytest.mark.requirement("CRD-15", partly="order acts are tested in their room")
def test_above_the_limit_nothing_is_reserved_without_a_release(act, customer):
    act.reserve(1, 900)
    with pytest.raises(OverLimitError) as refused:
        act.reserve(2, "100.01")
    assert refused.value.params["available"] == D(100)
    assert totals_of(customer).open == 900
    assert SourceBalance.objects.count() == 1


@pytest.mark.requirement("CRD-15", partly="order acts are tested in their room")
def test_a_release_names_who_how_much_until_when(act, customer, credit_house):
    boss = credit_house.other_user_id
    act.reserve(1, 900)
    with pytest.raises(OverLimitError):
        act.reserve(2, 200, release=Release(boss, D("99.99"), UNTIL, "too little"))
    found = act.reserve(2, 200, release=Release(boss, D(100), UNTIL, "season"))
    assert (found.exposure, found.over) == (D(1100), D(100))
    entry = CreditEntry.objects.get(released_by_id=boss)
    assert (entry.release_amount, entry.release_until, entry.release_reason) == (
        D(100),
        UNTIL,
        "season",
    )
    assert differences() == []


def test_a_release_asked_for_is_recorded_when_given_and_needed_before_delivery(
    act, customer, credit_house
):
    boss = credit_house.other_user_id
    act.reserve(1, 1100, release=Release(boss, D(100), UNTIL, "asked", is_pending=True))
    assert [(r.amount, r.is_pending) for r in releases(customer)] == [(D(100), True)]
    act.post((Bucket.OPEN, -1100, order(1)), (Bucket.TO_INVOICE, 1100, order(1)))
    assert len(differences()) == 1
    act.post((Bucket.OPEN, 1100, order(1)), (Bucket.TO_INVOICE, -1100, order(1)))
    credit_release_record(
        **act.who, source=order(1), release=Release(boss, D(100), UNTIL, "agreed")
    )
    assert [(r.by_name, r.is_pending, r.is_ended) for r in releases(customer)] == [
        ("zhou", False, False)
    ]


def test_a_release_that_is_not_needed_is_not_noted(act, credit_house):
    act.reserve(1, 10, release=Release(credit_house.user_id, D(5), UNTIL, "in case"))
    assert not CreditEntry.objects.filter(released_by__isnull=False).exists()


def test_reserving_again_replaces_and_lowering_is_always_possible(act, customer, credit_house):
    release = Release(credit_house.user_id, D(500), UNTIL, "season")
    act.reserve(1, 1500, release=release)
    act.reserve(1, 1200)
    assert totals_of(customer).open == 1200
    with pytest.raises(OverLimitError):
        act.reserve(1, 1201)
    assert differences() == []


def test_an_amount_moves_through_the_buckets_and_documents_add_up(act, customer):
    act.reserve(1, 500)
    invoice = Source(INVOICE, 9)
    act.post((Bucket.OPEN, -300, order(1)), (Bucket.TO_INVOICE, 300, order(1)))
    act.post((Bucket.TO_INVOICE, -200, order(1)), (Bucket.RECEIVABLE, 200, invoice, order(1)))
    totals = totals_of(customer)
    assert (totals.open, totals.to_invoice, totals.receivable) == (D(200), D(100), D(200))
    assert totals.exposure == 500
    for bucket in Bucket:
        documents = exposure_documents(customer, bucket)
        assert sum((d.amount for d in documents), D(0)) == getattr(totals, bucket)
    assert [d.id for d in exposure_documents(customer, Bucket.RECEIVABLE)] == [9]
    assert differences() == []


def test_an_unapplied_receipt_lowers_the_exposure_and_makes_room(act, customer):
    act.post((Bucket.RECEIVABLE, 1000, Source(INVOICE, 1)))
    act.receipt(1, 300)
    assert exposure(customer) == 700
    act.reserve(1, 300)
    assert differences() == []


def test_moving_more_than_stands_there_is_refused_and_nothing_is_posted(act, customer):
    act.reserve(1, 100)
    with pytest.raises(LedgerError):
        act.post((Bucket.OPEN, -101, order(1)), (Bucket.TO_INVOICE, 101, order(1)))
    assert totals_of(customer).open == 100
    assert CreditEntry.objects.count() == 1


def test_an_allocation_finds_the_orders_of_its_invoice(act, customer):
    invoice = Source(INVOICE, 5)
    act.post(
        (Bucket.RECEIVABLE, 100, invoice, order(1)), (Bucket.RECEIVABLE, 50, invoice, order(2))
    )
    act.receipt(1, 120)
    act.post((Bucket.RECEIVABLE, -120, invoice), (Bucket.UNAPPLIED, -120, Source(RECEIPT, 1)))
    rows = SourceBalance.objects.filter(bucket=Bucket.RECEIVABLE).order_by("serves_id")
    assert [row.amount for row in rows] == [D(0), D(30)]
    assert exposure(customer) == 30
    assert differences() == []


@pytest.mark.requirement("CRD-07", partly="the passing step is in the order process")
def test_an_order_paid_first_occupies_nothing_and_knows_what_is_missing(act, customer):
    act.post((Bucket.RECEIVABLE, 1000, Source(INVOICE, 1)))
    found = act.reserve(7, 800, pays_first=True)
    assert (found.missing, found.exposure) == (D(800), D(1000))
    act.receipt(1, 900)
    credit_earmark(**act.who, receipt=Source(RECEIPT, 1), order=order(7), amount=D(500))
    prepayment = credit_prepayment(order(7))
    assert (prepayment.earmarked, prepayment.missing, prepayment.is_covered) == (
        D(500),
        D(300),
        False,
    )
    credit_earmark(**act.who, receipt=Source(RECEIPT, 1), order=order(7), amount=D(300))
    assert credit_prepayment(order(7)).is_covered
    assert earmarked_for(order(7)) == 800
    assert exposure(customer) == 900
    assert differences() == []


def test_money_taken_back_is_missing_again(act, customer):
    act.reserve(7, 800, pays_first=True)
    act.receipt(1, 800)
    who = {**act.who, "receipt": Source(RECEIPT, 1), "order": order(7)}
    credit_earmark(**who, amount=D(800))
    credit_unearmark(**who, amount=D(300))
    assert credit_prepayment(order(7)).missing == 300
    assert (totals_of(customer).unapplied, exposure(customer)) == (D(300), D(-300))
    assert differences() == []


def test_money_set_aside_before_the_check_serves_its_own_order_only(act, customer):
    act.receipt(1, 600)
    credit_earmark(**act.who, receipt=Source(RECEIPT, 1), order=order(7), amount=D(600))
    assert exposure(customer) == 0
    assert credit_evaluate(customer, D(600), order(7)).band == Band.PREPAID
    assert credit_evaluate(customer, D(1001), order(8)).over == 1
    act.reserve(7, 1600)
    assert exposure(customer) == 1000
    assert credit_prepayment(order(7)).missing == 0
    assert differences() == []


def test_a_paid_order_ends_with_nothing_in_any_bucket(act, customer):
    invoice, receipt = Source(INVOICE, 3), Source(RECEIPT, 1)
    act.reserve(7, 800, pays_first=True)
    act.receipt(1, 800)
    credit_earmark(**act.who, receipt=receipt, order=order(7), amount=D(800))
    act.post((Bucket.OPEN, -800, order(7)), (Bucket.TO_INVOICE, 800, order(7)))
    act.post((Bucket.TO_INVOICE, -800, order(7)), (Bucket.RECEIVABLE, 800, invoice, order(7)))
    assert exposure(customer) == 0
    act.post((Bucket.RECEIVABLE, -800, invoice), (Bucket.EARMARKED, -800, receipt))
    account = Account.objects.get(pk=customer)
    assert all(getattr(account, bucket) == 0 for bucket in Bucket)
    assert differences() == []


def test_cancelling_an_order_paid_first_leaves_its_money(act, customer):
    act.reserve(7, 800, pays_first=True)
    act.receipt(1, 800)
    who = {**act.who, "receipt": Source(RECEIPT, 1), "order": order(7)}
    credit_earmark(**who, amount=D(500))
    credit_free(**act.who, source=order(7))
    assert credit_prepayment(order(7)).missing == 0
    credit_unearmark(**who, amount=D(500))
    assert (totals_of(customer).unapplied, exposure(customer)) == (D(800), D(-800))
    assert differences() == []


def test_a_customer_without_limit_pays_first(credit_house, frozen_clock):
    poor = credit_house.customer("C2")
    assert credit_evaluate(poor, D(10)).band == Band.PREPAID
    found = credit_reserve(
        actor=credit_house.actor, customer_id=poor, source=order(1), amount=D(10)
    )
    assert (found.missing, exposure(poor)) == (D(10), D(0))


def test_the_locked_evaluation_equals_the_free_one_and_changes_nothing(act, customer):
    act.reserve(1, 700)
    with write():
        locked = credit_evaluate_locked(customer, D(400), order(2))
    assert locked == credit_evaluate(customer, D(400), order(2))
    assert (locked.band, locked.over) == (Band.OVER_SMALL, D(100))
    assert credit_evaluate(customer, D(800), order(1)).exposure == 800


def test_an_unknown_customer_is_not_found(credit_house):
    with pytest.raises(NotFoundError):
        credit_reserve(actor=credit_house.actor, customer_id=10**6, source=order(1), amount=D(1))


@pytest.mark.parametrize(
    "sql", ["UPDATE credit_creditentry SET delta = 1", "DELETE FROM credit_creditentry"]
)
def test_entries_cannot_be_altered_by_anybody(act, sql):
    act.reserve(1, 100)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_reservation_takes_at_most_six_queries(act, django_assert_max_num_queries):
    act.reserve(1, 100)
    with django_assert_max_num_queries(7) as captured:
        act.reserve(2, 100)
    statements = [q for q in captured.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(statements) <= 6


def test_the_verifier_compares_every_bucket_with_its_documents(act, customer, monkeypatch):
    act.reserve(1, 100)
    documents = [
        Provided(customer, order(1, line), D(amount)) for line, amount in ((1, 60), (2, 40))
    ]
    monkeypatch.setattr(
        verification, "exposure_providers", lambda b: [lambda who: documents] if b == "open" else []
    )
    assert list(verify_documents()) == []
    documents.append(Provided(customer, order(2), D(7)))
    assert [str(item) for item in verify_documents()] == [
        f"I5 customer {customer} open tests.order 2: expected 7, found 0"
    ]


def test_the_verifier_finds_a_changed_total_and_a_changed_balance(act, customer):
    act.reserve(1, 100)
    Account.objects.update(open=D(99))
    SourceBalance.objects.update(amount=D(98))
    found = differences()
    assert len(found) == 2
    assert "expected 100.0000, found 99.0000" in found[0]
