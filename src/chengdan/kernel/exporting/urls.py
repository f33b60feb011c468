"""Addresses of exporting."""

from django.urls import path

from chengdan.kernel.exporting import pages

app_name = "exporting"
urlpatterns = [
    path("exports/", pages.ExportList.as_view(), name="list"),
    path("exports/<int:export_id>/", pages.fetch, name="fetch"),
]
