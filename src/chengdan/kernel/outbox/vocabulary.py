"""Words of the page of deferred work."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.permissions import permission_declare

OUTBOX_VIEW = permission_declare("kernel.outbox:view", _("See deferred work"))
OUTBOX_RETRY = permission_declare("kernel.outbox:retry", _("Retry deferred work"))
