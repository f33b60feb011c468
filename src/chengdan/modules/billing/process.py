"""Invoices as the process engine sees them, and what steps of BC do to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.errors import FieldIssue, NotFoundError
from chengdan.kernel.pending import document_save
from chengdan.kernel.prepared import row_by_pk
from chengdan.modules.billing.access import invoice_lock
from chengdan.modules.billing.models import Invoice, InvoiceLine
from chengdan.modules.billing.selectors.sources import invoice_lines
from chengdan.modules.billing.services.collect import (
    invoice_collect,
    invoice_escalate,
    invoice_remind,
)
from chengdan.modules.billing.services.people import coordinators, managers
from chengdan.modules.billing.services.posting import STEP_DELIVER, invoice_post
from chengdan.modules.billing.services.progress import progress_keep
from chengdan.modules.billing.vocabulary import (
    INVOICE,
    CollectionStage,
    InvoiceStatus,
    rights,
)
from chengdan.modules.people.access import can
from chengdan.modules.people.selectors import caller_of, holders_of
from chengdan.modules.process.selectors import signers_of
from chengdan.modules.process.subjects import (
    Check,
    FactType,
    Place,
    ProcessSubject,
    Verdict,
    action_register,
    check_register,
)

ROWS = Invoice.objects.select_related("customer", "company", "unit")


class InvoiceSubject(ProcessSubject):
    """An invoice in BC."""

    fact_types: ClassVar[Mapping[str, FactType]] = {
        "gross": FactType("number", title=gettext_lazy("Amount")),
        "open": FactType("number", title=gettext_lazy("Still owed")),
        "due_on": FactType("date", title=gettext_lazy("Due on")),
        "status": FactType(
            "text", tuple(InvoiceStatus.values), gettext_lazy("Status"),
            dict(InvoiceStatus.choices),
        ),
    }  # fmt: skip
    role_titles: ClassVar[Mapping[str, Any]] = {
        "bcr": gettext_lazy("BCR"),
        "reviewer": gettext_lazy("BCR or the secretary who asked"),
        "account_manager": gettext_lazy("Responsible sales manager"),
        "finance": gettext_lazy("Finance"),
        "finance_approver": gettext_lazy("Finance, other than who asked"),
    }
    field_titles: ClassVar[Mapping[str, Any]] = {
        "customer": gettext_lazy("Customer"),
        "title": gettext_lazy("Invoice title"),
        "kind": gettext_lazy("Invoice kind"),
        "tax_number": gettext_lazy("Tax number"),
        "address": gettext_lazy("Registered address"),
        "phone": gettext_lazy("Registered phone"),
        "bank_name": gettext_lazy("Bank"),
        "bank_account": gettext_lazy("Bank account"),
        "lines": gettext_lazy("Lines"),
        "line": gettext_lazy("Line"),
        "order": gettext_lazy("Order"),
        "order_line": gettext_lazy("Line of the order"),
        "quantity": gettext_lazy("Quantity"),
        "gross": gettext_lazy("Gross"),
    }

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self._lines: list[InvoiceLine] | None = None

    @property
    def lines(self) -> list[InvoiceLine]:
        """Return the lines by number, read once."""
        if self._lines is None:
            self._lines = invoice_lines(self.invoice.pk)
        return self._lines

    def renewed(self, subject_id: int) -> Self:
        """Return the locked invoice itself with its lines, which no action changes."""
        return self

    @classmethod
    def load(cls, subject_id: int) -> Self:
        """Return the invoice with what the engine asks for."""
        found = row_by_pk(ROWS, subject_id)
        if found is None:
            raise NotFoundError
        return cls(found)

    @classmethod
    def locked(cls, subject_id: int) -> Self:
        """Lock account, orders and invoice, and return the invoice."""
        return cls(invoice_lock(subject_id))

    def facts(self) -> dict[str, Any]:
        """Return the facts that conditions and timers of BC may use."""
        invoice = self.invoice
        return {
            "gross": invoice.gross,
            "open": invoice.open,
            "due_on": invoice.due_on,
            "status": str(invoice.status),
        }

    def responsible(self, role: str) -> list[int]:
        """Return who answers in a role: bcr, reviewer, finance, finance_approver, owner.

        A salesperson's request is reviewed by the coordinator; a secretary reviews the own one
        (BIL-03). The requester never approves (BIL-11).
        """
        invoice = self.invoice
        company = invoice.company_id
        match role:
            case "bcr":
                return coordinators(invoice)
            case "reviewer":
                return list(dict.fromkeys([*self._initiator_secretary(), *self.responsible("bcr")]))
            case "account_manager":
                return managers(invoice)
            case "finance":
                return holders_of("finance_clerk", company) or holders_of(
                    "finance_manager", company
                )
            case "finance_approver":
                found = holders_of("finance_manager", company)
                found += holders_of("finance_clerk", company)
                others = [person for person in found if person != invoice.requested_by_id]
                return list(dict.fromkeys(others))
        return holders_of(role, company)

    def _initiator_secretary(self) -> list[int]:
        person = self.initiator()
        actor = caller_of(person, self.invoice.company_id) if person is not None else None
        is_secretary = actor is not None and can(actor, rights.CREATE, self.invoice)
        return [person] if person is not None and is_secretary else []

    def unit(self) -> int | None:
        """Return the unit of the responsible sales manager."""
        return self.invoice.unit_id

    def company_id(self) -> int:
        """Return the legal entity."""
        return self.invoice.company_id

    @classmethod
    def by_number(cls, company_id: int, number: str) -> int | None:
        """Return the invoice with this number; a request has none yet."""
        found = Invoice.objects.filter(company_id=company_id, number__iexact=number)
        return found.values_list("pk", flat=True).first()

    def amount(self) -> Decimal | None:
        """Return the gross amount."""
        return self.invoice.gross

    def initiator(self) -> int | None:
        """Return who asked for the invoice."""
        return self.invoice.requested_by_id or self.invoice.created_by_id

    def party(self) -> str:
        """Return the customer's name."""
        return self.invoice.customer.name

    def highlights(self) -> list[tuple[str, str]]:
        """Return that money is overdue."""
        invoice = self.invoice
        if invoice.open and invoice.due_on and invoice.due_on < clock.today():
            return [(_("overdue"), "late")]
        return []

    def covered_content(self) -> dict[str, Any]:
        """Return what the approval covers: customer, title, lines."""
        invoice = self.invoice
        return {
            "customer": invoice.customer.code,
            "title": dict(invoice.title_copy),
            "lines": [
                {
                    "line": line.number,
                    "order": line.order_id,
                    "order_line": line.order_line,
                    "quantity": format(line.quantity.normalize(), "f"),
                    "gross": format(line.gross, "f"),
                }
                for line in self.lines
            ],
        }

    def title(self, language: str) -> str:
        """Return "Invoice IV2611-0205", or the request while it has no number."""
        with override(language):
            if self.invoice.number:
                return _("Invoice %(number)s") % {"number": self.invoice.number}
            return _("Invoice request %(id)s") % {"id": self.invoice.pk}

    def url(self) -> str:
        """Return the address of the invoice's page."""
        return reverse("billing:invoice", args=[self.invoice.pk])

    def missing_for(self, step_code: str, since: datetime) -> list[FieldIssue]:
        """Ask for the name of who signed for the invoice, which nobody but a person knows."""
        if step_code != STEP_DELIVER or self.invoice.delivered_on is not None:
            return []
        message = _("Record on the invoice's page who signed for it at the customer.")
        return [FieldIssue("", "evidence", message, rule=step_code)]

    def act_url(self, step_code: str) -> str:
        """Return the page on which the customer's signature is recorded."""
        if step_code == STEP_DELIVER:
            return reverse("billing:deliver", args=[self.invoice.pk])
        return self.url()

    def may_view(self, actor: Actor) -> bool:
        """True when the invoice is within the actor's scope."""
        return can(actor, rights.VIEW, self.invoice)

    def may_act(self, actor: Actor, step_code: str) -> bool:
        """True when the actor holds the right of the step's own act."""
        permission = rights.STEP_RIGHTS.get(step_code)
        return permission is None or can(actor, permission, self.invoice)

    def progressed(self, place: Place) -> None:
        """Keep the running step on the invoice, and how far it is on its orders."""
        self.invoice.step, self.invoice.due_at = place.standing, place.due_at
        self.invoice.due_pace = place.pace
        progress_keep(self.invoice)

    def linked(self, name: str) -> list[tuple[str, int]]:
        """Return the orders of the invoice for `orders`."""
        if name != "orders":
            return []
        ids = self.invoice.lines.filter(~Q(order=None)).values_list("order_id", flat=True)
        return [("orders.order", pk) for pk in sorted(set(ids)) if pk is not None]


class SettledCheck(Check):
    """AL: allocation has closed the invoice."""

    title: ClassVar[Any] = gettext_lazy("Paid in full")
    outcomes: ClassVar[tuple[str, ...]] = ("settled", "open")
    outcome_titles: ClassVar[Mapping[str, Any]] = {
        "settled": gettext_lazy("paid in full"), "open": gettext_lazy("still owed"),
    }  # fmt: skip

    def evaluate(self, subject: Any) -> Verdict:
        """Pass when nothing is owed any more."""
        is_settled = not subject.invoice.open
        return Verdict(
            passed=is_settled,
            code="settled" if is_settled else "open",
            message=_("Paid in full.") if is_settled else _("Still owed: %(open)s"),
            params={} if is_settled else {"open": f"{subject.invoice.open:,.2f}"},
            rule="AL-1",
            outcome="settled" if is_settled else "open",
        )


def _signer(subject: InvoiceSubject, step: str) -> int | None:
    found = subject.signatures.get(step) or signers_of(INVOICE, subject.invoice.pk, (step,))
    return found[-1] if found else None


def requested(actor: Actor, subject: InvoiceSubject, step: Any) -> None:
    """IR: whoever completed it is the requester (BIL-03)."""
    invoice = subject.invoice
    invoice.requested_by_id, invoice.requested_at = _signer(subject, "IR"), clock.now()
    invoice.approved_by, invoice.approved_at = None, None
    invoice.version += 1
    document_save(
        invoice, ["requested_by", "requested_at", "approved_by", "approved_at", "version"]
    )
    audit_record(actor, rights.REQUESTED, invoice, after={"requested_by": invoice.requested_by_id})


def approved(actor: Actor, subject: InvoiceSubject, step: Any) -> None:
    """IA: a second person of finance has compared it with order and shipment (BIL-11)."""
    invoice = subject.invoice
    invoice.approved_by_id, invoice.approved_at = _signer(subject, "IA"), clock.now()
    invoice.version += 1
    document_save(invoice, ["approved_by", "approved_at", "version"])
    audit_record(
        actor, rights.APPROVED, invoice,
        after={"approved_by": invoice.approved_by_id, "gross": invoice.gross},
    )  # fmt: skip


def issued(actor: Actor, subject: InvoiceSubject, step: Any) -> None:
    """IV: post it."""
    invoice_post(actor, subject.invoice, _signer(subject, "IV1"))


def closed(actor: Actor, subject: InvoiceSubject, step: Any) -> None:
    """AL: the invoice is closed."""
    invoice = subject.invoice
    audit_record(actor, rights.SETTLED, invoice, after={"settled_on": invoice.settled_on})


def reminded(actor: Actor, subject: InvoiceSubject, step: Any) -> None:
    """RM: 7 days and 1 day before due."""
    invoice = subject.invoice
    if not invoice.open or invoice.due_on is None or invoice.due_on < clock.today():
        return
    is_last = (invoice.due_on - clock.today()).days <= 1
    if is_last or invoice.stage == CollectionStage.NONE:
        invoice_remind(actor, invoice)


def collecting(actor: Actor, subject: InvoiceSubject, step: Any) -> None:
    """CL: from the day after due."""
    invoice = subject.invoice
    if invoice.open and invoice.stage not in (
        CollectionStage.COLLECTING,
        CollectionStage.ESCALATED,
    ):
        invoice_collect(actor, invoice)


def escalated(actor: Actor, subject: InvoiceSubject, step: Any) -> None:
    """CL: still unpaid when the promised days have passed."""
    invoice = subject.invoice
    if invoice.open:
        invoice_escalate(actor, invoice)


def delivered(actor: Actor, subject: InvoiceSubject, step: Any) -> None:
    """IV2 of versions published before it asked who signed: the signature stands already."""


def register() -> None:
    """Give checks and actions the names that the definitions use."""
    check_register("billing.settled", SettledCheck)
    for name, action in {
        "billing.bc.requested": requested,
        "billing.bc.approved": approved,
        "billing.bc.issued": issued,
        "billing.bc.delivered": delivered,
        "billing.bc.closed": closed,
        "billing.bc.reminded": reminded,
        "billing.bc.collecting": collecting,
        "billing.bc.escalated": escalated,
    }.items():
        action_register(name, action)
