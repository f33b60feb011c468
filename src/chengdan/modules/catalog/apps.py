"""The room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """Products and their prices."""

    name = "chengdan.modules.catalog"
    label = "catalog"
    verbose_name = _("Products and prices")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug the room into navigation, search and jobs."""
        from chengdan.modules.catalog import registrations  # noqa: F401
