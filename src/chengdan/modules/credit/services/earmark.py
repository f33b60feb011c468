"""Money set aside for an order, and the shortfall that may be released (CRD-08, note N2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.transactions import write
from chengdan.modules.credit.access import access_account_for_shortfall, credit_account_lock
from chengdan.modules.credit.models import Account
from chengdan.modules.credit.rules import RULE_SHORTFALL, Source
from chengdan.modules.credit.selectors import promise_issues, shortfall_most
from chengdan.modules.credit.services.ledger import Book, Move, Release
from chengdan.modules.credit.vocabulary import (
    SHORTFALL_RELEASED,
    Bucket,
    PrepaymentChanged,
    ShortfallError,
)


def credit_earmark(
    *, actor: Actor, customer_id: int, receipt: Source, order: Source, amount: Decimal
) -> Account:
    """Set unapplied money of a receipt aside for one order.

    The money lowers only that order, at most to nothing; a promise to pay first shrinks by it.
    The caller (billing) has checked the actor's right.

    Args:
        amount: > 0.

    Raises:
        LedgerError: the receipt has less unapplied money.
        NotFoundError: no such customer.
        ValueError: the amount is not positive; a caller bug.
    """
    if amount <= ZERO:
        raise ValueError("money set aside is positive")
    with write():
        account = credit_account_lock(customer_id)
        book = Book(account, [order.document, receipt.document])
        book.apply(Move(Bucket.UNAPPLIED, -amount, receipt))
        book.apply(Move(Bucket.EARMARKED, amount, receipt, order))
        promised = book.claim(order.document).promised
        whole = Source(order.type, order.id)
        book.apply(Move(Bucket.PROMISED, -min(promised, amount), whole, whole))
        book.save(actor, "earmark")
        _publish(actor, customer_id, order)
        return account


def credit_unearmark(
    *, actor: Actor, customer_id: int, receipt: Source, order: Source, amount: Decimal
) -> Account:
    """Give money set aside for an order back to the unapplied receipts.

    When the order pays first and has not left yet, the money is missing again.

    Raises:
        LedgerError: less of the receipt is set aside for the order.
        NotFoundError: no such customer.
        ValueError: the amount is not positive; a caller bug.
    """
    if amount <= ZERO:
        raise ValueError("money given back is positive")
    with write():
        account = credit_account_lock(customer_id)
        book = Book(account, [order.document, receipt.document])
        book.apply(Move(Bucket.EARMARKED, -amount, receipt, order))
        book.apply(Move(Bucket.UNAPPLIED, amount, receipt))
        if book.has_promised(order.document):
            book.promise(order, added=amount)
        book.save(actor, "unearmark")
        _publish(actor, customer_id, order)
        return account


def credit_shortfall_release(
    *, actor: Actor, customer_id: int, source: Source, until: date, reason: str
) -> Decimal:
    """Let an order that pays first leave although a small part of its money is missing.

    The missing part becomes credit, with an entry naming who released it, how much and until
    when. An act of its own, with reason; returns the released amount.

    Args:
        until: day by which the rest is expected; not in the past, nor further than the setting.

    Raises:
        NotFoundError: the actor may not see the account.
        ForbiddenError: the actor may not release shortfalls.
        ShortfallError: nothing is missing, or more than the parameter allows (10,000).
        InvalidError: no reason, or a date in the past or too far ahead.

    Source: CRD-08, N2; decisions §3.
    """
    issues = []
    if not reason.strip():
        issues.append(FieldIssue("reason", "required", _("Give a reason."), rule=RULE_SHORTFALL))
    if until < clock.today():
        issues.append(FieldIssue("until", "past", _("The date lies in the past.")))
    if issues:
        raise InvalidError(issues)
    with write():
        account = access_account_for_shortfall(actor, customer_id)
        if too_far := promise_issues(account.company_id, "until", until):
            raise InvalidError(too_far)
        book = Book(account, [source.document])
        missing = book.claim(source.document).promised
        most = shortfall_most(account.company_id)
        if not ZERO < missing <= most:
            raise ShortfallError(missing=missing, most=most, rule=RULE_SHORTFALL)
        whole = Source(source.type, source.id)
        book.apply(Move(Bucket.PROMISED, -missing, whole, whole))
        by_id = actor.on_behalf_of_id or actor.user_id
        release = Release(by_id, missing, until, reason) if by_id else None
        book.save(actor, "shortfall", release=release)
        audit_record(
            actor,
            SHORTFALL_RELEASED,
            account,
            after={"source": f"{source.type} {source.id}", "amount": missing, "until": until},
            reason=reason,
        )
        _publish(actor, customer_id, source)
        return missing


def _publish(actor: Actor, customer_id: int, order: Source) -> None:
    event_publish(actor, PrepaymentChanged(customer_id, order.type, order.id))
