"""Acts on invoices: request, issue, deliver, collect, cancel, reverse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import DomainError
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import FormPage, PageHead, Toast, UiForm, done, page, refusals_on
from chengdan.kernel.ui.formats import number_text, party_text
from chengdan.kernel.ui.forms import pick_response
from chengdan.kernel.ui.parts import Text
from chengdan.modules.billing import services
from chengdan.modules.billing.access import access_invoice_for_view
from chengdan.modules.billing.selectors import open_items
from chengdan.modules.billing.selectors.sources import order_rows
from chengdan.modules.billing.vocabulary import rights
from chengdan.modules.billing.web.common import GET_POST, invoice_crumbs, invoice_url
from chengdan.modules.billing.web.forms import (
    CollectForm,
    CustomerForm,
    DeliverForm,
    IssueForm,
    ReasonForm,
    RequestForm,
    ReverseForm,
)
from chengdan.modules.billing.web.listing import InvoiceList
from chengdan.modules.customers.selectors import customer_get
from chengdan.modules.orders.selectors import orders_visible


@page(permission=rights.REQUEST, methods=GET_POST)
def request_new(request: HttpRequest) -> HttpResponseBase:
    """Choose whose deliveries are invoiced."""
    form = CustomerForm(request.POST or None)
    if form.is_valid():
        customer = customer_get(actor_of(request), form.cleaned_data["customer"])
        return done(request, reverse("billing:request_of", args=[customer.pk]))
    head = PageHead(_("Request an invoice"), crumbs=invoice_crumbs())
    return FormPage(form, head, submit=_("Go on")).render(request)


@page(permission=rights.REQUEST, methods=GET_POST)
def request_of(request: HttpRequest, customer_id: int) -> HttpResponseBase:
    """Request an invoice of what was delivered to a customer and is not invoiced."""
    actor = actor_of(request)
    customer = customer_get(actor, customer_id)
    form = RequestForm(request.POST or None, initial={"lines": _open_rows(actor, customer_id)})
    if form.is_valid():
        draft = _draft(form.cleaned_data)
        with refusals_on(form):
            invoice = services.invoice_request(actor=actor, draft=draft)
        if form.is_valid():
            return done(request, invoice_url(invoice.pk), Toast(_("Requested; finance approves.")))
    head = PageHead(_("Request an invoice"), customer.name, crumbs=invoice_crumbs())
    return FormPage(form, head, lines="lines", submit=_("Request")).render(request)


def _open_rows(actor: Actor, customer_id: int) -> list[dict[str, Any]]:
    mine = set(orders_visible(actor).filter(customer_id=customer_id).values_list("pk", flat=True))
    items = [row for row in open_items(Q(customer_id=customer_id)) if row.order_id in mine]
    orders = order_rows(row.order_id for row in items)
    names = _names(orders)
    return [
        {
            "order": {"id": item.order_id, "code": str(orders[item.order_id])},
            "line": item.line,
            "delivery": {"id": item.note_id, "code": item.note_number},
            "product": names.get((item.order_id, item.line), ""),
            "left": number_text(item.quantity.normalize()),
            "quantity": item.quantity,
        }
        for item in items
    ]


def _names(orders: dict[int, Any]) -> dict[tuple[int, int], str]:
    found = {}
    for pk, order in orders.items():
        for line in order.lines.select_related("product"):
            found[pk, line.number] = str(line.product or line.description)
    return found


def _draft(data: dict[str, Any]) -> services.InvoiceDraft:
    """Return the request; each line finds its place on the delivery note again."""
    rows = [row for row in data["lines"] if row["quantity"]]
    notes = {row["delivery"] for row in rows if row["delivery"]}
    places = {
        (item.order_id, item.line, item.note_id): item.note_line
        for item in open_items(Q(pk__in=notes))
    }
    items = [
        services.InvoiceItem(
            row["order"] or 0,
            int(row["line"] or 0),
            row["quantity"],
            row["delivery"] or 0,
            places.get((row["order"], int(row["line"] or 0), row["delivery"] or 0), 0),
        )
        for row in rows
    ]
    return services.InvoiceDraft(items, note=data["note"])


@page(permission=rights.VIEW)
def none_pick(request: HttpRequest) -> HttpResponseBase:
    """Answer pickers whose rows are given: nothing else can be chosen."""
    return pick_response([])


@page(permission=rights.REQUEST, methods=["POST"])
def invoice_submit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a prepared invoice on to approval."""
    services.invoice_submit(
        actor=actor_of(request), invoice_id=pk, expected_version=version_of(request)
    )
    return done(request, invoice_url(pk), Toast(_("Requested; finance approves.")))


@page(permission=rights.ISSUE, methods=["POST"])
def issue_many(request: HttpRequest) -> HttpResponseBase:
    """Issue the selected requests today, each for itself."""
    failed = made = 0
    for pk in list(InvoiceList().selection(request).values_list("pk", flat=True)):
        try:
            services.invoice_issue(actor=actor_of(request), invoice_id=pk)
            made += 1
        except DomainError:
            failed += 1
    text = _("%(done)s issued, %(failed)s not.") % {"done": made, "failed": failed}
    return done(request, reverse("billing:invoices"), Toast(text, "late" if failed else "done"))


def _answer(
    request: HttpRequest,
    pk: int,
    title: Text,
    form: UiForm,
    run: Callable[[dict[str, Any]], object],
    toast: Text,
) -> HttpResponseBase:
    """Show a small form about an invoice, or run the act and go back to it."""
    invoice = access_invoice_for_view(actor_of(request), pk)
    if form.is_valid():
        with refusals_on(form, newest=invoice_url(pk)):
            run(form.cleaned_data)
            return done(request, invoice_url(pk), Toast(toast))
    hint = party_text(invoice.customer.name, invoice.gross)
    head = PageHead(title, str(invoice), hint, crumbs=invoice_crumbs(invoice))
    return FormPage(
        form, head, submit=title, cancel_url=invoice_url(pk),
        values={"expected_version": invoice.version},
    ).render(request)  # fmt: skip


@page(permission=rights.ISSUE, methods=GET_POST)
def invoice_issue(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Issue an approved invoice."""
    form = IssueForm(request.POST or None, initial={"invoice_on": clock.today()})

    def run(data: dict[str, Any]) -> object:
        return services.invoice_issue(
            actor=actor_of(request), invoice_id=pk, expected_version=version_of(request), **data
        )

    return _answer(request, pk, _("Issue invoice"), form, run, _("Posted."))


@page(permission=rights.DELIVER, methods=GET_POST)
def invoice_deliver(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Record who signed for the invoice."""
    form = DeliverForm(request.POST or None, initial={"delivered_on": clock.today()})

    def run(data: dict[str, Any]) -> object:
        return services.invoice_deliver(
            actor=actor_of(request), invoice_id=pk, expected_version=version_of(request), **data
        )

    return _answer(request, pk, _("Record delivery"), form, run, _("Delivery recorded."))


@page(permission=rights.REMIND, methods=GET_POST)
def invoice_collect(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Record a call, letter, message or visit."""
    form = CollectForm(request.POST or None)

    def run(data: dict[str, Any]) -> object:
        return services.collection_act_add(actor=actor_of(request), invoice_id=pk, **data)

    return _answer(request, pk, _("Record collection"), form, run, _("Recorded."))


@page(permission=rights.EDIT, methods=GET_POST)
def invoice_cancel(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Drop a request."""
    form = ReasonForm(request.POST or None)

    def run(data: dict[str, Any]) -> object:
        return services.invoice_cancel(
            actor=actor_of(request), invoice_id=pk, expected_version=version_of(request), **data
        )

    return _answer(request, pk, _("Cancel request"), form, run, _("Cancelled."))


@page(permission=rights.REVERSE, methods=GET_POST)
def invoice_reverse(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a posted invoice back by a credit note."""
    form = ReverseForm(request.POST or None, initial={"on": clock.today()})

    def run(data: dict[str, Any]) -> object:
        return services.invoice_reverse(
            actor=actor_of(request), invoice_id=pk, expected_version=version_of(request), **data
        )

    return _answer(request, pk, _("Reverse"), form, run, _("Reversed by a credit note."))
