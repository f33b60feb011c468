"""The kernel as a Django application."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def _triggers(sender: object, using: str, **kwargs: Any) -> None:
    from chengdan.kernel.immutability import triggers_install
    from chengdan.kernel.reference import reference_begin
    from chengdan.kernel.search.index import index_install

    triggers_install(connections[using])
    index_install(connections[using])
    if "kernel_referencestamp" in connections[using].introspection.table_names():
        reference_begin()


class KernelConfig(AppConfig):
    """Comes first in INSTALLED_APPS; rooms register after it."""

    name = "chengdan.kernel"
    label = "kernel"
    verbose_name = _("The whole system")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the audit guard and the triggers of append-only tables, and the index."""
        from chengdan.kernel import registrations  # noqa: F401
        from chengdan.kernel.audit.guard import parents_resolve
        from chengdan.kernel.pending import pending_connect
        from chengdan.kernel.plans import statements_connect
        from chengdan.kernel.reference import reference_connect
        from chengdan.kernel.transactions import guard_connect

        parents_resolve()
        guard_connect()
        reference_connect()
        statements_connect()
        pending_connect()
        # Sent for every application when all tables are there; once is enough.
        post_migrate.connect(_triggers, sender=self, dispatch_uid="chengdan-triggers")
