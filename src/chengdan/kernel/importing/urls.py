"""Addresses of importing."""

from django.urls import path

from chengdan.kernel.importing import pages

app_name = "importing"
urlpatterns = [
    path("imports/", pages.ImportList.as_view(), name="list"),
    path("imports/start/", pages.start, name="start"),
    path("imports/template/<slug:kind_code>/", pages.template, name="template"),
    path("imports/<int:job_id>/", pages.show, name="show"),
    path("imports/<int:job_id>/progress/", pages.progress, name="progress"),
    path("imports/<int:job_id>/confirm/", pages.confirm, name="confirm"),
    path("imports/<int:job_id>/cancel/", pages.cancel, name="cancel"),
    path("imports/<int:job_id>/marked/<slug:file_kind>/", pages.marked, name="marked"),
]
