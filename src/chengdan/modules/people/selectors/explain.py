"""Why a person may do what they may do (ADM-04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from chengdan.kernel.permissions import permissions_all
from chengdan.modules.people.models import Deputy, Grant, OrgUnit, Position
from chengdan.modules.people.selectors.rights import Reach, rights_resolve, rights_sources


@dataclass(frozen=True, slots=True)
class RightLine:
    """One reason for one right.

    Attributes:
        place: name of the unit that unit scopes start from.
        why: seat, grant or deputy in the reader's language.
        reach: of the permission as a whole, all its reasons together.
    """

    permission: str
    scope: str
    place: str
    why: str
    reach: Reach


def rights_explained(user_id: int, company_id: int, on: date) -> list[RightLine]:
    """Return every right of a person with each of its reasons, in order of declaration."""
    declared = {item.code: place for place, item in enumerate(permissions_all())}
    sources = [
        source
        for source in rights_sources(user_id, company_id, on)
        if source.permission in declared
    ]
    reach = rights_resolve(user_id, company_id, on)
    units = OrgUnit.objects.in_bulk([item.unit_id for item in sources if item.unit_id])
    seats = Position.objects.select_related("role", "unit").in_bulk(
        [item.position_id for item in sources if item.position_id]
    )
    grants = Grant.objects.in_bulk([item.id for item in sources if item.kind == "grant"])
    lent = Deputy.objects.select_related("principal").in_bulk(
        [item.id for item in sources if item.kind == "deputy"]
    )
    lines = []
    for source in sorted(sources, key=lambda item: (declared[item.permission], item.kind)):
        if source.kind == "seat":
            seat = seats[source.position_id or 0]
            why = _("position: %(seat)s") % {"seat": f"{seat.unit.name} {seat.role.title}"}
        elif source.kind == "grant":
            why = _("grant: %(reason)s") % {"reason": grants[source.id].reason}
        else:
            name = lent[source.id].principal.display_name
            why = _("deputy of %(name)s") % {"name": name}
        place = units[source.unit_id].name if source.unit_id in units else ""
        lines.append(
            RightLine(source.permission, source.scope, place, why, reach[source.permission])
        )
    return lines
