"""What histories say about people, the organisation and rights."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare

COMPANY_CREATED = audit_declare("people.company.created", _("Company created"))
COMPANY_CHANGED = audit_declare("people.company.changed", _("Company changed"))
PARAMETER_CHANGED = audit_declare("people.parameter.changed", _("Setting “%(code)s” changed"))
UNIT_CREATED = audit_declare("people.unit.created", _("Unit created"))
UNIT_CHANGED = audit_declare("people.unit.changed", _("Unit changed"))
UNIT_MOVED = audit_declare("people.unit.moved", _("Unit moved"))
UNIT_CLOSED = audit_declare("people.unit.closed", _("Unit closed"))
TERRITORY_CREATED = audit_declare("people.territory.created", _("Territory created"))
TERRITORY_CHANGED = audit_declare("people.territory.changed", _("Territory changed"))
POSITION_CREATED = audit_declare("people.position.created", _("Position created"))
POSITION_CHANGED = audit_declare("people.position.changed", _("Position changed"))
POSITION_CLOSED = audit_declare("people.position.closed", _("Position closed"))
POSITION_FILLED = audit_declare("people.position.filled", _("Position given to a person"))
POSITION_VACATED = audit_declare("people.position.vacated", _("Position given up"))
ROLE_CREATED = audit_declare("people.role.created", _("Role created"))
ROLE_CHANGED = audit_declare("people.role.changed", _("Role changed"))
ROLE_RIGHTS_CHANGED = audit_declare("people.role.rights_changed", _("Rights of the role changed"))
GRANT_GIVEN = audit_declare("people.grant.given", _("Right granted"))
GRANT_ENDED = audit_declare("people.grant.ended", _("Grant ended"))
DEPUTY_NAMED = audit_declare("people.deputy.named", _("Deputy named"))
DEPUTY_REVOKED = audit_declare("people.deputy.revoked", _("Deputy revoked"))
USER_CREATED = audit_declare("people.user.created", _("Account created"))
USER_CHANGED = audit_declare("people.user.changed", _("Person changed"))
USER_INVITED = audit_declare("people.user.invited", _("Invitation sent"))
USER_DISABLED = audit_declare("people.user.disabled", _("Account disabled"))
USER_ENABLED = audit_declare("people.user.enabled", _("Account enabled"))
USER_LANGUAGE = audit_declare("people.user.language_set", _("Language chosen"))
PASSWORD_CHANGED = audit_declare("people.user.password_changed", _("Password changed"))
PASSWORD_RESET = audit_declare("people.user.password_reset", _("Password set by mail link"))
