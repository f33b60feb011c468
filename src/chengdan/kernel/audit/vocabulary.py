"""Words of the audit pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.permissions import permission_declare

AUDIT_VIEW = permission_declare("kernel.audit:view", _("See the audit trail of everything"))
# Doors through which changes come; see `Actor.channel`.
CHANNELS = {
    "web": _("pages"),
    "api": _("the API"),
    "import": _("import"),
    "job": _("automatic"),
    "cli": _("command line"),
}
