"""What the room plugs in while the applications start."""

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_fields_register
from chengdan.kernel.ui.hooks import NavItem, nav_register
from chengdan.modules.quota import verification
from chengdan.modules.quota.vocabulary import VIEW

__all__ = ["verification"]

audit_fields_register(
    "quota.cell",
    titles={
        "from": _("from"), "to": _("to"), "released_by": _("released by"),
        "source": _("document"),
    },
)  # fmt: skip
nav_register(NavItem("quota", _("Quotas"), "chart-bar", "quota:grid", VIEW, order=78))
