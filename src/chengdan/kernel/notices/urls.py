"""Addresses of notices."""

from django.urls import path

from chengdan.kernel.notices import views

app_name = "notices"

urlpatterns = [
    path("notices/", views.NoticeList.as_view(), name="list"),
    path("notices/<int:pk>/", views.notice_open, name="open"),
    path("notices/read-all/", views.notices_read_all, name="read_all"),
]
