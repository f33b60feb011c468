"""Orders and their changes as the inbox shows them beside the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import Fact, talk_panel
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.changes import changes_table
from chengdan.modules.orders.over_quota import over_quota
from chengdan.modules.orders.selectors import lines_by_number
from chengdan.modules.orders.shown import (
    band_chip,
    credit_bar,
    lines_table,
    payment_text,
    special_shown,
)
from chengdan.modules.orders.vocabulary import SpecialStatus
from chengdan.modules.people.access import can

if TYPE_CHECKING:
    from chengdan.modules.orders.process import AmendmentSubject, OrderSubject


def order_panel(request: HttpRequest, subject: OrderSubject) -> SafeString:
    """Return facts, special treatment, credit bar, lines, files and comments of an order."""
    order, lines = subject.order, subject.lines
    is_open = can(actor_of(request), words.VIEW, order)
    special = special_shown(order)
    # One that lapsed belongs to an earlier round, and says nothing about this decision.
    if special is not None and special.special.status == SpecialStatus.VOID:
        special = None
    context = {
        "facts": [
            Fact(_("Customer"), order.customer.name),
            Fact(_("Gross"), order.gross, kind="money"),
            Fact(_("Wanted on"), order.requested_on, kind="day"),
            Fact(_("Payment"), payment_text(order)),
            Fact(_("Credit"), band_chip(order, special) or _("not checked")),
        ],
        "special": special.panel() if special is not None else None,
        "over": over_quota(order, lines),
        "credit": credit_bar(order),
        "table": lines_table(lines),
        "panel": talk_panel(words.ORDER, order.pk) if is_open else None,
    }
    return render_to_string("orders/_inbox.html", context, request)


def amendment_panel(request: HttpRequest, subject: AmendmentSubject) -> SafeString:
    """Return facts of a change, what it changes, and the lines of the order as they are."""
    amendment, order = subject.amendment, subject.order
    context = {
        "facts": [
            Fact(_("Customer"), order.customer.name),
            Fact(_("Reason"), amendment.reason),
            Fact(_("Gross then"), amendment.gross, kind="money"),
            Fact(_("Difference"), amendment.difference, kind="money"),
            Fact(_("Credit"), band_chip(order, special_shown(order)) or _("not checked")),
        ],
        "credit": credit_bar(order),
        "changes": changes_table(order, amendment),
        "table": lines_table(lines_by_number(order.pk)),
    }
    return render_to_string("orders/_inbox.html", context, request)
