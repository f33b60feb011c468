"""Posting: the only code that moves amounts between buckets.

Every posting locks the account row first, changes the balances of its sources, adds immutable
entries and carries the totals along, in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.locking import locked_row
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.prepared import prepared, rows_insert, rows_put, rows_save
from chengdan.kernel.reference import remembered_rows
from chengdan.kernel.transactions import write
from chengdan.modules.credit.access import credit_account_lock
from chengdan.modules.credit.models import Account, CreditEntry, SourceBalance
from chengdan.modules.credit.rules import Claim, Source, Totals, promise_after
from chengdan.modules.credit.vocabulary import POSTABLE, Bucket, LedgerError

Document = tuple[str, int]
Key = tuple[str, str, int, int, str, int]
BALANCES_TOPIC = "credit balances"
_MOVED = (Bucket.TO_INVOICE, Bucket.RECEIVABLE)
_KEY_FIELDS = [
    "account", "bucket", "source_type", "source_id", "source_line", "serves_type", "serves_id",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """A change of one bucket for one source.

    Attributes:
        amount_delta: gross, in the company's currency; unapplied, earmarked and promised are
            kept positive although they lower the exposure.
        source: the document (and line) that stands in the bucket.
        serves: the order that the amount belongs to; without it an existing balance of the
            source is used, or the source itself.
    """

    bucket: str
    amount_delta: Decimal
    source: Source
    serves: Source | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Who lets a reservation pass the limit.

    Attributes:
        by_id: the person who released it or, while `is_pending`, who has been asked to.
        with_ids: who signed beside that person.
        amount: the highest excess above the limit that is released.
        until: last day of the release.
    """

    by_id: int
    amount: Decimal
    until: date
    reason: str
    is_pending: bool = False
    with_ids: tuple[int, ...] = ()


@prepared
def _balances_of(
    account_id: int, kinds: Collection[str], ids: Collection[int]
) -> QuerySet[SourceBalance]:
    """Return what stands for or comes from the documents (kind, id)."""
    query = Q()
    for kind, pk in zip(kinds, ids, strict=True):
        query |= Q(serves_type=kind, serves_id=pk) | Q(source_type=kind, source_id=pk)
    return SourceBalance.objects.filter(query, account_id=account_id).order_by("pk")


def _standing(account_id: int, documents: frozenset[Document]) -> list[SourceBalance]:
    """Return the balances of documents; the same rows until the act that holds the account posts.

    A posting that raises has changed rows that are not stored, and takes its act back.
    """

    def load(missing: set[frozenset[Document]]) -> dict[frozenset[Document], list[SourceBalance]]:
        return {
            found: _balances_of(account_id, [kind for kind, _pk in found], [pk for _, pk in found])
            for found in missing
        }

    if locked_row(Account, account_id) is None:
        return load({documents})[documents]
    return remembered_rows(BALANCES_TOPIC, str(account_id), [documents], load)[documents]


class Book:
    """The balances that one posting touches, and what it does to them."""

    def __init__(self, account: Account, documents: Iterable[Document]) -> None:
        self.account = account
        self.rows: dict[Key, SourceBalance] = {}
        self.changed: dict[Key, SourceBalance] = {}
        self.entries: list[CreditEntry] = []
        self._covered: dict[Document, Decimal] = {}
        self._loaded: set[Document] = set()
        self._load(set(documents))

    def _load(self, documents: set[Document]) -> None:
        for row in _standing(self.account.pk, frozenset(documents)):
            row.account = self.account
            self.rows.setdefault(_key(row), row)
        self._loaded |= documents

    def claim(self, document: Document) -> Claim:
        """Return what the order stands for now."""
        return claim_of(row for row in self.rows.values() if row.serves == document)

    def has_promised(self, document: Document) -> bool:
        """True when the order pays first: goods wait for its money, or have waited."""
        return any(
            row.serves == document and row.bucket == Bucket.PROMISED for row in self.rows.values()
        )

    def standing(self, bucket: str, source: Source) -> list[SourceBalance]:
        """Return the balances of a source; line 0 stands for all its lines."""
        return [
            row
            for row in self.rows.values()
            if row.bucket == bucket
            and (row.source_type, row.source_id) == source.document
            and source.line in (0, row.source_line)
        ]

    def apply(self, move: Move) -> None:
        """Change the balance of the move's source.

        Raises:
            LedgerError: more would leave the bucket than stands there.
            ValueError: nothing can be posted to this bucket; a caller bug.
        """
        if move.bucket not in POSTABLE:
            raise ValueError(f"nothing is posted to {move.bucket!r}")
        if not move.amount_delta:
            return
        if move.serves is None and move.bucket != Bucket.OPEN:
            self._apply_unnamed(move)
        else:
            self._change(self._row(move, (move.serves or move.source).document), move.amount_delta)

    def _apply_unnamed(self, move: Move) -> None:
        """Use the orders that the source's balances name already, the oldest first."""
        known = [
            row
            for row in self.standing(move.bucket, move.source)
            if row.source_line == move.source.line
        ]
        rest = move.amount_delta
        if rest < ZERO:
            for row in known[:-1]:
                part = -min(row.amount, -rest)
                self._change(row, part)
                rest -= part
        target = known[-1] if known else self._row(move, move.source.document)
        if rest:
            self._change(target, rest)

    def _row(self, move: Move, serves: Document) -> SourceBalance:
        row = SourceBalance(
            account=self.account,
            bucket=move.bucket,
            source_type=move.source.type,
            source_id=move.source.id,
            source_line=move.source.line,
            serves_type=serves[0],
            serves_id=serves[1],
            amount=ZERO,
            since=clock.now(),
        )
        return self.rows.setdefault(_key(row), row)

    def _change(self, row: SourceBalance, delta: Decimal) -> None:
        if not delta:
            return
        if row.serves not in self._loaded:
            self._load({row.serves})
        self._covered.setdefault(row.serves, self.claim(row.serves).covered)
        after = row.amount + delta
        if after < ZERO and row.bucket != Bucket.RECEIVABLE:
            raise LedgerError(found=row.amount, wanted=-delta, bucket=Bucket(row.bucket).label)
        row.amount = after
        self.changed[_key(row)] = row
        self.entries.append(
            CreditEntry(
                account=self.account,
                bucket=row.bucket,
                source_type=row.source_type,
                source_id=row.source_id,
                source_line=row.source_line,
                serves_type=row.serves_type,
                serves_id=row.serves_id,
                delta=delta,
            )
        )

    def promise(self, order: Source, *, added: Decimal = ZERO) -> None:
        """Bring what the order promises to pay first to what is missing, at most `added` more."""
        claim = self.claim(order.document)
        change = promise_after(claim, added=added) - claim.promised
        whole = Source(order.type, order.id)
        self.apply(Move(Bucket.PROMISED, change, whole, whole))

    def promises_trim(self) -> None:
        """Lower the promises of changed orders to what is still missing of goods not yet left."""
        for document in list(self._covered):
            if self.claim(document).promised:
                self.promise(Source(*document))

    def note(self, source: Source) -> None:
        """Add an entry that moves nothing, to carry a release."""
        self.entries.append(
            CreditEntry(
                account=self.account,
                bucket=Bucket.OPEN,
                source_type=source.type,
                source_id=source.id,
                source_line=source.line,
                serves_type=source.type,
                serves_id=source.id,
                delta=ZERO,
            )
        )

    def totals(self) -> Totals:
        """Return the account's totals with the changes of this book."""
        change = dict.fromkeys((bucket.value for bucket in POSTABLE), ZERO)
        for entry in self.entries:
            change[str(entry.bucket)] += entry.delta
        covered = sum(
            (self.claim(document).covered - was for document, was in self._covered.items()), ZERO
        )
        return self.account.totals.plus(Totals(**change, covered=covered))

    def save(
        self, actor: Actor, reason: str, *, round_number: int = 0, release: Release | None = None
    ) -> None:
        """Write entries, balances and totals; four statements however many moves there are."""
        if not self.entries:
            return
        totals = self.totals()
        account, at = self.account, clock.now()
        account.posting += 1
        account.version += 1
        for bucket in POSTABLE:
            setattr(account, bucket, getattr(totals, bucket))
        account.covered = totals.covered
        for entry in self.entries:
            entry.posting = account.posting
            entry.reason = reason
            entry.round = round_number
            entry.at = at
            entry.actor_id = actor.user_id
            entry.actor_name = actor.name[:60]
            entry.exposure_after = totals.exposure
            entry.limit_at = account.limit
            if release is not None:
                _release_note(entry, release)
                release = None
        rows_insert(self.entries)
        rows_put([_copy(row) for row in self.changed.values()], _KEY_FIELDS, ["amount"])
        rows_save([account], [*POSTABLE, "covered", "posting", "version"])


def _release_note(entry: CreditEntry, release: Release) -> None:
    entry.released_by_id = release.by_id
    entry.released_with = list(release.with_ids)
    entry.release_amount = release.amount
    entry.release_until = release.until
    entry.release_reason = release.reason[:300]
    entry.is_release_pending = release.is_pending


def _copy(row: SourceBalance) -> SourceBalance:
    """Return the row without its id, so that new and known ones go in one statement."""
    names = [f.attname for f in SourceBalance._meta.concrete_fields if not f.primary_key]
    return SourceBalance(**{name: getattr(row, name) for name in names})


def _key(row: SourceBalance) -> Key:
    return (
        str(row.bucket), row.source_type, row.source_id, row.source_line,
        row.serves_type, row.serves_id,
    )  # fmt: skip


def claim_of(rows: Iterable[SourceBalance]) -> Claim:
    """Return what the balances of one order add up to."""
    sums = dict.fromkeys((bucket.value for bucket in POSTABLE), ZERO)
    for row in rows:
        sums[str(row.bucket)] += row.amount
    return Claim(
        open=sums[Bucket.OPEN],
        moved=sum((sums[bucket] for bucket in _MOVED), ZERO),
        earmarked=sums[Bucket.EARMARKED],
        promised=sums[Bucket.PROMISED],
    )


def credit_post(*, actor: Actor, customer_id: int, moves: Sequence[Move], reason: str) -> Account:
    """Move amounts between buckets: delivery, invoice, receipt, allocation and their reversals.

    Nothing is blocked here: what lifts the exposure above the limit later is shown.
    The caller posts its document in the same transaction and has checked the actor's right.

    Args:
        moves: applied in this order.
        reason: code such as "orders.progress".

    Raises:
        LedgerError: more would leave a bucket than stands there for the source.
        NotFoundError: no such customer.
    """
    with write():
        account = credit_account_lock(customer_id)
        book = Book(account, {item for move in moves for item in _documents(move)})
        for move in moves:
            book.apply(move)
        book.promises_trim()
        book.save(actor, reason)
        return account


def credit_promise(
    *, actor: Actor, customer_id: int, source: Source, added: Decimal, reason: str
) -> None:
    """Let an order that pays first promise what it grew by, as far as no money is there for it.

    Goods leave no earlier than it is set aside (CRD-07).

    Args:
        added: gross, > 0; what it promised or was released from before stands.

    Raises:
        NotFoundError: no such customer.
    """
    with write():
        book = Book(credit_account_lock(customer_id), [source.document])
        book.promise(source, added=added)
        book.save(actor, reason)


def _documents(move: Move) -> list[Document]:
    named = [move.source.document]
    return named if move.serves is None else [*named, move.serves.document]
