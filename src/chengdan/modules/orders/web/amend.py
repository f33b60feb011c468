"""Changes of released orders: the form with its stops, and the page of one change."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import InvalidError
from chengdan.kernel.requests import actor_of, version_of
from chengdan.kernel.ui import (
    Act,
    DocumentPage,
    Fact,
    FormPage,
    Note,
    PageHead,
    Toast,
    done,
    page,
    preview_response,
    stops_html,
)
from chengdan.kernel.ui.formats import number_text
from chengdan.modules.orders import services
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_for_view
from chengdan.modules.orders.changes import amendment_chip, amendment_verdict, changes_table
from chengdan.modules.orders.models import Amendment
from chengdan.modules.orders.web.common import GET_POST, crumbs_of, draft_key, show_url
from chengdan.modules.orders.web.entry import (
    form_filled,
    lines_unreadable,
    notes_of,
    preview_row,
)
from chengdan.modules.orders.web.forms import AmendForm, initial_of
from chengdan.modules.process.selectors.bands import band_for


@page(permission=words.AMEND, methods=GET_POST)
def amend(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for a change of a released order."""
    actor = actor_of(request)
    order = access_order_for_view(actor, pk)
    form = AmendForm(actor, request.POST or None, initial=initial_of(order, keeps_prices=True))
    if request.method == "POST" and form.is_valid():
        with form.refusals(show_url(pk)):
            amendment = services.amendment_ask(
                actor=actor,
                order_id=pk,
                draft=form.draft(),
                reason=form.cleaned_data["reason"],
                expected_version=version_of(request),
            )
            url = reverse("orders:amendment", args=[amendment.pk])
            return done(request, url, _toast(amendment))
    return FormPage(
        form,
        PageHead(_("Amend the order"), order.title, crumbs=crumbs_of(order)),
        sections=[("", ["reason", "requested_on", "ship_to", "note"])],
        lines="lines",
        preview=reverse("orders:amend_preview", args=[pk]),
        has_stops=True,
        draft_key=draft_key(order, "amendment of order"),
        submit=_("Submit the change"),
        values={"expected_version": order.version, "customer": order.customer_id},
        cancel_url=show_url(pk),
    ).render(request)


def _toast(amendment: Amendment) -> Toast:
    """Say at once when the check has refused the change."""
    if amendment.status == words.AmendmentStatus.REFUSED:
        return Toast(_("The check refused the change; the order stays as it is."), "late")
    return Toast(_("Change submitted."))


@page(permission=words.AMEND, methods=["POST"])
def amend_preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer amounts and stops of a change that is being typed; saves nothing."""
    actor = actor_of(request)
    order = access_order_for_view(actor, pk)
    form = AmendForm(actor, request.POST, initial=initial_of(order, keeps_prices=True))
    form.is_valid()
    if not {"customer", "lines"} <= form.cleaned_data.keys():
        return lines_unreadable(request, form)
    form_filled(form)
    try:
        priced, found = services.amendment_foresee(actor, order, form.draft())
    except InvalidError as error:
        notes = [Note("late", item.message) for item in error.items]
        return preview_response(fragments={"cd-stops": stops_html(request, notes)})
    numbers = [row["_row"] for row in form.cleaned_data["lines"]]
    rows = [
        preview_row(number, line, None) for number, line in zip(numbers, priced.lines, strict=True)
    ]
    totals = render_to_string("orders/_totals.html", {"totals": priced.totals}, request)
    return preview_response(
        rows=rows,
        totals={"gross": number_text(priced.totals.gross, places=2)},
        fragments={"cd-stops": stops_html(request, notes_of(found)), "cd-totals": totals},
    )


def _refusals(amendment: Amendment) -> list[Note]:
    """Return why the check refused a change: each stop with its rule."""
    if amendment.status != words.AmendmentStatus.REFUSED:
        return []
    seen = amendment_verdict(amendment.pk)
    if seen is None or not seen.is_refused:
        return []
    stops = [stop for stop in seen.evidence.get("stops", []) if isinstance(stop, dict)]
    if not stops:
        return [Note("late", seen.text, rule=seen.rule)]
    return [Note("late", stop["title"], stop["text"], rule=stop["rule"]) for stop in stops]


@page(permission=words.VIEW)
def amendment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A change with what differs from the version in force."""
    actor = actor_of(request)
    found = Amendment.objects.filter(pk=pk).values_list("order_id", flat=True).first()
    order = access_order_for_view(actor, found or 0)
    row = Amendment.objects.select_related("asked_by").get(pk=pk)
    return DocumentPage(
        words.AMENDMENT,
        row,
        head=PageHead(
            _("Amendment"),
            f"{order.title} / {row.sequence}",
            crumbs=crumbs_of(order),
            chips=[amendment_chip(row)],
            acts=[Act("order", _("Order"), show_url(order.pk), icon="shopping-cart")],
        ),
        facts=[
            Fact(_("Customer"), order.customer.name),
            Fact(_("Asked by"), str(row.asked_by)),
            Fact(_("Reason"), row.reason),
            Fact(_("Gross then"), row.gross, kind="money", big=True),
            Fact(_("Difference"), row.difference, kind="money"),
        ],
        notes=_refusals(row),
        strip=[band_for("order_amendment", words.AMENDMENT, row.pk)],
        tables=[changes_table(order, row)],
    ).render(request)
