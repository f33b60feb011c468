"""Receivables as of any day, from the ledger: aging, balances, movements, overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from chengdan.kernel.actor import Actor
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.parameters import parameter_value, rising_numbers
from chengdan.modules.billing.models import Invoice, LedgerBatch, LedgerEntry, Receipt
from chengdan.modules.billing.rules import AgeBucket, age_buckets, bucket_of
from chengdan.modules.billing.vocabulary import (
    INVOICE,
    InvoiceStatus,
    LedgerAccount,
    ReceiptStatus,
    rights,
)
from chengdan.modules.customers.selectors import customer_summaries
from chengdan.modules.people.access import visible

# Money received and not yet used for invoices: free, or set aside for an order.
UNUSED = (LedgerAccount.UNAPPLIED, LedgerAccount.EARMARKED)


@dataclass(frozen=True, slots=True)
class OpenOn:
    """What an invoice was owed on a day."""

    invoice: Invoice
    open: Decimal
    bucket: int


@dataclass(slots=True)
class AgingRow:
    """One customer: a figure per bucket, the invoices behind them, and unused money."""

    customer_id: int
    name: str
    code: str
    owner_id: int
    amounts: list[Decimal]
    invoices: list[OpenOn] = field(default_factory=list)
    unapplied: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """What the customer owed in all."""
        return sum(self.amounts, ZERO)


@dataclass(frozen=True, slots=True)
class Aging:
    """Receivables of a day by customer and bucket; `total` equals the ledger."""

    on: date
    buckets: list[AgeBucket]
    rows: list[AgingRow]

    @property
    def amounts(self) -> list[Decimal]:
        """The column sums."""
        return [sum((row.amounts[i] for row in self.rows), ZERO) for i in range(len(self.buckets))]

    @property
    def total(self) -> Decimal:
        """The sum of all rows."""
        return sum(self.amounts, ZERO)

    @property
    def unapplied(self) -> Decimal:
        """Money received and not yet used for invoices."""
        return sum((row.unapplied for row in self.rows), ZERO)


def buckets_of(company_id: int | None) -> list[AgeBucket]:
    """Return the aging buckets that the company has set."""
    return age_buckets(rising_numbers(parameter_value(company_id, rights.BUCKETS)))


def entries_visible(actor: Actor) -> QuerySet[LedgerEntry]:
    """Return the ledger entries of customers open to the actor."""
    return visible(actor, rights.LEDGER, LedgerEntry.objects.all())


def receivables_posted(actor: Actor, on: date) -> QuerySet[LedgerEntry]:
    """Return what was posted to receivables by a day, of customers open to the actor."""
    return entries_visible(actor).filter(account=LedgerAccount.RECEIVABLE, on__lte=on)


def aging_posted(actor: Actor, on: date) -> QuerySet[LedgerEntry]:
    """Return the entries behind the aging of a day: receivables and unused money."""
    accounts = (LedgerAccount.RECEIVABLE, *UNUSED)
    return entries_visible(actor).filter(account__in=accounts, on__lte=on)


def aging(actor: Actor, on: date, customer_ids: Iterable[int] | None = None) -> Aging:
    """Return who owed what on a day, by how long it was due, and who had money left with us.

    Args:
        on: any day, also a past one; allocations count from their effective day.

    Source: BIL-15, decisions §17.
    """
    entries = entries_visible(actor).filter(on__lte=on)
    if customer_ids is not None:
        entries = entries.filter(customer_id__in=set(customer_ids))
    receivable = entries.filter(account=LedgerAccount.RECEIVABLE).values_list("invoice_id")
    owed = {pk: total for pk, total in receivable.annotate(total=Sum("amount")) if total}
    buckets = buckets_of(actor.company_id)
    rows: dict[int, AgingRow] = {}
    for invoice in _invoices(owed):
        row = rows.get(invoice.customer_id)
        if row is None:
            row = rows[invoice.customer_id] = _row(invoice, len(buckets))
        place = bucket_of(buckets, invoice.due_on or on, on)
        row.amounts[place] += owed[invoice.pk]
        row.invoices.append(OpenOn(invoice, owed[invoice.pk], place))
    _unapplied_add(rows, entries, len(buckets))
    return Aging(on, buckets, sorted(rows.values(), key=lambda row: (-row.total, row.code)))


def _invoices(owed: dict[int | None, Decimal]) -> Iterable[Invoice]:
    ids = sorted(pk for pk in owed if pk is not None)
    for start in range(0, len(ids), 5000):
        rows = Invoice.objects.filter(pk__in=ids[start : start + 5000])
        yield from rows.select_related("customer").order_by("due_on", "pk")


def _row(invoice: Invoice, size: int) -> AgingRow:
    customer = invoice.customer
    return AgingRow(customer.pk, customer.name, customer.code, customer.owner_id, [ZERO] * size)


def _unapplied_add(rows: dict[int, AgingRow], entries: QuerySet[LedgerEntry], size: int) -> None:
    """Add the unused money, also of customers who owe nothing: they paid before the invoice."""
    money = entries.filter(account__in=UNUSED).values_list("customer_id")
    left = {pk: -total for pk, total in money.annotate(total=Sum("amount")) if total}
    for customer in customer_summaries(set(left) - set(rows)).values():
        rows[customer.id] = AgingRow(
            customer.id, customer.name, customer.code, customer.owner_id, [ZERO] * size
        )
    for customer_id, total in left.items():
        rows[customer_id].unapplied = total


def receivable_of(customer_id: int, on: date) -> Decimal:
    """Return what the customer owed on a day; the caller has checked the right."""
    entries = LedgerEntry.objects.filter(
        customer_id=customer_id, account=LedgerAccount.RECEIVABLE, on__lte=on
    )
    return Decimal(entries.aggregate(total=Sum("amount"))["total"] or ZERO)


def ledger_total(actor: Actor, on: date) -> Decimal:
    """Return the receivables of the ledger on a day, straight from its entries."""
    entries = receivables_posted(actor, on)
    return Decimal(entries.aggregate(total=Sum("amount"))["total"] or ZERO)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of a customer's account."""

    on: date
    kind: str
    number: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """Opening balance, movements and closing balance of a customer for a period."""

    opening: Decimal
    lines: list[StatementLine]

    @property
    def closing(self) -> Decimal:
        """The balance at the end of the period."""
        return self.lines[-1].balance if self.lines else self.opening


def statement_of(customer_id: int, first: date, last: date) -> Statement:
    """Return the account of a customer: invoices, credit notes and confirmed money.

    Unused money lowers the balance; moving it between invoices changes nothing.
    The caller has checked the right.
    """
    accounts = (LedgerAccount.RECEIVABLE, LedgerAccount.UNAPPLIED, LedgerAccount.EARMARKED)
    entries = LedgerEntry.objects.filter(customer_id=customer_id, account__in=accounts)
    before = entries.filter(on__lt=first).aggregate(total=Sum("amount"))["total"]
    sums: dict[int, Decimal] = defaultdict(Decimal)
    facts: dict[int, LedgerBatch] = {}
    rows = entries.filter(on__gte=first, on__lte=last).select_related("batch").order_by("on", "pk")
    for entry in rows:
        sums[entry.batch_id] += entry.amount
        facts[entry.batch_id] = entry.batch
    numbers = _numbers(sums, facts)
    balance = opening = Decimal(before or ZERO)
    lines = []
    for pk, amount in sums.items():
        if amount:
            balance += amount
            batch = facts[pk]
            lines.append(
                StatementLine(batch.on, batch.get_kind_display(), numbers[pk], amount, balance)
            )
    return Statement(opening, lines)


def _numbers(sums: dict[int, Decimal], facts: dict[int, LedgerBatch]) -> dict[int, str]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for pk in sums:
        batch = facts[pk]
        wanted[batch.source_type].add(batch.source_id)
    names = {(INVOICE, row.pk): str(row) for row in Invoice.objects.filter(pk__in=wanted[INVOICE])}
    others = set().union(*(ids for kind, ids in wanted.items() if kind != INVOICE))
    names |= {("", row.pk): str(row) for row in Receipt.objects.filter(pk__in=others)}
    return {
        pk: names.get(
            (batch.source_type if batch.source_type == INVOICE else "", batch.source_id), ""
        )
        for pk, batch in facts.items()
    }


def overdue_invoices(actor: Actor, on: date) -> QuerySet[Invoice]:
    """Return unpaid invoices past their due date (BIL-18)."""
    rows = Invoice.objects.filter(status=InvoiceStatus.POSTED, due_on__lt=on)
    return visible(actor, rights.VIEW, rows)


DAY_SHOWN = 200


@dataclass(frozen=True, slots=True)
class DayGroup:
    """Receipts to look at: the first of them, how many there are, what all of them sum up to."""

    rows: list[Receipt]
    count: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class DayView:
    """What a clerk looks at every day: money of the day and what is wrong with it (BIL-06)."""

    received: DayGroup
    to_confirm: DayGroup
    unapplied: DayGroup
    broken_promises: list[Invoice]


def day_view(actor: Actor, on: date) -> DayView:
    """Return the receipts of a day and the problems that stand.

    Source: BIL-06.
    """
    money = visible(actor, rights.RECEIPT_VIEW, Receipt.objects.select_related("customer"))
    invoices = visible(actor, rights.VIEW, Invoice.objects.select_related("customer"))
    promised = invoices.filter(status=InvoiceStatus.POSTED, promise_on__lt=on)
    unused = money.filter(status=ReceiptStatus.CONFIRMED, unapplied__gt=ZERO)
    return DayView(
        received=_day_group(money.filter(received_on=on), "amount"),
        to_confirm=_day_group(money.filter(status=ReceiptStatus.REGISTERED), "amount"),
        unapplied=_day_group(unused, "unapplied"),
        broken_promises=list(promised.order_by("promise_on", "pk")[:DAY_SHOWN]),
    )


def _day_group(rows: QuerySet[Receipt], figure: str) -> DayGroup:
    shown = list(rows.order_by("-received_on", "-pk")[:DAY_SHOWN])
    sums = rows.aggregate(count=Count("pk"), total=Sum(figure))
    return DayGroup(shown, sums["count"], sums["total"] or ZERO)
