"""The page components as a Django app: templates, static files, tags, translations."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Owns no tables; its two models belong to the kernel app."""

    name = "chengdan.kernel.ui"
    label = "ui"
    default_auto_field = "django.db.models.BigAutoField"
