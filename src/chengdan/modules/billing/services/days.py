"""What a posting of an earlier day would have made of the days since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from chengdan.kernel import clock
from chengdan.kernel.numbers import ZERO
from chengdan.modules.billing.models import Invoice, LedgerEntry, Receipt
from chengdan.modules.billing.vocabulary import BackdatedError, LedgerAccount

CHUNK = 500
_MONEY = (LedgerAccount.UNAPPLIED, LedgerAccount.EARMARKED)


def days_check(invoices: Mapping[int, date], receipts: Mapping[int, date]) -> None:
    """Pass when no day up to today sees an invoice overpaid or a receipt overdrawn.

    Call it after the postings are written. A posting of today changes no day but today, which
    the acts check themselves.

    Args:
        invoices: invoice → first day of which something was taken from it; likewise `receipts`.

    Raises:
        BackdatedError: names one such document, the day, what it would have stood at, and the
            first day that is possible for all of them.

    Source: invariants I2, I3 as of every day.
    """
    today = clock.today()
    since = {("receivable", pk): on for pk, on in invoices.items() if on < today}
    since |= {("money", pk): on for pk, on in receipts.items() if on < today}
    if not since:
        return
    owed = [pk for kind, pk in since if kind == "receivable"]
    held = [pk for kind, pk in since if kind == "money"]
    bad: list[tuple[str, int, date, Decimal]] = []
    first = date.min
    for (account, pk), moves in sorted(_moves(owed, held).items()):
        kind = "receivable" if account == LedgerAccount.RECEIVABLE else "money"
        standing = [(day, total) for day, total in running(moves) if day >= since[kind, pk]]
        below = [place for place, (_day, total) in enumerate(standing) if total < ZERO]
        if below:
            after = standing[below[-1] + 1 :]
            first = max(first, after[0][0] if after else today)
            bad.append((kind, pk, *standing[below[0]]))
    if bad:
        kind, pk, day, total = bad[0]
        named = (Invoice if kind == "receivable" else Receipt).objects.get(pk=pk)
        raise BackdatedError(
            document=str(named), on=day.isoformat(), balance=total, first=first.isoformat()
        )


def _moves(
    invoices: Sequence[int], receipts: Sequence[int]
) -> dict[tuple[str, int], list[tuple[date, Decimal]]]:
    """Return account and document → what moved day by day, positive for what is there or owed."""
    found: dict[tuple[str, int], list[tuple[date, Decimal]]] = defaultdict(list)
    of_invoices = LedgerEntry.objects.filter(account=LedgerAccount.RECEIVABLE)
    for part in _in_chunks(invoices):
        rows = of_invoices.filter(invoice_id__in=part).values_list("invoice_id", "on")
        for pk, on, moved in rows.annotate(moved=Sum("amount")).order_by("on"):
            found[LedgerAccount.RECEIVABLE, pk or 0].append((on, moved))
    of_receipts = LedgerEntry.objects.filter(account__in=_MONEY)
    for part in _in_chunks(receipts):
        sums = of_receipts.filter(receipt_id__in=part).values_list("account", "receipt_id", "on")
        for account, pk, on, moved in sums.annotate(moved=Sum("amount")).order_by("on"):
            found[account, pk or 0].append((on, -moved))
    return found


def _in_chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield ids in parts that any database takes in one list."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def running(moves: Iterable[tuple[date, Decimal]]) -> Iterator[tuple[date, Decimal]]:
    """Yield the total after every day, of moves by day."""
    total, last = ZERO, None
    for day, amount in moves:
        if last is not None and day != last:
            yield last, total
        total, last = total + amount, day
    if last is not None:
        yield last, total
