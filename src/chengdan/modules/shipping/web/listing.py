"""The list of delivery notes."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.ui import (
    Act,
    ChoiceFilter,
    Column,
    DateFilter,
    Empty,
    ListPage,
    PickFilter,
    View,
)
from chengdan.modules.customers.selectors.choices import customer_label
from chengdan.modules.orders.services.progress import STEPS, states_of
from chengdan.modules.people.access import scope_branches
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.promises import accuracy_filter, in_time_filter
from chengdan.modules.shipping.selectors import warehouses_of
from chengdan.modules.shipping.showing import state_chip, time_left
from chengdan.modules.shipping.vocabulary import NoteStatus
from chengdan.modules.shipping.web.common import show_url

CODES = ("SR", "CA", "PK", "OQ", "DP", "FB", "CF")
# What a promise of the control tower counts, and what of it was not kept.
PROMISE = (("counted", _("judged")), ("missed", _("missed")))


def _customer_label(actor: Actor, pk: int) -> str:
    return customer_label(actor, pk) or ""


def _late(values: Sequence[str], actor: Actor) -> Q:
    return Q(due_at__lt=clock.now())


def _in_time(values: Sequence[str], actor: Actor) -> Q:
    return in_time_filter(values[0], actor)


def _accuracy(values: Sequence[str], actor: Actor) -> Q:
    return accuracy_filter(values[0], actor)


def _states(row: DeliveryNote) -> list[str]:
    return states_of((row.progress + "-" * STEPS)[:STEPS])


def _warehouses(actor: Actor) -> list[tuple[int, str]]:
    return [(row.pk, row.name) for row in warehouses_of(actor.company_id)]


class NoteList(ListPage[DeliveryNote]):
    """Delivery notes that the reader may see."""

    code, title, permission = words.NOTE, _("Deliveries"), words.VIEW
    export_permission = words.EXPORT
    columns = (
        Column("number", _("No."), sort="number", phone="title"),
        Column("customer", _("Customer"), value="customer.name", clip=True, phone="line"),
        Column("received_at", _("Handed over"), kind="day", sort="received"),
        Column("progress", _("SP"), kind="mini", value=_states, phone=""),
        Column("step", _("Step"), phone=""),
        Column("due", _("Left"), kind="due", value=time_left, sort="due", phone="side"),
        Column("state", _("State"), kind="chip", value=state_chip, phone="side"),
        Column("carrier", _("Carrier"), clip=True, phone=""),
        Column("station", _("Station"), clip=True, phone="", optional=True),
        Column("warehouse", _("Warehouse"), value="warehouse.name", phone="", optional=True),
        Column("slip_number", _("Outbound slip"), phone=""),
        Column("dispatched_on", _("Dispatched"), kind="day", phone=""),
        Column("waybill", _("Waybill"), phone=""),
        Column("confirmed_on", _("Signed"), kind="day", phone="", optional=True),
        Column("signer", _("Signed by"), phone="", optional=True),
        Column("deviation", _("Deviation"), clip=True, phone="", optional=True),
    )
    sorts = {"number": "number", "received": "received_at", "due": "due_at"}
    default_sort = "-received"
    filters = (
        ChoiceFilter(name="state", title=_("State"), field="status", choices=NoteStatus.choices),
        ChoiceFilter(
            name="step", title=_("Step"), field="step", choices=[(code, code) for code in CODES]
        ),
        PickFilter(
            name="customer",
            title=_("Customer"),
            field="customer_id",
            url_name="customers:pick",
            label=_customer_label,
        ),
        DateFilter(name="received", title=_("Handed over"), field="received_at", is_instant=True),
        ChoiceFilter(
            name="late", title=_("Late"), multiple=False, choices=[("1", _("late"))], apply=_late
        ),
        ChoiceFilter(
            name="warehouse",
            title=_("Warehouse"),
            field="warehouse_id",
            choices=_warehouses,
            main=False,
        ),
        DateFilter(name="dispatched", title=_("Dispatched"), field="dispatched_on", main=False),
        ChoiceFilter(
            name="direct",
            title=_("Without an order"),
            field="is_direct",
            multiple=False,
            choices=[("True", _("without an order"))],
            main=False,
        ),
        ChoiceFilter(
            name="in_time",
            title=_("Shipped in time"),
            multiple=False,
            choices=PROMISE,
            main=False,
            apply=_in_time,
        ),
        ChoiceFilter(
            name="accuracy",
            title=_("Shipped accurately"),
            multiple=False,
            choices=PROMISE,
            main=False,
            apply=_accuracy,
        ),
    )
    views = (
        View("open", _("Open"), "state=open"),
        View("prepare", _("To prepare"), "step=SR&step=CA&state=open"),
        View("pick", _("To pick"), "step=PK&state=open"),
        View("check", _("To check"), "step=OQ&state=open"),
        View("dispatch", _("To dispatch"), "step=DP&state=open"),
        View("late", _("Late"), "late=1&state=open", state="late"),
        View("confirm", _("Waiting for confirmation"), "state=dispatched"),
    )
    search_hint = _("Number, slip, waybill, customer")
    empty = Empty(
        _("No deliveries here"),
        _("A note is made when an order is handed over, or from the backlog."),
        "truck-delivery",
        Act("backlog", _("Backlog"), reverse_lazy("shipping:backlog"), permission=words.CREATE),
    )

    def queryset(self, actor: Actor) -> QuerySet[DeliveryNote]:
        return DeliveryNote.objects.select_related("customer", "warehouse")

    def branches(self, actor: Actor) -> list[Q]:
        return scope_branches(actor, words.VIEW, DeliveryNote)

    def search(self, queryset: QuerySet[DeliveryNote], text: str) -> QuerySet[DeliveryNote]:
        return queryset.filter(
            Q(number__istartswith=text)
            | Q(slip_number__istartswith=text)
            | Q(waybill__istartswith=text)
            | Q(customer__name__icontains=text)
            | Q(customer__initials__startswith=text.lower())
        )

    def row_url(self, row: DeliveryNote) -> str:
        return show_url(row.pk)

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [
            Act("backlog", _("Backlog"), reverse("shipping:backlog"), icon="inbox",
                primary=True, permission=words.CREATE),
            Act("direct", _("Without an order"), reverse("shipping:direct"), icon="plus",
                permission=words.CREATE),
        ]  # fmt: skip
