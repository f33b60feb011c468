"""Money that came in: register, confirm, reverse, set aside for orders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record, audit_record_many
from chengdan.kernel.audit.record import AuditRow
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.errors import FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.numbering import numbers_take
from chengdan.kernel.numbers import ZERO, money
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import prepared, rows_insert
from chengdan.kernel.transactions import write
from chengdan.modules.billing.access import access_receipt
from chengdan.modules.billing.models import Allocation, Earmark, Receipt
from chengdan.modules.billing.services.drafts import ReceiptDraft
from chengdan.modules.billing.services.finding import receipt_index
from chengdan.modules.billing.services.ledger import Posting, Side, ledger_post, money_sides
from chengdan.modules.billing.transitions import RECEIPT_TRANSITIONS
from chengdan.modules.billing.vocabulary import (
    ORDER,
    RECEIPT,
    AllocatedError,
    BatchKind,
    LedgerAccount,
    MoneySetAside,
    ReceiptConfirmed,
    ReceiptMethod,
    ReceiptMoneyError,
    ReceiptStatus,
    rights,
)
from chengdan.modules.credit.services import (
    Bucket,
    Move,
    Source,
    credit_earmark,
    credit_post,
    credit_unearmark,
)
from chengdan.modules.customers.selectors import CustomerSummary, customer_summaries
from chengdan.modules.people.access import authorise
from chengdan.modules.people.selectors import company_get

# What a registration may have got wrong; number and company stay.
_CORRECTABLE = (
    "customer_id", "amount", "received_on", "method", "account", "bank_reference", "payer",
    "memo",
)  # fmt: skip
_AUDIT_NAMES = {"customer_id": "customer", "owner_id": "owner", "unit_id": "unit"}


def receipt_source(receipt_id: int) -> Source:
    """Return how the credit account names a receipt."""
    return Source(RECEIPT, receipt_id)


def receipt_register(*, actor: Actor, draft: ReceiptDraft) -> Receipt:
    """Register one receipt; see `receipts_register`."""
    return receipts_register(actor=actor, drafts=[draft])[0]


def receipts_register(*, actor: Actor, drafts: Sequence[ReceiptDraft]) -> list[Receipt]:
    """Register money that came in; it counts once finance has confirmed it.

    Raises:
        InvalidError: an amount that is not positive or not of the currency, a day in the
            future or long ago, a bank reference that is known on the account or stands twice
            here. Each item names its row.
        NotFoundError: no such customer.
        ForbiddenError: the actor may not register receipts.

    Source: BIL-06, BIL-10, BIL-20.
    """
    authorise(actor, rights.REGISTER)
    with write():
        customers = customer_summaries(draft.customer_id for draft in drafts)
        if any(draft.customer_id not in customers for draft in drafts):
            raise NotFoundError
        issues = _issues(drafts, customers)
        if issues:
            raise InvalidError(issues)
        rows = [_receipt(actor, draft, customers[draft.customer_id]) for draft in drafts]
        for row in rows:
            authorise(actor, rights.REGISTER, row)
        _number(actor, rows)
        made = rows_insert(rows)
        audit_record_many(
            actor,
            rights.RECEIPT_REGISTERED,
            [
                AuditRow(
                    row,
                    after={"number": row.number, "customer": row.customer_id,
                           "amount": row.amount, "received_on": row.received_on,
                           "account": row.account, "bank_reference": row.bank_reference},
                    is_first=True,
                )
                for row in made
            ],
        )  # fmt: skip
        for row in made:
            receipt_index(row, customers[row.customer_id].name)
        crashpoint("billing.receipt.registered")
        return made


def _receipt(actor: Actor, draft: ReceiptDraft, customer: CustomerSummary) -> Receipt:
    company = company_get(customer.company_id)
    receipt = Receipt(
        customer_id=customer.id,
        amount=draft.amount,
        currency=company.currency,
        received_on=draft.received_on,
        method=draft.method,
        account=draft.account.strip(),
        bank_reference=draft.bank_reference.strip(),
        payer=draft.payer.strip(),
        memo=draft.memo.strip(),
    )
    receipt.ownership_set(
        actor, company_id=company.pk, owner_id=customer.owner_id, unit_id=customer.unit_id
    )
    return receipt


def receipt_correct(
    *, actor: Actor, receipt_id: int, draft: ReceiptDraft, expected_version: int | None = None
) -> Receipt:
    """Replace all that was registered of a receipt, while finance has not confirmed it.

    Raises:
        TransitionError: it is confirmed or reversed already.
        InvalidError: see `receipts_register`.
        NotFoundError: no such customer in the receipt's company; see also `access_receipt`.
        ForbiddenError, ConflictError: see `access_receipt`.
    """
    with write():
        _chain, receipt = access_receipt(actor, receipt_id, rights.REGISTER, expected_version)
        receipt.status = RECEIPT_TRANSITIONS.resolve(receipt.status, "correct")
        customers = customer_summaries([draft.customer_id])
        customer = customers.get(draft.customer_id)
        if customer is None or customer.company_id != receipt.company_id:
            raise NotFoundError
        issues = _issues([draft], customers, receipt.pk)
        if issues:
            raise InvalidError(issues)
        fresh = _receipt(actor, draft, customer)
        authorise(actor, rights.REGISTER, fresh)
        # Who answers for it stays with the customer's of that day, unless it is another customer.
        is_moved = fresh.customer_id != receipt.customer_id
        names = [*_CORRECTABLE, "owner_id", "unit_id"] if is_moved else _CORRECTABLE
        before = {name: getattr(receipt, name) for name in names}
        after = {name: getattr(fresh, name) for name in names}
        changed = [name for name in names if before[name] != after[name]]
        if not changed:
            return receipt
        for name in changed:
            setattr(receipt, name, after[name])
        receipt.version += 1
        document_save(receipt, [*changed, "version"])
        audit_record(
            actor, rights.RECEIPT_CORRECTED, receipt,
            before={_AUDIT_NAMES.get(name, name): before[name] for name in changed},
            after={_AUDIT_NAMES.get(name, name): after[name] for name in changed},
        )  # fmt: skip
        receipt_index(receipt, customer.name)
        return receipt


def _number(actor: Actor, rows: Sequence[Receipt]) -> None:
    """Give the rows their numbers by day of registration, oldest first."""
    on = clock.today()
    by_company: dict[int, list[Receipt]] = {}
    for row in rows:
        by_company.setdefault(row.company_id, []).append(row)
    for company_id, own in sorted(by_company.items()):
        numbers = numbers_take(actor, company_id, rights.RECEIPT_SERIES, on, len(own))
        for row, number in zip(own, numbers, strict=True):
            row.number = number


def _issues(
    drafts: Sequence[ReceiptDraft], customers: dict[int, CustomerSummary], own_id: int = 0
) -> list[FieldIssue]:
    issues = []
    seen: set[tuple[int, str, str]] = set()
    known = _references_known(drafts, customers, own_id)
    for row, draft in enumerate(drafts, 1):
        company = company_get(customers[draft.customer_id].company_id)
        if draft.amount <= ZERO or draft.amount != money(draft.amount, company.exponent):
            text = _("The amount must be positive, with the decimals of the currency.")
            issues.append(FieldIssue("amount", "amount", text, row))
        if draft.received_on > clock.today():
            text = _("The day lies in the future.")
            issues.append(FieldIssue("received_on", "future", text, row))
        days = int(parameter_value(company.pk, rights.RECEIVED_DAYS_MAX))
        if draft.received_on < clock.today() - timedelta(days=days):
            why = _("The day lies more than %(days)s days back.") % {"days": days}
            issues.append(FieldIssue("received_on", "past", why, row))
        if draft.method not in ReceiptMethod.values:
            issues.append(FieldIssue("method", "choice", _("Choose how it came in."), row))
        reference = draft.bank_reference.strip()
        key = (company.pk, draft.account.strip(), reference)
        if reference and (key in seen or key in known):
            text = _("This bank reference is registered on the account already.")
            issues.append(FieldIssue("bank_reference", "twice", text, row))
        seen.add(key)
    return issues


def _references_known(
    drafts: Sequence[ReceiptDraft], customers: dict[int, CustomerSummary], own_id: int
) -> set[tuple[int, str, str]]:
    wanted = {draft.bank_reference.strip() for draft in drafts} - {""}
    companies = {customer.company_id for customer in customers.values()}
    return set(_referring(companies, wanted, own_id))


@prepared
def _referring(
    companies: Collection[int], references: Collection[str], own_id: int
) -> QuerySet[Receipt, tuple[int, str, str]]:
    rows = Receipt.objects.filter(company_id__in=companies, bank_reference__in=references)
    rows = rows.exclude(status=ReceiptStatus.REVERSED).exclude(pk=own_id)
    return rows.values_list("company_id", "account", "bank_reference")


def receipt_confirm(
    *, actor: Actor, receipt_id: int, on: date | None = None, expected_version: int | None = None
) -> Receipt:
    """Confirm that the money is on the account; from now on it counts.

    Args:
        on: posting day, default the day of receipt; after the lock date, not in the future.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_receipt`.
        TransitionError: it is confirmed or reversed already.
        LockedPeriodError, InvalidError: the day cannot be used.
    """
    with write():
        _chain, receipt = access_receipt(actor, receipt_id, rights.CONFIRM, expected_version)
        before = receipt.status
        receipt.status = RECEIPT_TRANSITIONS.resolve(before, "confirm")
        day = on or receipt.received_on
        if not receipt.received_on <= day <= clock.today():
            text = _("The day must lie between the receipt and today.")
            raise InvalidError(FieldIssue("on", "range", text))
        receipt.unapplied = receipt.amount
        receipt.confirmed_by_id, receipt.confirmed_at = actor.user_id, clock.now()
        receipt.version += 1
        document_save(receipt, ["status", "unapplied", "confirmed_by", "confirmed_at", "version"])
        _post(actor, receipt, BatchKind.RECEIPT, day, receipt.amount)
        credit_post(
            actor=actor,
            customer_id=receipt.customer_id,
            moves=[Move(Bucket.UNAPPLIED, receipt.amount, receipt_source(receipt.pk))],
            reason="billing.receipt",
        )
        crashpoint("billing.receipt.posted")
        audit_record(
            actor, rights.RECEIPT_CONFIRMED, receipt,
            before={"status": before}, after={"status": receipt.status, "posted_on": day},
        )  # fmt: skip
        event_publish(actor, ReceiptConfirmed(receipt.pk))
        return receipt


_ASIDE = _("Money of this receipt is set aside for orders; give it back first.")


def receipt_reverse(
    *,
    actor: Actor,
    receipt_id: int,
    reason: str,
    on: date | None = None,
    expected_version: int | None = None,
) -> Receipt:
    """Take a receipt back: entered wrongly, or the bill was dishonoured. It keeps its number.

    Raises:
        InvalidError: no reason, or an impossible day.
        AllocatedError: it is allocated or set aside; take that back first.
        NotFoundError, ForbiddenError, ConflictError: see `access_receipt`.
        LockedPeriodError: the day lies in a closed period.
    """
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Give a reason.")))
    with write():
        _chain, receipt = access_receipt(
            actor, receipt_id, rights.RECEIPT_REVERSE, expected_version
        )
        before = receipt.status
        receipt.status = RECEIPT_TRANSITIONS.resolve(before, "reverse")
        if before == ReceiptStatus.CONFIRMED:
            if receipt.applied:
                raise AllocatedError
            if receipt.earmarked:
                raise AllocatedError(_ASIDE)
            day = on or clock.today()
            if not receipt.received_on <= day <= clock.today():
                text = _("The day must lie between the receipt and today.")
                raise InvalidError(FieldIssue("on", "range", text))
            _post(actor, receipt, BatchKind.RECEIPT_BACK, day, -receipt.amount, reason)
            credit_post(
                actor=actor,
                customer_id=receipt.customer_id,
                moves=[Move(Bucket.UNAPPLIED, -receipt.amount, receipt_source(receipt.pk))],
                reason="billing.receipt_back",
            )
        receipt.unapplied, receipt.reason = ZERO, reason[:300]
        receipt.version += 1
        document_save(receipt, ["status", "unapplied", "reason", "version"])
        audit_record(
            actor, rights.RECEIPT_REVERSED, receipt,
            before={"status": before}, after={"status": receipt.status}, reason=reason,
        )  # fmt: skip
        return receipt


def _post(
    actor: Actor, receipt: Receipt, kind: str, on: date, amount: Decimal, reason: str = ""
) -> None:
    posting = Posting(
        kind=kind,
        company_id=receipt.company_id,
        customer_id=receipt.customer_id,
        currency=receipt.currency,
        on=on,
        source=(RECEIPT, receipt.pk),
        sides=[
            Side(LedgerAccount.BANK, amount, receipt_id=receipt.pk),
            Side(LedgerAccount.UNAPPLIED, -amount, receipt_id=receipt.pk),
        ],
        reason=reason,
    )
    ledger_post(actor, posting)


def receipt_earmark(
    *,
    actor: Actor,
    receipt_id: int,
    order_id: int,
    amount: Decimal,
    expected_version: int | None = None,
) -> Receipt:
    """Set unapplied money of a receipt aside for one order; an order that waits for it goes on.

    Args:
        amount: > 0, at most what is unapplied, and what the order owes beyond what is set aside.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: see `access_receipt`.
        ReceiptMoneyError: less is unapplied, or owed.
        InvalidError: not positive, or an order of another customer.

    Source: CRD-08, decisions §3.
    """
    return _earmark(actor, receipt_id, order_id, amount, "", expected_version)


def receipt_unearmark(
    *,
    actor: Actor,
    receipt_id: int,
    order_id: int,
    amount: Decimal,
    reason: str,
    expected_version: int | None = None,
) -> Receipt:
    """Give money set aside for an order back to the unapplied receipts.

    Raises:
        InvalidError: no reason, or an amount that is not positive.
        ReceiptMoneyError: less of the receipt is set aside for the order.
        NotFoundError, ForbiddenError, ConflictError: see `access_receipt`.
    """
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _("Give a reason.")))
    return _earmark(actor, receipt_id, order_id, -amount, reason.strip(), expected_version)


def _earmark(
    actor: Actor,
    receipt_id: int,
    order_id: int,
    delta: Decimal,
    reason: str,
    expected_version: int | None,
) -> Receipt:
    with write():
        chain, receipt = access_receipt(
            actor, receipt_id, rights.EARMARK, expected_version, orders=[order_id]
        )
        RECEIPT_TRANSITIONS.resolve(receipt.status, "earmark")
        _earmark_check(receipt, chain.order(order_id), delta, reason)
        receipt.unapplied -= delta
        receipt.earmarked += delta
        receipt.version += 1
        document_save(receipt, ["unapplied", "earmarked", "version"])
        on = clock.today()
        posting = Posting(
            kind=BatchKind.EARMARK,
            company_id=receipt.company_id,
            customer_id=receipt.customer_id,
            currency=receipt.currency,
            on=on,
            source=(RECEIPT, receipt.pk),
            sides=money_sides(
                receipt, LedgerAccount.UNAPPLIED, LedgerAccount.EARMARKED, delta, order_id
            ),
            reason=reason,
        )
        batch = ledger_post(actor, posting)
        Earmark.objects.create(
            receipt=receipt, order_id=order_id, amount=delta, batch=batch, effective_on=on,
            entered_at=clock.now(), reason=reason[:300],
        )  # fmt: skip
        audit_record(
            actor,
            rights.RECEIPT_EARMARKED if delta > ZERO else rights.RECEIPT_UNEARMARKED,
            receipt,
            after={"order": order_id, "amount": delta, "unapplied": receipt.unapplied},
            reason=reason,
        )
        act = credit_earmark if delta > ZERO else credit_unearmark
        act(
            actor=actor,
            customer_id=receipt.customer_id,
            receipt=receipt_source(receipt.pk),
            order=Source(ORDER, order_id),
            amount=abs(delta),
        )
        if delta > ZERO:
            event_publish(actor, MoneySetAside(order_id))
        return receipt


def _earmark_check(receipt: Receipt, order: Any, delta: Decimal, reason: str) -> None:
    exponent = receipt.company.exponent
    is_wrong_way = delta <= ZERO if not reason else delta >= ZERO
    if is_wrong_way or delta != money(delta, exponent):
        text = _("The amount must be positive, with the decimals of the currency.")
        raise InvalidError(FieldIssue("amount", "amount", text))
    if order.customer_id != receipt.customer_id:
        text = _("The order belongs to another customer.")
        raise InvalidError(FieldIssue("order_id", "customer", text))
    found = receipt.unapplied if delta > ZERO else earmarked_of(receipt).get(order.pk, ZERO)
    if abs(delta) > found:
        raise ReceiptMoneyError(document=receipt.number, found=found, wanted=abs(delta))
    if delta > ZERO:
        owed = max(ZERO, order.owes - earmarked_for(order.pk))
        if delta > owed:
            raise ReceiptMoneyError(document=str(order), found=owed, wanted=delta)


def earmarked_of(receipt: Receipt) -> dict[int, Decimal]:
    """Return order → money of the receipt that is set aside for it and not yet used."""
    found: dict[int, Decimal] = {}
    for order_id, amount in receipt.earmarks.values_list("order_id", "amount"):
        found[order_id] = found.get(order_id, ZERO) + amount
    used = receipt.allocations.filter(is_earmarked=True, order_id__isnull=False)
    for order_id, amount in used.values_list("order_id", "amount"):
        found[order_id or 0] = found.get(order_id or 0, ZERO) - amount
    return {order_id: amount for order_id, amount in found.items() if amount > ZERO}


def earmarked_for(order_id: int) -> Decimal:
    """Return what all receipts together have set aside for an order and not yet used."""
    set_aside = Earmark.objects.filter(order_id=order_id).aggregate(found=Sum("amount"))
    used = Allocation.objects.filter(order_id=order_id, is_earmarked=True)
    return (set_aside["found"] or ZERO) - (used.aggregate(found=Sum("amount"))["found"] or ZERO)
