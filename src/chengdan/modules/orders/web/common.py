"""What several pages of orders share."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui import Chip, Crumb
from chengdan.kernel.ui.parts import State
from chengdan.modules.credit.selectors import Prepayment, shortfall_most
from chengdan.modules.orders.models import Order
from chengdan.modules.orders.vocabulary import OrderStatus

GET_POST = ("GET", "POST")
_STATES: dict[str, State] = {
    OrderStatus.DRAFT: "idle",
    OrderStatus.PROCESSING: "run",
    OrderStatus.RELEASED: "run",
    OrderStatus.CLOSED: "done",
    OrderStatus.CANCELLED: "idle",
}


def show_url(order_id: int) -> str:
    """Return the address of an order's page."""
    return reverse("orders:show", args=[order_id])


def draft_id_of(request: HttpRequest) -> int | None:
    """Return the draft that a form of a new order has become by saving itself."""
    text = request.POST.get("draft_id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def draft_key(order: Order | None, what: str = "order") -> str:
    """Return the name under which the browser keeps what is typed into an order's form."""
    return f"orders.{what} {order.pk if order else 'new'}"


def crumbs_of(order: Order | None = None) -> list[Crumb]:
    """Return the way to an order's page."""
    crumbs = [Crumb(_("Orders"), reverse("orders:list"))]
    return crumbs if order is None else [*crumbs, Crumb(order.title, show_url(order.pk))]


def state_chip(order: Order) -> Chip:
    """Return the state as a chip; a hold goes before it."""
    if order.is_held:
        return Chip(_("On hold"), "late", title=order.hold_reason)
    return Chip(order.get_status_display(), _STATES[order.status])


def shortfall_text(order: Order, prepayment: Prepayment) -> str:
    """Say what is missing of an advance payment, and how much of it can be released."""
    text = _(
        "%(missing)s must be paid in before the goods leave. A shortfall of at most %(most)s can "
        "be released."
    )
    most = shortfall_most(order.company_id)
    return text % {"missing": f"{prepayment.missing:,.2f}", "most": f"{most:,.2f}"}
