"""Small things every page of the room uses."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui import Chip, Crumb
from chengdan.kernel.ui.parts import State
from chengdan.modules.customers.models import Customer
from chengdan.modules.customers.vocabulary import CustomerStatus

GET_POST = ("GET", "HEAD", "POST")
_STATES: dict[str, State] = {
    CustomerStatus.DRAFT: "idle",
    CustomerStatus.ACTIVE: "done",
    CustomerStatus.SUSPENDED: "late",
    CustomerStatus.CLOSED: "idle",
}


def show_url(customer_id: int) -> str:
    """Return the address of a customer's page."""
    return reverse("customers:show", args=[customer_id])


def crumbs_of(customer: Customer | None = None) -> list[Crumb]:
    """Return the way to a page below the list or below a customer."""
    found = [Crumb(_("Customers"), reverse("customers:list"))]
    if customer is not None:
        found.append(Crumb(f"{customer.code} {customer}", show_url(customer.pk)))
    return found


def state_chip(customer: Customer) -> Chip:
    """Return the state as colour, icon and word."""
    return Chip(
        customer.get_status_display(), _STATES[customer.status], title=customer.status_reason
    )
