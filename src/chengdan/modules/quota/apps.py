"""The room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotaConfig(AppConfig):
    """Quota cells and what is reserved and consumed of them."""

    name = "chengdan.modules.quota"
    label = "quota"
    verbose_name = _("Quotas")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the verifier and navigation."""
        from chengdan.modules.quota import registrations  # noqa: F401
