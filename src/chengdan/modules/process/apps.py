"""The room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProcessConfig(AppConfig):
    """Runs every step of the chain: who must act, by when, on what evidence."""

    name = "chengdan.modules.process"
    label = "process"
    verbose_name = _("Processes and approvals")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register sweeps, handlers, verifiers and pages."""
        from chengdan.modules.process import registrations  # noqa: F401
