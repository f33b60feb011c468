"""The list of orders."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.durations import Duration
from chengdan.kernel.ui import (
    Act,
    BulkAct,
    Chip,
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
from chengdan.modules.customers.selectors.choices import customer_label
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order, SpecialTreatment
from chengdan.modules.orders.promises import same_day_filter
from chengdan.modules.orders.services.progress import states_of
from chengdan.modules.orders.shown import band_listed
from chengdan.modules.orders.vocabulary import CreditBand, OrderStatus
from chengdan.modules.orders.web.common import show_url, state_chip
from chengdan.modules.people.access import scope_branches
from chengdan.modules.people.selectors.choices import person_choice
from chengdan.modules.process.selectors import left_until

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


def _customer_label(actor: Actor, pk: int) -> str:
    return customer_label(actor, pk) or ""


def _user_label(actor: Actor, pk: int) -> str:
    return person_choice(pk) or ""


def _left(order: Order) -> Duration | None:
    return left_until(order.due_at, order.company_id, order.due_unit_id, order.due_pace)


class _Found(TypedDict):
    """What the list's own query adds to an order."""

    is_released: bool


def _band(order: WithAnnotations[Order, _Found]) -> Chip | None:
    return band_listed(order, is_released=order.is_released)


def _accept_refusal(order: Order) -> Text:
    return "" if order.step == "OA" else _("Only orders that stand at OA are accepted.")


def _late(values: Sequence[str], actor: Actor) -> Q:
    return Q(due_at__lt=clock.now())


def _same_day(values: Sequence[str], actor: Actor) -> Q:
    return same_day_filter(values[0], actor)


def _mine(values: Sequence[str], actor: Actor) -> Q:
    me = actor.user_id
    people = {"owner": Q(owner_id=me), "csr": Q(csr_id=me), "scr": Q(scr_id=me)}
    people |= {"bcr": Q(bcr_id=me), "slt": Q(slt_member_id=me)}
    condition = Q()
    for value in values:
        condition |= people.get(value, Q(owner_id=me))
    return condition


STEPS = [(code, code) for code in ("OG", "OA", "QC", "AC", "CC", "MA", "BG")]


class OrderList(ListPage[Order]):
    """Orders that the reader may see."""

    code, title, permission = words.ORDER, _("Orders"), words.VIEW
    export_permission = words.EXPORT
    columns = (
        Column("number", _("No."), value=str, sort="number", phone="title"),
        Column("customer", _("Customer"), value="customer.name", clip=True, phone="line"),
        Column("ordered_on", _("Ordered"), kind="day", sort="ordered"),
        Column("requested_on", _("Wanted on"), kind="day", sort="requested", phone=""),
        Column("gross", _("Gross"), kind="money", sort="gross", phone="side"),
        Column("delivered_gross", _("Delivered"), kind="money", phone=""),
        Column("progress", _("OP · SP · BC"), kind="mini",
               value=lambda row: states_of(row.progress), phone=""),
        Column("step", _("Step"), value="step", phone=""),
        Column("due", _("Left"), kind="due", value=_left, sort="due"),
        Column("state", _("State"), kind="chip", value=state_chip, phone="side"),
        Column("band", _("Credit"), kind="chip", value=_band, phone=""),
        Column("customer_order_number", _("Customer's no."), optional=True, phone=""),
        Column("owner", _("Responsible"), value="owner.display_name", optional=True, phone=""),
        Column("invoiced_gross", _("Invoiced"), kind="money", optional=True, phone=""),
        Column("paid_gross", _("Paid"), kind="money", optional=True, phone=""),
    )  # fmt: skip
    sorts = {
        "number": "number",
        "ordered": "ordered_on",
        "requested": "requested_on",
        "gross": "gross",
        "due": "due_at",
    }
    default_sort = "-ordered"
    filters = (
        ChoiceFilter(name="state", title=_("State"), field="status", choices=OrderStatus.choices),
        DateFilter(name="ordered", title=_("Ordered"), field="ordered_on"),
        PickFilter(name="customer", title=_("Customer"), field="customer_id",
                   url_name="customers:pick", label=_customer_label),
        ChoiceFilter(name="band", title=_("Credit"), field="credit_band",
                     choices=[pair for pair in CreditBand.choices if pair[0]]),
        ChoiceFilter(name="step", title=_("Step"), field="step", choices=STEPS),
        ChoiceFilter(name="late", title=_("Late"), multiple=False, choices=[("1", _("late"))],
                     apply=_late),
        DateFilter(name="requested", title=_("Wanted on"), field="requested_on", main=False),
        PickFilter(name="owner", title=_("Responsible"), field="owner_id",
                   url_name="people:user_pick", label=_user_label, main=False),
        ChoiceFilter(name="mine", title=_("My part"), main=False, apply=_mine, choices=[
            ("owner", _("responsible")), ("csr", _("CSR")), ("scr", _("SCR")), ("bcr", _("BCR")),
            ("slt", _("SLT member"))]),
        ChoiceFilter(name="held", title=_("On hold"), field="is_held", multiple=False, main=False,
                     choices=[("True", _("on hold"))]),
        ChoiceFilter(name="pay", title=_("Payment"), field="pays_first", multiple=False,
                     main=False, choices=[("True", _("paid first"))]),
        ChoiceFilter(name="same_day", title=_("Same-day hand-over"), multiple=False, main=False,
                     choices=[("counted", _("judged")), ("missed", _("missed"))],
                     apply=_same_day),
    )  # fmt: skip
    views = (
        View("open", _("Open"), "state=processing&state=released"),
        View("draft", _("Drafts"), "state=draft"),
        View("process", _("In process"), "state=processing"),
        View("held", _("On hold"), "held=True", state="late"),
        View("late", _("Late"), "late=1&state=processing&state=released", state="late"),
        View("pay", _("Waiting for payment"), "pay=True&state=processing"),
        View("released", _("Being fulfilled"), "state=released"),
    )
    bulk = (
        BulkAct("accept", _("Accept"), reverse_lazy("orders:accept_many"), "check",
                permission=words.ACCEPT, refusal=_accept_refusal),
    )  # fmt: skip
    search_hint = _("Number, customer's number, customer")
    empty = Empty(
        _("No orders here"),
        _("Orders appear as soon as somebody enters or imports one."),
        "shopping-cart",
        Act("new", _("New order"), reverse_lazy("orders:create"), permission=words.CREATE),
    )

    def queryset(self, actor: Actor) -> QuerySet[Order]:
        approved = SpecialTreatment.objects.filter(
            order=OuterRef("pk"), status=words.SpecialStatus.APPROVED
        )
        rows = Order.objects.select_related("customer", "owner")
        return rows.annotate(is_released=Exists(approved))

    def branches(self, actor: Actor) -> list[Q]:
        return scope_branches(actor, words.VIEW, Order)

    def search(self, queryset: QuerySet[Order], text: str) -> QuerySet[Order]:
        return queryset.filter(
            Q(number__istartswith=text)
            | Q(customer_order_number__istartswith=text)
            | Q(customer__name__icontains=text)
            | Q(customer__initials__startswith=text.lower())
        )

    def totals(self, queryset: QuerySet[Order], actor: Actor) -> Sequence[Total]:
        sums = queryset.aggregate(
            gross=Sum("gross"),
            delivered=Sum("delivered_gross"),
            invoiced=Sum("invoiced_gross"),
            paid=Sum("paid_gross"),
        )
        titles = {
            "gross": _("Gross"),
            "delivered": _("Delivered"),
            "invoiced": _("Invoiced"),
            "paid": _("Paid"),
        }
        return [Total(title, sums[name] or Decimal(0)) for name, title in titles.items()]

    def row_url(self, row: Order) -> str:
        return show_url(row.pk)

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [
            Act("new", _("New order"), reverse("orders:create"), icon="plus", primary=True,
                permission=words.CREATE, shortcut="N"),
            Act("tower", _("Control tower"), reverse("orders:tower"), icon="chart-bar",
                permission=words.TOWER),
        ]  # fmt: skip
