"""Receipts: page, register form, acts, and the allocation page."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit.pages import history_entries
from chengdan.kernel.errors import DomainError
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    Column,
    DocumentPage,
    Fact,
    FormPage,
    PageHead,
    Person,
    Table,
    Toast,
    UiForm,
    done,
    page,
    refusals_on,
)
from chengdan.kernel.ui.formats import money_text, number_text, party_text, who_text
from chengdan.kernel.ui.forms import PickRow, form_answer, pick_response, preview_response
from chengdan.kernel.ui.parts import Text
from chengdan.modules.billing import services
from chengdan.modules.billing.access import access_receipt_for_view
from chengdan.modules.billing.models import Receipt
from chengdan.modules.billing.selectors import invoices_visible, receipts_visible
from chengdan.modules.billing.services.receipts import earmarked_of
from chengdan.modules.billing.vocabulary import (
    RECEIPT,
    InvoiceStatus,
    ReceiptStatus,
    rights,
)
from chengdan.modules.billing.web.common import (
    GET_POST,
    customer_url,
    invoice_url,
    receipt_chip,
    receipt_crumbs,
    receipt_url,
)
from chengdan.modules.billing.web.forms import (
    AllocateForm,
    EarmarkForm,
    ReasonForm,
    ReceiptForm,
    ReverseForm,
)
from chengdan.modules.billing.web.invoices import invoice_node
from chengdan.modules.billing.web.listing import ReceiptList
from chengdan.modules.orders.selectors import orders_visible

INVOICES_MAX = 200
FIRST_VERSION = 1
REASONS = {
    "reference": _("named in the memo"),
    "exact": _("same amount"),
    "oldest": _("oldest first"),
}


def _url(name: str, receipt_id: int) -> str:
    return reverse(f"billing:{name}", args=[receipt_id])


@page(permission=rights.RECEIPT_VIEW)
def receipt_show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything about a receipt: where its money went, and what can be done with the rest."""
    actor = actor_of(request)
    receipt = access_receipt_for_view(actor, pk)
    invoices = {row.invoice_id: row.invoice for row in
                receipt.allocations.select_related("invoice").order_by("pk")}  # fmt: skip
    return DocumentPage(
        RECEIPT,
        receipt,
        head=PageHead(
            _("Receipt"), receipt.number, crumbs=receipt_crumbs(), chips=[receipt_chip(receipt)],
            acts=_acts(receipt),
        ),
        facts=_facts(receipt),
        tables=[*_uses(receipt), *_earmarks(receipt)],
        people=_people(receipt),
        chain=[invoice_node(invoice) for _pk, invoice in sorted(invoices.items())],
        history=history_entries(receipt),
    ).render(request)  # fmt: skip


def _acts(receipt: Receipt) -> list[Act]:
    version: dict[str, str | int] = {"expected_version": receipt.version}
    acts = []
    if receipt.status == ReceiptStatus.REGISTERED:
        acts.append(Act("confirm", _("Confirm"), _url("confirm", receipt.pk), method="post",
                        icon="check", primary=True, permission=rights.CONFIRM, values=version,
                        shortcut="G"))  # fmt: skip
        acts.append(Act("correct", _("Correct"), _url("receipt_correct", receipt.pk),
                        icon="edit", permission=rights.REGISTER))  # fmt: skip
    if receipt.status == ReceiptStatus.CONFIRMED and receipt.unapplied:
        acts.append(Act("allocate", _("Allocate"), _url("allocate", receipt.pk), icon="list-check",
                        primary=True, permission=rights.ALLOCATE, shortcut="G"))  # fmt: skip
        acts.append(Act("earmark", _("Set aside for an order"), _url("earmark", receipt.pk),
                        icon="lock", permission=rights.EARMARK))  # fmt: skip
    if receipt.status != ReceiptStatus.REVERSED:
        is_used = bool(receipt.applied or receipt.earmarked)
        text = _("Take allocations and set-aside money back first.") if is_used else ""
        acts.append(Act("reverse", _("Reverse"), _url("receipt_reverse", receipt.pk),
                        icon="arrow-back-up", permission=rights.RECEIPT_REVERSE, danger=True,
                        disabled=text))  # fmt: skip
    return acts


def _facts(receipt: Receipt) -> list[Fact]:
    return [
        Fact(_("Customer"), receipt.customer.name, url=customer_url(receipt.customer_id)),
        Fact(_("Amount"), receipt.amount, kind="money", big=True),
        Fact(_("Unapplied"), receipt.unapplied, kind="money"),
        Fact(_("Set aside"), receipt.earmarked, kind="money"),
        Fact(_("Allocated"), receipt.applied, kind="money"),
        Fact(_("Received on"), receipt.received_on, kind="day"),
        Fact(_("Way"), receipt.get_method_display()),
        Fact(_("Our account"), receipt.account or "–"),
        Fact(_("Bank reference"), receipt.bank_reference or "–"),
        Fact(_("Payer"), receipt.payer or "–"),
        Fact(_("Memo"), receipt.memo or "–"),
        Fact(_("Reason"), receipt.reason or "–"),
    ]


def _uses(receipt: Receipt) -> list[Table]:
    rows = list(receipt.allocations.select_related("invoice", "order").order_by("pk"))
    columns = [
        Column("invoice", _("Invoice"), value=lambda row: str(row.invoice),
               link=lambda row: invoice_url(row.invoice_id)),
        Column("order", _("For order"), value=lambda row: row.order or ""),
        Column("effective_on", _("Counts from"), kind="day"),
        Column("entered_at", _("Entered"), kind="day"),
        Column("by_name", _("By"), value=lambda row: who_text(row.by_id, row.by_name)),
        Column("reason", _("Reason"), clip=True),
        Column("amount", _("Amount"), kind="money"),
    ]  # fmt: skip
    standing: dict[int, Decimal] = {}
    numbers: dict[int, str] = {}
    for row in rows:
        standing[row.invoice_id] = standing.get(row.invoice_id, ZERO) + row.amount
        numbers[row.invoice_id] = str(row.invoice)
    acts = [
        Act(f"back{pk}", _("Take back from %(number)s") % {"number": numbers[pk]},
            reverse("billing:unallocate", args=[receipt.pk, pk]), permission=rights.UNALLOCATE)
        for pk, amount in standing.items() if amount > ZERO
    ]  # fmt: skip
    footer = ["", "", "", "", "", "", receipt.applied]
    return [
        Table(_("Allocations"), columns, rows, footer=footer, footer_title=_("Total"), acts=acts,
              empty=_("Not used for any invoice yet."))
    ]  # fmt: skip


def _earmarks(receipt: Receipt) -> list[Table]:
    rows = list(receipt.earmarks.select_related("order").order_by("pk"))
    if not rows:
        return []
    columns = [
        Column("order", _("Order"), value=lambda row: str(row.order),
               link=lambda row: reverse("orders:show", args=[row.order_id])),
        Column("effective_on", _("Day"), kind="day"),
        Column("reason", _("Reason"), clip=True),
        Column("amount", _("Amount"), kind="money"),
    ]  # fmt: skip
    acts = [
        Act(f"free{order_id}", _("Give %(amount)s back") % {"amount": f"{amount:,.2f}"},
            reverse("billing:unearmark", args=[receipt.pk, order_id]), permission=rights.EARMARK)
        for order_id, amount in earmarked_of(receipt).items()
    ]  # fmt: skip
    return [Table(_("Set aside for orders"), columns, rows, acts=acts)]


def _people(receipt: Receipt) -> list[Person]:
    rows = [(_("Responsible"), receipt.owner), (_("Confirmed by"), receipt.confirmed_by)]
    return [Person(title, str(person)) for title, person in rows if person is not None]


@page(permission=rights.REGISTER, methods=GET_POST)
def receipt_register(request: HttpRequest) -> HttpResponseBase:
    """Register money that came in; afterwards the next one can be typed at once."""
    form = ReceiptForm(request.POST or None, initial={"received_on": clock.today()})
    if form.is_valid():
        with refusals_on(form):
            draft = services.ReceiptDraft(**form.cleaned_data)
            receipt = services.receipt_register(actor=actor_of(request), draft=draft)
        if form.is_valid():
            text = _("%(number)s registered.") % {"number": receipt.number}
            again = "again" in request.POST
            url = reverse("billing:register") if again else receipt_url(receipt.pk)
            return done(request, url, Toast(text))
    acts = [Act("again", _("Save and next"), method="submit", form="cd-form",
                values={"again": 1})]  # fmt: skip
    head = PageHead(_("Register a receipt"), crumbs=receipt_crumbs(), acts=acts)
    return FormPage(
        form, head, submit=_("Register"), cancel_url=reverse("billing:receipts")
    ).render(request)


@page(permission=rights.REGISTER, methods=GET_POST)
def receipt_correct(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put right what was registered wrongly."""
    receipt = access_receipt_for_view(actor_of(request), pk)
    given = {name: getattr(receipt, name) for name in ReceiptForm.base_fields}
    form = ReceiptForm(request.POST or None, initial=given)

    def run(data: dict[str, Any]) -> object:
        return services.receipt_correct(
            actor=actor_of(request), receipt_id=pk, draft=services.ReceiptDraft(**data),
            expected_version=version_of(request),
        )  # fmt: skip

    head = PageHead(_("Correct"), receipt.number, crumbs=receipt_crumbs(receipt))
    url = receipt_url(pk)
    return form_answer(
        request, form, head, run, url=url, toast=_("Corrected."), version=receipt.version
    )


@page(permission=rights.CONFIRM, methods=["POST"])
def receipt_confirm(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Confirm that the money is there."""
    services.receipt_confirm(
        actor=actor_of(request), receipt_id=pk, expected_version=version_of(request)
    )
    return done(request, receipt_url(pk), Toast(_("Confirmed; allocate it now.")))


@page(permission=rights.CONFIRM, methods=["POST"])
def confirm_many(request: HttpRequest) -> HttpResponseBase:
    """Confirm the selected receipts, each for itself."""
    failed = made = 0
    for pk in list(ReceiptList().selection(request).values_list("pk", flat=True)):
        try:
            # A corrected one is opened and confirmed by itself: the list may show it as it was.
            services.receipt_confirm(
                actor=actor_of(request), receipt_id=pk, expected_version=FIRST_VERSION
            )
            made += 1
        except DomainError:
            failed += 1
    text = _("%(done)s confirmed, %(failed)s not.") % {"done": made, "failed": failed}
    return done(request, reverse("billing:receipts"), Toast(text, "late" if failed else "done"))


def _answer(
    request: HttpRequest,
    pk: int,
    title: Text,
    form: UiForm,
    run: Callable[[dict[str, Any]], object],
) -> HttpResponseBase:
    receipt = access_receipt_for_view(actor_of(request), pk)
    if form.is_valid():
        with refusals_on(form, newest=receipt_url(pk)):
            run(form.cleaned_data)
            return done(request, receipt_url(pk), Toast(_("Done.")))
    hint = party_text(receipt.customer.name, receipt.amount)
    head = PageHead(title, receipt.number, hint, crumbs=receipt_crumbs(receipt))
    return FormPage(
        form, head, submit=title, cancel_url=receipt_url(pk),
        values={"expected_version": receipt.version},
    ).render(request)  # fmt: skip


@page(permission=rights.RECEIPT_REVERSE, methods=GET_POST)
def receipt_reverse(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a receipt back."""
    form = ReverseForm(request.POST or None, initial={"on": clock.today()})

    def run(data: dict[str, Any]) -> object:
        return services.receipt_reverse(
            actor=actor_of(request), receipt_id=pk, expected_version=version_of(request), **data
        )

    return _answer(request, pk, _("Reverse"), form, run)


@page(permission=rights.EARMARK, methods=GET_POST)
def receipt_earmark(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Set money aside for an order."""
    receipt = access_receipt_for_view(actor_of(request), pk)
    form = EarmarkForm(request.POST or None, initial={"amount": receipt.unapplied})
    pick = f"{reverse('billing:order_pick')}?customer={receipt.customer_id}"
    form.fields["order_id"].widget.url = pick

    def run(data: dict[str, Any]) -> object:
        return services.receipt_earmark(
            actor=actor_of(request), receipt_id=pk, expected_version=version_of(request), **data
        )

    return _answer(request, pk, _("Set aside for an order"), form, run)


@page(permission=rights.EARMARK, methods=GET_POST)
def receipt_unearmark(request: HttpRequest, pk: int, order_id: int) -> HttpResponseBase:
    """Give money set aside for an order back."""
    form = ReasonForm(request.POST or None)

    def run(data: dict[str, Any]) -> object:
        receipt = access_receipt_for_view(actor_of(request), pk)
        amount = earmarked_of(receipt).get(order_id, ZERO)
        return services.receipt_unearmark(
            actor=actor_of(request),
            receipt_id=pk,
            order_id=order_id,
            amount=amount,
            expected_version=version_of(request),
            **data,
        )

    return _answer(request, pk, _("Give back"), form, run)


@page(permission=rights.UNALLOCATE, methods=GET_POST)
def receipt_unallocate(request: HttpRequest, pk: int, invoice_id: int) -> HttpResponseBase:
    """Take an allocation back."""
    form = ReasonForm(request.POST or None)

    def run(data: dict[str, Any]) -> object:
        return services.receipt_unallocate(
            actor=actor_of(request),
            receipt_id=pk,
            invoice_id=invoice_id,
            expected_version=version_of(request),
            **data,
        )

    return _answer(request, pk, _("Take back"), form, run)


@page(permission=rights.EARMARK)
def order_pick(request: HttpRequest) -> HttpResponseBase:
    """Offer the orders of a customer."""
    text = request.GET.get("customer", "")
    customer_id = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    rows = orders_visible(actor_of(request)).filter(customer_id=customer_id)
    rows = rows.filter(number__icontains=request.GET.get("q", "").strip()[:40]).exclude(number="")
    return pick_response(
        [
            PickRow(row.pk, row.number, row.get_status_display(), [money_text(row.gross)])
            for row in rows.order_by("-pk")[:20]
        ]
    )


@page(permission=rights.ALLOCATE, methods=GET_POST)
def receipt_allocate(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Use a receipt for invoices: the proposal stands in the lines, every amount can be changed."""
    actor = actor_of(request)
    receipt = access_receipt_for_view(actor, pk)
    rows = _open_rows(actor, receipt)
    if request.method != "POST" and not rows:
        text = _(
            "No posted invoice of this customer in this currency is open to you. The money stays "
            "unapplied until one is, or is set aside for an order."
        )
        return done(request, receipt_url(pk), Toast(text, "late"))
    initial = {"effective_on": clock.today(), "lines": rows}
    form = AllocateForm(request.POST or None, initial=initial)
    if form.is_valid():
        with refusals_on(form, newest=_url("allocate", pk)):
            services.receipt_allocate(
                actor=actor,
                receipt_id=pk,
                parts=_parts(form),
                effective_on=form.cleaned_data["effective_on"],
                expected_version=version_of(request),
            )
            url = _next_url(actor, pk)
            is_last = url == receipt_url(pk)
            text = _("Allocated.") if is_last else _("Allocated. The next receipt is open.")
            return done(request, url, Toast(text))
    head = PageHead(
        _("Allocate"), receipt.number, crumbs=receipt_crumbs(receipt),
        hint=_("%(customer)s · unapplied %(amount)s")
        % {"customer": receipt.customer.name, "amount": f"{receipt.unapplied:,.2f}"},
    )  # fmt: skip
    return FormPage(
        form, head, lines="lines", submit=_("Allocate"), cancel_url=receipt_url(pk),
        preview=_url("allocate_preview", pk), values={"expected_version": receipt.version},
    ).render(request)  # fmt: skip


def _next_url(actor: Actor, receipt_id: int) -> str:
    """Return the next receipt that waits for allocation, or this one when none does."""
    waiting = receipts_visible(actor).filter(status=ReceiptStatus.CONFIRMED, unapplied__gt=ZERO)
    following = waiting.exclude(pk=receipt_id).order_by("received_on", "pk").first()
    return receipt_url(receipt_id) if following is None else _url("allocate", following.pk)


def _parts(form: AllocateForm) -> list[services.Part]:
    return [
        services.Part(row["invoice"], row["amount"])
        for row in form.cleaned_data["lines"]
        if row["invoice"] and row["amount"]
    ]


def _open_rows(actor: Actor, receipt: Receipt) -> list[dict[str, Any]]:
    proposal = {
        item.invoice_id: item
        for item in services.receipt_allocate_proposal(actor=actor, receipt_id=receipt.pk)
    }
    rows = invoices_visible(actor).filter(
        customer_id=receipt.customer_id, status=InvoiceStatus.POSTED, currency=receipt.currency
    )
    found = []
    for invoice in rows.order_by("due_on", "pk")[:INVOICES_MAX]:
        item = proposal.get(invoice.pk)
        amount = item.amount if item else None
        found.append(
            {
                "invoice": {"id": invoice.pk, "code": invoice.number},
                "due": f"{invoice.due_on:%m-%d}" if invoice.due_on else "",
                "gross": number_text(invoice.gross, places=2),
                "open": number_text(invoice.open, places=2),
                "amount": amount,
                "rest": number_text(invoice.open - (amount or ZERO), places=2),
                "reason": str(REASONS[item.reason]) if item else "",
            }
        )
    return found


@page(permission=rights.ALLOCATE, methods=["POST"])
def allocate_preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer what is left of the receipt and of every invoice while amounts are typed."""
    actor = actor_of(request)
    receipt = access_receipt_for_view(actor, pk)
    form = AllocateForm(request.POST)
    form.is_valid()
    lines = form.cleaned_data.get("lines", [])
    ids = [row["invoice"] for row in lines if row["invoice"]]
    known = {row.pk: row for row in invoices_visible(actor).filter(pk__in=ids)}
    total, rows = ZERO, []
    for row in lines:
        invoice = known.get(row["invoice"])
        if invoice is None:
            continue
        amount = row["amount"] or ZERO
        total += amount
        rest = invoice.open - amount
        cell: Any = number_text(rest, places=2, zero="0.00")
        if rest < ZERO:
            cell = {"text": cell, "state": "bad", "title": str(_("More than is owed."))}
        rows.append({"row": row["_row"], "rest": cell})
    left = receipt.unapplied - total
    note = _("Left of the receipt: %(left)s") % {"left": f"{left:,.2f}"}
    totals = {"amount": number_text(total, places=2), "note": str(note)}
    return preview_response(rows=rows, totals=totals)
