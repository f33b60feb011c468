"""Loading accounts and proposals for an act: lock the account, then see, then right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from chengdan.kernel.locking import (
    LockOrderError,
    LockRank,
    is_held,
    lock_found,
    lock_one,
    lock_rows,
    locked_row,
    rows_guarded,
)
from chengdan.kernel.prepared import prepared
from chengdan.modules.credit import vocabulary as words
from chengdan.modules.credit.models import Account, LimitChange
from chengdan.modules.credit.selectors import principals_deciding
from chengdan.modules.customers.selectors import customer_summaries, customers_remember
from chengdan.modules.people.access import authorise, can, require_visible, visible
from chengdan.modules.people.selectors import company_get
from chengdan.modules.people.selectors.seats import answering
from chengdan.modules.process.access import Signature, Signed, signature_lent

M = TypeVar("M", bound=Model)
# An account with its customer as documents copy it.
_ROWS = Account.objects.select_related("customer__shipping")


def credit_account_lock(customer_id: int) -> Account:
    """Lock the customer's account, opening it when there is none, and return it.

    Take this lock before those of orders, notes, invoices and receipts.

    Raises:
        NotFoundError: no such customer.
        RuntimeError: outside `write()`.
    """
    return credit_accounts_lock([customer_id])[customer_id]


def credit_account_lock_with(
    rows: QuerySet[M], pk: int, rank: LockRank, *, is_guarded: bool = False
) -> M:
    """Lock the account of a document's customer, then the document, in one statement.

    Only a draft, or a receipt that is not confirmed, changes its customer. Who waited for it finds
    nothing in the first statement and locks the other account afterwards.

    Args:
        rows: of documents, with what they are read with; a constant of the caller.
        rank: of the document.
        is_guarded: such documents are only ever locked behind the account, so what ranks before
            them may be locked later.

    Raises:
        NotFoundError: no such document.
        LockOrderError: see `rank_enter`.
    """
    held: Any = locked_row(rows.model, pk)
    if held is not None and is_held(LockRank.ACCOUNT, held.customer_id):
        kept: M = held
        return kept
    for document in _with_account(rows)(pk):
        # As read now: the object that the act holds may know an older customer.
        customers_remember([document.customer])
        lock_found([document.customer.credit_account], LockRank.ACCOUNT)
        if is_guarded:
            rows_guarded(rank, [pk])
        found: M = lock_found([document], rank)[0]
        return found
    customer_ids = rows.model._default_manager.filter(pk=pk).values_list("customer_id", flat=True)
    credit_accounts_lock(customer_ids)
    if is_guarded:
        rows_guarded(rank, [pk])
    return lock_one(rows, pk, rank)


def accounts_require_held(customer_ids: Iterable[int]) -> None:
    """Pass when this act holds the accounts; for rows that are only ever locked behind them.

    Raises:
        LockOrderError: in test mode, when one is not held; a programming error.
    """
    if getattr(settings, "LOCK_RANK_GUARD", False):
        missing = {pk for pk in customer_ids if not is_held(LockRank.ACCOUNT, pk)}
        if missing:
            raise LockOrderError(f"documents locked without the accounts of {sorted(missing)}")


@cache
def _with_account(rows: QuerySet[Any]) -> Callable[[int], list[Any]]:
    """Return a read that locks the account first: rows are locked in the order they are named."""
    read = (
        rows.filter(customer__credit_account__isnull=False)
        .select_related("customer__shipping", "customer__credit_account")
        .select_for_update(of=("customer__credit_account", "self"))
    )

    @prepared
    def by_pk(pk: int) -> QuerySet[Any]:
        return read.filter(pk=pk)

    return by_pk


def credit_accounts_lock(customer_ids: Iterable[int]) -> dict[int, Account]:
    """Lock several accounts in the order of their ids, opening those that are missing."""
    wanted = sorted(set(customer_ids))
    held = {pk for pk in wanted if locked_row(Account, pk) is not None}
    found = {account.pk: account for account in lock_rows(_ROWS, wanted, LockRank.ACCOUNT)}
    missing = [pk for pk in wanted if pk not in found]
    if missing:
        _account_open(missing)
        found |= {row.pk: row for row in lock_rows(_ROWS, missing, LockRank.ACCOUNT)}
    # Held accounts keep the customer as it was when they were locked.
    customers_remember(account.customer for pk, account in found.items() if pk not in held)
    return found


def _account_open(customer_ids: Sequence[int]) -> None:
    customers = customer_summaries(customer_ids)
    if set(customer_ids) - set(customers):
        raise NotFoundError
    currencies = {
        pk: company_get(pk).currency for pk in {item.company_id for item in customers.values()}
    }
    accounts = [
        Account(
            customer_id=customer.id,
            company_id=customer.company_id,
            currency=currencies[customer.company_id],
        )
        for customer in customers.values()
    ]
    Account.objects.bulk_create(accounts, ignore_conflicts=True, batch_size=500)


def access_account_for_view(actor: Actor, customer_id: int) -> Account:
    """Return the account for reading; 404 when it is not visible.

    A customer whose account was never used gets an empty one that is not stored.

    Raises:
        NotFoundError: no such customer, or not open to the actor.
    """
    rows = Account.objects.select_related(
        "customer__company", "customer__owner", "customer__slt_member"
    )
    account = rows.filter(pk=customer_id).first() or _unused(customer_id)
    require_visible(actor, words.VIEW, account)
    return account


def may_view_account(actor: Actor, customer: Any) -> bool:
    """True when the actor may see the customer's account; pages link to it only then."""
    return can(actor, words.VIEW, Account(customer=customer, company_id=customer.company_id))


def _unused(customer_id: int) -> Account:
    account = Account(customer_id=customer_id)
    try:
        customer = account.customer
    except ObjectDoesNotExist:
        raise NotFoundError from None
    account.company_id = customer.company_id
    account.currency = customer.company.currency
    return account


def access_account_for_proposal(actor: Actor, customer_id: int) -> Account:
    """Lock the account for a limit proposal.

    Raises:
        NotFoundError, ForbiddenError: see the module.
    """
    return _access(actor, customer_id, words.PROPOSE)


def access_account_for_shortfall(actor: Actor, customer_id: int) -> Account:
    """Lock the account for releasing a shortfall, which only the SLT member in charge may do.

    While the seat in charge is empty, the holder of the seat above it is in charge; a customer
    that nobody is in charge of is released by nobody.

    Raises:
        NotFoundError, ForbiddenError: see the module; also another member of the SLT.

    Source: CRD-08, N2.
    """
    account = _access(actor, customer_id, words.SHORTFALL)
    customer = account.customer
    in_charge = answering(
        "slt_member", customer.slt_member_id, account.company_id, customer.territory_id
    )
    acting = actor.on_behalf_of_id or actor.user_id
    if not actor.is_system and (in_charge is None or in_charge != acting):
        raise ForbiddenError(_("Only the SLT member in charge of the customer may do this."))
    return account


def _access(actor: Actor, customer_id: int, permission: str) -> Account:
    account = credit_account_lock(customer_id)
    require_visible(actor, words.VIEW, account)
    authorise(actor, permission, account)
    return account


def access_change_for_view(actor: Actor, change_id: int) -> LimitChange:
    """Return a proposal for reading, with its account and customer.

    Raises:
        NotFoundError: none, or not open to the actor.
    """
    rows = LimitChange.objects.select_related(
        "account__customer", "proposed_by", "decided_by", "on_behalf_of"
    )
    found = visible(actor, words.VIEW, rows.filter(pk=change_id)).first()
    if found is None:
        raise NotFoundError
    return found


def limit_signature(actor: Actor, account: Account, change: LimitChange) -> Signature:
    """Return in whose name the actor may decide on a proposal: the own, or a principal's (ORG-20).

    The own right goes first; nobody decides for its author.

    Raises:
        ForbiddenError: neither holds the right nor is a deputy of somebody who does.
        AmountAboveDeputyError: a deputy for smaller amounts only.
    """
    if can(actor, words.APPROVE, account):
        return Signature()
    signed = Signed(words.LIMIT_CHANGE, account.company_id, change.limit)
    refused = ForbiddenError(permission=words.APPROVE)
    for principal in principals_deciding(actor):
        if principal.user_id == change.proposed_by_id or not _decides(principal, account):
            continue
        try:
            return signature_lent(actor, principal.person_id, signed)
        except ForbiddenError as error:
            refused = error
    raise refused


def _decides(actor: Actor, account: Account) -> bool:
    return can(actor, words.VIEW, account) and can(actor, words.APPROVE, account)


def access_change_for_decision(
    actor: Actor, change_id: int, expected_version: int | None = None
) -> tuple[Account, LimitChange, Signature]:
    """Lock the account of a proposal and return both, and in whose name the actor decides.

    Raises:
        NotFoundError, ForbiddenError: see the module and `limit_signature`.
        ConflictError: the proposal changed since `expected_version`.
    """
    found = visible(actor, words.VIEW, LimitChange.objects.filter(pk=change_id)).first()
    if found is None:
        raise NotFoundError
    account = credit_account_lock(found.account_id)
    require_visible(actor, words.VIEW, account)
    change = LimitChange.objects.get(pk=change_id)
    signature = limit_signature(actor, account, change)
    if expected_version is not None and change.version != expected_version:
        raise ConflictError
    return account, change, signature


def access_change_for_withdrawal(actor: Actor, change_id: int) -> tuple[Account, LimitChange]:
    """Lock the account of the actor's own proposal and return both.

    Raises:
        NotFoundError: no such proposal of the actor.
    """
    found = LimitChange.objects.filter(pk=change_id, proposed_by_id=actor.user_id).first()
    if found is None:
        raise NotFoundError
    account = _access(actor, found.account_id, words.PROPOSE)
    return account, LimitChange.objects.get(pk=change_id)
