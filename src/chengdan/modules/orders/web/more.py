"""Smaller pages of an order: how its amount was made, its whole history, its amendments."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import AuditView, audit_history
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Column,
    PageHead,
    Table,
    Why,
    WhyRow,
    page,
    render_page,
    why_response,
)
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_for_view
from chengdan.modules.orders.web.common import crumbs_of
from chengdan.modules.process.selectors import said_about

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
