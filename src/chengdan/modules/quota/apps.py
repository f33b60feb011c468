"""The room as a Django application."""

from django.apps import AppConfig


class QuotaConfig(AppConfig):
    """Quota cells and what is reserved and consumed of them."""

    name = "chengdan.modules.quota"
    label = "quota"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the verifier and navigation."""
        from chengdan.modules.quota import registrations  # noqa: F401
