"""Reads of the credit ledger that leave the room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.locking import locked_row
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.prepared import prepared
from chengdan.modules.credit.models import Account, CreditEntry, LimitChange, SourceBalance
from chengdan.modules.credit.providers import (
    DocumentFacts,
    Provided,
    describe,
    document_describer_register,
    exposure_provider_register,
    overdue_amount,
    overdue_provider_register,
)
from chengdan.modules.credit.rules import Claim, Source, Totals
from chengdan.modules.credit.vocabulary import (
    APPROVE,
    LIMIT_CHANGE,
    POSTABLE,
    PROMISE_DAYS_MAX,
    SHORTFALL_AMOUNT,
    VIEW,
    Bucket,
    LimitStatus,
)
from chengdan.modules.people.access import visible
from chengdan.modules.people.selectors import caller_of, users_by_ids
from chengdan.modules.process.selectors.deputies import principals_of

__all__ = [
    "DocumentFacts", "ExposureDocument", "Prepayment", "Provided", "ReleaseRecord",
    "claim_of_source", "credit_limit_of", "credit_prepayment", "document_describer_register",
    "earmarked_for", "entries", "exposure", "exposure_documents", "exposure_provider_register",
    "limit_history", "limits_to_decide", "limits_waiting", "overdue_amount",
    "overdue_provider_register", "promise_issues", "releases", "shortfall_most", "totals_of",
]  # fmt: skip

_SHOWN_BUCKETS = (Bucket.OPEN, Bucket.TO_INVOICE, Bucket.RECEIVABLE)


@dataclass(frozen=True, slots=True)
class ExposureDocument:
    """One document behind a bucket; the amounts of a bucket add up to its figure."""

    type: str
    id: int
    amount: Decimal
    since: datetime | None
    facts: DocumentFacts


@dataclass(frozen=True, slots=True)
class Prepayment:
    """How far an order is paid before it leaves.

    Attributes:
        outstanding: reserved, delivered and invoiced amounts of the order not yet paid.
        earmarked: receipts set aside for it.
        missing: what must still come in, or be released, before the goods leave.
        is_first: the order stands on pay-first terms (or has stood on them).
    """

    outstanding: Decimal
    earmarked: Decimal
    missing: Decimal
    is_first: bool

    @property
    def is_covered(self) -> bool:
        """True when the goods may leave as far as money is concerned."""
        return self.missing == ZERO


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """Somebody let the exposure pass the limit, or has been asked to.

    Attributes:
        by_name: all who signed.
    """

    type: str
    id: int
    by_id: int
    by_name: str
    amount: Decimal
    until: date
    reason: str
    at: datetime
    is_pending: bool
    is_ended: bool
    facts: DocumentFacts


def totals_of(customer_id: int) -> Totals:
    """Return the bucket totals: one row by its key, however many documents there are."""
    account = Account.objects.filter(pk=customer_id).first()
    return account.totals if account is not None else Totals()


def exposure(customer_id: int) -> Decimal:
    """Return what the customer occupies, gross, in the company's currency."""
    return totals_of(customer_id).exposure


def credit_limit_of(customer_id: int) -> Decimal | None:
    """Return the limit in force; None means the customer pays first."""
    locked = locked_row(Account, customer_id)
    if locked is not None:
        return locked.limit
    found = next(iter(_limits_of(customer_id)), None)
    return found if found is None else Decimal(found)


@prepared
def _limits_of(customer_id: int) -> QuerySet[Account, Decimal | None]:
    return Account.objects.filter(pk=customer_id).values_list("limit", flat=True)


def customers_with_limit(customer_ids: Collection[int]) -> set[int]:
    """Return those of the customers that have a limit."""
    rows = Account.objects.filter(pk__in=customer_ids, limit__isnull=False)
    return set(rows.values_list("pk", flat=True))


def standing_rows(customer_id: int, bucket: str) -> QuerySet[SourceBalance]:
    """Return the balances of a bucket that are not 0."""
    rows = SourceBalance.objects.filter(account_id=customer_id, bucket=bucket)
    return rows.exclude(amount=0).order_by("since", "pk")


def exposure_documents(customer_id: int, bucket: str) -> list[ExposureDocument]:
    """Return the documents of a bucket; their amounts add up to the bucket's total.

    Args:
        bucket: any `Bucket`; `covered` gives the orders that money or a promise stands against.
    """
    if bucket == Bucket.COVERED:
        return _covered_documents(customer_id)
    sums: dict[tuple[str, int], Decimal] = {}
    since: dict[tuple[str, int], datetime] = {}
    for row in standing_rows(customer_id, bucket):
        document = row.source.document
        sums[document] = sums.get(document, ZERO) + row.amount
        since.setdefault(document, row.since)
    return _documents({key: amount for key, amount in sums.items() if amount}, since)


def _covered_documents(customer_id: int) -> list[ExposureDocument]:
    rows = SourceBalance.objects.filter(account_id=customer_id).exclude(amount=0)
    claims = claims_by_order(rows)
    return _documents({key: claim.covered for key, claim in claims.items() if claim.covered}, {})


def _documents(
    sums: dict[tuple[str, int], Decimal], since: dict[tuple[str, int], datetime]
) -> list[ExposureDocument]:
    facts = describe(sums)
    return [
        ExposureDocument(key[0], key[1], amount, since.get(key), facts[key])
        for key, amount in sums.items()
    ]


def claims_by_order(rows: QuerySet[SourceBalance]) -> dict[tuple[str, int], Claim]:
    """Return what each order stands for, from its balances."""
    sums: dict[tuple[str, int], dict[str, Decimal]] = {}
    for row in rows:
        own = sums.setdefault(row.serves, dict.fromkeys((b.value for b in POSTABLE), ZERO))
        own[str(row.bucket)] += row.amount
    return {key: _claim(own) for key, own in sums.items()}


def _claim(own: dict[str, Decimal]) -> Claim:
    return Claim(
        open=own[Bucket.OPEN],
        moved=own[Bucket.TO_INVOICE] + own[Bucket.RECEIVABLE],
        earmarked=own[Bucket.EARMARKED],
        promised=own[Bucket.PROMISED],
    )


def claim_of_source(source: Source) -> Claim:
    """Return what one order stands for in its account."""
    rows = SourceBalance.objects.filter(serves_type=source.type, serves_id=source.id)
    return claims_by_order(rows).get(source.document, Claim())


def earmarked_for(source: Source) -> Decimal:
    """Return the money set aside for an order."""
    return claim_of_source(source).earmarked


@prepared
def _balances_serving(kind: str, pk: int) -> QuerySet[SourceBalance]:
    return SourceBalance.objects.filter(serves_type=kind, serves_id=pk)


def credit_prepayment(source: Source) -> Prepayment:
    """Return how far an order is paid before it leaves; the wait before BG asks this."""
    rows = _balances_serving(source.type, source.id)
    sums = dict.fromkeys((bucket.value for bucket in POSTABLE), ZERO)
    for row in rows:
        sums[str(row.bucket)] += row.amount
    claim = _claim(sums)
    return Prepayment(
        outstanding=claim.outstanding,
        earmarked=claim.earmarked,
        missing=_missing(claim),
        is_first=any(row.bucket == Bucket.PROMISED for row in rows),
    )


def _missing(claim: Claim) -> Decimal:
    return min(claim.promised, max(ZERO, claim.outstanding - claim.earmarked))


def orders_unpaid(kind: str, ids: Collection[int]) -> set[int]:
    """Return which of the documents pay first and miss money, so that their goods wait."""
    rows = SourceBalance.objects.filter(serves_type=kind, serves_id__in=ids)
    return {pk for (_kind, pk), claim in claims_by_order(rows).items() if _missing(claim) > ZERO}


def shortfall_most(company_id: int) -> Decimal:
    """Return the largest shortfall of a prepayment that can be released (CRD-08)."""
    most: Decimal = parameter_value(company_id, SHORTFALL_AMOUNT)
    return most


def promise_issues(company_id: int, field: str, day: date) -> list[FieldIssue]:
    """Say when a payment is promised for a day further ahead than the setting allows."""
    last = clock.today() + timedelta(days=parameter_value(company_id, PROMISE_DAYS_MAX))
    if day <= last:
        return []
    message = _("A payment can be promised for %(last)s at the latest.")
    return [FieldIssue(field, "far", message % {"last": last.isoformat()})]


def entries(customer_id: int) -> QuerySet[CreditEntry]:
    """Return the ledger of an account, newest first."""
    return CreditEntry.objects.filter(account_id=customer_id).order_by("-id")


def limit_history(customer_id: int) -> QuerySet[LimitChange]:
    """Return proposals and limits of the account, newest first."""
    rows = LimitChange.objects.filter(account_id=customer_id)
    return rows.select_related("proposed_by", "decided_by").order_by("-id")


def limit_proposal(customer_id: int) -> LimitChange | None:
    """Return the proposal that waits for a decision."""
    return limit_history(customer_id).filter(status=LimitStatus.PROPOSED).first()


def limits_waiting(account_ids: Collection[int]) -> dict[int, LimitChange]:
    """Return account → the proposal that waits for a decision."""
    rows = LimitChange.objects.filter(account_id__in=account_ids, status=LimitStatus.PROPOSED)
    return {row.account_id: row for row in rows}


def principals_deciding(actor: Actor) -> list[Actor]:
    """Return for whom the actor signs limits today; a token lends only what it may do itself."""
    if actor.abilities is not None and APPROVE not in actor.abilities:
        return []
    ids = sorted(principals_of(actor, LIMIT_CHANGE))
    found = (caller_of(pk, actor.company_id) for pk in ids)
    return [person for person in found if person is not None]


def limits_to_decide(actor: Actor) -> QuerySet[LimitChange]:
    """Return the proposals of others that the actor may decide on, also as somebody's deputy."""
    rows = LimitChange.objects.filter(status=LimitStatus.PROPOSED)
    found = _decided_by(actor, rows)
    for principal in principals_deciding(actor):
        found |= _decided_by(principal, rows)
    return found.order_by().exclude(proposed_by_id=actor.user_id)


def _decided_by(person: Actor, rows: QuerySet[LimitChange]) -> QuerySet[LimitChange]:
    found = visible(person, VIEW, visible(person, APPROVE, rows))
    return found.exclude(proposed_by_id=person.user_id)


def releases(customer_id: int, most: int = 20) -> list[ReleaseRecord]:
    """Return who let the exposure pass the limit, the newest first, one row per document."""
    rows = list(
        CreditEntry.objects.filter(account_id=customer_id, released_by__isnull=False).order_by(
            "-id"
        )[: most * 3]
    )
    newest: dict[tuple[str, int], CreditEntry] = {}
    for row in rows:
        newest.setdefault(row.source.document, row)
    shown = list(newest.values())[:most]
    standing = _documents_standing(customer_id, shown)
    facts = describe(row.source.document for row in shown)
    return [
        ReleaseRecord(
            type=row.source_type,
            id=row.source_id,
            by_id=row.released_by_id or 0,
            by_name=release_names(row),
            amount=row.release_amount,
            until=row.release_until or row.at.date(),
            reason=row.release_reason,
            at=row.at,
            is_pending=row.is_release_pending,
            is_ended=row.source.document not in standing,
            facts=facts[row.source.document],
        )
        for row in shown
    ]


def release_names(row: CreditEntry) -> str:
    """Return the names of all who let the exposure pass the limit, "" where nobody had to."""
    if row.released_by_id is None:
        return ""
    signers = [row.released_by_id, *row.released_with]
    persons = users_by_ids(signers)  # people are remembered: no query for each row
    return ", ".join(persons[pk].display_name for pk in signers if pk in persons)


def _documents_standing(customer_id: int, rows: Sequence[CreditEntry]) -> set[tuple[str, int]]:
    ids = [row.source_id for row in rows]
    found = SourceBalance.objects.filter(
        account_id=customer_id, bucket__in=_SHOWN_BUCKETS, serves_id__in=ids
    ).exclude(amount=0)
    return set(found.values_list("serves_type", "serves_id"))
