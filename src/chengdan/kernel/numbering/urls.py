"""Addresses of the number pages."""

from django.urls import path

from chengdan.kernel.numbering import views

app_name = "numbering"

urlpatterns = [
    path("numbers/", views.SeriesList.as_view(), name="list"),
    path("numbers/new/", views.series_new, name="new"),
    path("numbers/<int:pk>/", views.series_edit, name="edit"),
]
