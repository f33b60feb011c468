"""The workbench as a Django application."""

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    """The home page and the help page."""

    name = "chengdan.config.workbench"
    label = "workbench"

    def ready(self) -> None:
        """Put the workbench first into the rail."""
        from django.utils.translation import gettext_lazy as _

        from chengdan.kernel.ui import NavItem, nav_register

        nav_register(
            NavItem("workbench", _("Workbench"), "layout-dashboard", "home", order=1, group=1)
        )
