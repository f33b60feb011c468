"""The style guide: every component with sample data, only in debug and demo installations."""

from chengdan.kernel.ui.kit.views import urlpatterns

__all__ = ["urlpatterns"]
