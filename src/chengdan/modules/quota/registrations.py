"""What the room plugs in while the applications start."""

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui.hooks import NavItem, nav_register
from chengdan.modules.quota import histories, verification
from chengdan.modules.quota.vocabulary import VIEW

__all__ = ["histories", "verification"]

nav_register(NavItem("quota", _("Quotas"), "chart-bar", "quota:grid", VIEW, order=78))
