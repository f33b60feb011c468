"""What the room registers while the applications start."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.numbering import series_declare
from chengdan.kernel.outbox import work_titles_register
from chengdan.kernel.reference import reference_tables_in_act
from chengdan.kernel.search import SearchSource, search_kind_register
from chengdan.kernel.targets import target_register
from chengdan.kernel.ui import NavItem, NewItem, nav_register, new_register
from chengdan.modules.credit.providers import (
    document_describer_register,
    exposure_provider_register,
)
from chengdan.modules.credit.services import Bucket
from chengdan.modules.orders import actions, handlers, histories, importing, verification
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.access import access_order_for_view
from chengdan.modules.orders.amendment_checks import AmendmentCheck
from chengdan.modules.orders.checks import CreditCheck, QualificationCheck, QuotaCheck
from chengdan.modules.orders.extensions import gauge_register
from chengdan.modules.orders.models import Amendment, Handover, Order, OrderLine
from chengdan.modules.orders.panels import amendment_panel, order_panel
from chengdan.modules.orders.process import AmendmentSubject, OrderSubject
from chengdan.modules.orders.promises import same_day_gauge
from chengdan.modules.orders.selectors import (
    HANDOVERS_TOPIC,
    amendments_provide,
    open_provide,
    orders_describe,
    orders_mark,
    orders_open_to,
    quota_provide,
    to_invoice_provide,
)
from chengdan.modules.orders.services.finding import order_fields
from chengdan.modules.people.access import visible
from chengdan.modules.process.subjects import (
    check_register,
    document_panel_register,
    subject_register,
)
from chengdan.modules.quota.selectors import hold_provider_register

series_declare(words.ORDER, title=_("Sales order"), pattern="SO{yy}{mm}-{n:4}", reset="monthly")
search_kind_register(
    words.ORDER,
    title=_("Orders"),
    permission=words.VIEW,
    scope_filter=lambda actor: visible(actor, words.VIEW, Order.objects.all()),
    source=SearchSource(
        lambda: Order.objects.select_related("customer"),
        lambda order: order_fields(order, order.customer.name),
    ),
    icon="shopping-cart",
    order=300,
    marks=orders_mark,
)
subject_register(
    words.ORDER,
    OrderSubject,
    title=_("Order"),
    mandatory=("QC", "AC", "CC", ("MA", "ST")),
)
subject_register(
    words.AMENDMENT,
    AmendmentSubject,
    title=_("Amendment"),
    mandatory=("AS",),
    seen_as=words.ORDER,
)
check_register("orders.qc", QualificationCheck)
check_register("orders.ac", QuotaCheck)
check_register("orders.cc", CreditCheck)
check_register("orders.amendment", AmendmentCheck)
actions.register()
exposure_provider_register(Bucket.OPEN, open_provide)
exposure_provider_register(Bucket.OPEN, amendments_provide)
exposure_provider_register(Bucket.TO_INVOICE, to_invoice_provide)
document_describer_register(words.ORDER, orders_describe)
hold_provider_register(words.ORDER, quota_provide, orders_open_to)
target_register(
    words.ORDER,
    access_order_for_view,
    words.VIEW,
    title=lambda order: str(order),
    url=lambda order: reverse("orders:show", args=[order.pk]),
)
document_panel_register(words.ORDER, order_panel)
document_panel_register(words.AMENDMENT, amendment_panel)
gauge_register("orders.same_day", same_day_gauge)
reference_tables_in_act("order lines", OrderLine, Amendment)
reference_tables_in_act(HANDOVERS_TOPIC, Handover)
work_titles_register(
    {
        "orders.accepted": _("An order was accepted"),
        "orders.amended": _("An order was amended"),
        "orders.goes_on": _("An order goes on"),
        "orders.cancelled": _("An order was cancelled"),
        "orders.released": _("An order was handed to storage and transport"),
        "orders.special_decided": _("Special treatment was decided"),
        "orders.market_tell": _("Tell the market department about an order"),
        "orders.customer_mail": _("Mail the customer about an order"),
        "orders.special_mail": _("Mail the decision on special treatment"),
        "orders.cancelled_tell": _("Tell people about a cancelled order"),
    }
)
nav_register(NavItem("orders", _("Orders"), "shopping-cart", "orders:list", words.VIEW, order=80))
nav_register(
    NavItem("tower", _("Control tower"), "chart-bar", "orders:tower", words.TOWER, order=20)
)
new_register(NewItem("order", _("Order"), "shopping-cart", "orders:create", words.CREATE))

__all__ = ["handlers", "histories", "importing", "verification"]
