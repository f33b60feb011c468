"""The room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """Sales orders and their seven steps (OP)."""

    name = "chengdan.modules.orders"
    label = "orders"
    verbose_name = _("Orders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register process subjects, checks, handlers and pages."""
        from chengdan.modules.orders import registrations  # noqa: F401
