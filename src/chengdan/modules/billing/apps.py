"""The room as a Django application."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Invoices, the AR ledger, receipts and collection (BC)."""

    name = "chengdan.modules.billing"
    label = "billing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register process subject, handlers, providers and pages."""
        from chengdan.modules.billing import registrations  # noqa: F401
        from chengdan.modules.billing.web import panels

        panels.register()
