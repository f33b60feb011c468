"""Aging, the receivables of a customer, the collection rate and the day's receipts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.exporting.services import export_now
from chengdan.kernel.exporting.writers import ExportColumn
from chengdan.kernel.numbers import ZERO
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import Act, Crumb, PageHead, page, render_page
from chengdan.kernel.ui.hooks import allowed
from chengdan.modules.billing import selectors
from chengdan.modules.billing.access import access_customer_for_ledger
from chengdan.modules.billing.rules import AgeBucket
from chengdan.modules.billing.selectors.aging import AgingRow
from chengdan.modules.billing.vocabulary import rights
from chengdan.modules.billing.web.common import (
    customer_url,
    day_of,
    invoice_crumbs,
    invoice_url,
    receipt_url,
    state_chip,
)


def bucket_title(bucket: AgeBucket) -> Any:
    """Return how a bucket is called."""
    if bucket.first is None:
        return _("Not due") if not bucket.last else _("up to %(last)s days") % {"last": bucket.last}
    if bucket.last is None:
        return _("over %(days)s days") % {"days": bucket.first - 1}
    return _("%(first)s–%(last)s days") % {"first": bucket.first, "last": bucket.last}


@page(permission=rights.LEDGER)
def aging_show(request: HttpRequest) -> HttpResponseBase:
    """Show who owed what on a day, by how long it was due; every figure opens its invoices."""
    actor = actor_of(request)
    on = day_of(request, "on", clock.today())
    found = selectors.aging(actor, on)
    rows = [
        {
            "row": row,
            "url": f"{customer_url(row.customer_id)}?{urlencode({'on': on.isoformat()})}",
            "cells": [
                (amount, _cell_url(row.customer_id, on, place))
                for place, amount in enumerate(row.amounts)
            ],
            "money_url": _money_url(actor, on, row.customer_id),
        }
        for row in found.rows
    ]
    return render_page(
        request,
        "billing/aging.html",
        head=PageHead(_("Aging of receivables"), crumbs=invoice_crumbs(), acts=_file_acts(on)),
        on=on,
        titles=[bucket_title(bucket) for bucket in found.buckets],
        rows=rows,
        aging=found,
        money_url=_money_url(actor, on),
        ledger=selectors.ledger_total(actor, on),
    )


def _file_acts(on: date) -> list[Act]:
    place = reverse("billing:aging_file")
    return [
        Act(kind, title, f"{place}?{urlencode({'on': on.isoformat(), 'format': kind})}",
            icon="download", permission=rights.LEDGER_EXPORT)
        for kind, title in (("xlsx", _("Export Excel")), ("csv", _("Export CSV")))
    ]  # fmt: skip


@page(permission=rights.LEDGER_EXPORT)
def aging_file(request: HttpRequest) -> HttpResponseBase:
    """Answer the aging of a day as a file, with the rows and figures of the page."""
    actor = actor_of(request)
    on = day_of(request, "on", clock.today())
    found = selectors.aging(actor, on)
    buckets = [
        ExportColumn(bucket_title(bucket), partial(_amount, place))
        for place, bucket in enumerate(found.buckets)
    ]
    columns = [
        ExportColumn(_("Customer no."), lambda row: row.code),
        ExportColumn(_("Customer"), lambda row: row.name),
        *buckets,
        ExportColumn(_("Total"), lambda row: row.total),
        ExportColumn(_("Unused money"), lambda row: row.unapplied),
    ]
    return export_now(
        actor=actor,
        title=str(_("Aging of receivables %(day)s") % {"day": on.isoformat()}),
        columns=columns,
        rows=found.rows,
        row_count=len(found.rows),
        file_kind=request.GET.get("format", "xlsx"),
        path=reverse("billing:aging"),
        permission=rights.LEDGER_EXPORT,
        query=request.GET.urlencode(),
    )


def _amount(place: int, row: AgingRow) -> Decimal:
    return row.amounts[place]


def _money_url(actor: Actor, on: date, customer_id: int | None = None) -> str:
    """Return the list of the receipts behind unused money; "" where it would not add up to it.

    The list knows what is left today, not on a past day.
    """
    if on != clock.today() or not allowed(actor, rights.RECEIPT_VIEW):
        return ""
    query = {"left": "unused"} | ({"customer": customer_id} if customer_id else {})
    return f"{reverse('billing:receipts')}?{urlencode(query)}"


def _cell_url(customer_id: int, on: date, place: int) -> str:
    query = urlencode({"on": on.isoformat(), "bucket": place})
    return f"{customer_url(customer_id)}?{query}"


@page(permission=rights.LEDGER)
def customer_show(request: HttpRequest, customer_id: int) -> HttpResponseBase:
    """Show what a customer owed on a day: aging, the invoices behind it, the account's moves."""
    actor = actor_of(request)
    customer = access_customer_for_ledger(actor, customer_id)
    on = day_of(request, "on", clock.today())
    found = selectors.aging(actor, on, [customer_id])
    row = found.rows[0] if found.rows else None
    place = request.GET.get("bucket", "")
    items = list(row.invoices) if row else []
    if place.isascii() and place.isdigit():
        items = [item for item in items if item.bucket == int(place)]
    first = day_of(request, "from", on - timedelta(days=90))
    return render_page(
        request,
        "billing/customer.html",
        head=PageHead(
            _("Receivables"), customer.name,
            crumbs=[*invoice_crumbs(), Crumb(_("Aging"), reverse("billing:aging"))],
            acts=[
                Act("request", _("Request an invoice"),
                    reverse("billing:request_of", args=[customer_id]), permission=rights.REQUEST),
            ],
        ),
        customer=customer,
        on=on,
        first=first,
        is_reversed=on < first,
        titles=[bucket_title(bucket) for bucket in found.buckets],
        amounts=list(enumerate(row.amounts if row else found.amounts)),
        total=row.total if row else ZERO,
        unapplied=row.unapplied if row else ZERO,
        items=[(item, invoice_url(item.invoice.pk), state_chip(item.invoice)) for item in items],
        items_total=sum((item.open for item in items), ZERO),
        statement=selectors.statement_of(customer_id, first, on),
        receipts=[
            (receipt, receipt_url(receipt.pk))
            for receipt in selectors.receipts_of_customer(actor, customer_id)[:20]
        ],
    )  # fmt: skip


@page(permission=rights.VIEW)
def rate_show(request: HttpRequest) -> HttpResponseBase:
    """Show the collection rate of a period by responsible person; a row opens its invoices."""
    actor = actor_of(request)
    today = clock.today()
    first = day_of(request, "from", today.replace(day=1))
    last = day_of(request, "to", today)
    text = request.GET.get("owner", "")
    owner = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    found = selectors.collection(actor, first, last, owner_id=owner)
    rows = []
    for row in found.rows:
        query = urlencode({"from": first, "to": last, "owner": row.owner_id})
        late = row.rate.is_below(found.goal)
        rows.append((row, f"?{query}", late))
    items = [item for row in found.rows for item in row.items] if owner is not None else []
    return render_page(
        request,
        "billing/rate.html",
        head=PageHead(_("Collection rate"), crumbs=invoice_crumbs()),
        first=first,
        last=last,
        is_reversed=last < first,
        found=found,
        rows=rows,
        is_below=found.rate.is_below(found.goal),
        items=[(item, invoice_url(item.invoice.pk)) for item in items],
    )


@page(permission=rights.RECEIPT_VIEW)
def day_show(request: HttpRequest) -> HttpResponseBase:
    """Show the receipts of a day and what is wrong: unconfirmed, unused, promises broken."""
    on = day_of(request, "on", clock.today())
    view = selectors.day_view(actor_of(request), on)
    groups = [
        (_("Received this day"), view.received),
        (_("To confirm"), view.to_confirm),
        (_("Unapplied"), view.unapplied),
    ]
    return render_page(
        request,
        "billing/day.html",
        head=PageHead(
            _("Receipts of the day"),
            crumbs=[Crumb(_("Receipts"), reverse("billing:receipts"))],
        ),
        on=on,
        groups=[
            (title, group, [(row, receipt_url(row.pk)) for row in group.rows])
            for title, group in groups
        ],
        promises=[(row, invoice_url(row.pk)) for row in view.broken_promises],
    )
