"""The room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreditConfig(AppConfig):
    """Credit accounts of customers and what occupies them."""

    name = "chengdan.modules.credit"
    label = "credit"
    verbose_name = _("Credit")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register checks, the verifier, navigation and panels."""
        from chengdan.modules.credit import registrations  # noqa: F401
