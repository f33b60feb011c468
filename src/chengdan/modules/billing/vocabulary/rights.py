"""Permissions, audit codes, number series and parameters."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare
from chengdan.kernel.notices import notice_kind_declare
from chengdan.kernel.numbering import series_declare
from chengdan.kernel.parameters import parameter_declare, rising_numbers
from chengdan.kernel.permissions import permission_declare

_INVOICE, _RECEIPT = "billing.invoice", "billing.receipt"

# permissions ─────────────────────────────────────────────────────────────────────────────
VIEW = permission_declare("billing.invoice:view", _("See invoices"), model=_INVOICE)
REQUEST = permission_declare("billing.invoice:request", _("Request invoices"), model=_INVOICE)
CREATE = permission_declare("billing.invoice:create", _("Prepare invoices"), model=_INVOICE)
EDIT = permission_declare("billing.invoice:edit", _("Cancel invoice requests"), model=_INVOICE)
APPROVE = permission_declare("billing.invoice:approve", _("Approve invoices"), model=_INVOICE)
ISSUE = permission_declare(
    "billing.invoice:issue", _("Issue invoices"), model=_INVOICE, is_step=True
)
DELIVER = permission_declare(
    "billing.invoice:deliver", _("Record delivered invoices"), model=_INVOICE, is_step=True
)
REMIND = permission_declare("billing.invoice:remind", _("Remind customers"), model=_INVOICE)
COLLECT = permission_declare("billing.invoice:collect", _("Record collection"), model=_INVOICE)
REVERSE = permission_declare("billing.invoice:reverse", _("Reverse invoices"), model=_INVOICE)
EXPORT = permission_declare("billing.invoice:export", _("Export invoices"), model=_INVOICE)
# What the act of a step asks for.
STEP_RIGHTS = {"IV1": ISSUE, "IV2": DELIVER}

RECEIPT_VIEW = permission_declare("billing.receipt:view", _("See receipts"), model=_RECEIPT)
REGISTER = permission_declare("billing.receipt:register", _("Register receipts"), model=_RECEIPT)
CONFIRM = permission_declare("billing.receipt:confirm", _("Confirm receipts"), model=_RECEIPT)
RECEIPT_REVERSE = permission_declare(
    "billing.receipt:reverse", _("Reverse receipts"), model=_RECEIPT
)
EARMARK = permission_declare(
    "billing.receipt:earmark", _("Set receipts aside for orders"), model=_RECEIPT
)
ALLOCATE = permission_declare("billing.receipt:allocate", _("Allocate receipts"), model=_RECEIPT)
UNALLOCATE = permission_declare(
    "billing.receipt:unallocate", _("Take allocations back"), model=_RECEIPT
)
RECEIPT_EXPORT = permission_declare("billing.receipt:export", _("Export receipts"), model=_RECEIPT)
LEDGER = permission_declare("billing.ledger:view", _("See receivables and the AR ledger"))
LEDGER_EXPORT = permission_declare("billing.ledger:export", _("Export receivables"))
OPENING = permission_declare("billing.opening:import", _("Load opening receivables"))

# audit codes ─────────────────────────────────────────────────────────────────────────────
PREPARED = audit_declare("billing.invoice.prepared", _("Invoice prepared"))
REQUESTED = audit_declare("billing.invoice.requested", _("Invoice requested"))
RETURNED = audit_declare("billing.invoice.returned", _("Invoice sent back"))
APPROVED = audit_declare("billing.invoice.approved", _("Invoice approved"))
DATED = audit_declare("billing.invoice.dated", _("Invoice date and number given"))
POSTED = audit_declare("billing.invoice.posted", _("Invoice posted"))
DELIVERED = audit_declare("billing.invoice.delivered", _("Invoice delivered"))
REMINDED = audit_declare("billing.invoice.reminded", _("Customer reminded"))
COLLECTING = audit_declare("billing.invoice.collecting", _("Collection begun"))
ESCALATED = audit_declare("billing.invoice.escalated", _("Collection escalated"))
ACTED = audit_declare("billing.invoice.acted", _("Collection act recorded"))
PAID = audit_declare("billing.invoice.paid", _("Money allocated"))
UNPAID = audit_declare("billing.invoice.unpaid", _("Allocation taken back"))
SETTLED = audit_declare("billing.invoice.settled", _("Invoice settled"))
REVERSED = audit_declare("billing.invoice.reversed", _("Invoice reversed"))
CREDITED = audit_declare("billing.invoice.credited", _("Credit note posted"))
CANCELLED = audit_declare("billing.invoice.cancelled", _("Invoice request cancelled"))
OPENED = audit_declare("billing.invoice.opened", _("Receivable taken over"))
RECEIPT_REGISTERED = audit_declare("billing.receipt.registered", _("Receipt registered"))
RECEIPT_CORRECTED = audit_declare("billing.receipt.corrected", _("Receipt corrected"))
RECEIPT_CONFIRMED = audit_declare("billing.receipt.confirmed", _("Receipt confirmed"))
RECEIPT_REVERSED = audit_declare("billing.receipt.reversed", _("Receipt reversed"))
RECEIPT_EARMARKED = audit_declare("billing.receipt.earmarked", _("Receipt set aside"))
RECEIPT_UNEARMARKED = audit_declare("billing.receipt.unearmarked", _("Receipt no longer set aside"))
RECEIPT_ALLOCATED = audit_declare("billing.receipt.allocated", _("Receipt allocated"))
RECEIPT_UNALLOCATED = audit_declare("billing.receipt.unallocated", _("Allocation taken back"))
RECEIPT_IMPORTED = audit_declare("billing.receipt.imported", _("Receipt taken over"))

# number series, in the order in which one act takes them ─────────────────────────────────
INVOICE_SERIES = series_declare(
    _INVOICE, title=_("Invoice"), pattern="IV{yy}{mm}-{n:4}", reset="monthly", is_gapless=True
)
CREDIT_SERIES = series_declare(
    "billing.creditnote", title=_("Credit note"), pattern="CN{yy}{mm}-{n:4}", reset="monthly",
    is_gapless=True,
)  # fmt: skip
RECEIPT_SERIES = series_declare(
    _RECEIPT, title=_("Receipt"), pattern="RC{yy}{mm}-{n:4}", reset="monthly", is_gapless=True
)

# parameters ──────────────────────────────────────────────────────────────────────────────
INVOICE_ON = parameter_declare(
    "billing.invoice_on",
    kind=str,
    default="dispatch",
    title=_("Prepare invoices"),
    requirement="BIL-03",
    choices={
        "dispatch": _("at dispatch"),
        "confirm": _("at the customer's confirmation"),
        "manual": _("by hand"),
    },
)
RECEIVED_DAYS_MAX = parameter_declare(
    "billing.received_days_max",
    kind=int,
    default=366,
    title=_("Days back that a receipt may be dated when it is registered"),
    minimum=0,
    maximum=3660,
)
BUCKETS = parameter_declare(
    "billing.aging_days",
    kind=list,
    default=["0", "30", "60", "90"],
    title=_("Upper ends of the aging buckets, days past due"),
    requirement="BIL-15",
    check=rising_numbers,
    wanted=_("Type whole numbers that rise, with commas between them: 0, 30, 60, 90."),
)
COLLECT_DAYS = parameter_declare(
    "billing.collected_within_days",
    kind=int,
    default=5,
    title=_("Days past due within which money counts as collected in time"),
    requirement="BIL-01",
    minimum=0,
    maximum=90,
)
COLLECT_PERCENT = parameter_declare(
    "billing.collected_percent",
    kind=Decimal,
    default=Decimal(90),
    title=_("Goal of the collection rate in percent"),
    requirement="BIL-01",
    minimum=0,
    maximum=100,
)

# notices ─────────────────────────────────────────────────────────────────────────────────
NOTICE_DUE = notice_kind_declare(
    "billing.due", _("Invoice %(number)s of %(customer)s, %(open)s, falls due on %(due)s.")
)
NOTICE_COLLECT = notice_kind_declare(
    "billing.collect", _("Invoice %(number)s of %(customer)s is overdue: %(open)s since %(due)s.")
)
NOTICE_ESCALATE = notice_kind_declare(
    "billing.escalate",
    _("Invoice %(number)s of %(customer)s is still unpaid: %(open)s, due on %(due)s."),
)
