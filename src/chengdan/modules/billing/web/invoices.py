"""The page of an invoice: facts, BC strip, lines, allocations, ledger, chain, history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.pages import history_entries
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    ChainNode,
    Column,
    DocumentPage,
    Fact,
    Note,
    PageHead,
    Person,
    Table,
    page,
)
from chengdan.kernel.ui.formats import day_text, who_text
from chengdan.modules.billing.access import access_invoice_for_view
from chengdan.modules.billing.models import Invoice, LedgerEntry
from chengdan.modules.billing.transitions import INVOICE_TRANSITIONS
from chengdan.modules.billing.vocabulary import INVOICE, InvoiceKind, InvoiceStatus, rights
from chengdan.modules.billing.web.common import (
    band_of,
    customer_url,
    invoice_crumbs,
    invoice_url,
    receipt_url,
    state_chip,
)
from chengdan.modules.customers.vocabulary import InvoiceKind as TitleKind
from chengdan.modules.process.selectors import open_task_for, said_about
from chengdan.modules.shipping.selectors import note_url


@page(permission=rights.VIEW)
def invoice_show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything about an invoice or credit note."""
    actor = actor_of(request)
    invoice = access_invoice_for_view(actor, pk)
    is_credit = invoice.kind == InvoiceKind.CREDIT
    acts = acts_of(actor, invoice)
    return DocumentPage(
        INVOICE,
        invoice,
        head=PageHead(
            invoice.get_kind_display(), str(invoice), crumbs=invoice_crumbs(),
            chips=[state_chip(invoice)], acts=acts,
        ),
        facts=_facts(invoice),
        strip=[] if is_credit or invoice.kind == InvoiceKind.OPENING else [band_of(invoice)],
        notes=_notes(invoice, acts),
        tables=[
            lines_table(invoice), *_allocations(invoice), *_acts_table(invoice), *_ledger(invoice),
        ],
        people=_people(invoice),
        chain=_chain(invoice),
        history=history_entries(invoice, along=said_about(INVOICE, invoice.pk)),
    ).render(request)  # fmt: skip


def _url(name: str, invoice: Invoice) -> str:
    return reverse(f"billing:{name}", args=[invoice.pk])


def acts_of(actor: Actor, invoice: Invoice) -> list[Act]:
    """Return what may be done with an invoice, the next step first."""
    acts = []
    task = open_task_for(INVOICE, invoice.pk, "", actor)
    if task is not None:
        acts.append(_step_act(invoice, task))
    may = {verb: INVOICE_TRANSITIONS.allows(invoice.status, verb) for verb in ("cancel", "reverse")}
    is_credit = invoice.kind == InvoiceKind.CREDIT
    if invoice.status == InvoiceStatus.POSTED:
        acts.append(Act("collect", _("Record collection"), _url("collect", invoice), icon="phone",
                        permission=rights.REMIND))  # fmt: skip
    acts.append(Act("print", _("Print"), _url("print", invoice), icon="printer", shortcut="P"))
    if may["cancel"]:
        acts.append(Act("cancel", _("Cancel request"), _url("cancel", invoice), icon="x",
                        permission=rights.EDIT, danger=True))  # fmt: skip
    if may["reverse"] and not is_credit:
        is_paid = invoice.open != invoice.gross
        text = _("Take the allocations back first.") if is_paid else ""
        acts.append(Act("reverse", _("Reverse"), _url("reverse", invoice), icon="arrow-back-up",
                        permission=rights.REVERSE, danger=True, disabled=text))  # fmt: skip
    return acts


def _step_act(invoice: Invoice, task: Any) -> Act:
    by_step = {
        "IR": Act("submit", _("Request"), _url("submit", invoice), method="post", icon="send",
                  primary=True, permission=rights.REQUEST, shortcut="G",
                  values={"expected_version": invoice.version}),
        "IV1": Act("issue", _("Issue invoice"), _url("issue", invoice), icon="receipt",
                   primary=True, permission=rights.ISSUE, shortcut="G"),
        "IV2": Act("deliver", _("Record delivery"), _url("deliver", invoice), icon="signature",
                   primary=True, permission=rights.DELIVER, shortcut="G"),
    }  # fmt: skip
    decide = Act("decide", _("Decide"), reverse("process:task", args=[task.pk]), icon="check",
                 primary=True, shortcut="G")  # fmt: skip
    return by_step.get(task.step_run.code, decide)


def inbox_facts(invoice: Invoice) -> list[Fact]:
    """Return what who approves a request compares: amounts, tax, and how it will be titled."""
    title = dict(invoice.title_copy)
    title["kind"] = dict(TitleKind.choices).get(title.get("kind", ""), "")
    terms = [
        (_("Title on the invoice"), "title"),
        (_("Invoice kind"), "kind"),
        (_("Tax number"), "tax_number"),
        (_("Registered address"), "address"),
        (_("Registered phone"), "phone"),
        (_("Bank"), "bank_name"),
        (_("Bank account"), "bank_account"),
    ]
    return [
        Fact(_("Customer"), invoice.customer.name),
        Fact(_("Gross"), invoice.gross, kind="money", big=True),
        Fact(_("Net"), invoice.net, kind="money"),
        Fact(_("Tax"), invoice.tax, kind="money"),
        Fact(_("Requested by"), str(invoice.requested_by or "–")),
        *(Fact(name, title.get(key) or "–") for name, key in terms),
        Fact(_("Note"), invoice.note or "–"),
    ]


def _facts(invoice: Invoice) -> list[Fact]:
    title = invoice.title_copy
    return [
        Fact(_("Customer"), invoice.customer.name, url=customer_url(invoice.customer_id)),
        Fact(_("Gross"), invoice.gross, kind="money", big=True),
        Fact(_("Unpaid"), invoice.open, kind="money"),
        Fact(_("Net"), invoice.net, kind="money"),
        Fact(_("Tax"), invoice.tax, kind="money"),
        Fact(_("Invoice date"), invoice.invoice_on, kind="day"),
        Fact(_("Due"), invoice.due_on, kind="day"),
        Fact(_("E-invoice no."), invoice.e_number or "–"),
        Fact(_("Title on the invoice"), title.get("title", "–")),
        Fact(_("Tax number"), title.get("tax_number", "–")),
        Fact(_("Delivered on"), invoice.delivered_on, kind="day"),
        Fact(_("Signed by"), invoice.signed_by or "–"),
        Fact(_("Promised for"), invoice.promise_on, kind="day"),
    ]


def _notes(invoice: Invoice, acts: Sequence[Act]) -> list[Note]:
    by_code = {act.code: act for act in acts}
    days = (clock.today() - invoice.due_on).days if invoice.due_on else 0
    if invoice.status == InvoiceStatus.POSTED and days > 0:
        text = _("%(open)s is owed since %(due)s; %(days)s days.") % {
            "open": f"{invoice.open:,.2f}", "due": invoice.due_on, "days": days,
        }  # fmt: skip
        ways = [by_code["collect"]] if "collect" in by_code else []
        return [Note("late", _("Overdue"), text, rule="CL-1", acts=ways)]
    if invoice.status in (InvoiceStatus.REVERSED, InvoiceStatus.CANCELLED):
        return [Note("soon", invoice.get_status_display(), invoice.reason)]
    return []


def lines_table(invoice: Invoice, without: Collection[str] = ()) -> Table:
    """Return the lines with the order and the delivery note that each comes from.

    Args:
        without: names of columns that a narrow place leaves out.
    """
    rows = list(
        invoice.lines.select_related("order", "delivery_note", "product", "unit_of_measure")
        .order_by("number")
    )  # fmt: skip
    columns = [
        Column("number", _("Line no."), kind="number", places=0, phone=""),
        Column("product", _("Product"), value=lambda row: row.product.code if row.product else "",
               link=lambda row: reverse("catalog:show", args=[row.product_id])
               if row.product_id else "", phone=""),
        Column("name", _("Name"), clip=True, phone="title",
               value=lambda row: str(row.product) if row.product else row.description),
        Column("order", _("Order"), value=lambda row: row.order or "",
               link=lambda row: reverse("orders:show", args=[row.order_id])
               if row.order_id else ""),
        Column("note", _("Delivery note"), phone="", value=lambda row: row.delivery_note or "",
               link=lambda row: note_url(row.delivery_note_id) if row.delivery_note_id else ""),
        Column("unit", _("Unit"), phone="",
               value=lambda row: row.unit_of_measure.name if row.unit_of_measure else ""),
        Column("quantity", _("Quantity"), kind="quantity", places=3),
        Column("price", _("Price"), kind="money"),
        Column("gross", _("Gross"), kind="money", phone="side"),
        Column("tax", _("Tax"), kind="money", phone=""),
    ]  # fmt: skip
    columns = [column for column in columns if column.name not in without]
    sums = {"gross": invoice.gross, "tax": invoice.tax}
    footer = [sums.get(column.name, "") for column in columns]
    return Table(_("Lines"), columns, rows, footer=footer, footer_title=_("Total"), code="lines")


def _allocations(invoice: Invoice) -> list[Table]:
    rows = list(invoice.allocations.select_related("receipt", "order").order_by("pk"))
    if not rows:
        return []
    columns = [
        Column("receipt", _("Receipt"), value="receipt.number",
               link=lambda row: receipt_url(row.receipt_id)),
        Column("received", _("Received"), kind="day", value="receipt.received_on"),
        Column("effective_on", _("Counts from"), kind="day"),
        Column("order", _("For order"), value=lambda row: row.order or ""),
        Column("by_name", _("By"), value=lambda row: who_text(row.by_id, row.by_name)),
        Column("reason", _("Reason"), clip=True),
        Column("amount", _("Amount"), kind="money"),
    ]  # fmt: skip
    total = sum((row.amount for row in rows), ZERO)
    footer = ["", "", "", "", "", "", total]
    table = Table(_("Allocations"), columns, rows, footer=footer, footer_title=_("Total"))
    return [table]


def _acts_table(invoice: Invoice) -> list[Table]:
    rows = list(invoice.acts.all())
    if not rows:
        return []
    columns = [
        Column("at", _("At"), kind="day"),
        Column("kind", _("Way"), value="get_kind_display"),
        Column("result", _("Result"), value="get_result_display"),
        Column("contact", _("Spoken with")),
        Column("promise_on", _("Promised for"), kind="day"),
        Column("promise_amount", _("Promised amount"), kind="money"),
        Column("note", _("Note"), clip=True),
        Column("by_name", _("By"), value=lambda row: who_text(row.by_id, row.by_name)),
    ]
    return [Table(_("Collection record"), columns, rows)]


def _ledger(invoice: Invoice) -> list[Table]:
    entries = LedgerEntry.objects.filter(invoice=invoice).select_related("batch").order_by("pk")
    rows = list(entries)
    if not rows:
        return []
    columns = [
        Column("on", _("Day"), kind="day"),
        Column("batch", _("Posting"), value="batch.get_kind_display"),
        Column("account", _("Account"), value="get_account_display"),
        Column("debit", _("Debit side"), kind="money", value=lambda row: max(row.amount, ZERO)),
        Column("credit", _("Credit side"), kind="money", value=lambda row: max(-row.amount, ZERO)),
        Column(
            "by",
            _("By"),
            value=lambda row: who_text(row.batch.by_id, row.batch.by_name),
        ),
    ]
    return [Table(_("Ledger entries"), columns, rows)]


def _people(invoice: Invoice) -> list[Person]:
    rows = [
        (_("Responsible"), invoice.owner),
        (_("Billing (BCR)"), invoice.bcr),
        (_("Requested by"), invoice.requested_by),
        (_("Approved by"), invoice.approved_by),
        (_("Issued by"), invoice.issued_by),
    ]
    return [Person(title, str(person)) for title, person in rows if person is not None]


def _chain(invoice: Invoice) -> list[ChainNode]:
    lines = invoice.lines.select_related("order", "delivery_note").order_by("number")
    orders = {line.order_id: line.order for line in lines if line.order is not None}
    notes = {line.delivery_note.pk: line.delivery_note for line in lines if line.delivery_note}
    nodes = [
        ChainNode("shopping-cart", _("Order %(number)s") % {"number": order}, amount=order.gross,
                  url=reverse("orders:show", args=[pk]), state_text=order.get_status_display())
        for pk, order in sorted(orders.items(), key=lambda item: item[0] or 0)
    ]  # fmt: skip
    nodes += [
        ChainNode("truck-delivery", _("Delivery note %(number)s") % {"number": note},
                  amount=note.gross, url=note_url(pk), state_text=note.get_status_display())
        for pk, note in sorted(notes.items(), key=lambda item: item[0])
    ]  # fmt: skip
    nodes.append(invoice_node(invoice, is_current=True))
    if invoice.reversal_of is not None:
        nodes.append(invoice_node(invoice.reversal_of))
    credit = Invoice.objects.filter(reversal_of=invoice).first()
    if credit is not None:
        nodes.append(invoice_node(credit))
    paid: dict[int, Any] = {}
    for row in invoice.allocations.select_related("receipt").order_by("pk"):
        node = paid.setdefault(row.receipt_id, [row.receipt, ZERO])
        node[1] += row.amount
    nodes += [receipt_node(receipt, amount) for receipt, amount in paid.values()]
    return nodes


def invoice_node(invoice: Invoice, *, is_current: bool = False) -> ChainNode:
    """Return an invoice as a node of the chain."""
    chip = state_chip(invoice)
    return ChainNode(
        "receipt", f"{invoice.get_kind_display()} {invoice}",
        url="" if is_current else invoice_url(invoice.pk), amount=invoice.gross,
        remark=day_text(invoice.invoice_on), state_text=chip.text, state=chip.state,
        is_current=is_current,
    )  # fmt: skip


def receipt_node(receipt: Any, amount: Any) -> ChainNode:
    """Return a receipt as a node of the chain, with what of it was used here."""
    return ChainNode(
        "coin", _("Receipt %(number)s") % {"number": receipt.number}, url=receipt_url(receipt.pk),
        amount=amount, remark=day_text(receipt.received_on),
        state_text=receipt.get_status_display(),
    )  # fmt: skip
