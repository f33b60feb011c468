"""Invariants I1, I2, I3, I15 and the rows behind receipts, by code of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from chengdan.kernel.verification import Difference, verifier
from chengdan.modules.billing.models import (
    Allocation,
    Earmark,
    Invoice,
    InvoiceLine,
    LedgerBatch,
    LedgerEntry,
    Receipt,
)

_ZERO = Decimal(0)
_OWING = ("posted", "settled")


def _difference(code: str, where: str, expected: object, found: object) -> Difference:
    return Difference(code, where, str(expected), str(found))


@verifier("I1", "AR ledger")
def verify_ledger() -> Iterator[Difference]:
    """Yield batches that do not add up to 0, or whose entries name another day or company."""
    sums: dict[int, Decimal] = defaultdict(Decimal)
    rows = LedgerEntry.objects.values_list(
        "batch_id", "amount", "on", "batch__on", "company_id", "batch__company_id"
    )
    for batch, amount, on, batch_on, company, batch_company in rows.iterator():
        sums[batch] += amount
        if (on, company) != (batch_on, batch_company):
            yield _difference("I1", f"entry of batch {batch}", batch_on, on)
    for batch, total in sums.items():
        if total:
            yield _difference("I1", f"batch {batch}", 0, total)
    for batch in LedgerBatch.objects.values_list("id", flat=True).iterator():
        sums.setdefault(batch, _ZERO)


@verifier("I2", "receivables")
def verify_receivables() -> Iterator[Difference]:
    """Yield customers whose ledger differs from their open invoices and unused money."""
    expected: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for customer, amount in Invoice.objects.values_list("customer_id", "open").iterator():
        expected[customer, "receivable"] += amount
    money = Receipt.objects.values_list("customer_id", "unapplied", "earmarked")
    for customer, unapplied, earmarked in money.iterator():
        expected[customer, "unapplied"] -= unapplied
        expected[customer, "earmarked"] -= earmarked
    found: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    entries = LedgerEntry.objects.filter(account__in=("receivable", "unapplied", "earmarked"))
    for customer, account, amount in entries.values_list(
        "customer_id", "account", "amount"
    ).iterator():
        found[customer, account] += amount
    for key in sorted(set(expected) | set(found)):
        if expected[key] != found[key]:
            yield _difference("I2", f"customer {key[0]} {key[1]}", expected[key], found[key])


@verifier("I3", "invoices")
def verify_invoices() -> Iterator[Difference]:
    """Yield invoices that are not the sum of their lines, or whose open amount is not explained."""
    lines: dict[int, list[Decimal]] = defaultdict(lambda: [_ZERO, _ZERO, _ZERO])
    for pk, *amounts in InvoiceLine.objects.values_list(
        "invoice_id", "gross", "tax", "net"
    ).iterator():
        lines[pk] = [total + amount for total, amount in zip(lines[pk], amounts, strict=True)]
    paid: dict[int, Decimal] = defaultdict(Decimal)
    for pk, amount in Allocation.objects.values_list("invoice_id", "amount").iterator():
        paid[pk] += amount
    ledger: dict[int, Decimal] = defaultdict(Decimal)
    entries = LedgerEntry.objects.filter(account="receivable").values_list("invoice_id", "amount")
    for owner, amount in entries.iterator():
        ledger[owner or 0] += amount
    for invoice in Invoice.objects.order_by("pk").iterator():
        yield from _invoice(invoice, lines[invoice.pk], paid[invoice.pk], ledger[invoice.pk])


def _invoice(
    invoice: Invoice, lines: list[Decimal], paid: Decimal, ledger: Decimal
) -> Iterator[Difference]:
    where = f"invoice {invoice.pk} {invoice.number}".strip()
    stored = [invoice.gross, invoice.tax, invoice.net]
    if stored != lines:
        yield _difference("I3", f"{where} lines", lines, stored)
    if invoice.gross != invoice.tax + invoice.net:
        yield _difference("I15", f"{where} tax", invoice.gross - invoice.tax, invoice.net)
    is_owing = invoice.status in _OWING and invoice.kind != "credit"
    expected = invoice.gross - paid if is_owing else _ZERO
    if invoice.open != expected:
        yield _difference("I3", f"{where} open", expected, invoice.open)
    if invoice.open != ledger:
        yield _difference("I3", f"{where} ledger", ledger, invoice.open)
    if is_owing and (invoice.open == _ZERO) != (invoice.status == "settled"):
        yield _difference("I3", f"{where} state", "settled when nothing is open", invoice.status)
    if invoice.approved_by_id is not None and invoice.approved_by_id == invoice.requested_by_id:
        yield _difference("I3", f"{where} approval", "two persons", "one")


@verifier("I3", "receipts")
def verify_receipts() -> Iterator[Difference]:
    """Yield receipts whose parts are not what earmarks and allocations say."""
    used: dict[int, list[Decimal]] = defaultdict(lambda: [_ZERO, _ZERO, _ZERO])
    for pk, amount, is_earmarked in Allocation.objects.values_list(
        "receipt_id", "amount", "is_earmarked"
    ).iterator():
        used[pk][0] += amount
        used[pk][1] -= amount if is_earmarked else _ZERO
    for pk, amount in Earmark.objects.values_list("receipt_id", "amount").iterator():
        used[pk][1] += amount
    for receipt in Receipt.objects.order_by("pk").iterator():
        applied, earmarked, _unused = used[receipt.pk]
        amount = receipt.amount if receipt.status == "confirmed" else _ZERO
        expected = [amount - applied - earmarked, earmarked, applied]
        stored = [receipt.unapplied, receipt.earmarked, receipt.applied]
        if expected != stored:
            yield _difference("I3", f"receipt {receipt.number}", expected, stored)


@verifier("I3", "allocations by day")
def verify_allocations() -> Iterator[Difference]:
    """Yield receipts of which, on some day, more is taken back from an invoice than was used."""
    rows = Allocation.objects.order_by("receipt_id", "invoice_id", "effective_on", "-amount")
    columns = ("receipt_id", "invoice_id", "effective_on", "amount")
    place, standing = (0, 0), _ZERO
    for receipt, invoice, on, amount in rows.values_list(*columns).iterator():
        if (receipt, invoice) != place:
            place, standing = (receipt, invoice), _ZERO
        standing += amount
        if standing < _ZERO:
            yield _difference("I3", f"receipt {receipt} invoice {invoice} on {on}", "≥ 0", standing)


@verifier("I3", "balances by day")
def verify_days() -> Iterator[Difference]:
    """Yield invoices and receipts that stood below zero on some day."""
    for account, document, sign in (
        ("receivable", "invoice", 1),
        ("unapplied", "receipt", -1),
        ("earmarked", "receipt", -1),
    ):
        rows = LedgerEntry.objects.filter(account=account).order_by(f"{document}_id", "on")
        moves = rows.values_list(f"{document}_id", "on", "amount").iterator()
        for pk, on, standing in _below(moves, sign):
            yield _difference("I3", f"{document} {pk} {account} on {on}", "≥ 0", standing)


def _below(
    moves: Iterable[tuple[int | None, date, Decimal]], sign: int
) -> Iterator[tuple[int | None, date, Decimal]]:
    """Yield (document, day, balance) of days that end below zero; `moves` by document and day."""
    for pk, mine in groupby(moves, key=itemgetter(0)):
        standing = _ZERO
        for on, of_day in groupby(mine, key=itemgetter(1)):
            standing += sign * sum((amount for _pk, _on, amount in of_day), _ZERO)
            if standing < _ZERO:
                yield pk, on, standing


@verifier("I15", "invoiced order lines")
def verify_parts() -> Iterator[Difference]:
    """Yield order lines invoiced in full whose parts do not add up to the line.

    A line whose price was amended after an invoice is left out: that invoice stays as it is.
    """
    sums: dict[tuple[int, int], list[Decimal]] = defaultdict(lambda: [_ZERO, _ZERO, _ZERO])
    rows = InvoiceLine.objects.filter(
        invoice__status__in=_OWING, invoice__kind="invoice", order__isnull=False
    ).exclude(invoice__origin="imported")
    prices: dict[tuple[int, int], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    units: dict[tuple[int, int], Decimal] = {}
    for order, number, exponent, price, *parts in rows.values_list(
        "order_id", "order_line", "invoice__company__exponent", "price", "quantity", "gross", "tax"
    ).iterator():
        key = (order or 0, number)
        units[key] = Decimal(1).scaleb(-exponent)
        sums[key] = [total + part for total, part in zip(sums[key], parts, strict=True)]
        prices[key].append((price, parts[0]))
    orders = {order for order, _number in sums}
    known = _order_lines(orders)
    for key, (quantity, gross, tax) in sorted(sums.items()):
        line = known.get(key)
        if line is None or line[0] != quantity or _is_repriced(line, prices[key], units[key]):
            continue
        if [gross, tax] != line[1:]:
            yield _difference("I15", f"order {key[0]} line {key[1]}", line[1:], [gross, tax])


def _is_repriced(line: list[Decimal], parts: list[tuple[Decimal, Decimal]], unit: Decimal) -> bool:
    """True when a part was invoiced at another price than the line's, roundings apart.

    Args:
        unit: the smallest amount of the currency.
    """
    own = abs(line[1] / line[0])
    return any(abs(price - own) * quantity > unit for price, quantity in parts)


def _order_lines(orders: set[int]) -> dict[tuple[int, int], list[Decimal]]:
    from chengdan.modules.orders.selectors import lines_of

    ids = sorted(orders)
    return {
        (line.order_id, line.number): [line.quantity, line.gross, line.tax]
        for start in range(0, len(ids), 500)
        for rows in lines_of(ids[start : start + 500]).values()
        for line in rows
    }
