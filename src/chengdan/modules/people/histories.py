"""What histories call the fields of people, seats and rights, and how their values read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_fields_register, audit_names_register
from chengdan.kernel.parameters import parameter_shown, parameter_title
from chengdan.kernel.permissions import permission_title
from chengdan.modules.people.models import Position
from chengdan.modules.people.selectors import role_titles
from chengdan.modules.people.vocabulary import ROLE_CODES, Scope


def _position_names(ids: Collection[Any]) -> Mapping[Any, str]:
    rows = Position.objects.filter(pk__in=ids).select_related("unit", "role")
    return {row.pk: f"{row.unit} {row.shown_title}" for row in rows}


def _permission_text(name: str, value: Any) -> str:
    """Read a scope, or all rights of a new role, in words."""
    if name == "permission":
        return permission_title(value)
    if name == "permissions":
        return ", ".join(f"{permission_title(code)}: {_scope(one)}" for code, one in value.items())
    return _scope(value) if permission_title(name) else ""


def _scope(value: str) -> str:
    return str(Scope(value).label) if value in Scope.values else str(value)


def _figure_text(name: str, value: Any) -> str:
    """Read a setting of the company; its own fields are left to the rules of all histories."""
    return parameter_shown(name, value) if parameter_title(name) else ""


audit_names_register("people.position", _position_names)
audit_names_register(ROLE_CODES, lambda codes: role_titles())
audit_fields_register("people.company", title=parameter_title, text=_figure_text)
audit_fields_register(
    "people.deputy",
    titles={
        "consent": _("consent"), "deputy": _("deputy"), "principal": _("principal"),
        "revoked_at": _("revoked at"),
    },
)  # fmt: skip
audit_fields_register(
    "people.grant", titles={"unit": _("unit"), "revoked_at": _("revoked at")},
    text=_permission_text,
)  # fmt: skip
audit_fields_register("people.orgunit", titles={"parent": _("parent"), "parent_id": _("parent")})
audit_fields_register(
    "people.position",
    titles={
        "reports_to": _("reports to"), "reports_to_id": _("reports to"),
        "territories": _("territories"), "unit": _("unit"),
        "starts_on": _("from"), "ends_on": _("counts until"), "user": _("person"),
    },
    ids={"territories": "people.territory", "user": "people.user"},
    codes={"role": ROLE_CODES},
)  # fmt: skip
audit_fields_register(
    "people.role", titles={"permissions": _("rights")}, title=permission_title,
    text=_permission_text,
)  # fmt: skip
audit_fields_register(
    "people.territory",
    titles={
        "parent": _("parent"), "unit": _("unit"), "unit_id": _("unit"),
        "billing_position_id": _("billing seat"), "slt_position_id": _("leadership seat"),
    },
    ids={"billing_position_id": "people.position", "slt_position_id": "people.position"},
)  # fmt: skip
audit_fields_register(
    "people.user",
    titles={"unit": _("unit"), "pinyin": _("pinyin"), "initials": _("initials")},
)
