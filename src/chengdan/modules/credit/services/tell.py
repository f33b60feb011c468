"""Who is told that a limit was proposed or decided."""

from __future__ import annotations

from collections.abc import Iterable

from chengdan.kernel.actor import Actor
from chengdan.kernel.notices import notices_send
from chengdan.kernel.parameters import parameter_value
from chengdan.modules.credit import vocabulary as words
from chengdan.modules.credit.models import Account, LimitChange
from chengdan.modules.people.access import can
from chengdan.modules.people.selectors import caller_of, holders_of, slt_members
from chengdan.modules.people.selectors.seats import answering


def proposal_tell(actor: Actor, account: Account, change: LimitChange) -> int:
    """Tell those who may decide on a proposal; never its author, who may not."""
    readers = [pk for pk in _candidates(account) if _may_decide(pk, account, change)]
    kind = words.NOTICE_PAYS_FIRST if change.limit is None else words.NOTICE_PROPOSED
    return _send(actor, account, change, kind, readers)


def decision_tell(actor: Actor, account: Account, change: LimitChange, kind: str) -> int:
    """Tell the author of a proposal how it was decided, and for whom a deputy decided."""
    if actor.on_behalf_of_id is not None:
        _send(actor, account, change, words.NOTICE_SIGNED, [actor.on_behalf_of_id])
    readers = [] if change.proposed_by_id is None else [change.proposed_by_id]
    return _send(actor, account, change, kind, readers)


def _candidates(account: Account) -> list[int]:
    """Return the leadership team, who is in charge of the customer, and the roles of the setting.

    Source: decisions §4, "approved by the SLT member".
    """
    customer = account.customer
    found = set(slt_members(account.company_id))
    for role in parameter_value(account.company_id, words.NOTICE_ROLES):
        found |= set(holders_of(role, account.company_id))
    in_charge = answering(
        "slt_member", customer.slt_member_id, account.company_id, customer.territory_id
    )
    return sorted(found if in_charge is None else found | {in_charge})


def _may_decide(user_id: int, account: Account, change: LimitChange) -> bool:
    person = caller_of(user_id, account.company_id)
    if person is None or user_id == change.proposed_by_id:
        return False
    return can(person, words.VIEW, account) and can(person, words.APPROVE, account)


def _send(
    actor: Actor, account: Account, change: LimitChange, kind: str, readers: Iterable[int]
) -> int:
    params = {
        "who": actor.name,
        "customer": account.customer.name,
        "limit": "" if change.limit is None else f"{change.limit:,.2f}",
        "comment": change.comment,
    }
    return notices_send(actor, kind, readers, params=params, url=f"/credit/limits/{change.pk}/")
