"""Who is told what about an order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.notices import notice_kind_declare, notices_send
from chengdan.kernel.parameters import parameter_value
from chengdan.modules.customers.selectors import sales_managers
from chengdan.modules.orders import vocabulary as words
from chengdan.modules.orders.models import Order
from chengdan.modules.people.selectors import holders_of
from chengdan.modules.people.selectors.seats import answering

for _code, _title in {
    "orders.accepted": _("Order %(number)s of %(customer)s is accepted"),
    "orders.held": _("Order %(number)s of %(customer)s is on hold: %(reason)s"),
    "orders.resumed": _("Order %(number)s of %(customer)s goes on"),
    "orders.returned": _("Order %(number)s of %(customer)s came back for correction"),
    "orders.withdrawn": _("Order %(number)s of %(customer)s was taken back by its submitter"),
    "orders.quota_cut": _("Order %(number)s of %(customer)s was cut to the quota: %(cuts)s"),
    "orders.cancelled": _("Order %(number)s of %(customer)s is cancelled"),
    "orders.lapsed": _("Order %(number)s of %(customer)s is cancelled: no advance payment came"),
    "orders.special_approved": _("Special treatment of order %(number)s (%(customer)s) approved"),
    "orders.special_refused": _(
        "Special treatment of order %(number)s (%(customer)s) refused: it must be paid first"
    ),
    "orders.amended": _("Order %(number)s of %(customer)s was amended"),
}.items():
    notice_kind_declare(_code, _title)


def order_tell(
    actor: Actor, order: Order, kind: str, params: dict[str, Any], also: Iterable[int] = ()
) -> int:
    """Tell the responsible sales manager, the submitter and the coordinators of an order.

    Args:
        also: others whom it concerns.
    """
    people = {*sales_managers(order.customer_id, order.owner_id), order.submitted_by_id, *also}
    for role, named in (("csr", order.csr_id), ("scr", order.scr_id), ("bcr", order.bcr_id)):
        people.add(answering(role, named, order.company_id, order.customer.territory_id))
    readers = [person for person in people if person is not None and person != actor.user_id]
    return _send(actor, order, kind, readers, params)


def market_tell(actor: Actor, order: Order) -> int:
    """Tell market department and field force that an order was accepted (ORD-02, N5)."""
    readers = set(sales_managers(order.customer_id, order.owner_id))
    for role in parameter_value(order.company_id, words.NOTICE_MARKET_ROLES):
        readers |= set(holders_of(role, order.company_id, territory_id=order.customer.territory_id))
    return _send(actor, order, "orders.accepted", sorted(readers), {})


def _send(actor: Actor, order: Order, kind: str, readers: list[int], params: dict[str, Any]) -> int:
    values = {"number": str(order), "customer": order.customer.name, **params}
    url = reverse("orders:show", args=[order.pk])
    return notices_send(actor, kind, readers, params=values, url=url)
