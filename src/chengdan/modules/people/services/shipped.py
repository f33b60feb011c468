"""What the software brings: role cards with rights, the sales department, the eight markets."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language

from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.permissions import permissions_all
from chengdan.kernel.transactions import write
from chengdan.modules.people import audit_codes as codes
from chengdan.modules.people.models import (
    Company,
    OrgUnit,
    Position,
    Role,
    RolePermission,
    Territory,
)
from chengdan.modules.people.services.seats import position_create
from chengdan.modules.people.services.territories import market_route, territory_create
from chengdan.modules.people.services.units import org_unit_create
from chengdan.modules.people.vocabulary import Scope, UnitKind

_FOLDER = Path(__file__).resolve().parents[1] / "shipped"
ROOT_CODE = "HQ"


@cache
def _yaml(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
    return content


def shipped_scopes(role_code: str) -> dict[str, str]:
    """Return permission → scope as the software brings it; the widest scope named counts."""
    content = _yaml("roles.yaml")
    card = content["roles"][role_code]
    tables = [content["bundles"][name] for name in card.get("bundles", [])]
    tables.append(card.get("rights", {}))
    order = list(Scope.values)
    found: dict[str, str] = {}
    for table in tables:
        for scope, entities in table.items():
            for entity, verbs in entities.items():
                for verb in verbs.split():
                    code = f"{entity}:{verb}"
                    known = found.get(code, scope)
                    found[code] = max(known, scope, key=order.index)
    return found


def shipped_role_codes() -> list[str]:
    """Return the codes of all role cards."""
    return list(_yaml("roles.yaml")["roles"])


def permissions_unheld() -> list[str]:
    """Return the declared permissions that no shipped role holds; a test keeps this empty."""
    held = {code for role in shipped_role_codes() for code in shipped_scopes(role)}
    return sorted(item.code for item in permissions_all() if item.code not in held)


def roles_ship(actor: Actor) -> dict[str, Role]:
    """Load the role cards; one that is there stays as the administrators left it.

    Permissions that no role of the installation mentions yet come with a new release or room:
    they are added to the cards that are there.
    """
    with write():
        mentioned = set(RolePermission.objects.values_list("permission", flat=True))
        new = {item.code for item in permissions_all()} - mentioned
        roles = {}
        for place, code in enumerate(shipped_role_codes()):
            role = Role.objects.filter(code=code).first()
            if role is None:
                role = _role_create(actor, code, place)
            else:
                _role_extend(actor, role, new)
            roles[code] = role
        return roles


def _role_extend(actor: Actor, role: Role, new: set[str]) -> None:
    scopes = {name: scope for name, scope in shipped_scopes(role.code).items() if name in new}
    if not scopes:
        return
    RolePermission.objects.bulk_create(
        RolePermission(role=role, permission=name, scope=scope) for name, scope in scopes.items()
    )
    role.version += 1
    role.save(update_fields=["version"])
    audit_record(actor, codes.ROLE_RIGHTS_CHANGED, role, after=scopes)


def _role_create(actor: Actor, code: str, place: int) -> Role:
    card = _yaml("roles.yaml")["roles"][code]
    titles = card["titles"]
    role = Role.objects.create(
        code=code,
        title_zh_hans=titles["zh-hans"],
        title_zh_hant=titles["zh-hant"],
        title_en=titles["en"],
        duties=card.get("duties", {}),
        is_shipped=True,
        is_central=card.get("is_central", False),
        sort=10 * (place + 1),
    )
    known = {item.code for item in permissions_all()}
    scopes = {name: scope for name, scope in shipped_scopes(code).items() if name in known}
    RolePermission.objects.bulk_create(
        RolePermission(role=role, permission=name, scope=scope) for name, scope in scopes.items()
    )
    audit_record(actor, codes.ROLE_CREATED, role, after={"code": code, "permissions": scopes})
    return role


def org_ship(actor: Actor, company: Company) -> None:
    """Give a company the sales department, its seats, the eight markets and all role cards.

    Idempotent: what is there by its code stays as it is.

    Source: ORG-01…08, ORG-12…14, ORG-62, ORG-65.
    """
    with write():
        roles = roles_ship(actor)
        units = _units_ship(actor, company)
        seats = _seats_ship(actor, units, roles)
        _markets_ship(actor, company, units, seats, roles)


def _text(names: dict[str, str]) -> str:
    return names.get(get_language() or "zh-hans") or names["zh-hans"]


def _units_ship(actor: Actor, company: Company) -> dict[str, OrgUnit]:
    units = {unit.code: unit for unit in OrgUnit.objects.filter(company=company)}
    root = next((unit for unit in units.values() if unit.parent_id is None), None)
    if root is None:
        root = org_unit_create(
            actor=actor, company_id=company.pk, parent_id=None, code=ROOT_CODE,
            name=company.name, kind=UnitKind.COMPANY,
        )  # fmt: skip
    units[""] = root
    for place, row in enumerate(_yaml("organisation.yaml")["units"]):
        if row["code"] not in units:
            units[row["code"]] = org_unit_create(
                actor=actor,
                company_id=company.pk,
                parent_id=units[row["parent"]].pk,
                code=row["code"],
                name=_text(row["name"]),
                kind=row["kind"],
                seat_count=row.get("seats"),
                sort=10 * (place + 1),
            )
    return units


def _seats_ship(
    actor: Actor, units: dict[str, OrgUnit], roles: dict[str, Role]
) -> dict[str, Position]:
    seats: dict[str, Position] = {}
    for row in _yaml("organisation.yaml")["seats"]:
        unit, role = units[row["unit"]], roles[row["role"]]
        known = Position.objects.filter(unit=unit, role=role, closed_on__isnull=True).first()
        above = seats.get(row.get("reports_to", ""))
        seats[row["key"]] = known or position_create(
            actor=actor,
            unit_id=unit.pk,
            role_id=role.pk,
            is_head=row.get("is_head", False),
            seat_number=row.get("seat"),
            reports_to_id=above.pk if above else None,
        )
    return seats


def _markets_ship(
    actor: Actor,
    company: Company,
    units: dict[str, OrgUnit],
    seats: dict[str, Position],
    roles: dict[str, Role],
) -> None:
    content = _yaml("organisation.yaml")
    known = {item.code: item for item in Territory.objects.filter(company=company)}
    country = known.get(content["country"]["code"]) or territory_create(
        actor=actor, company_id=company.pk, parent_id=None, code=content["country"]["code"],
        name=_text(content["country"]["name"]), unit_id=units["FSF"].pk,
    )  # fmt: skip
    for place, row in enumerate(content["markets"]):
        if row["code"] in known:
            continue
        code = f"FSF-{row['code']}"
        unit = units.get(code) or org_unit_create(
            actor=actor, company_id=company.pk, parent_id=units["FSF"].pk, code=code,
            name=_text(row["name"]), kind=UnitKind.MARKET, sort=10 * (place + 1),
        )  # fmt: skip
        market = territory_create(
            actor=actor, company_id=company.pk, parent_id=country.pk, code=row["code"],
            name=_text(row["name"]), unit_id=unit.pk, sort=10 * (place + 1),
        )  # fmt: skip
        market_route(
            actor=actor, territory_id=market.pk, slt_position_id=seats[row["slt"]].pk,
            billing_position_id=seats[row["billing"]].pk,
        )  # fmt: skip
        position_create(
            actor=actor, unit_id=unit.pk, role_id=roles["market_manager"].pk, is_head=True,
            reports_to_id=seats[row["slt"]].pk, territory_ids=[market.pk],
        )  # fmt: skip
