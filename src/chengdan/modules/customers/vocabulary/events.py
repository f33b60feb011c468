"""What happened to customers, for other rooms and webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chengdan.kernel.outbox import Event


@dataclass(frozen=True, slots=True)
class CustomerCreated(Event):
    """A customer record was made; `customer_ids` holds all of one act."""

    code: ClassVar[str] = "customers.CustomerCreated"
    customer_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CustomerUpdated(Event):
    """Fields of a customer changed."""

    code: ClassVar[str] = "customers.CustomerUpdated"
    customer_ids: tuple[int, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomerActivated(Event):
    """We may sell to the customer from now on."""

    code: ClassVar[str] = "customers.CustomerActivated"
    customer_id: int


@dataclass(frozen=True, slots=True)
class CustomerSuspended(Event):
    """No new orders until resumed."""

    code: ClassVar[str] = "customers.CustomerSuspended"
    customer_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class CustomerClosed(Event):
    """The relation ended."""

    code: ClassVar[str] = "customers.CustomerClosed"
    customer_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class CustomerHandedOver(Event):
    """Another person is responsible; documents keep their own owner."""

    code: ClassVar[str] = "customers.CustomerHandedOver"
    customer_id: int
    owner_before_id: int | None
    owner_id: int
