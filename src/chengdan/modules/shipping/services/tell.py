"""Who answers for a delivery note today, and who is told what about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.notices import notice_kind_declare, notices_send
from chengdan.modules.customers.selectors import customer_summary, sales_managers
from chengdan.modules.people.selectors import holders_of
from chengdan.modules.people.selectors.seats import answering
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.selectors import note_url

for _code, _title in {
    "shipping.dispatched": _("Delivery %(number)s to %(customer)s has left: %(slip)s"),
    "shipping.fed_back": _("Delivery %(number)s to %(customer)s: %(carrier)s, waybill %(waybill)s"),
    "shipping.confirmed": _("%(customer)s signed for delivery %(number)s"),
    "shipping.deviation": _("%(customer)s reports on delivery %(number)s: %(deviation)s"),
    "shipping.cut": _("Delivery %(number)s to %(customer)s was lowered: not enough in stock"),
    "shipping.pick_again": _(
        "Delivery %(number)s to %(customer)s must be picked again: the order was amended"
    ),
    "shipping.reversed": _("Delivery %(number)s to %(customer)s was reversed: %(reason)s"),
}.items():
    notice_kind_declare(_code, _title)


def note_people(note: DeliveryNote, role: str) -> list[int]:
    """Return who answers for a note today in a role; the note itself keeps the names.

    Args:
        role: csr or scr (whoever holds the seat), owner (the sales manager), or picker (who
            picked it, as long as he is a keeper of the warehouse; else every keeper).
    """
    if role == "picker":
        keepers = holders_of("warehouse_keeper", note.company_id, note.warehouse.unit_id)
        return [note.picked_by_id] if note.picked_by_id in keepers else keepers
    if role == "owner":
        return sales_managers(note.customer_id, note.owner_id)
    named = note.csr_id if role == "csr" else note.scr_id
    territory_id = customer_summary(note.customer_id).territory_id
    person = answering(role, named, note.company_id, territory_id)
    return [] if person is None else [person]


def note_tell(
    actor: Actor, note: DeliveryNote, kind: str, roles: Iterable[str], **params: Any
) -> int:
    """Tell those who answer for a note in these roles (see `note_people`), the actor left out."""
    names = {person for role in roles for person in note_people(note, role)} - {actor.user_id}
    values = {
        "number": note.number,
        "customer": customer_summary(note.customer_id).name,
        **params,
    }
    return notices_send(actor, kind, names, params=values, url=note_url(note.pk))
