"""Activate, suspend, resume, close and reopen."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import AuditRow, audit_record, audit_record_many
from chengdan.kernel.errors import FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.locking import LockRank, lock_rows
from chengdan.kernel.outbox import event_publish, events_publish
from chengdan.kernel.transactions import write
from chengdan.modules.customers.access import access_customer_for
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.selectors import activation_missing
from chengdan.modules.customers.transitions import CUSTOMER
from chengdan.modules.customers.vocabulary import (
    ActivationError,
    CustomerActivated,
    CustomerClosed,
    CustomerStatus,
    CustomerSuspended,
    Missing,
    rights,
)
from chengdan.modules.people.access import authorise, require_visible

_REASON = _("Give a reason.")
_STATE_FIELDS = ["status", "status_reason", "activated_at", "updated_at", "version"]


def customer_activate(
    *, actor: Actor, customer_id: int, expected_version: int | None = None
) -> Customer:
    """Let orders be taken for the customer.

    Raises:
        ActivationError: something is missing; `missing` lists all of it (ORG-17).
        TransitionError: it is not a draft.
    """
    return _start(actor, customer_id, "activate", rights.ACTIVATED, expected_version)


def customer_resume(
    *, actor: Actor, customer_id: int, expected_version: int | None = None
) -> Customer:
    """Let orders be taken again; everything is checked as at activation.

    Raises:
        ActivationError: something is missing.
        TransitionError: it is not suspended.
    """
    return _start(actor, customer_id, "resume", rights.RESUMED, expected_version)


def customer_suspend(
    *, actor: Actor, customer_id: int, reason: str, expected_version: int | None = None
) -> Customer:
    """Take no new orders for the customer until it is resumed.

    Raises:
        InvalidError: no reason given.
        TransitionError: it is not active.
    """
    with write():
        customer = _stop(actor, customer_id, "suspend", reason, expected_version)
        _record(actor, rights.SUSPENDED, customer, reason)
        event_publish(actor, CustomerSuspended(customer.pk, reason.strip()))
    return customer


def customer_close(
    *, actor: Actor, customer_id: int, reason: str, expected_version: int | None = None
) -> Customer:
    """End the relation; the record stays.

    Raises:
        InvalidError: no reason given.
        TransitionError: it is closed already.
    """
    with write():
        customer = _stop(actor, customer_id, "close", reason, expected_version)
        _record(actor, rights.CLOSED, customer, reason)
        event_publish(actor, CustomerClosed(customer.pk, reason.strip()))
    return customer


def customer_reopen(
    *, actor: Actor, customer_id: int, reason: str, expected_version: int | None = None
) -> Customer:
    """Make a closed customer a draft again, to be checked and activated anew.

    Raises:
        InvalidError: no reason given.
        TransitionError: it is not closed.
    """
    _reason_required(reason)
    with write():
        customer = access_customer_for(
            actor, customer_id, rights.CUSTOMER_ACTIVATE, expected_version
        )
        _move(customer, "reopen", reason.strip())
        _record(actor, rights.REOPENED, customer, reason)
    return customer


def customers_activate(*, actor: Actor, customer_ids: Sequence[int]) -> list[Customer]:
    """Activate many drafts at once, all or none; for imports and set-up.

    Raises:
        ActivationError: `missing` lists what all of them lack.
        TransitionError: one is not a draft.
        NotFoundError: one is missing or not visible.
    """
    authorise(actor, rights.CUSTOMER_ACTIVATE)
    with write():
        customers = lock_rows(
            Customer.objects.select_related("owner"), customer_ids, LockRank.MASTER
        )
        if len(customers) != len(set(customer_ids)):
            raise NotFoundError
        for customer in customers:
            require_visible(actor, rights.CUSTOMER_VIEW, customer)
            authorise(actor, rights.CUSTOMER_ACTIVATE, customer)
        _check_for_missing(customers)
        before = {customer.pk: customer.status for customer in customers}
        for customer in customers:
            _state_set(customer, "activate", "")
        stored = Customer.objects.filter(pk__in=[row.pk for row in customers])
        at = clock.now()
        stored.update(
            status=CustomerStatus.ACTIVE, status_reason="", activated_at=at, updated_at=at,
            version=F("version") + 1,
        )  # fmt: skip
        rows = [
            AuditRow(row, {"status": before[row.pk]}, {"status": row.status}) for row in customers
        ]
        audit_record_many(actor, rights.ACTIVATED, rows)
        events_publish(actor, [CustomerActivated(customer.pk) for customer in customers])
    return customers


def _start(
    actor: Actor, customer_id: int, verb: str, code: str, expected_version: int | None
) -> Customer:
    with write():
        customer = access_customer_for(
            actor, customer_id, rights.CUSTOMER_ACTIVATE, expected_version
        )
        CUSTOMER.resolve(customer.status, verb)
        _check_for_missing([customer])
        _move(customer, verb, "")
        _record(actor, code, customer, "")
        event_publish(actor, CustomerActivated(customer.pk))
    return customer


def _stop(
    actor: Actor, customer_id: int, verb: str, reason: str, expected_version: int | None
) -> Customer:
    _reason_required(reason)
    customer = access_customer_for(actor, customer_id, rights.CUSTOMER_SUSPEND, expected_version)
    _move(customer, verb, reason.strip())
    return customer


def _reason_required(reason: str) -> None:
    if not reason.strip():
        raise InvalidError(FieldIssue("reason", "required", _REASON))


def _check_for_missing(customers: Sequence[Customer]) -> None:
    missing: list[Missing] = []
    for found in activation_missing(customers).values():
        missing += found
    if missing:
        raise ActivationError(missing)


def _state_set(customer: Customer, verb: str, reason: str) -> None:
    customer.status = CUSTOMER.resolve(customer.status, verb)
    customer.status_reason = reason[:300]
    customer.updated_at = clock.now()
    customer.version += 1
    if verb == "activate":
        customer.activated_at = customer.updated_at


def _move(customer: Customer, verb: str, reason: str) -> None:
    _state_set(customer, verb, reason)
    customer.save(update_fields=_STATE_FIELDS)


def _record(actor: Actor, code: str, customer: Customer, reason: str) -> None:
    audit_record(actor, code, customer, after={"status": customer.status}, reason=reason.strip())
