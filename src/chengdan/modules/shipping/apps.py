"""The room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShippingConfig(AppConfig):
    """Warehouses, stock, delivery notes and their seven steps (SP)."""

    name = "chengdan.modules.shipping"
    label = "shipping"
    verbose_name = _("Shipping and stock")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register process subjects, checks, handlers and pages."""
        from chengdan.modules.shipping import registrations  # noqa: F401
