"""Every table of the room, gathered for Django."""

from chengdan.modules.people.models.company import Company
from chengdan.modules.people.models.rights import Deputy, Grant, Role, RolePermission
from chengdan.modules.people.models.seats import Assignment, Position, PositionTerritory
from chengdan.modules.people.models.tree import OrgClosure, OrgUnit, Territory
from chengdan.modules.people.models.users import LoginAttempt, User, UserSession

__all__ = [
    "Assignment",
    "Company",
    "Deputy",
    "Grant",
    "LoginAttempt",
    "OrgClosure",
    "OrgUnit",
    "Position",
    "PositionTerritory",
    "Role",
    "RolePermission",
    "Territory",
    "User",
    "UserSession",
]
