"""Who acts: passed to every service, never None."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from chengdan.kernel.errors import ForbiddenError

Channel = Literal["web", "api", "import", "job", "cli"]


def new_request_id() -> str:
    """Return a reference number that a user can read out to support."""
    return uuid.uuid4().hex[:16]


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or job on whose account something happens.

    Attributes:
        user_id: the person; None only for a system actor.
        name: shown in histories, kept as a copy in the audit.
        company_id: the legal entity the actor works in at the moment.
        channel: the door the act came through.
        on_behalf_of_id: the principal, when a deputy signs (PRL-24, ORG-20).
        abilities: None for everything the person may do, else the scopes of an API token.
        memo: per-request cache of resolved rights; never compared or stored.
    """

    user_id: int | None
    name: str
    company_id: int | None = None
    channel: Channel = "web"
    request_id: str = field(default_factory=new_request_id, compare=False)
    on_behalf_of_id: int | None = None
    abilities: frozenset[str] | None = None
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("an actor has a name")

    @classmethod
    def system(cls, name: str, company_id: int | None = None) -> Actor:
        """Return the actor of a job; it may do everything and is named in the audit."""
        return cls(user_id=None, name=name, company_id=company_id, channel="job")

    @property
    def person_id(self) -> int:
        """Return the person's id, for acts that only people do.

        Raises:
            ForbiddenError: a job tries to sign.
        """
        if self.user_id is None:
            raise ForbiddenError
        return self.user_id

    @property
    def is_system(self) -> bool:
        """True for jobs and automatic process steps."""
        return self.user_id is None

    def at_company(self, company_id: int) -> Actor:
        """Return the same actor working in another company, with nothing cached."""
        return replace(self, company_id=company_id, memo={})

    def through(self, channel: Channel) -> Actor:
        """Return the same actor coming through another door."""
        return replace(self, channel=channel)
