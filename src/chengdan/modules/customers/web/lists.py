"""Lists: customers, and shipping data that are due for their monthly check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chengdan.kernel.actor import Actor
from chengdan.kernel.requests import actor_of
from chengdan.kernel.search import match_q
from chengdan.kernel.transactions import write
from chengdan.kernel.ui import (
    Act,
    BulkAct,
    ChoiceFilter,
    Column,
    Crumb,
    Empty,
    FormPage,
    ListPage,
    PageHead,
    PickFilter,
    Toast,
    View,
    done,
    page,
    refusals_on,
)
from chengdan.kernel.ui.ids import ids_read
from chengdan.kernel.ui.parts import Text
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.selectors import customers_visible, shipping_stale
from chengdan.modules.customers.services import (
    customer_hand_over,
    customers_activate,
    shipping_confirm,
)
from chengdan.modules.customers.vocabulary import (
    CreditGrade,
    CustomerStatus,
    FunnelClass,
    ImportanceClass,
    RelationClass,
    ValueClass,
    rights,
)
from chengdan.modules.customers.web.common import GET_POST, show_url, state_chip
from chengdan.modules.customers.web.forms import HandOverForm
from chengdan.modules.customers.web.panels import shipping_refusal
from chengdan.modules.people.selectors.choices import active_person_choice, territory_choice

IDS_MAX = 500


def _user_label(actor: Actor, pk: int) -> str:
    return active_person_choice(pk) or ""


def _territory_label(actor: Actor, pk: int) -> str:
    return territory_choice(pk) or ""


def _term(customer: Customer) -> Text:
    if customer.pay_first:
        return _("pays first")
    if customer.payment_term_days is None:
        return ""
    text = ngettext("%(days)s day", "%(days)s days", customer.payment_term_days)
    return text % {"days": customer.payment_term_days}


def _draft_only(customer: Customer) -> Text:
    is_draft = customer.status == CustomerStatus.DRAFT
    return "" if is_draft else _("Only drafts are activated.")


def _checked_on(customer: Customer) -> date | None:
    data = getattr(customer, "shipping", None)
    return data.checked_on if data else None


def _checked_by(customer: Customer) -> str:
    data = getattr(customer, "shipping", None)
    return data.checked_by.display_name if data and data.checked_by else ""


class CustomerList(ListPage[Customer]):
    """Customers that the reader may see."""

    code, title, permission = "customers.customer", _("Customers"), rights.CUSTOMER_VIEW
    export_permission = rights.CUSTOMER_EXPORT
    columns = (
        Column("code", _("Code"), sort="code"),
        Column("name", _("Name"), sort="name", phone="title", clip=True),
        Column("state", _("State"), kind="chip", value=state_chip, phone="side"),
        Column("territory", _("Territory"), value="territory.name"),
        Column("owner", _("Responsible"), value="owner.display_name"),
        Column("slt_member", _("SLT member"), value="slt_member.display_name", phone=""),
        Column("term", _("Payment term"), value=_term, phone=""),
        Column("value_class", _("Value class"), kind="label",
               value=lambda row: row.get_value_class_display(), phone=""),
        Column("credit_grade", _("Credit grade"), kind="label",
               value=lambda row: row.get_credit_grade_display(), phone=""),
        Column("funnel_class", _("Funnel class"), kind="label", optional=True, phone="",
               value=lambda row: row.get_funnel_class_display()),
        Column("importance_class", _("Importance class"), kind="label", optional=True, phone="",
               value=lambda row: row.get_importance_class_display()),
        Column("relation_class", _("Relation class"), kind="label", optional=True, phone="",
               value=lambda row: row.get_relation_class_display()),
        Column("uscc", _("Credit code"), optional=True, phone=""),
        Column("updated_at", _("Changed"), kind="day", sort="changed", optional=True, phone=""),
    )  # fmt: skip
    sorts = {"code": "code", "name": "name", "changed": "updated_at"}
    default_sort = "code"
    filters = (
        ChoiceFilter(name="state", title=_("State"), field="status",
                     choices=CustomerStatus.choices),
        PickFilter(name="owner", title=_("Responsible"), field="owner_id",
                   url_name="people:user_pick", label=_user_label),
        PickFilter(name="territory", title=_("Territory"), field="territory_id",
                   url_name="people:territory_pick", label=_territory_label),
        ChoiceFilter(name="value", title=_("Value class"), field="value_class",
                     choices=ValueClass.choices),
        ChoiceFilter(name="grade", title=_("Credit grade"), field="credit_grade",
                     choices=CreditGrade.choices, main=False),
        ChoiceFilter(name="funnel", title=_("Funnel class"), field="funnel_class",
                     choices=FunnelClass.choices, main=False),
        ChoiceFilter(name="importance", title=_("Importance class"), field="importance_class",
                     choices=ImportanceClass.choices, main=False),
        ChoiceFilter(name="relation", title=_("Relation class"), field="relation_class",
                     choices=RelationClass.choices, main=False),
        ChoiceFilter(name="mine", title=_("Whose"), multiple=False, main=False,
                     choices=[("1", _("mine"))],
                     apply=lambda values, actor: Q(owner_id=actor.user_id)),
    )  # fmt: skip
    views = (
        View("active", _("In business"), "state=active"),
        View("mine", _("Mine"), "mine=1"),
        View("draft", _("To be completed"), "state=draft"),
        View("suspended", _("Suspended"), "state=suspended", state="late"),
    )
    bulk = (
        BulkAct("activate", _("Activate"), reverse_lazy("customers:activate_many"), "check",
                permission=rights.CUSTOMER_ACTIVATE, refusal=_draft_only),
        BulkAct("hand_over", _("Hand over"), reverse_lazy("customers:hand_over_many"), "users",
                permission=rights.CUSTOMER_HAND_OVER),
    )  # fmt: skip
    search_hint = _("Code, name, pinyin, initials")
    empty = Empty(
        _("No customers yet"),
        _("Create the first one, or import a list."),
        "users",
        Act("new", _("New customer"), reverse_lazy("customers:create"),
            permission=rights.CUSTOMER_CREATE),
    )  # fmt: skip

    def queryset(self, actor: Actor) -> QuerySet[Customer]:
        return customers_visible(actor).select_related("territory", "owner", "slt_member")

    def search(self, queryset: QuerySet[Customer], text: str) -> QuerySet[Customer]:
        return queryset.filter(match_q(text) | Q(uscc__istartswith=text))

    def row_url(self, row: Customer) -> str:
        return show_url(row.pk)

    def acts(self, actor: Actor) -> Sequence[Act]:
        return [
            Act("new", _("New customer"), reverse("customers:create"), icon="plus", primary=True,
                permission=rights.CUSTOMER_CREATE, shortcut="N"),
            Act("stale", _("Shipping data to check"), reverse("customers:shipping_stale"),
                icon="truck-delivery", permission=rights.SHIPPING_EDIT),
        ]  # fmt: skip


class StaleShippingList(ListPage[Customer]):
    """Active customers whose shipping data were not checked this period (SHP-05)."""

    code, title = "customers.shipping_stale", _("Shipping data to check")
    permission = rights.SHIPPING_EDIT
    columns = (
        Column("code", _("Code"), sort="code"),
        Column("name", _("Name"), phone="title", clip=True),
        Column("carrier", _("Designated carrier")),
        Column("station", _("Forwarding station")),
        Column("checked_on", _("Checked on"), kind="day", value=_checked_on,
               phone="side"),
        Column("checked_by", _("Checked by"), value=_checked_by, phone=""),
        Column("owner", _("Responsible"), value="owner.display_name"),
    )  # fmt: skip
    sorts = {"code": "code"}
    default_sort = "code"
    filters = (
        PickFilter(name="owner", title=_("Responsible"), field="owner_id",
                   url_name="people:user_pick", label=_user_label),
    )  # fmt: skip
    bulk = (
        BulkAct("confirm", _("Checked, all is right"),
                reverse_lazy("customers:shipping_confirm_many"), "check", primary=True,
                refusal=lambda row: shipping_refusal(getattr(row, "shipping", None))),
    )  # fmt: skip
    search_hint = _("Code, name, pinyin, initials")
    empty = Empty(
        _("Everything is checked"), _("All shipping data were checked in this period."), "check"
    )

    def queryset(self, actor: Actor) -> QuerySet[Customer]:
        return shipping_stale(actor)

    def search(self, queryset: QuerySet[Customer], text: str) -> QuerySet[Customer]:
        return queryset.filter(match_q(text))

    def row_url(self, row: Customer) -> str:
        return reverse("customers:shipping", args=[row.pk])

    def crumbs(self) -> Sequence[Crumb]:
        return [Crumb(_("Customers"), reverse("customers:list"))]


@page(permission=rights.CUSTOMER_ACTIVATE, methods=["POST"])
def activate_many(request: HttpRequest) -> HttpResponseBase:
    """Activate the selected drafts, all or none."""
    rows = CustomerList().selection(request)
    ids = list(rows.values_list("pk", flat=True))
    customers_activate(actor=actor_of(request), customer_ids=ids)
    text = ngettext("%(count)s customer activated.", "%(count)s customers activated.", len(ids))
    return done(request, reverse("customers:list"), Toast(text % {"count": len(ids)}))


@page(permission=rights.SHIPPING_EDIT, methods=["POST"])
def shipping_confirm_many(request: HttpRequest) -> HttpResponseBase:
    """Note for the selected customers that their shipping data are right."""
    ids = list(StaleShippingList().selection(request).values_list("pk", flat=True)[:IDS_MAX])
    with write():
        for pk in sorted(ids):
            shipping_confirm(actor=actor_of(request), customer_id=pk)
    text = ngettext("%(count)s customer checked.", "%(count)s customers checked.", len(ids))
    url = reverse("customers:shipping_stale")
    return done(request, url, Toast(text % {"count": len(ids)}))


@page(permission=rights.CUSTOMER_HAND_OVER, methods=GET_POST)
def hand_over_many(request: HttpRequest) -> HttpResponseBase:
    """Ask who takes the selected customers over, then hand them over."""
    given = request.POST.get("chosen", "")
    if given:
        ids = ids_read(given.split(",")[:IDS_MAX])
        form = HandOverForm(request.POST)
    else:
        rows = CustomerList().selection(request)
        ids = list(rows.values_list("pk", flat=True)[:IDS_MAX])
        form = HandOverForm()
    if form.is_bound and form.is_valid():
        with refusals_on(form), write():
            for pk in sorted(ids):
                customer_hand_over(actor=actor_of(request), customer_id=pk, **form.cleaned_data)
            text = ngettext(
                "%(count)s customer handed over.", "%(count)s customers handed over.", len(ids)
            )
            url = reverse("customers:list")
            return done(request, url, Toast(text % {"count": len(ids)}))
    head = PageHead(
        _("Hand over"), str(len(ids)), crumbs=[Crumb(_("Customers"), reverse("customers:list"))]
    )
    values: dict[str, str | int] = {"chosen": ",".join(str(pk) for pk in ids)}
    return FormPage(
        form, head, submit=head.title, values=values, cancel_url=reverse("customers:list")
    ).render(request)
