"""Who is told what about a delivery note."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.actor import Actor
from chengdan.kernel.notices import notice_kind_declare, notices_send
from chengdan.modules.customers.selectors import customer_summary
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.selectors import note_url

for _code, _title in {
    "shipping.dispatched": _("Delivery %(number)s to %(customer)s has left: %(slip)s"),
    "shipping.fed_back": _("Delivery %(number)s to %(customer)s: %(carrier)s, waybill %(waybill)s"),
    "shipping.confirmed": _("%(customer)s signed for delivery %(number)s"),
    "shipping.deviation": _("%(customer)s reports on delivery %(number)s: %(deviation)s"),
    "shipping.cut": _("Delivery %(number)s to %(customer)s was lowered: not enough in stock"),
    "shipping.pick_again": _("Delivery %(number)s to %(customer)s must be picked again: %(why)s"),
    "shipping.reversed": _("Delivery %(number)s to %(customer)s was reversed: %(reason)s"),
}.items():
    notice_kind_declare(_code, _title)


def note_tell(
    actor: Actor, note: DeliveryNote, kind: str, readers: Iterable[int | None], **params: Any
) -> int:
    """Tell people about a note, the actor left out."""
    names = {person for person in readers if person is not None and person != actor.user_id}
    values = {
        "number": note.number,
        "customer": customer_summary(note.customer_id).name,
        **params,
    }
    return notices_send(actor, kind, names, params=values, url=note_url(note.pk))
