"""The room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """Customers and the people, places and terms that belong to them."""

    name = "chengdan.modules.customers"
    label = "customers"
    verbose_name = _("Customers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug the room into navigation, checks and jobs."""
        from chengdan.modules.customers import registrations  # noqa: F401
