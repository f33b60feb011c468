"""Addresses of attachments."""

from django.urls import path

from chengdan.kernel.attachments import views

app_name = "attachments"

urlpatterns = [
    path("attachments/<str:target_type>/<int:target_id>/", views.attachment_panel, name="panel"),
    path("attachments/<int:pk>/", views.attachment_download, name="download"),
    path("attachments/<int:pk>/remove/", views.attachment_remove_do, name="remove"),
    path("attachments/<str:target_type>/<int:target_id>/add/", views.attachment_add_do, name="add"),
]
