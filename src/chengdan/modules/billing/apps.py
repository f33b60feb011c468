"""The room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Invoices, the AR ledger, receipts and collection (BC)."""

    name = "chengdan.modules.billing"
    label = "billing"
    verbose_name = _("Billing and collection")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register process subject, handlers, providers and pages."""
        from chengdan.modules.billing import registrations  # noqa: F401
        from chengdan.modules.billing.web import panels

        panels.register()
