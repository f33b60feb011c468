"""Limits: proposed with reason and evidence, decided by somebody else, loaded as opening data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record, audit_record_many
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.locking import locked_forget
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.transactions import write
from chengdan.modules.credit.access import (
    access_account_for_proposal,
    access_change_for_decision,
    access_change_for_withdrawal,
    credit_accounts_lock,
)
from chengdan.modules.credit.models import Account, LimitChange
from chengdan.modules.credit.services.tell import decision_tell, proposal_tell
from chengdan.modules.credit.vocabulary import (
    LIMIT_APPROVED,
    LIMIT_LOADED,
    LIMIT_PROPOSED,
    LIMIT_REFUSED,
    LIMIT_WITHDRAWN,
    LOAD,
    NOTICE_APPROVED,
    NOTICE_REFUSED,
    LimitChanged,
    LimitOrigin,
    LimitStatus,
    ProposalError,
    SameApproverError,
)
from chengdan.modules.people.access import authorise
from chengdan.modules.process.access import Signature

_DECIDED = (
    "status", "decided_by", "decided_at", "on_behalf_of", "consent", "comment", "version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One opening limit; None means the customer pays first."""

    customer_id: int
    limit: Decimal | None


def credit_limit_propose(
    *,
    actor: Actor,
    customer_id: int,
    limit: Decimal | None,
    reason: str,
    evidence: str = "",
) -> LimitChange:
    """Propose a limit by hand; it counts once somebody else approves it, who is told.

    Args:
        limit: gross, in the company's currency; None means "pay first".
        evidence: what the limit rests on; needed for every limit above the one in force.

    Raises:
        NotFoundError: the actor may not see the account.
        ForbiddenError: the actor may not propose limits.
        ProposalError: another proposal waits.
        InvalidError: a negative limit, no reason, or no evidence.

    Source: decisions §4, "manual limit with evidence".
    """
    with write():
        account = access_account_for_proposal(actor, customer_id)
        _proposal_check(account, limit, reason, evidence)
        if account.limit_changes.filter(status=LimitStatus.PROPOSED).exists():
            raise ProposalError
        change = LimitChange.objects.create(
            company_id=account.company_id,
            account=account,
            limit_before=account.limit,
            limit=limit,  # the stubs know no null
            reason=reason.strip(),
            evidence=evidence.strip(),
            origin=LimitOrigin.MANUAL,
            status=LimitStatus.PROPOSED,
            proposed_by_id=actor.user_id,
            proposed_at=clock.now(),
        )
        audit_record(
            actor,
            LIMIT_PROPOSED,
            change,
            before={"limit": change.limit_before},
            after={"limit": limit, "customer": customer_id, "evidence": change.evidence},
            reason=change.reason,
        )
        proposal_tell(actor, account, change)
        return change


def _proposal_check(account: Account, limit: Decimal | None, reason: str, evidence: str) -> None:
    issues = []
    if limit is not None and limit < ZERO:
        issues.append(FieldIssue("limit", "negative", _("A limit is not negative.")))
    if not reason.strip():
        issues.append(FieldIssue("reason", "required", _("Give a reason.")))
    is_raise = limit is not None and limit > (account.limit or ZERO)
    if is_raise and not evidence.strip():
        message = _("Say what the higher limit rests on.")
        issues.append(FieldIssue("evidence", "required", message))
    if issues:
        raise InvalidError(issues)


def credit_limit_approve(
    *, actor: Actor, change_id: int, expected_version: int | None = None, comment: str = ""
) -> LimitChange:
    """Put a proposed limit in force and tell its author.

    A deputy of somebody who may approve limits signs in that person's name, who is told.

    Raises:
        NotFoundError: no such proposal, or not open to the actor.
        ForbiddenError: the actor may not approve limits, nor as a deputy this one.
        SameApproverError: the actor (or the person acted for) made the proposal.
        ProposalError: it has been decided already.
        ConflictError: it changed meanwhile.
    """
    with write():
        account, change, signature = access_change_for_decision(actor, change_id, expected_version)
        signer = _decide(actor, change, signature, LimitStatus.APPROVED, comment)
        before = account.limit
        account.limit = change.limit
        account.version += 1
        account.save(update_fields=["limit", "version"])
        audit_record(
            signer,
            LIMIT_APPROVED,
            change,
            before={"limit": before},
            after={"limit": change.limit, "customer": account.pk},
            reason=comment,
        )
        event_publish(actor, LimitChanged(account.pk))
        decision_tell(signer, account, change, NOTICE_APPROVED)
        return change


def credit_limit_refuse(
    *, actor: Actor, change_id: int, comment: str, expected_version: int | None = None
) -> LimitChange:
    """Refuse a proposed limit, saying why, and tell its author.

    Raises: as `credit_limit_approve`, and InvalidError without a comment.
    """
    if not comment.strip():
        raise InvalidError(FieldIssue("comment", "required", _("Say why you refuse.")))
    with write():
        account, change, signature = access_change_for_decision(actor, change_id, expected_version)
        signer = _decide(actor, change, signature, LimitStatus.REFUSED, comment)
        audit_record(signer, LIMIT_REFUSED, change, reason=comment)
        decision_tell(signer, account, change, NOTICE_REFUSED)
        return change


def credit_limit_withdraw(*, actor: Actor, change_id: int) -> LimitChange:
    """Take the own proposal back.

    Raises:
        NotFoundError: no such proposal, or it is another person's.
        ProposalError: it has been decided already.
    """
    with write():
        _account, change = access_change_for_withdrawal(actor, change_id)
        if change.status != LimitStatus.PROPOSED:
            raise ProposalError(_("This proposal has been decided already."))
        _close(actor, change, LimitStatus.WITHDRAWN, "")
        audit_record(actor, LIMIT_WITHDRAWN, change)
        return change


def _decide(
    actor: Actor, change: LimitChange, signature: Signature, status: LimitStatus, comment: str
) -> Actor:
    """Close the proposal and return who signed, with the person signed for."""
    if signature.on_behalf_of_id is not None:
        actor = replace(actor, on_behalf_of_id=signature.on_behalf_of_id)
    if change.status != LimitStatus.PROPOSED:
        raise ProposalError(_("This proposal has been decided already."))
    if change.proposed_by_id in (actor.user_id, actor.on_behalf_of_id) or actor.is_system:
        raise SameApproverError
    change.on_behalf_of_id, change.consent = signature.on_behalf_of_id, signature.consent
    _close(actor, change, status, comment)
    return actor


def _close(actor: Actor, change: LimitChange, status: LimitStatus, comment: str) -> None:
    change.status = status
    change.decided_by_id = actor.user_id
    change.decided_at = clock.now()
    change.comment = comment.strip()
    change.version += 1
    change.save(update_fields=_DECIDED)


def credit_limits_load(*, actor: Actor, rows: Sequence[LimitRow], reason: str) -> list[LimitChange]:
    """Put opening limits in force without a proposal each: import and first-run set-up.

    Raises:
        ForbiddenError: the actor may not load limits.
        NotFoundError: a customer does not exist.
        InvalidError: a negative limit.
    """
    authorise(actor, LOAD)
    wrong = [
        FieldIssue("limit", "negative", _("A limit is not negative."), row=number)
        for number, row in enumerate(rows, start=1)
        if row.limit is not None and row.limit < ZERO
    ]
    if wrong:
        raise InvalidError(wrong)
    with write():
        accounts = credit_accounts_lock([row.customer_id for row in rows])
        at = clock.now()
        changes = [_loaded(actor, accounts[row.customer_id], row, reason, at) for row in rows]
        LimitChange.objects.bulk_create(changes, batch_size=500)
        for limit, ids in _by_limit(rows).items():
            Account.objects.filter(pk__in=ids).update(limit=limit, version=F("version") + 1)
        locked_forget(Account)
        audit_record_many(
            actor,
            LIMIT_LOADED,
            [
                AuditRow(
                    change,
                    before={"limit": change.limit_before},
                    after={"limit": change.limit, "customer": change.account_id},
                    reason=reason,
                )
                for change in changes
            ],
        )
        return changes


def _by_limit(rows: Sequence[LimitRow]) -> dict[Decimal | None, list[int]]:
    """Return limit → customers; one update for each limit is far cheaper than one per row."""
    found: dict[Decimal | None, list[int]] = {}
    for row in rows:
        found.setdefault(row.limit, []).append(row.customer_id)
    return found


def _loaded(
    actor: Actor, account: Account, row: LimitRow, reason: str, at: datetime
) -> LimitChange:
    return LimitChange(
        company_id=account.company_id,
        account=account,
        limit_before=account.limit,
        limit=row.limit,  # the stubs know no null
        reason=reason,
        origin=LimitOrigin.LOADED,
        status=LimitStatus.APPROVED,
        proposed_by_id=actor.user_id,
        proposed_at=at,
        decided_by_id=actor.user_id,
        decided_at=at,
    )
