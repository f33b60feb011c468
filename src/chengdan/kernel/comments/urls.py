"""Addresses of comments."""

from django.urls import path

from chengdan.kernel.comments import views

app_name = "comments"

urlpatterns = [
    path("comments/<str:target_type>/<int:target_id>/", views.comment_panel, name="panel"),
    path("comments/<str:target_type>/<int:target_id>/add/", views.comment_add_do, name="add"),
    path("comments/<int:pk>/remove/", views.comment_remove_do, name="remove"),
]
