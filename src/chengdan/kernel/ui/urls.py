"""Addresses of the page components: preferences, saved views, language, the style guide."""

from django.conf import settings
from django.urls import path

from chengdan.kernel.ui import views

app_name = "ui"

urlpatterns = [
    path("ui/columns/", views.columns_save, name="columns"),
    path("ui/density/", views.density_save, name="density"),
    path("ui/views/", views.view_save, name="view_save"),
    path("ui/views/<int:pk>/delete/", views.view_delete, name="view_delete"),
    path("ui/language/", views.language_set, name="language"),
]

if settings.DEBUG or settings.CHENGDAN_DEMO:
    from chengdan.kernel.ui import kit

    urlpatterns += kit.urlpatterns
