"""Lists of invoices, receipts, and the worklist of collection."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.ui import (
    Act,
    BulkAct,
    ChoiceFilter,
    Column,
    DateFilter,
    Empty,
    ListPage,
    PickFilter,
    Total,
    View,
)
from chengdan.kernel.ui.parts import Text
from chengdan.modules.billing.models import Invoice, Receipt
from chengdan.modules.billing.selectors import (
    clock_filter,
    invoices_visible,
    overdue_invoices,
    receipts_visible,
)
from chengdan.modules.billing.selectors.tower import CLOCKS
from chengdan.modules.billing.services.progress import states_of
from chengdan.modules.billing.vocabulary import (
    InvoiceKind,
    InvoiceStatus,
    ReceiptMethod,
    ReceiptStatus,
    rights,
)
from chengdan.modules.billing.web.common import (
    customer_label,
    invoice_url,
    receipt_chip,
    receipt_url,
    state_chip,
    user_label,
)

INVOICE_ACTS = (
    Act("new", _("Request an invoice"), reverse_lazy("billing:request"), icon="plus",
        permission=rights.REQUEST, primary=True),
    Act("collect", _("Collection"), reverse_lazy("billing:worklist"), icon="phone"),
    Act("aging", _("Aging"), reverse_lazy("billing:aging"), icon="chart-bar",
        permission=rights.LEDGER),
    Act("rate", _("Collection rate"), reverse_lazy("billing:rate"), icon="percentage"),
    Act("remittances", _("Order to remittance"), reverse_lazy("billing:remittances"),
        icon="hourglass", permission=rights.LEDGER),
)  # fmt: skip
RECEIPT_ACTS = (
    Act("new", _("Register a receipt"), reverse_lazy("billing:register"), icon="plus",
        permission=rights.REGISTER, primary=True),
    Act("day", _("Receipts of the day"), reverse_lazy("billing:day"), icon="calendar"),
)  # fmt: skip


def _due_state(values: Sequence[str], actor: Actor) -> Q:
    unpaid = Q(status=InvoiceStatus.POSTED)
    return unpaid & Q(due_on__lt=clock.today()) if "late" in values else unpaid


def _step(values: Sequence[str], actor: Actor) -> Q:
    found = Q(step__in=list(values))
    for code in CLOCKS:
        if code in values:
            found |= clock_filter(code)
    return found


def _issue_refusal(row: Invoice) -> Text:
    return "" if row.step == "IV1" else _("Only approved requests are issued.")


class InvoiceList(ListPage[Invoice]):
    """Invoices and credit notes that the reader may see."""

    code, title, permission = "billing.invoice", _("Invoices"), rights.VIEW
    export_permission = rights.EXPORT
    columns = (
        Column("number", _("No."), value=str, phone="title"),
        Column("customer", _("Customer"), value="customer.name", clip=True, phone="line"),
        Column("invoice_on", _("Invoice date"), kind="day", sort="invoiced"),
        Column("due_on", _("Due"), kind="day", sort="due"),
        Column("gross", _("Gross"), kind="money", sort="gross", phone="side"),
        Column("open", _("Unpaid"), kind="money", phone="side"),
        Column("progress", "BC", kind="mini", value=states_of, phone=""),
        Column("state", _("State"), kind="chip", value=state_chip),
        Column("kind", _("Kind"), value="get_kind_display", optional=True, phone=""),
        Column("e_number", _("E-invoice no."), optional=True, phone=""),
        Column("owner", _("Responsible"), value="owner.display_name", optional=True, phone=""),
        Column("promise_on", _("Promised for"), kind="day", optional=True, phone=""),
    )
    sorts = {"invoiced": "invoice_on", "due": "due_on", "gross": "gross", "id": "id"}
    default_sort = "-id"
    filters = (
        ChoiceFilter(name="state", title=_("State"), field="status", choices=InvoiceStatus.choices),
        ChoiceFilter(
            name="due", title=_("Owed"), multiple=False, apply=_due_state,
            choices=[("open", _("unpaid")), ("late", _("overdue"))],
        ),
        ChoiceFilter(
            name="step", title=_("Step"), apply=_step,
            choices=[("IR", _("To request")), ("IA", _("To approve")), ("IV1", _("To issue")),
                     ("IV2", _("To deliver")), ("RM", _("Reminded")),
                     ("CL", _("Being collected")), ("RC", _("Waiting for money")),
                     ("AL", _("Settle"))],
        ),
        DateFilter(name="invoiced", title=_("Invoice date"), field="invoice_on"),
        DateFilter(name="falls", title=_("Due"), field="due_on"),
        PickFilter(name="customer", title=_("Customer"), field="customer_id",
                   url_name="customers:pick", label=customer_label),
        PickFilter(name="owner", title=_("Responsible"), field="owner_id",
                   url_name="people:user_pick", label=user_label, main=False),
        ChoiceFilter(name="kind", title=_("Kind"), field="kind", choices=InvoiceKind.choices,
                     main=False),
    )  # fmt: skip
    views = (
        View("requests", _("To request"), "state=draft&step=IR"),
        View("approve", _("To approve"), "state=draft&step=IA"),
        View("issue", _("To issue"), "state=draft&step=IV1"),
        View("deliver", _("To deliver"), "step=IV2"),
        View("unpaid", _("Unpaid"), "due=open"),
        View("late", _("Overdue"), "due=late", state="late"),
        View("settled", _("Settled"), "state=settled"),
    )
    bulk = (
        BulkAct("issue", _("Issue invoice"), reverse_lazy("billing:issue_many"), "check",
                permission=rights.ISSUE, refusal=_issue_refusal),
    )  # fmt: skip
    search_fields = ("number", "e_number", "customer__code", "customer__name")
    search_hint = _("Number, customer")
    empty = Empty(
        _("No invoices yet"),
        _("Goods that leave are prepared for invoicing here by themselves."),
        "receipt",
        Act("new", _("Request an invoice"), reverse_lazy("billing:request"),
            permission=rights.REQUEST),
    )  # fmt: skip

    def acts(self, actor: Actor) -> Sequence[Act]:
        """Return what can be begun here."""
        return INVOICE_ACTS

    def queryset(self, actor: Actor) -> QuerySet[Invoice]:
        """Return the invoices of the reader."""
        return invoices_visible(actor).select_related("customer", "owner")

    def totals(self, queryset: QuerySet[Invoice], actor: Actor) -> Sequence[Total]:
        """Return gross and unpaid of the whole filter."""
        sums = queryset.order_by().aggregate(gross=Sum("gross"), open=Sum("open"))
        return [
            Total(_("Gross"), sums["gross"] or Decimal(0)),
            Total(_("Unpaid"), sums["open"] or Decimal(0)),
        ]

    def row_url(self, row: Invoice) -> str:
        """Open the invoice."""
        return invoice_url(row.pk)


class WorkList(ListPage[Invoice]):
    """Overdue invoices in the order in which they should be collected."""

    code, title, permission = "billing.worklist", _("Collection"), rights.VIEW
    export_permission = rights.EXPORT
    columns = (
        Column("number", _("No."), value=str, phone="title"),
        Column("customer", _("Customer"), value="customer.name", clip=True, phone="line"),
        Column("due_on", _("Due"), kind="day", sort="due"),
        Column("days", _("Days overdue"), kind="number", places=0,
               value=lambda row: (clock.today() - row.due_on).days),
        Column("open", _("Unpaid"), kind="money", phone="side"),
        Column("stage", _("Collection"), value="get_stage_display"),
        Column("promise_on", _("Promised for"), kind="day"),
        Column("last", _("Last act"), value=lambda row: next(iter(row.acts.all()), "")),
        Column("owner", _("Responsible"), value="owner.display_name"),
    )  # fmt: skip
    sorts = {"due": "due_on"}
    default_sort = "due"
    filters = (
        PickFilter(name="customer", title=_("Customer"), field="customer_id",
                   url_name="customers:pick", label=customer_label),
        PickFilter(name="owner", title=_("Responsible"), field="owner_id",
                   url_name="people:user_pick", label=user_label),
        DateFilter(name="falls", title=_("Due"), field="due_on"),
        DateFilter(name="promised", title=_("Promised for"), field="promise_on"),
    )  # fmt: skip
    empty = Empty(_("Nothing is overdue"), _("Invoices past their due date come here."), "check")

    search_fields = ("number", "customer__code", "customer__name")

    def queryset(self, actor: Actor) -> QuerySet[Invoice]:
        """Return what is overdue today."""
        rows = overdue_invoices(actor, clock.today()).select_related("customer", "owner")
        return rows.prefetch_related("acts")

    def totals(self, queryset: QuerySet[Invoice], actor: Actor) -> Sequence[Total]:
        """Return what is overdue in the whole filter."""
        total = queryset.order_by().aggregate(open=Sum("open"))["open"]
        return [Total(_("Unpaid"), total or Decimal(0))]

    def row_url(self, row: Invoice) -> str:
        """Open the invoice."""
        return invoice_url(row.pk)


def _left(values: Sequence[str], actor: Actor) -> Q:
    found = Q(unapplied__gt=0)
    return found | Q(earmarked__gt=0) if "unused" in values else found


def _confirm_refusal(row: Receipt) -> Text:
    if row.status != ReceiptStatus.REGISTERED:
        return _("It is confirmed already.")
    return _("It was corrected: open it and confirm it there.") if row.version > 1 else ""


class ReceiptList(ListPage[Receipt]):
    """Receipts that the reader may see."""

    code, title, permission = "billing.receipt", _("Receipts"), rights.RECEIPT_VIEW
    export_permission = rights.RECEIPT_EXPORT
    columns = (
        Column("number", _("No."), phone="title"),
        Column("customer", _("Customer"), value="customer.name", clip=True, phone="line"),
        Column("received_on", _("Received"), kind="day", sort="received"),
        Column("method", _("Way"), value="get_method_display", phone=""),
        Column("amount", _("Amount"), kind="money", sort="amount", phone="side"),
        Column("unapplied", _("Unapplied"), kind="money"),
        Column("earmarked", _("Set aside"), kind="money", phone=""),
        Column("applied", _("Allocated"), kind="money", phone=""),
        Column("state", _("State"), kind="chip", value=receipt_chip),
        Column("payer", _("Payer"), optional=True, phone="", clip=True),
        Column("account", _("Our account"), optional=True, phone=""),
        Column("bank_reference", _("Bank reference"), optional=True, phone=""),
        Column("memo", _("Memo"), optional=True, phone="", clip=True),
    )
    sorts = {"received": "received_on", "amount": "amount"}
    default_sort = "-received"
    filters = (
        ChoiceFilter(name="state", title=_("State"), field="status", choices=ReceiptStatus.choices),
        DateFilter(name="received", title=_("Received"), field="received_on"),
        PickFilter(name="customer", title=_("Customer"), field="customer_id",
                   url_name="customers:pick", label=customer_label),
        ChoiceFilter(name="method", title=_("Way"), field="method", choices=ReceiptMethod.choices),
        ChoiceFilter(name="left", title=_("Left"), multiple=False,
                     choices=[("1", _("unapplied")), ("unused", _("unapplied or set aside"))],
                     apply=_left),
    )  # fmt: skip
    views = (
        View("confirm", _("To confirm"), "state=registered"),
        View("unapplied", _("Unapplied"), "left=1"),
        View("confirmed", _("Confirmed"), "state=confirmed"),
    )
    bulk = (
        BulkAct("confirm", _("Confirm"), reverse_lazy("billing:confirm_many"), "check",
                permission=rights.CONFIRM, refusal=_confirm_refusal),
    )  # fmt: skip
    search_fields = ("number", "bank_reference", "payer", "customer__code", "customer__name")
    search_hint = _("Number, bank reference, payer, customer")
    empty = Empty(
        _("No receipts yet"),
        _("Money that came in is registered here, confirmed, and used for invoices."),
        "coin",
        Act("new", _("Register a receipt"), reverse_lazy("billing:register"),
            permission=rights.REGISTER),
    )  # fmt: skip

    def acts(self, actor: Actor) -> Sequence[Act]:
        """Return what can be begun here."""
        return RECEIPT_ACTS

    def queryset(self, actor: Actor) -> QuerySet[Receipt]:
        """Return the receipts of the reader."""
        return receipts_visible(actor).select_related("customer")

    def totals(self, queryset: QuerySet[Receipt], actor: Actor) -> Sequence[Total]:
        """Return amount, unapplied and set aside of the whole filter."""
        sums = queryset.order_by().aggregate(
            amount=Sum("amount"), left=Sum("unapplied"), aside=Sum("earmarked")
        )
        return [
            Total(_("Amount"), sums["amount"] or Decimal(0)),
            Total(_("Unapplied"), sums["left"] or Decimal(0)),
            Total(_("Set aside"), sums["aside"] or Decimal(0)),
        ]

    def row_url(self, row: Receipt) -> str:
        """Open the receipt."""
        return receipt_url(row.pk)
