"""Reminding and collecting: clocks of BC, and what people did (BIL-18, BIL-20, BIL-23)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, InvalidError
from chengdan.kernel.notices import notices_send
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.pending import document_save
from chengdan.kernel.transactions import write
from chengdan.modules.billing.access import access_invoice
from chengdan.modules.billing.models import CollectionAct, Invoice
from chengdan.modules.billing.services import people
from chengdan.modules.billing.services.progress import progress_note
from chengdan.modules.billing.vocabulary import (
    ACT_PROMISED,
    ActKind,
    ActResult,
    CollectionStage,
    CollectionStarted,
    InvoiceStatus,
    rights,
)
from chengdan.modules.credit.selectors import promise_issues


def invoice_remind(actor: Actor, invoice: Invoice) -> None:
    """RM: tell the coordinator and the sales manager that an invoice falls due soon."""
    _stage(actor, invoice, CollectionStage.REMINDED, rights.REMINDED)
    _tell(actor, invoice, rights.NOTICE_DUE)


def invoice_collect(actor: Actor, invoice: Invoice) -> None:
    """CL: the invoice is past due; coordinator and sales manager collect from now on."""
    _stage(actor, invoice, CollectionStage.COLLECTING, rights.COLLECTING)
    _tell(actor, invoice, rights.NOTICE_COLLECT)
    event_publish(actor, CollectionStarted(invoice.pk))


def invoice_escalate(actor: Actor, invoice: Invoice) -> None:
    """CL: still unpaid; the sales manager's superior and the SLT member are told."""
    _stage(actor, invoice, CollectionStage.ESCALATED, rights.ESCALATED)
    _tell(actor, invoice, rights.NOTICE_ESCALATE, people.leaders(invoice))


def _stage(actor: Actor, invoice: Invoice, stage: str, code: str) -> None:
    before = invoice.stage
    invoice.stage = stage
    invoice.version += 1
    progress_note(invoice, ["stage", "version"])
    audit_record(actor, code, invoice, before={"stage": before}, after={"stage": stage})


def _tell(actor: Actor, invoice: Invoice, kind: str, also: Iterable[int] = ()) -> None:
    """Tell coordinator and sales manager, whoever they are today, and others."""
    params = {
        "number": invoice.number,
        "customer": invoice.customer.name,
        "open": f"{invoice.open:,.2f}",
        "due": f"{invoice.due_on:%Y-%m-%d}" if invoice.due_on else "",
    }
    readers = [*people.coordinators(invoice), *people.managers(invoice), *also]
    notices_send(actor, kind, readers, params=params, url=f"/billing/invoices/{invoice.pk}/")


def collection_act_add(
    *,
    actor: Actor,
    invoice_id: int,
    kind: str,
    result: str,
    at: datetime | None = None,
    contact: str = "",
    promise_on: date | None = None,
    promise_amount: Decimal | None = None,
    note: str = "",
) -> CollectionAct:
    """Record that the customer was asked for the money: time, way, result.

    Args:
        at: default now, not in the future.
        promise_on: obligatory with the result "promised".

    Raises:
        InvalidError: an unknown way or result, a promise without day or for one too far ahead, a
            time in the future.
        NotFoundError, ForbiddenError: see `access_invoice`.

    Source: BIL-18, BIL-20.
    """
    moment = at or clock.now()
    issues = _act_issues(kind, result, moment, promise_on)
    if issues:
        raise InvalidError(issues)
    with write():
        invoice = access_invoice(actor, invoice_id, rights.REMIND)
        if invoice.status != InvoiceStatus.POSTED:
            raise InvalidError(FieldIssue("", "state", _("Nothing is owed on this invoice.")))
        if promise_on and (far := promise_issues(invoice.company_id, "promise_on", promise_on)):
            raise InvalidError(far)
        act = CollectionAct.objects.create(
            invoice=invoice, kind=kind, result=result, at=moment, by_id=actor.user_id,
            by_name=actor.name[:60], contact=contact.strip()[:80], promise_on=promise_on,
            promise_amount=promise_amount, note=note.strip(),
        )  # fmt: skip
        invoice.promise_on = promise_on or invoice.promise_on
        invoice.version += 1
        document_save(invoice, ["promise_on", "version"])
        audit_record(
            actor, rights.ACTED, invoice,
            after={"kind": kind, "result": result, "promise_on": promise_on},
        )  # fmt: skip
        return act


def _act_issues(kind: str, result: str, at: datetime, promise_on: date | None) -> list[FieldIssue]:
    issues = []
    if kind not in ActKind.values:
        issues.append(FieldIssue("kind", "choice", _("Choose the way.")))
    if result not in ActResult.values:
        issues.append(FieldIssue("result", "choice", _("Choose the result.")))
    if at > clock.now():
        issues.append(FieldIssue("at", "future", _("The time lies in the future.")))
    if result == ACT_PROMISED and promise_on is None:
        text = _("Say for which day it is promised.")
        issues.append(FieldIssue("promise_on", "required", text))
    return issues
