"""What must be there before a customer is activated: later rooms add their own checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chengdan.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What an activation check may look at."""

    id: int
    company_id: int
    code: str
    name: str
    status: str
    owner_id: int | None
    slt_member_id: int | None
    payment_term_days: int | None
    pay_first: bool
    credit_grade: str


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing.

    Attributes:
        code: stable code such as "credit_limit".
        message: what is missing, translated.
        url: where it can be added; "" when there is no such page.
        permission: what that page asks for; readers without it are told who has it.
        rule: requirement shown to the user.
    """

    code: str
    message: Any
    url: str = ""
    rule: str = "ORG-17"
    permission: str = ""


ActivationCheck = Callable[[Sequence[CustomerFacts]], dict[int, list[Missing]]]
_checks: Registry[ActivationCheck] = Registry("customer activation checks")


def activation_check_register(name: str, check: ActivationCheck) -> ActivationCheck:
    """Let another room say what customers lack: id → list, without those that lack nothing.

    It gets many customers at once and answers with a constant number of queries. Called while
    the applications start: `activation_check_register("credit.limit", limit_missing)`.
    """
    return _checks.add(name, check)


def activation_checks() -> list[ActivationCheck]:
    """Return every registered check in order of registration."""
    return [check for _name, check in _checks.items()]
