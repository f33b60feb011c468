"""The addresses of workbench and help."""

from django.urls import path

from chengdan.config.workbench import views

urlpatterns = [
    path("", views.workbench, name="home"),
    path("help/", views.help_show, name="help"),
]
