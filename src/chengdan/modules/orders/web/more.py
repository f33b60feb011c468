"""Smaller pages of an order: how its amount was made, its whole history, its amendments."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import AuditView, audit_history
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    Chip,
    Column,
    DocumentPage,
    Fact,
    FormPage,
    PageHead,
    Table,
    Toast,
    Why,
    WhyRow,
    done,
    page,
    render_page,
    why_response,
)
from chengdan.modules.orders import services
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_for_view
from chengdan.modules.orders.changes import changes_table
from chengdan.modules.orders.models import Amendment
from chengdan.modules.orders.web.common import GET_POST, crumbs_of, draft_key, show_url
from chengdan.modules.orders.web.forms import AmendForm, initial_of
from chengdan.modules.process.selectors import said_about
from chengdan.modules.process.selectors.bands import band_for

HISTORY_MAX = 500


@page(permission=words.VIEW)
def why(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Explain the order's gross: one row per line, adding up."""
    order = access_order_for_view(actor_of(request), pk)
    rows = []
    for line in order.lines.select_related("product").order_by("number"):
        name = str(line.product) if line.product else line.description
        quantity = format(line.quantity.normalize(), "f")
        price = format(line.price.normalize(), "f")
        remark = f"{quantity} × {price}"
        if line.discount:
            remark += f" × (1 − {format((line.discount * 100).normalize(), 'f')}%)"
        rows.append(WhyRow(f"{line.number} {name}", line.gross, remark=remark))
    rows.append(WhyRow(_("Gross"), order.gross, is_sum=True))
    rows.append(WhyRow(_("of which tax"), order.tax))
    text = _("Each line is rounded to the cent; totals are the sums of their lines.")
    return why_response(request, Why(_("How the amount was made"), rows, text=text))


@page(permission=words.VIEW)
def history(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The whole audit trail of an order."""
    order = access_order_for_view(actor_of(request), pk)
    columns = [
        Column("sequence", _("No."), kind="number", places=0),
        Column("at", _("When"), value=lambda entry: entry.at, kind="day"),
        Column("title", _("What")),
        Column("who", _("Who")),
        Column("door", _("Through")),
        Column("changes", _("Changes"), value=_changes, clip=True),
        Column("reason", _("Reason"), clip=True),
        Column("digest", _("Digest"), value=lambda entry: entry.digest[:12]),
    ]
    told = said_about(words.ORDER, order.pk)
    entries = audit_history(order, limit=HISTORY_MAX, along=told)
    table = Table(_("History"), columns, entries)
    head = PageHead(_("History"), order.title, crumbs=crumbs_of(order))
    return render_page(request, "ui/table_page.html", head=head, table=table)


def _changes(entry: AuditView) -> str:
    return "; ".join(text[:120] for text in entry.change_texts)


@page(permission=words.AMEND, methods=GET_POST)
def amend(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for a change of a released order."""
    actor = actor_of(request)
    order = access_order_for_view(actor, pk)
    form = AmendForm(actor, request.POST or None, initial=initial_of(order, keeps_prices=True))
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            amendment = services.amendment_ask(
                actor=actor,
                order_id=pk,
                draft=form.draft(),
                reason=form.cleaned_data["reason"],
                expected_version=version_of(request),
            )
            url = reverse("orders:amendment", args=[amendment.pk])
            return done(request, url, Toast(_("Change submitted.")))
    return FormPage(
        form,
        PageHead(_("Amend the order"), order.title, crumbs=crumbs_of(order)),
        sections=[("", ["reason", "requested_on", "ship_to", "note"])],
        lines="lines",
        preview=reverse("orders:preview"),
        draft_key=draft_key(order, "amendment of order"),
        submit=_("Submit the change"),
        values={"expected_version": order.version, "customer": order.customer_id},
        cancel_url=show_url(pk),
    ).render(request)


@page(permission=words.VIEW)
def amendment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A change with what differs from the version in force."""
    actor = actor_of(request)
    found = Amendment.objects.filter(pk=pk).values_list("order_id", flat=True).first()
    order = access_order_for_view(actor, found or 0)
    row = Amendment.objects.select_related("asked_by").get(pk=pk)
    is_open = row.status == words.AmendmentStatus.PROCESSING
    return DocumentPage(
        words.AMENDMENT,
        row,
        head=PageHead(
            _("Amendment"),
            f"{order.title} / {row.sequence}",
            crumbs=crumbs_of(order),
            chips=[Chip(row.get_status_display(), "run" if is_open else "idle")],
            acts=[Act("order", _("Order"), show_url(order.pk), icon="shopping-cart")],
        ),
        facts=[
            Fact(_("Customer"), order.customer.name),
            Fact(_("Asked by"), str(row.asked_by)),
            Fact(_("Reason"), row.reason),
            Fact(_("Gross then"), row.gross, kind="money", big=True),
            Fact(_("Difference"), row.difference, kind="money"),
        ],
        strip=[band_for("order_amendment", words.AMENDMENT, row.pk)],
        tables=[changes_table(order, row)],
    ).render(request)
