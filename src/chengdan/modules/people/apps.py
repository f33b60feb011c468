"""The room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Companies, people, the organisation and every right."""

    name = "chengdan.modules.people"
    label = "people"
    verbose_name = _("People and rights")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Plug the permission check, navigation and verifiers in."""
        from chengdan.modules.people import registrations  # noqa: F401
