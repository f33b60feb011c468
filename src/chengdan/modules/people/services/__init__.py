"""Every change of people, organisation and rights."""

from chengdan.modules.people.services.companies import (
    company_create,
    company_edit,
    company_lock,
    parameter_change,
)
from chengdan.modules.people.services.grants import (
    deputy_name,
    deputy_revoke,
    grant_end,
    grant_give,
)
from chengdan.modules.people.services.passwords import password_change, passwords_give
from chengdan.modules.people.services.roles import role_create, role_edit, role_permissions_set
from chengdan.modules.people.services.seats import (
    assignment_end,
    assignment_start,
    position_close,
    position_create,
    position_edit,
)
from chengdan.modules.people.services.shipped import org_ship, roles_ship
from chengdan.modules.people.services.territories import (
    market_route,
    territory_create,
    territory_edit,
)
from chengdan.modules.people.services.units import (
    org_unit_close,
    org_unit_create,
    org_unit_move,
    org_unit_rename,
)
from chengdan.modules.people.services.users import (
    profile_edit,
    user_create,
    user_disable,
    user_edit,
    user_enable,
    user_invite,
    user_set_language,
)

__all__ = [
    "assignment_end",
    "assignment_start",
    "company_create",
    "company_edit",
    "company_lock",
    "deputy_name",
    "deputy_revoke",
    "grant_end",
    "grant_give",
    "market_route",
    "org_ship",
    "org_unit_close",
    "org_unit_create",
    "org_unit_move",
    "org_unit_rename",
    "parameter_change",
    "password_change",
    "passwords_give",
    "position_close",
    "position_create",
    "position_edit",
    "profile_edit",
    "role_create",
    "role_edit",
    "role_permissions_set",
    "roles_ship",
    "territory_create",
    "territory_edit",
    "user_create",
    "user_disable",
    "user_edit",
    "user_enable",
    "user_invite",
    "user_set_language",
]
