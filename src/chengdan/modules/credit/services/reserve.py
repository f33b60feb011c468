"""The credit check: evaluate, reserve, release above the limit, free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.locking import locked_row
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.prepared import row_by_pk
from chengdan.kernel.transactions import write
from chengdan.modules.credit import rules
from chengdan.modules.credit.access import credit_account_lock
from chengdan.modules.credit.models import Account
from chengdan.modules.credit.providers import overdue_amount
from chengdan.modules.credit.rules import CreditVerdict, Source, Totals
from chengdan.modules.credit.services.ledger import Book, Move, Release
from chengdan.modules.credit.vocabulary import (
    OVER_PERCENT,
    RELEASE_RECORDED,
    Bucket,
    OverLimitError,
)

_NOTHING = Source("", 0)
_ACCOUNTS = Account.objects.select_related("customer")


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a reservation left behind.

    Attributes:
        exposure: of the account, with this reservation.
        over: max(0, exposure − limit).
        missing: money still to be set aside before the goods leave; 0 unless paid first.
    """

    exposure: Decimal
    over: Decimal
    missing: Decimal


def credit_evaluate(
    customer_id: int,
    amount: Decimal,
    source: Source | None = None,
    *,
    pays_first: bool = False,
    on: date | None = None,
) -> CreditVerdict:
    """Return what the credit check would say, without lock and without any effect.

    For the stops list, the dry run and the what-if box; a decision uses
    `credit_evaluate_locked`.

    Args:
        amount: gross of the order.
        source: the order, whose own reservation is left out; None for one not yet entered.
        pays_first: the order is to be paid before shipment whatever the customer's terms.
        on: date on which "overdue" is judged; default today.
    """
    account = locked_row(Account, customer_id) or row_by_pk(_ACCOUNTS, customer_id)
    return _verdict(account, customer_id, amount, source, pays_first=pays_first, on=on)


def credit_evaluate_locked(
    customer_id: int, amount: Decimal, source: Source, *, pays_first: bool = False
) -> CreditVerdict:
    """Return what the credit check says, with the account locked until the transaction ends.

    Raises:
        NotFoundError: no such customer.
        RuntimeError: outside `write()`.
    """
    account = credit_account_lock(customer_id)
    return _verdict(account, customer_id, amount, source, pays_first=pays_first)


def _verdict(
    account: Account | None,
    customer_id: int,
    amount: Decimal,
    source: Source | None,
    *,
    pays_first: bool,
    on: date | None = None,
) -> CreditVerdict:
    document = (source or _NOTHING).document
    book = Book(account, [document]) if account is not None and source is not None else None
    return rules.credit_verdict(
        totals=account.totals if account is not None else Totals(),
        claim=book.claim(document) if book is not None else rules.Claim(),
        amount=amount,
        limit=account.limit if account is not None else None,
        pays_first=pays_first or (account is not None and account.customer.pay_first),
        overdue=overdue_amount(customer_id, on or clock.today()),
        percent=parameter_value(account.company_id if account else None, OVER_PERCENT),
    )


def credit_reserve(
    *,
    actor: Actor,
    customer_id: int,
    source: Source,
    amount: Decimal,
    release: Release | None = None,
    pays_first: bool = False,
    round_number: int = 1,
) -> Reservation:
    """Make the order's reservation `amount`, replacing an earlier one of the same order.

    Args:
        amount: gross, >= 0, of what is neither delivered nor invoiced.
        release: who lets the exposure pass the limit; with `is_pending` somebody who has been
            asked, and goods wait until `credit_release_record`.
        pays_first: the order is paid before shipment; the amount then occupies no credit, and
            `credit_prepayment` tells what is still missing.

    Raises:
        OverLimitError: the exposure would pass the limit and `release` does not cover it.
        NotFoundError: no such customer.
        ValueError: a negative amount; a caller bug.

    Source: decisions §3; CRD-04…07, CRD-15, invariant I5.
    """
    if amount < ZERO:
        raise ValueError("a reservation is not negative")
    with write():
        account = credit_account_lock(customer_id)
        book = Book(account, [source.document])
        before = account.exposure
        is_first = pays_first or account.limit is None or account.customer.pay_first
        _reservation_set(book, source, amount, is_first=is_first)
        exposure = book.totals().exposure
        released = release.amount if release is not None else ZERO
        over = rules.over_limit(exposure=exposure, limit=account.limit)
        if not rules.reservation_allowed(
            exposure=exposure, before=before, limit=account.limit, released=released
        ):
            raise OverLimitError(
                amount=amount,
                available=(account.limit or ZERO) - before,
                over=over,
                rule=rules.RULES[rules.STOP],
            )
        needs_release = exposure > before and over > ZERO
        missing = book.claim(source.document).promised
        book.save(
            actor,
            "reserve",
            round_number=round_number,
            release=release if needs_release else None,
        )
        crashpoint("credit.reserved")
        return Reservation(exposure=exposure, over=over, missing=missing)


def _reservation_set(book: Book, source: Source, amount: Decimal, *, is_first: bool) -> None:
    """Bring open and promised of the order to what the reservation asks for."""
    claim = book.claim(source.document)
    wanted = rules.claim_after(claim, amount=amount, pays_first=is_first)
    _bring_to(book, Bucket.OPEN, source, wanted.open)
    _bring_to(book, Bucket.PROMISED, Source(source.type, source.id), wanted.promised)


def _bring_to(book: Book, bucket: str, source: Source, wanted: Decimal) -> None:
    standing = book.standing(bucket, source)
    for row in standing:
        if row.source != source:
            book.apply(Move(bucket, -row.amount, row.source, source))
    own = sum((row.amount for row in standing if row.source == source), ZERO)
    book.apply(Move(bucket, wanted - own, source, source))


def credit_release_record(
    *, actor: Actor, customer_id: int, source: Source, release: Release
) -> None:
    """Note in the ledger that the asked person released a reservation above the limit.

    Raises:
        NotFoundError: no such customer.
        ValueError: the release is still pending or names no reason; a caller bug.
    """
    if release.is_pending or not release.reason:
        raise ValueError("a recorded release is decided and has a reason")
    with write():
        account = credit_account_lock(customer_id)
        book = Book(account, [source.document])
        book.note(source)
        book.save(actor, "release", release=release)
        audit_record(
            actor,
            RELEASE_RECORDED,
            account,
            after={
                "source": f"{source.type} {source.id}",
                "released_by": release.by_id,
                "amount": release.amount,
                "until": release.until,
            },
            reason=release.reason,
        )


def credit_free(*, actor: Actor, customer_id: int, source: Source, reason: str = "free") -> Decimal:
    """Free what the source still reserves (all lines for line 0); return the freed amount.

    Delivered and invoiced amounts stay; receipts set aside stay until billing takes them back.
    Doing it twice changes nothing.

    Raises:
        NotFoundError: no such customer.
    """
    with write():
        account = credit_account_lock(customer_id)
        book = Book(account, [source.document])
        freed = ZERO
        for row in book.standing(Bucket.OPEN, source):
            freed += row.amount
            book.apply(Move(Bucket.OPEN, -row.amount, row.source, Source(*row.serves)))
        if source.line == 0:
            for row in book.standing(Bucket.PROMISED, source):
                book.apply(Move(Bucket.PROMISED, -row.amount, row.source, Source(*row.serves)))
        book.save(actor, reason)
        return freed
