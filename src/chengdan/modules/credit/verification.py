"""Invariant I5: accounts recomputed from their entries and, independently, from the documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from chengdan.kernel.verification import Difference, verifier
from chengdan.modules.credit.models import Account, CreditEntry, SourceBalance
from chengdan.modules.credit.providers import exposure_providers
from chengdan.modules.credit.vocabulary import POSTABLE, Bucket

_ZERO = Decimal(0)
Sums = dict[tuple[int, str], Decimal]


@verifier("I5", "credit accounts")
def verify_accounts() -> Iterator[Difference]:
    """Yield accounts and balances that their entries do not explain."""
    totals: Sums = defaultdict(Decimal)
    balances: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    columns = (
        "account_id", "bucket", "source_type", "source_id", "source_line", "serves_type",
        "serves_id", "delta",
    )  # fmt: skip
    for *key, delta in CreditEntry.objects.values_list(*columns).iterator():
        totals[key[0], key[1]] += delta
        balances[tuple(key)] += delta
    yield from _accounts(totals, _covered(balances))
    yield from _balances(balances)


def _covered(balances: dict[tuple[object, ...], Decimal]) -> dict[int, Decimal]:
    """Add up, order by order, what money or promises stand against; written out again here."""
    standing: dict[tuple[object, ...], list[Decimal]] = defaultdict(lambda: [_ZERO, _ZERO])
    for (account, bucket, _type, _id, _line, serves_type, serves_id), amount in balances.items():
        pair = standing[account, serves_type, serves_id]
        if bucket in ("open", "to_invoice", "receivable"):
            pair[0] += amount
        elif bucket in ("earmarked", "promised"):
            pair[1] += amount
    covered: dict[int, Decimal] = defaultdict(Decimal)
    for (account, *_order), (owed, money) in standing.items():
        covered[account] += max(min(owed, money), _ZERO)  # type: ignore[index]
    return covered


def _accounts(totals: Sums, covered: dict[int, Decimal]) -> Iterator[Difference]:
    for account in Account.objects.order_by("pk").iterator():
        for bucket in POSTABLE:
            expected = totals.get((account.pk, bucket.value), _ZERO)
            found = getattr(account, bucket.value)
            if expected != found:
                yield _difference(f"customer {account.pk} {bucket.value}", expected, found)
        if covered.get(account.pk, _ZERO) != account.covered:
            yield _difference(
                f"customer {account.pk} covered", covered.get(account.pk, _ZERO), account.covered
            )


def _balances(expected: dict[tuple[object, ...], Decimal]) -> Iterator[Difference]:
    columns = (
        "account_id", "bucket", "source_type", "source_id", "source_line", "serves_type",
        "serves_id", "amount",
    )  # fmt: skip
    stored = {
        tuple(key): amount
        for *key, amount in SourceBalance.objects.values_list(*columns).iterator()
    }
    for key in sorted(set(stored) | set(expected), key=str):
        if stored.get(key, _ZERO) != expected.get(key, _ZERO):
            where = f"customer {key[0]} {key[1]} {key[2]} {key[3]}/{key[4]}"
            yield _difference(where, expected.get(key, _ZERO), stored.get(key, _ZERO))


@verifier("I5", "credit documents")
def verify_documents() -> Iterator[Difference]:
    """Yield documents whose own figures differ from what stands for them in the ledger.

    A bucket that no room provides documents for is left to `verify_accounts`.
    """
    for bucket in POSTABLE:
        providers = exposure_providers(bucket.value)
        if not providers:
            continue
        expected: dict[tuple[int, str, int], Decimal] = defaultdict(Decimal)
        for provider in providers:
            for item in provider(None):
                expected[item.customer_id, item.source.type, item.source.id] += item.amount
        stored: dict[tuple[int, str, int], Decimal] = defaultdict(Decimal)
        rows = SourceBalance.objects.filter(bucket=bucket).exclude(amount=0)
        columns = ("account_id", "source_type", "source_id", "amount")
        for account, kind, pk, amount in rows.values_list(*columns).iterator():
            stored[account, kind, pk] += amount
        for key in sorted(set(expected) | set(stored)):
            if expected[key] != stored[key]:
                where = f"customer {key[0]} {bucket.value} {key[1]} {key[2]}"
                yield _difference(where, expected[key], stored[key])


@verifier("I5", "credit releases")
def verify_releases() -> Iterator[Difference]:
    """Yield reservations that lifted the exposure above the limit without a named release."""
    account_id, posting = 0, -1
    before = after = limit = released = _ZERO
    is_reservation = False
    rows = CreditEntry.objects.order_by("account_id", "posting", "id").values_list(
        "account_id", "posting", "reason", "exposure_after", "limit_at", "release_amount"
    )
    for row in rows.iterator():
        if (row[0], row[1]) != (account_id, posting):
            if is_reservation:
                yield from _excess(account_id, posting, before, after, limit + released)
            before = after if row[0] == account_id else _ZERO
            account_id, posting = row[0], row[1]
            after, limit, released = row[3], row[4] or _ZERO, _ZERO
            is_reservation = row[2] == "reserve"
        released += row[5]
    if is_reservation:
        yield from _excess(account_id, posting, before, after, limit + released)


def _excess(
    account_id: int, posting: int, before: Decimal, after: Decimal, allowed: Decimal
) -> Iterator[Difference]:
    if after > before and after > allowed:
        where = f"customer {account_id} posting {posting}"
        yield _difference(where, f"exposure ≤ {allowed}", after)


@verifier("I5", "credit releases pending")
def verify_pending() -> Iterator[Difference]:
    """Yield orders that were delivered although the release asked for was never given."""
    asked = CreditEntry.objects.filter(is_release_pending=True)
    for entry in asked.order_by("id").iterator():
        later = CreditEntry.objects.filter(
            account_id=entry.account_id,
            serves_type=entry.source_type,
            serves_id=entry.source_id,
            id__gt=entry.pk,
        )
        decided = later.filter(reason__in=("release", "free")).order_by("id").first()
        gone = later.filter(bucket__in=(Bucket.TO_INVOICE, Bucket.RECEIVABLE), delta__gt=0)
        if decided is not None:
            gone = gone.filter(id__lt=decided.pk)
        if gone.exists():
            where = f"customer {entry.account_id} {entry.source_type} {entry.source_id}"
            yield _difference(where, "a release before delivery", "none")


def _difference(where: str, expected: object, found: object) -> Difference:
    return Difference("I5", where, str(expected), str(found))
