"""Words of the room: choices, permissions, parameters and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.outbox import Event
from chengdan.kernel.parameters import parameter_declare
from chengdan.kernel.permissions import SCOPES, permission_declare


class UnitKind(models.TextChoices):
    """What a unit of the organisation is (ORG-01)."""

    COMPANY = "company", _("company")
    DEPARTMENT = "department", _("department")
    SLT = "slt", _("sales leadership team")
    SSG = "ssg", _("sales secretary group")
    FSF = "fsf", _("field sales force")
    TSD = "tsd", _("selling model")
    SOS = "sos", _("operating system")
    PAE = "pae", _("plan-and-evaluate system")
    MARKET = "market", _("market")
    REGION = "region", _("region")
    OFFICE = "office", _("office")
    WAREHOUSE = "warehouse", _("warehouse")
    TEAM = "team", _("team")


class TerritoryLevel(models.TextChoices):
    """The four levels of the territory master (ORG-62), widest first."""

    COUNTRY = "country", _("country")
    MARKET = "market", _("market")
    REGION = "region", _("region")
    CITY = "city", _("city")


class Scope(models.TextChoices):
    """Over whose rows a right reaches, narrowest first."""

    OWN = "own", SCOPES["own"]
    OWN_SUBORDINATES = "own_subordinates", SCOPES["own_subordinates"]
    UNIT = "unit", SCOPES["unit"]
    UNIT_BELOW = "unit_below", SCOPES["unit_below"]
    ALL = "all", SCOPES["all"]


# Names of roles in histories, by code; see `audit_names_register`.
ROLE_CODES = "codes of roles"

COMPANY_VIEW = permission_declare("people.company:view", _("See companies"), model="people.company")
COMPANY_EDIT = permission_declare(
    "people.company:edit", _("Change companies"), model="people.company"
)
UNIT_VIEW = permission_declare(
    "people.unit:view", _("See the organisation"), model="people.orgunit"
)
UNIT_EDIT = permission_declare(
    "people.unit:edit", _("Change the organisation"), model="people.orgunit"
)
POSITION_EDIT = permission_declare(
    "people.position:edit", _("Change positions and their holders"), model="people.position"
)
TERRITORY_VIEW = permission_declare(
    "people.territory:view", _("See territories"), model="people.territory"
)
TERRITORY_EDIT = permission_declare(
    "people.territory:edit", _("Change territories and their routing"), model="people.territory"
)
USER_VIEW = permission_declare("people.user:view", _("See people"), model="people.user")
USER_EDIT = permission_declare("people.user:edit", _("Change people"), model="people.user")
USER_DISABLE = permission_declare(
    "people.user:disable", _("Disable and enable accounts"), model="people.user"
)
USER_RIGHTS = permission_declare(
    "people.user:rights", _("See what a person may do"), model="people.user"
)
ROLE_VIEW = permission_declare("people.role:view", _("See roles"), model="people.role")
ROLE_EDIT = permission_declare("people.role:edit", _("Change roles"), model="people.role")
GRANT_VIEW = permission_declare("people.grant:view", _("See grants"), model="people.grant")
GRANT_EDIT = permission_declare("people.grant:edit", _("Give and end grants"), model="people.grant")
DEPUTY_NAME = permission_declare(
    "people.deputy:name", _("Name a deputy for oneself"), model="people.deputy"
)
DEPUTY_EDIT = permission_declare(
    "people.deputy:edit", _("Name deputies for others"), model="people.deputy"
)
PARAMETER_VIEW = permission_declare("people.parameter:view", _("See settings"))
PARAMETER_EDIT = permission_declare("people.parameter:edit", _("Change settings"))

DEPUTY_DAYS_MAX = parameter_declare(
    "people.deputy_days_max",
    kind=int,
    default=366,
    title=_("Longest time for which a deputy may be named, in days"),
    requirement="ORG-20",
    minimum=1,
    maximum=3660,
)
KIND_LENGTH_MAX = 20


def _kinds_check(names: list[str]) -> None:
    if len(set(names)) < len(names) or any(len(name) > KIND_LENGTH_MAX for name in names):
        raise ValueError(names)


UNIT_KINDS = parameter_declare(
    "people.unit_kinds",
    kind=list,
    default=[],
    title=_("Own kinds of units, beside the bodies and systems that are there"),
    requirement="ORG-01",
    check=_kinds_check,
    wanted=_("Type names of at most 20 characters with commas between them, none twice."),
)
CSR_SEAT = parameter_declare(
    "people.csr_seat",
    kind=int,
    default=2,
    title=_("Seat of the secretary group that looks after orders of the whole country"),
    requirement="ORG-65",
    minimum=1,
    maximum=3,
)
SCR_ROLE = parameter_declare(
    "people.scr_role",
    kind=str,
    default="shipping_coordinator",
    title=_("Role that coordinates shipping"),
    requirement="ORG-65",
    choices="people.roles",
)
LOGIN_FAILURES_PAIR = parameter_declare(
    "people.login_failures_pair",
    kind=int,
    default=5,
    title=_("Failed sign-ins of one name from one address before the delay starts"),
    requirement="S7",
    minimum=3,
    maximum=20,
)
LOGIN_FAILURES_ADDRESS = parameter_declare(
    "people.login_failures_address",
    kind=int,
    default=50,
    title=_("Failed sign-ins from one address in 15 minutes before it must wait"),
    requirement="S7",
    minimum=10,
    maximum=10000,
)
LOGIN_FAILURES_SITE = parameter_declare(
    "people.login_failures_site",
    kind=int,
    default=1000,
    title=_("Failed sign-ins of the whole site in 15 minutes before new addresses must wait"),
    requirement="S7",
    minimum=100,
    maximum=1000000,
)


@dataclass(frozen=True, slots=True)
class UserDisabled(Event):
    """An account was closed; open tasks need another owner."""

    code: ClassVar[str] = "people.user_disabled"
    user_id: int
    company_id: int


@dataclass(frozen=True, slots=True)
class AssignmentChanged(Event):
    """A seat got or lost its holder."""

    code: ClassVar[str] = "people.assignment_changed"
    position_id: int
    user_id: int
    company_id: int
