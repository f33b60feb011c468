"""The order-to-remittance report: orders, and how long each part of their way took (ORD-15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.ui import (
    Chip,
    ChoiceFilter,
    Column,
    Crumb,
    DateFilter,
    Empty,
    ListPage,
    PickFilter,
)
from chengdan.kernel.ui.listing.filters import BoundFilter
from chengdan.kernel.ui.listing.state import ListState
from chengdan.modules.billing import selectors
from chengdan.modules.billing.selectors import PARTS
from chengdan.modules.billing.vocabulary import rights
from chengdan.modules.billing.web.common import (
    customer_label,
    invoice_crumbs,
    invoice_url,
    receipt_url,
    user_label,
)
from chengdan.modules.people.access import can
from chengdan.modules.people.selectors import territory_ids_below
from chengdan.modules.people.selectors.choices import territory_choice
from chengdan.modules.shipping import vocabulary as shipping
from chengdan.modules.shipping.selectors import note_url

DAYS = 90
SUMMARY = "summary"
TOTAL = "total"
_DAY = timedelta(days=1)
_HOUR = 60
TITLES: dict[str, Any] = {
    "accept": _("Submission → acceptance"),
    "release": _("Acceptance → hand-over"),
    "dispatch": _("Hand-over → dispatch"),
    "invoice": _("Dispatch → invoice"),
    "money": _("Invoice → money"),
    TOTAL: _("Whole way"),
}
HEADS: dict[str, Any] = {
    "accept": _("Acceptance"),
    "release": _("Hand-over"),
    "dispatch": _("Dispatch"),
    "invoice": _("Invoicing"),
    "money": _("Money"),
    TOTAL: _("Whole way"),
}
WAITS: dict[str, Any] = {
    "accept": _("to be accepted"),
    "release": _("to be handed over"),
    "dispatch": _("to be dispatched"),
    "invoice": _("to be invoiced"),
    "money": _("to be paid"),
}
# Which document ends a part: the field of the order with its id, its page, the right to see it.
_DOCUMENTS = {
    "dispatch": ("left_note", note_url, shipping.VIEW),
    "invoice": ("posted_invoice", invoice_url, rights.VIEW),
    "money": ("last_receipt", receipt_url, rights.RECEIPT_VIEW),
}


def days_text(elapsed: timedelta) -> str:
    """Return elapsed days with one decimal."""
    return gettext("%(days)s d") % {"days": f"{elapsed / _DAY:,.1f}"}


def hours_text(minutes: int) -> str:
    """Return working minutes as hours and minutes, however many hours they are."""
    return f"{minutes // _HOUR:,}:{minutes % _HOUR:02d}"


@dataclass(frozen=True, slots=True)
class Shown:
    """One time as a page shows it: elapsed days, working hours, the document that ended it."""

    days: str
    hours: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class PartColumn(Column):
    """The time of one part; a file gets its days and its working minutes as numbers."""

    @property
    def is_number(self) -> bool:
        """Times stand right."""
        return True

    def html(self, row: Any) -> SafeString | str:
        """Return the days, linked to the document that ended the part, above the working hours."""
        shown: Shown | None = row.shown.get(self.name)
        if shown is None:
            return ""
        days = (
            format_html('<a href="{}">{}</a>', shown.url, shown.days) if shown.url else shown.days
        )
        drawn = '<div>{}</div><div class="sm mut" title="{}">{}</div>'
        return format_html(drawn, days, _("working time"), shown.hours)

    def for_file(self) -> list[Column]:
        """Return the two columns of a file."""
        days = _("%(part)s, days"), _days
        minutes = _("%(part)s, working minutes"), _minutes
        return [
            Column(f"{self.name}_{place}", title % {"part": self.title}, kind="number",
                   value=partial(read, self.name))
            for place, (title, read) in enumerate((days, minutes))
        ]  # fmt: skip


def _way(row: Any) -> selectors.Remittance:
    """Return the clock of a row, reckoned once."""
    if not hasattr(row, "way"):
        row.way = selectors.remittance_of(row)
    way: selectors.Remittance = row.way
    return way


def _days(code: str, row: Any) -> Decimal | None:
    span = _way(row).spans.get(code)
    return None if span is None else Decimal(f"{span.elapsed / _DAY:.3f}")


def _minutes(code: str, row: Any) -> int | None:
    span = _way(row).spans.get(code)
    return None if span is None else span.minutes


def _waits(row: Any) -> Chip:
    found = _way(row).waits_for
    return Chip(WAITS[found], "run") if found else Chip(_("paid"), "done")


def _reached(values: Sequence[str], actor: Actor) -> Q:
    is_open = Q(settled_at__isnull=True)
    return is_open if "open" in values else Q(**{f"{PARTS[values[0]]}__isnull": False})


def _territory_label(actor: Actor, pk: int) -> str:
    return territory_choice(pk) or ""


class MarketFilter(PickFilter):
    """A market, or a region or city of one: the customers of everything in it."""

    def condition(self, bound: BoundFilter, actor: Actor) -> Q:
        """Return the condition on the customer's territory."""
        return Q(customer__territory_id__in=territory_ids_below(int(bound.value)))


class RemittanceList(ListPage[Any]):
    """Orders with the time of every part of their way, and its average and median above."""

    code, title, permission = "billing.remittance", _("Order to remittance"), rights.LEDGER
    export_permission = rights.LEDGER_EXPORT
    template_name = "billing/remittances.html"
    columns = (
        Column("number", _("Order"), value=str, sort="number", phone="title"),
        Column("customer", _("Customer"), value="customer.name", clip=True, phone="line"),
        Column("ordered_on", _("Ordered"), kind="day", sort="ordered"),
        *(
            PartColumn(code, title, phone="line")
            for code, title in HEADS.items()
            if code != TOTAL
        ),
        PartColumn(TOTAL, HEADS[TOTAL], sort=TOTAL, phone="side"),
        Column("waits", _("State"), kind="chip", value=_waits),
        Column("owner", _("Responsible"), value="owner.display_name", phone="line"),
        Column("territory", _("Market"), value="customer.territory.name", optional=True),
        Column("gross", _("Gross"), kind="money", optional=True, phone=""),
    )  # fmt: skip
    sorts = {"ordered": "ordered_on", "number": "number", TOTAL: "way_rank"}
    default_sort = "-ordered"
    filters = (
        DateFilter(name="ordered", title=_("Ordered"), field="ordered_on"),
        DateFilter(name="paid", title=_("Paid on"), field="settled_at", is_instant=True),
        MarketFilter(name="market", title=_("Market"), field="customer__territory_id",
                     url_name="people:territory_pick", label=_territory_label),
        PickFilter(name="owner", title=_("Responsible"), field="owner_id",
                   url_name="people:user_pick", label=user_label),
        PickFilter(name="customer", title=_("Customer"), field="customer_id",
                   url_name="customers:pick", label=customer_label),
        ChoiceFilter(name="reached", title=_("Part that ended"), multiple=False, apply=_reached,
                     choices=[*((code, TITLES[code]) for code in PARTS),
                              ("open", _("not paid yet"))]),
    )  # fmt: skip
    search_fields = ("number", "customer_order_number", "customer__name", "customer__initials")
    search_hint = _("Number, customer")
    empty = Empty(_("No order was submitted"), _("Orders are measured from their submission on."))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the page, one of its parts, or average and median of the whole filter."""
        if request.GET.get("_part") == SUMMARY:
            return self._summary(request)
        return super().get(request, *args, **kwargs)

    def _state(self, data: QueryDict) -> ListState:
        """Read the address; without any period, the orders of the last 90 days are asked for."""
        names = [f"{name}{end}" for name in ("ordered", "paid") for end in ("", "_from", "_to")]
        if not any(data.get(name) for name in names):
            data = data.copy()
            data["ordered_from"] = (clock.today() - timedelta(days=DAYS)).isoformat()
        return super()._state(data)

    def _summary(self, request: HttpRequest) -> HttpResponseBase:
        state = self._state(request.GET)
        found = selectors.remittance_summary(self.visible(state))
        parts = [
            {
                "title": TITLES[item.code],
                "count": item.count,
                "average": item.average and _span_shown(item.average),
                "median": item.median and _span_shown(item.median),
                "url": state.query(reached="money" if item.code == TOTAL else item.code),
            }
            for item in found.figures
        ]
        context = {"parts": parts, "is_complete": found.is_complete, "max": selectors.SUMMARY_MAX}
        return TemplateResponse(request, "billing/_remittance_summary.html", context)

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        """Return the measured orders of the reader."""
        rows = selectors.remittance_orders(actor)
        return rows.select_related("customer__territory", "owner")

    def prepare(self, rows: list[Any], actor: Actor) -> None:
        """Attach the times, each with the document that the reader may open."""
        may = {code: can(actor, right) for code, (_field, _url, right) in _DOCUMENTS.items()}
        for row in rows:
            row.shown = {code: _span_shown(span) for code, span in _way(row).spans.items()}
            for code, (field, url, _right) in _DOCUMENTS.items():
                pk = getattr(row, field)
                if code in row.shown and may[code] and pk is not None:
                    row.shown[code] = replace(row.shown[code], url=url(pk))

    def export(
        self, request: HttpRequest, queryset: QuerySet[Any], columns: Sequence[Column], form: str
    ) -> HttpResponseBase:
        """Answer a file with numbers in place of the drawn times."""
        wide: list[Column] = []
        for column in columns:
            wide += column.for_file() if isinstance(column, PartColumn) else [column]
        return super().export(request, queryset, wide, form)

    def crumbs(self) -> Sequence[Crumb]:
        """Lead back to the invoices."""
        return invoice_crumbs()

    def row_url(self, row: Any) -> str:
        """Open the order."""
        return reverse("orders:show", args=[row.pk])


def _span_shown(span: selectors.Span) -> Shown:
    return Shown(days_text(span.elapsed), hours_text(span.minutes))
